// Softmax as plain loops: the oracle, and the CPU's kernel for f64.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "fovea/kernels/reference/walk.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// One row of `count` elements, `dx` and `dy` elements apart.
template <class T>
void softmax_row(bool log, const T* x, std::int64_t x_stride, T* y, std::int64_t y_stride,
                 std::int64_t count) {
  T top = x[0];
  for (std::int64_t i = 1; i < count; ++i) top = std::max(top, x[i * x_stride]);
  double total = 0;
  for (std::int64_t i = 0; i < count; ++i)
    total += std::exp(static_cast<double>(x[i * x_stride] - top));
  const double log_total = std::log(total);
  for (std::int64_t i = 0; i < count; ++i) {
    const double shifted = static_cast<double>(x[i * x_stride] - top);
    y[i * y_stride] = static_cast<T>(log ? shifted - log_total : std::exp(shifted) / total);
  }
}

/// The gradient of one row: dx = y (dy - sum dy y); of the logarithm: dx = dy - exp(y) sum dy.
template <class T>
void softmax_backward_row(bool log, const T* dy, std::int64_t dy_stride, const T* y,
                          std::int64_t y_stride, T* dx, std::int64_t dx_stride,
                          std::int64_t count) {
  double total = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double gradient = dy[i * dy_stride];
    total += log ? gradient : gradient * y[i * y_stride];
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const double gradient = dy[i * dy_stride], value = y[i * y_stride];
    dx[i * dx_stride] =
        static_cast<T>(log ? gradient - std::exp(value) * total : value * (gradient - total));
  }
}

/// `sizes` without dimension `dim`.
inline Shape without(Shape sizes, int dim) {
  sizes.erase(dim);
  return sizes;
}

/// Rows [begin, end) of the kernel table's `softmax`.
template <class T>
void softmax(bool log, ConstView x, int dim, View y, std::int64_t begin, std::int64_t end) {
  const Shape rows = without(x.sizes, dim);
  Walker from(rows, without(x.strides, dim), begin), to(rows, without(y.strides, dim), begin);
  for (std::int64_t row = begin; row < end; ++row, from.next(), to.next()) {
    softmax_row(log, x.as<T>() + from.offset(), x.strides[dim], y.as<T>() + to.offset(),
                y.strides[dim], x.size(dim));
  }
}

/// Rows [begin, end) of the kernel table's `softmax_backward`.
template <class T>
void softmax_backward(bool log, ConstView dy, ConstView y, int dim, View dx, std::int64_t begin,
                      std::int64_t end) {
  const Shape rows = without(y.sizes, dim);
  Walker gradient(rows, without(dy.strides, dim), begin),
      value(rows, without(y.strides, dim), begin);
  Walker to(rows, without(dx.strides, dim), begin);
  for (std::int64_t row = begin; row < end; ++row, gradient.next(), value.next(), to.next()) {
    softmax_backward_row(log, dy.as<T>() + gradient.offset(), dy.strides[dim],
                         y.as<T>() + value.offset(), y.strides[dim], dx.as<T>() + to.offset(),
                         dx.strides[dim], y.size(dim));
  }
}

}  // namespace fovea::kernels::reference
