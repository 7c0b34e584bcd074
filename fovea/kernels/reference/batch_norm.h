// Batch normalisation as its definition reads: plain loops, the oracle of the fast kernels and the
// f64 path.
//
// x, y, dx, dy are gapless with channels fastest, that is matrices [rows, c]; all else is [c].
// Source   Ioffe and Szegedy 2015.
#pragma once

#include <cmath>
#include <cstdint>

#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// An array as a matrix of rows over the channels.
struct Rows {
  std::int64_t count;     ///< rows
  std::int64_t channels;  ///< values a row

  /// Of [n, c, spatial...].
  explicit Rows(const Shape& sizes)
      : count(sizes[1] == 0 ? 0 : sizes.numel() / sizes[1]), channels(sizes[1]) {}
};

/// KernelTable::batch_norm_stats: in two passes.
template <class T>
void batch_norm_stats(ConstView x, View mean, View var) {
  const Rows rows(x.sizes);
  const T* from = x.as<T>();
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    double sum = 0, squares = 0;
    for (std::int64_t r = 0; r < rows.count; ++r) {
      sum += static_cast<double>(from[r * rows.channels + c]);
    }
    const double average = sum / static_cast<double>(rows.count);
    for (std::int64_t r = 0; r < rows.count; ++r) {
      const double centred = static_cast<double>(from[r * rows.channels + c]) - average;
      squares += centred * centred;
    }
    mean.as<T>()[c] = static_cast<T>(average);
    var.as<T>()[c] = static_cast<T>(squares / static_cast<double>(rows.count));
  }
}

/// 1 / sqrt(var + eps) of channel `c`.
template <class T>
T inverse_deviation(ConstView var, double eps, std::int64_t c) {
  return static_cast<T>(1 / std::sqrt(static_cast<double>(var.as<T>()[c]) + eps));
}

/// KernelTable::batch_norm_apply.
template <class T>
void batch_norm_apply(ConstView x, ConstView mean, ConstView var, double eps, ConstView weight,
                      ConstView bias, View y) {
  const Rows rows(x.sizes);
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    T scale = inverse_deviation<T>(var, eps, c);
    if (weight.data) scale *= weight.as<T>()[c];
    const T shift = bias.data ? bias.as<T>()[c] : T{0};
    for (std::int64_t i = c; i < rows.count * rows.channels; i += rows.channels) {
      y.as<T>()[i] = (x.as<T>()[i] - mean.as<T>()[c]) * scale + shift;
    }
  }
}

/// KernelTable::batch_norm_backward_sums.
template <class T>
void batch_norm_backward_sums(ConstView dy, ConstView x, ConstView mean, ConstView var, double eps,
                              View sum_dy, View sum_dy_xhat) {
  const Rows rows(x.sizes);
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    double sum = 0, product = 0;
    for (std::int64_t i = c; i < rows.count * rows.channels; i += rows.channels) {
      const double gradient = static_cast<double>(dy.as<T>()[i]);
      sum += gradient;
      product += gradient * static_cast<double>(x.as<T>()[i] - mean.as<T>()[c]);
    }
    const double inverse = 1 / std::sqrt(static_cast<double>(var.as<T>()[c]) + eps);
    sum_dy.as<T>()[c] = static_cast<T>(sum);
    sum_dy_xhat.as<T>()[c] = static_cast<T>(product * inverse);
  }
}

/// KernelTable::batch_norm_backward_input.
template <class T>
void batch_norm_backward_input(ConstView dy, ConstView x, ConstView mean, ConstView var, double eps,
                               ConstView weight, ConstView sum_dy, ConstView sum_dy_xhat, View dx) {
  const Rows rows(x.sizes);
  const T count = static_cast<T>(rows.count);
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    const T inverse = inverse_deviation<T>(var, eps, c);
    const T scale = weight.data ? inverse * weight.as<T>()[c] : inverse;
    const T mean_dy = sum_dy.as<T>()[c] / count;
    const T mean_dy_xhat = sum_dy_xhat.as<T>()[c] / count;
    for (std::int64_t i = c; i < rows.count * rows.channels; i += rows.channels) {
      const T xhat = (x.as<T>()[i] - mean.as<T>()[c]) * inverse;
      dx.as<T>()[i] = scale * (dy.as<T>()[i] - mean_dy - xhat * mean_dy_xhat);
    }
  }
}

}  // namespace fovea::kernels::reference
