// Files of weights that torchvision and timm offer for models that Fovea has: what they are called,
// where they lie, how one knows them. Nothing is fetched. Library internal.
//
// The names end in the first digits of the file's SHA-256, as torch.hub wants it:
// resnet18-f37072fd.pth.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fovea/models/normalization.h"

namespace fovea::models {

/// A public file of weights, all trained on ImageNet's 1000 classes.
struct PublicWeights {
  std::string_view model;   ///< Fovea's name
  std::string_view source;  ///< "torchvision", or "timm" and the name that timm has for them
  std::string_view url;     ///< where it lies
  double mebibytes = 0;     ///< its size as torchvision gives it; 0: nobody says

  std::string_view file() const;  ///< its name
  /// Whether that may be its size: as far as torchvision says, which is to 0.001 MiB.
  bool may_weigh(std::int64_t bytes) const;
  Normalization normalization() const;  ///< of images in [0, 1], as it was trained
};

/// All that are known, by model.
std::span<const PublicWeights> public_weights();
/// The one whose file is called so; null for none.
const PublicWeights* find_public_weights(std::string_view file);
/// The one whose content has this SHA-256, in hexadecimal digits, whatever the file is called; null
/// for none. A name has eight of the digits: one in 10^8 of other files is taken for one of these.
const PublicWeights* find_public_weights_by_sha256(std::string_view sha256);

/// The beginning of a SHA-256 that a file's name ends with: "f37072fd" of resnet18-f37072fd.pth;
/// empty for none. At least 8 hexadecimal digits behind the last dash.
std::string checksum_in_name(std::string_view file);

}  // namespace fovea::models
