// Fits the tensors of a weights file to a model's: the file may name them as another library does,
// or below the name of what held the model when it was saved. Library internal.
//
//   prefixes     "module." (DataParallel), "_orig_mod." (torch.compile), "model.", "backbone." and
//                "net." (Lightning and the like), "0.m." (Ultralytics), in any order; tensors that
//                stand outside the prefix are left out
//   other names  see other_names.h
//   counters     num_batches_tracked may be missing, as PyTorch's strict loading has it
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/models/models.h"
#include "fovea/nn/load_state.h"
#include "fovea/tensor/state_dict.h"

namespace fovea::models {

/// Which of a model's tensors a file need not have as the model wants them.
struct LooseParts {
  std::set<std::string> head = {};  ///< what gives the class scores: may be missing, or of others
  std::set<std::string> stem = {};  ///< what takes the images: may be for other channels
};

/// The parameters of the model `name`, as it is made with `options`, whose sizes follow the numbers
/// of classes and of channels. Makes the model again; the default generator stays where it is.
LooseParts loose_parts(const std::string& name, const ModelOptions& options,
                       const StateDict& state);

/// Tensors of a file as nn::load_state takes them, and what had to be done for that.
struct FittedWeights {
  std::vector<nn::StateSource> sources;   ///< by the model's names; missing ones of it copy nothing
  std::vector<std::string> remarks = {};  ///< about names, in words
  std::vector<std::string> fresh = {};    ///< tensors of the head that stay as the model has them
  std::int64_t classes = 0;               ///< that the file's head has; 0: it has none
  std::vector<std::string> channels = {};  ///< what was done to the stem, in words
};

/// Fits `sources`, as a file has them, to the `state` of the model called `name`. What fits in no
/// way is left for nn::load_state to refuse.
FittedWeights fit_weights(const StateDict& state, std::vector<nn::StateSource> sources,
                          std::string_view name, const LooseParts& loose = {});

/// Whether nn::load_state would take them.
bool fits(const StateDict& state, const std::vector<nn::StateSource>& sources);

}  // namespace fovea::models
