// Weights from a file into a model, whoever wrote the file: tensors go from where they lie in it
// straight to where they belong.
//
// The file may have names that begin with "module." (DataParallel), "_orig_mod." (torch.compile),
// "model.", "backbone." or "net.", or timm's names of VGG and MobileNetV2; counters of batches may
// be missing. What was done is said.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/core/dtype.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/models/models.h"
#include "fovea/nn/module.h"

namespace fovea::models {

/// Tensors of a file whose dtype was not the model's.
struct Conversion {
  DType from = f32;          ///< in the file
  DType to = f32;            ///< in the model
  std::int64_t tensors = 0;  ///< how many
};

/// What it took to read weights.
struct WeightsReport {
  std::vector<Conversion> conversions = {};  ///< of dtypes
  std::vector<std::string> remarks = {};     ///< about names, in words
};
/// "weights: 8 tensors of f16 became f32, names taken without "module." (model.pth)": a line for
/// people; empty where nothing was done.
std::string describe(const WeightsReport& report, const std::filesystem::path& path);

/// Copies the weights of the file `path` into `model`, called `name` in messages and in tables of
/// names. From a graph's initializers those are taken that the model has.
/// Throws   ParseError when they are another model's: names missing or left over, other sizes.
WeightsReport load_weights(nn::Module& model, const io::TensorFile& weights, std::string_view name,
                           const std::filesystem::path& path);

/// What a model took from the weights of another one.
struct BodyReport {
  WeightsReport weights = {};              ///< as of any weights
  std::int64_t taken = 0;                  ///< parameters that were copied
  std::vector<std::string> fresh = {};     ///< parameters of the head that stay as they are
  std::int64_t classes = 0;                ///< what the file's head is for; 0: it has none
  std::vector<std::string> channels = {};  ///< what was done to the first convolution, in words
};
/// load_weights where the layers that give the class scores (auxiliary ones too) may be for other
/// classes, or missing from the file: they stay as `model` has them. A first convolution for
/// another number of channels is summed over them for one channel, and repeated and scaled for
/// more. `options` are the model's.
/// Throws   ParseError as load_weights for all that differs besides.
/// Source   timm's load_pretrained and adapt_input_conv.
BodyReport load_body(nn::Module& model, const io::TensorFile& weights, const std::string& name,
                     const ModelOptions& options, const std::filesystem::path& path);

}  // namespace fovea::models
