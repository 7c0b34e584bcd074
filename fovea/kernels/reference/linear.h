// Fully connected layers by their definition: the oracle of the fast kernels. Sums in double.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/core/half.h"
#include "fovea/kernels/reference/random.h"
#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// An operand of a product as the precision takes it.
template <class T>
double linear_operand(Precision precision, T value) {
  if (precision == Precision::kF32) return static_cast<double>(value);
  return static_cast<double>(static_cast<float>(bf16_t(static_cast<float>(value))));
}

/// What element `i` of relu(x W^T + bias) is multiplied by in dropout.
template <class T>
T linear_keep(const LinearSpec& spec, std::int64_t i) {
  if (spec.dropout == 0) return T(1);
  const bool keep = to_unit_float(element_word(spec.key, i)) >= spec.dropout;
  return keep ? keep_scale<T>(spec.dropout) : T(0);
}

/// KernelTable::linear_forward.
template <class T>
void linear_forward(const LinearSpec& spec, ConstView x, ConstView weight, ConstView bias, View y) {
  const std::int64_t m = y.size(0), n = y.size(1), k = x.size(1);
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = bias.data ? static_cast<double>(bias.as<T>()[j]) : 0;
      for (std::int64_t s = 0; s < k; ++s) {
        sum += linear_operand(spec.precision, x.as<T>()[i * k + s]) *
               linear_operand(spec.precision, weight.as<T>()[j * k + s]);
      }
      T value = static_cast<T>(sum);
      if (spec.relu && value < 0) value = 0;
      const T keep = linear_keep<T>(spec, i * n + j);
      y.as<T>()[i * n + j] = keep == 0 ? T(0) : value * keep;
    }
  }
}

/// KernelTable::linear_backward.
template <class T>
void linear_backward(const LinearSpec& spec, ConstView x, ConstView weight, ConstView y,
                     ConstView dy, View dx, View dweight, View dbias) {
  const std::int64_t m = dy.size(0), n = dy.size(1), k = x.size(1);
  std::vector<T> gradients;  // of x W^T + bias
  for (std::int64_t i = 0; i < m * n; ++i) {
    const bool stopped = spec.relu && y.as<T>()[i] <= 0;
    gradients.push_back(stopped ? T(0) : dy.as<T>()[i] * linear_keep<T>(spec, i));
  }
  const auto dz = [&](std::int64_t i, std::int64_t j) {
    return gradients[static_cast<std::size_t>(i * n + j)];
  };
  const auto operand = [&](T value) { return linear_operand(spec.precision, value); };
  for (std::int64_t j = 0; dbias.data && j < n; ++j) {
    double sum = 0;
    for (std::int64_t i = 0; i < m; ++i) sum += static_cast<double>(dz(i, j));
    dbias.as<T>()[j] = static_cast<T>(sum);
  }
  for (std::int64_t s = 0; s < k; ++s) {
    for (std::int64_t i = 0; dx.data && i < m; ++i) {
      double sum = 0;
      for (std::int64_t j = 0; j < n; ++j)
        sum += operand(dz(i, j)) * operand(weight.as<T>()[j * k + s]);
      dx.as<T>()[i * k + s] = static_cast<T>(sum);
    }
    for (std::int64_t j = 0; dweight.data && j < n; ++j) {
      double sum = 0;
      for (std::int64_t i = 0; i < m; ++i) sum += operand(dz(i, j)) * operand(x.as<T>()[i * k + s]);
      dweight.as<T>()[j * k + s] = static_cast<T>(sum);
    }
  }
}

}  // namespace fovea::kernels::reference
