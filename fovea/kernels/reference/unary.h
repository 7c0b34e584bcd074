// Functions of one element and their slopes, each by its row: the oracle of the fast kernels. What
// the rows say is held to PyTorch's values. Values of f32 are computed in f64, and rounded once.
#pragma once

#include <type_traits>

#include "fovea/kernels/function_values.h"
#include "fovea/kernels/reference/elementwise.h"
#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"
#include "fovea/kernels/whole_numbers.h"

namespace fovea::kernels::reference {

/// What a function of T is computed in.
template <class T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, double, Roomy<T>>;

/// A parameter as T has it.
template <class T>
Wide<T> parameter(double value) {
  return static_cast<Wide<T>>(convert<T>(value));
}

/// Whether a function takes elements of type T.
template <class T>
constexpr bool takes(Domain domain) {
  if (domain == Domain::kLogic) return std::is_same_v<T, bool>;
  if (domain == Domain::kNumbers) return !std::is_same_v<T, bool>;
  return std::is_floating_point_v<T>;
}

/// KernelTable::unary.
template <class T>
void unary(UnaryOp op, ConstView x, View y) {
  with_function(op.kind, [&](auto f) {
    constexpr Domain domain = row_of(f.kKind).domain;
    if constexpr (takes<T>(domain)) {
      using Y = std::conditional_t<domain == Domain::kTests, bool, T>;
      const Wide<T> a = parameter<T>(op.a), b = parameter<T>(op.b);
      map<T, Y>(x, y, [&](T v) {
        return static_cast<Y>(decltype(f)::value(static_cast<Wide<T>>(v), a, b));
      });
    }
  });
}

/// KernelTable::unary_backward.
template <class T>
void unary_backward(UnaryOp op, ConstView dy, ConstView saved, View dx) {
  with_function(op.kind, [&](auto f) {
    const double a = parameter<T>(op.a), b = parameter<T>(op.b);
    map<T, T>(dy, saved, dx, [&](T gradient, T s) {
      return static_cast<T>(
          through(static_cast<double>(gradient), decltype(f)::slope(static_cast<double>(s), a, b)));
    });
  });
}

}  // namespace fovea::kernels::reference
