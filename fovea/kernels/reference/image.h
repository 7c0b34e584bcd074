// Plain loops for image kernels: the oracle that the fast ones are tested against.
#pragma once

#include <cstdint>

#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// See KernelTable::crop_flip. T has the size of an element.
template <class T>
void crop_flip(const T* x, const std::int64_t* placement, T* y, const Shape& in, const Shape& out) {
  for (std::int64_t i = 0; i < out[0]; ++i) {
    const std::int64_t top = placement[3 * i], left = placement[3 * i + 1];
    const bool flip = placement[3 * i + 2] != 0;
    for (std::int64_t c = 0; c < out[1]; ++c) {
      for (std::int64_t row = 0; row < out[2]; ++row) {
        for (std::int64_t column = 0; column < out[3]; ++column) {
          const std::int64_t from_row = top + row;
          const std::int64_t from_column = left + (flip ? out[3] - 1 - column : column);
          const bool inside =
              from_row >= 0 && from_row < in[2] && from_column >= 0 && from_column < in[3];
          const std::int64_t from = ((i * in[1] + c) * in[2] + from_row) * in[3] + from_column;
          y[((i * out[1] + c) * out[2] + row) * out[3] + column] = inside ? x[from] : T{};
        }
      }
    }
  }
}

/// See KernelTable::gather_images; y contiguous [k, c, h', w'] of sizes `out`, windows never
/// absent.
inline void gather_images(const std::uint8_t* x, const std::int64_t* index,
                          const std::int64_t* windows, const float* values, float* y,
                          const Shape& in, const Shape& out) {
  for (std::int64_t i = 0; i < out[0]; ++i) {
    const std::int64_t* window = windows + 7 * i;
    for (std::int64_t c = 0; c < out[1]; ++c) {
      for (std::int64_t row = 0; row < out[2]; ++row) {
        for (std::int64_t column = 0; column < out[3]; ++column) {
          const std::int64_t from_row = window[0] + row;
          const std::int64_t from_column =
              window[1] + (window[2] != 0 ? out[3] - 1 - column : column);
          const bool inside =
              from_row >= 0 && from_row < in[2] && from_column >= 0 && from_column < in[3];
          const bool erased = row >= window[3] && row < window[3] + window[5] &&
                              column >= window[4] && column < window[4] + window[6];
          const std::int64_t from =
              ((index[i] * in[1] + c) * in[2] + from_row) * in[3] + from_column;
          const float* v = values + 5 * c;  // divisor, mean, std, outside, erased
          *y++ = erased ? v[4] : inside ? (static_cast<float>(x[from]) / v[0] - v[1]) / v[2] : v[3];
        }
      }
    }
  }
}

}  // namespace fovea::kernels::reference
