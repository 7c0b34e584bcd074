// Loading a module's values from where they lie, one tensor after the other: from a file, say,
// whose tensors are then never in memory all at once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fovea/nn/module.h"

namespace fovea::nn {

/// A tensor that is not in memory yet: what has to be known of it, and how to get it.
struct StateSource {
  std::string name = {};                              ///< dotted, as in a state dict
  DType dtype = f32;                                  ///< of its elements
  Shape sizes = {};                                   ///< elements a dimension
  std::function<void(const Tensor&)> copy_into = {};  ///< copies it into a tensor, converting
};

/// Module::load_state_dict for tensors that come one by one. Dtypes are converted, but nothing that
/// is no whole number into a counter. Everything is checked before anything changes.
///
/// Throws   ArgumentError as load_state_dict; what copy_into throws, after which some values are
///          new.
LoadReport load_state(Module& module, const std::vector<StateSource>& state,
                      Strict strict = Strict::kYes);

}  // namespace fovea::nn
