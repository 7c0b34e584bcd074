// Functions of one element, and their gradients: loops over the rows of kernels/functions.h. Rows
// of dense f32 go to the vector loops where there is one.

#include <type_traits>

#include "fovea/core/denormals.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/elementwise/vector_rows.h"
#include "fovea/kernels/cpu/loops.h"
#include "fovea/kernels/function_values.h"
#include "fovea/kernels/whole_numbers.h"

namespace fovea::kernels::cpu {

namespace {

/// The C library's log and pow take denormals apart bit by bit: where the processor flushes them
/// what comes out is neither theirs nor that of 0.
constexpr Denormals denormals_of(Unary kind) {
  return kind == Unary::kLog || kind == Unary::kPow ? Denormals::kKeep : Denormals::kFlush;
}

/// y = f(x), element by element.
template <class X, class Y, class F>
void map(ConstView x, View y, Denormals denormals, const F& f) {
  const auto loop = make_loop<2>(y.sizes, {y.strides, x.strides});
  const X* in = x.as<X>();
  Y* out = y.as<Y>();
  const std::int64_t out_stride = loop.inner_stride(0), in_stride = loop.inner_stride(1);
  const auto row = [&](const auto& offsets, std::int64_t count) {
    const X* from = in + offsets[1];
    Y* to = out + offsets[0];
    for (std::int64_t i = 0; i < count; ++i) to[i * out_stride] = f(from[i * in_stride]);
  };
  parallel_rows(loop, kElementGrain, row, denormals);
}

/// Runs rows through a vector loop; false when the operands are not dense f32 or there is no such
/// loop.
bool map_vectors(UnaryOp op, ConstView x, View y) {
  if (x.dtype != f32 || y.dtype != f32 || !has_vector_row(op.kind)) return false;
  const auto loop = make_loop<2>(y.sizes, {y.strides, x.strides});
  if (loop.inner_stride(0) != 1 || loop.inner_stride(1) != 1) return false;
  const float* in = x.as<float>();
  float* out = y.as<float>();
  parallel_rows(loop, kElementGrain, [&](const auto& offsets, std::int64_t count) {
    unary_row(op, in + offsets[1], out + offsets[0], count);
  });
  return true;
}

/// y = f(x) for elements of type T.
template <class T, class F>
void map_function(F, UnaryOp op, ConstView x, View y) {
  using Y = std::conditional_t<row_of(F::kKind).domain == Domain::kTests, bool, T>;
  const auto a = static_cast<Roomy<T>>(op.a), b = static_cast<Roomy<T>>(op.b);
  map<T, Y>(x, y, denormals_of(F::kKind),
            [=](T v) { return static_cast<Y>(F::value(Roomy<T>(v), a, b)); });
}

/// As map, for f'(saved) times dy.
template <class T, class F>
void map_gradient(ConstView dy, ConstView saved, View dx, Denormals denormals, const F& slope) {
  const auto loop = make_loop<3>(dx.sizes, {dx.strides, dy.strides, saved.strides});
  const T* g = dy.as<T>();
  const T* s = saved.as<T>();
  T* out = dx.as<T>();
  const auto row = [&](const auto& offsets, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      out[offsets[0] + i * loop.inner_stride(0)] =
          through(g[offsets[1] + i * loop.inner_stride(1)],
                  slope(s[offsets[2] + i * loop.inner_stride(2)]));
    }
  };
  parallel_rows(loop, kElementGrain, row, denormals);
}

/// As map_vectors.
bool gradient_vectors(UnaryOp op, ConstView dy, ConstView saved, View dx) {
  if (dx.dtype != f32 || !has_vector_row(op.kind)) return false;
  const auto loop = make_loop<3>(dx.sizes, {dx.strides, dy.strides, saved.strides});
  for (int operand = 0; operand < 3; ++operand)
    if (loop.inner_stride(operand) != 1) return false;
  parallel_rows(loop, kElementGrain, [&](const auto& offsets, std::int64_t count) {
    unary_backward_row(op, dy.as<float>() + offsets[1], saved.as<float>() + offsets[2],
                       dx.as<float>() + offsets[0], count);
  });
  return true;
}

}  // namespace

void unary(Queue&, UnaryOp op, ConstView x, View y) {
  if (map_vectors(op, x, y)) return;
  with_function(op.kind, [&](auto f) {
    const auto run = [&](auto tag) { map_function<typename decltype(tag)::type>(f, op, x, y); };
    constexpr Domain domain = row_of(decltype(f)::kKind).domain;
    if constexpr (domain == Domain::kLogic) {
      run(TypeTag<bool>());
    } else if constexpr (domain == Domain::kNumbers) {
      dispatch_number(x.dtype, "unary", run);
    } else {
      dispatch_float(x.dtype, "unary", run);
    }
  });
}

void unary_backward(Queue&, UnaryOp op, ConstView dy, ConstView saved, View dx) {
  if (gradient_vectors(op, dy, saved, dx)) return;
  with_function(op.kind, [&](auto f) {
    dispatch_float(dx.dtype, "unary_backward", [&](auto tag) {
      using T = typename decltype(tag)::type;
      const T a = static_cast<T>(op.a), b = static_cast<T>(op.b);
      map_gradient<T>(dy, saved, dx, denormals_of(f.kKind),
                      [=](T s) { return decltype(f)::slope(s, a, b); });
    });
  });
}

}  // namespace fovea::kernels::cpu
