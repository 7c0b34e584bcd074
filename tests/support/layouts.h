// The same kind of tensor in every layout that an operation must take.
#pragma once

#include <string>
#include <vector>

#include "fovea/core/rng.h"
#include "fovea/tensor/tensor.h"

namespace fovea::test {

/// A tensor and how it lies in memory.
struct Layout {
  std::string name;  ///< "transposed", ...
  Tensor tensor;     ///< its values are drawn at random
};

/// Tensors that are contiguous, transposed, sliced with a step, selected from a larger one,
/// expanded, channels-last, without elements, and 0-d. Whole numbers from -4 to 4 (0 to 8 for u8;
/// true and false for bool), so that sums are exact in any order.
inline std::vector<Layout> every_layout(DType dtype, std::uint64_t seed) {
  Generator generator(seed);
  const auto make = [&](const Shape& sizes) {
    const std::int64_t low = dtype == u8 || dtype == boolean ? 0 : -4;
    return randint(low, dtype == boolean ? 2 : low + 9, sizes, {.dtype = i64}, generator).to(dtype);
  };
  return {
      {"contiguous", make({3, 5})},
      {"1-D, longer than a vector", make({67})},
      {"transposed", make({5, 3}).t()},
      {"permuted", make({2, 3, 4}).permute({2, 0, 1})},
      {"sliced", make({7, 9}).slice(0, 1, 7, 2).slice(1, 2, 8, 3)},
      {"selected", make({3, 4, 5}).select(1, 2)},
      {"expanded", make({3, 1}).expand({2, 3, 4})},
      {"channels-last", make({2, 3, 4, 5}).contiguous(MemoryFormat::kChannelsLast)},
      {"without elements", make({0, 4})},
      {"0-d", make({})},
  };
}

}  // namespace fovea::test
