// Whole numbers in whole steps. Values are not negative, steps positive.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// value / step, rounded up.
constexpr std::int64_t ceil_div(std::int64_t value, std::int64_t step) {
  return (value + step - 1) / step;
}
/// The first multiple of `step` that is not below `value`.
constexpr std::int64_t round_up(std::int64_t value, std::int64_t step) {
  return ceil_div(value, step) * step;
}

}  // namespace fovea::kernels::cpu
