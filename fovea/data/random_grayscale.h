// RandomGrayscale: images that lose their colours at random.
#pragma once

#include <cstddef>

#include "fovea/data/transform.h"

namespace fovea::data {

/// Makes each image grey with probability p: all three channels become its luma.
///
/// Formula  grey is 0.2989 R + 0.587 G + 0.114 B, of bytes rounded down.
/// Source   torchvision, RandomGrayscale.
class RandomGrayscale {
 public:
  /// Throws ArgumentError unless 0 <= p <= 1.
  explicit RandomGrayscale(double p = 0.1);

  /// Whether sample `i` becomes grey.
  bool greys(const SampleKeys& keys, std::size_t i) const;
  /// Shapes   [k, c, h, w] -> the same, c 1 (grey already) or 3.
  /// Throws   as adjust_colors; ArgumentError when there are not as many keys as samples.
  Tensor operator()(const Tensor& batch, const SampleKeys& keys) const;

 private:
  double p_;
};

}  // namespace fovea::data
