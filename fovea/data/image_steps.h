// The changes of an image that AutoAugment's family draws from, by name and magnitude: the
// arithmetic of RandAugment and TrivialAugment without their dice.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fovea/data/warp.h"
#include "fovea/tensor/tensor.h"

namespace fovea::data {

/// What is done to an image. Each magnitude is torchvision's; 0 where there is none.
enum class ImageChange : std::uint8_t {
  kIdentity,      ///< nothing
  kShearX,        ///< columns lean about the upper left corner: pixels a row, to the left
  kShearY,        ///< rows likewise: pixels a column, upwards
  kTranslateX,    ///< moved to the right by pixels, a fraction of which is dropped
  kTranslateY,    ///< moved down, likewise
  kRotate,        ///< turned about the middle, degrees counter-clockwise
  kBrightness,    ///< adjust_colors with the factor 1 + magnitude
  kColor,         ///< its saturation, likewise
  kContrast,      ///< likewise
  kSharpness,     ///< blended with its mean over 3x3 pixels, 1 + magnitude of the image in it
  kPosterize,     ///< so many bits of a byte are kept, those of the greatest value; whole, 0 to 8
  kSolarize,      ///< values from the magnitude on, of 255, are inverted
  kAutoContrast,  ///< each channel stretched so that its least value is 0 and its greatest white
  kEqualize       ///< each channel spread so that its values are about as frequent
};

/// One change of an image.
struct ImageStep {
  ImageChange change = ImageChange::kIdentity;        ///< what is done
  double magnitude = 0;                               ///< how much
  bool operator==(const ImageStep&) const = default;  ///< the same
};

/// Changes in order.
using ImageSteps = std::vector<ImageStep>;

/// "ShearX", as torchvision spells it.
std::string to_string(ImageChange change);

/// Changes each image of a batch by steps of its own. `options` are those of shears, translations
/// and rotations.
///
/// Shapes   batch [k, c, h, w] with c 1 or 3; steps [k] -> the same as batch.
/// Throws   ShapeError; DTypeError unless u8, f32 or f64; ArgumentError when there are not as many
///          lists of steps as images, a magnitude is not what its change takes, or as warp_images.
/// Numerics see warp_images and adjust_colors. kPosterize and kEqualize are defined for bytes:
///          numbers in [0, 1] become bytes and are divided by 255 again, as convert_image_dtype
///          does it. kSharpness leaves the outermost pixels, and images of 2 pixels or fewer.
/// Source   torchvision, _apply_op of its autoaugment.py.
Tensor apply_image_steps(const Tensor& batch, std::span<const ImageSteps> steps,
                         const WarpOptions& options = {});

}  // namespace fovea::data
