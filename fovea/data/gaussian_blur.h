// GaussianBlur: images blurred at random.
#pragma once

#include <cstddef>
#include <span>

#include "fovea/data/random_part.h"
#include "fovea/data/transform.h"

namespace fovea::data {

/// Blurs each image of a batch with a standard deviation of its own.
///
/// Formula  each pixel becomes the mean of those around it, with weights exp(-d^2 / (2 sigma^2))
///          in each direction; beyond an edge lies the mirror image.
/// Shapes   batch [k, c, h, w]; sigmas [k] -> the same as batch.
/// Units    kernel: pixels, odd; sigmas: pixels; 0 leaves an image as it is.
/// Throws   ShapeError, also when half a kernel is not smaller than the image; DTypeError unless
///          u8, f32 or f64; ArgumentError when a length is even or not positive, when there are
///          not as many sigmas as images, or when one is negative or not finite.
/// Numerics sums are f32, for f64 that; bytes are rounded once, half to even.
/// Source   torchvision, gaussian_blur.
Tensor gaussian_blur(const Tensor& batch, ImageSize kernel, std::span<const double> sigmas);

/// Options of GaussianBlur.
struct GaussianBlurOptions {
  Range sigma = {.low = 0.1, .high = 2};  ///< pixels, drawn evenly
  double p = 1;                           ///< share of the images that are blurred
};

/// Blurs each image with probability p.
///
/// Source   torchvision, GaussianBlur; the usual p is 1/2 since Chen et al. 2020, arXiv:2002.05709,
///          appendix A.
class GaussianBlur {
 public:
  /// Throws ArgumentError unless lengths are odd and positive, 0 < sigma.low <= sigma.high, finite,
  /// and 0 <= p <= 1.
  explicit GaussianBlur(ImageSize kernel, GaussianBlurOptions options = {});

  /// The deviation for sample `i`; 0 when it is not blurred.
  double sigma(const SampleKeys& keys, std::size_t i) const;
  /// Shapes   [k, c, h, w] -> the same.
  /// Throws   as gaussian_blur; ArgumentError when there are not as many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  ImageSize kernel_;
  GaussianBlurOptions options_;
};

}  // namespace fovea::data
