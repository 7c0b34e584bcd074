// Matrix products by their definition: the oracle of the fast kernels. Any strides.
#pragma once

#include <cstdint>
#include <type_traits>

#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// y[i] = a[i] b[i] + bias. Floating-point sums in double, in the order of k; whole numbers wrap.
template <class T>
void matmul(const ConstView& a, const ConstView& b, const ConstView& bias, const View& y) {
  using Sum = std::conditional_t<std::is_floating_point_v<T>, double, std::uint64_t>;
  const auto element = [](const ConstView& v, std::int64_t i, std::int64_t j, std::int64_t l) {
    return static_cast<Sum>(v.as<T>()[i * v.strides[0] + j * v.strides[1] + l * v.strides[2]]);
  };
  for (std::int64_t i = 0; i < y.size(0); ++i) {
    for (std::int64_t row = 0; row < y.size(1); ++row) {
      for (std::int64_t column = 0; column < y.size(2); ++column) {
        Sum sum = bias.data ? static_cast<Sum>(bias.as<T>()[column * bias.strides[0]]) : Sum{0};
        for (std::int64_t k = 0; k < a.size(2); ++k)
          sum += element(a, i, row, k) * element(b, i, k, column);
        y.as<T>()[i * y.strides[0] + row * y.strides[1] + column * y.strides[2]] =
            static_cast<T>(sum);
      }
    }
  }
}

}  // namespace fovea::kernels::reference
