// Numbers that count up, as sample numbers and as pixels: for tests of what is done to images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::test {

/// 0 to n-1.
inline std::vector<std::int64_t> counted(std::int64_t n) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(n));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

/// u8 images whose pixels count up from 0, modulo 256.
inline Tensor counted_images(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  std::vector<std::uint8_t> values(static_cast<std::size_t>(n * c * h * w));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i);
  return from_data(values, {n, c, h, w});
}

}  // namespace fovea::test
