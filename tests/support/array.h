// Arrays of raw memory for tests of kernels, which know no tensors.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "fovea/kernels/view.h"
#include "tests/test_seed.h"

namespace fovea::test {

/// Memory for one view, gapless unless strides are given.
template <class T>
struct Array {
  Shape sizes;            ///< elements a dimension
  Shape strides;          ///< elements between neighbours
  std::vector<T> values;  ///< the memory

  /// Zeros, laid out by `strides` (which `layout` makes of the sizes).
  explicit Array(const Shape& of_sizes, Shape (*layout)(const Shape&) = contiguous_strides)
      : sizes(of_sizes),
        strides(layout(of_sizes)),
        values(static_cast<std::size_t>(sizes.numel())) {}

  kernels::View view() { return {values.data(), dtype_of<T>, sizes, strides}; }  ///< to write
  kernels::ConstView view() const {
    return {values.data(), dtype_of<T>, sizes, strides};
  }  ///< to read

  /// Whole numbers from [low, high], the same for each run's seed and `stream`.
  Array& fill_integers(int low, int high, std::uint64_t stream) {
    std::mt19937_64 random(seed() + stream);
    std::uniform_int_distribution<int> draw(low, high);
    for (T& value : values) value = static_cast<T>(draw(random));
    return *this;
  }
  /// Normal deviates.
  Array& fill_normal(double mean, double deviation, std::uint64_t stream) {
    std::mt19937_64 random(seed() + stream);
    std::normal_distribution<double> draw(mean, deviation);
    for (T& value : values) value = static_cast<T>(draw(random));
    return *this;
  }
};

}  // namespace fovea::test
