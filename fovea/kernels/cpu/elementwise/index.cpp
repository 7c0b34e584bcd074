// All four kernels walk every dimension but the indexed one with a Loop, which merges what can be
// merged; along the indexed dimension they follow the indices. Threads share the other dimensions
// alone, so no two add to one place.

#include "fovea/kernels/cpu/elementwise/index.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "fovea/kernels/cpu/loops.h"

namespace fovea::kernels::cpu {

namespace {

/// `shape` without dimension `dim`.
Shape without_dim(Shape shape, int dim) {
  shape.erase(dim);
  return shape;
}

/// Calls `f(TypeTag<T>{})` with an unsigned type of the dtype's size: what moving elements needs to
/// know of them.
template <class F>
void dispatch_size(DType dtype, const F& f) {
  switch (size_of(dtype)) {
    case 1:
      return f(TypeTag<std::uint8_t>{});
    case 2:
      return f(TypeTag<std::uint16_t>{});
    case 4:
      return f(TypeTag<std::uint32_t>{});
    default:
      return f(TypeTag<std::uint64_t>{});
  }
}

template <class F>
void dispatch_sum(DType dtype, const char* operation, const F& f) {
  dispatch_dtype<float, double, std::int64_t>(dtype, operation, f);
}

/// A 1-D list of indices.
struct Indices {
  const std::int64_t* data;
  std::int64_t count, stride;

  explicit Indices(ConstView view)
      : data(view.as<std::int64_t>()), count(view.size(0)), stride(view.strides[0]) {}
  std::int64_t operator[](std::int64_t i) const { return data[i * stride]; }
};

/// Items of `work` elements that make a thread worth its start.
std::int64_t grain_of(std::int64_t work) {
  return std::max<std::int64_t>(1, kElementGrain / std::max<std::int64_t>(work, 1));
}

/// y[i] = x[index[i]] for rows of `bytes` bytes that lie dense in both.
void copy_rows(ConstView x, int dim, const Indices& index, View y, std::int64_t bytes) {
  const auto element = static_cast<std::int64_t>(size_of(x.dtype));
  const std::int64_t x_step = x.strides[dim] * element, y_step = y.strides[dim] * element;
  const auto* from = static_cast<const std::byte*>(x.data);
  auto* to = static_cast<std::byte*>(y.data);
  parallel_for(index.count, grain_of(bytes / 4), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      std::memcpy(to + i * y_step, from + index[i] * x_step, static_cast<std::size_t>(bytes));
    }
  });
}

/// Whether a walk is over one dense row in all its arrays.
template <int N>
bool is_dense_row(const Loop<N>& loop) {
  if (loop.ndim > 1) return false;
  for (int i = 0; i < N; ++i) {
    if (loop.ndim == 1 && loop.inner_stride(i) != 1) return false;
  }
  return true;
}

/// Calls `f(a, b, i, index[i])` with the offsets of two arrays for each element of `index`: other
/// dimensions in parallel, positions i along `dim` in order. The offsets leave `dim` out.
template <class F>
void for_indexed(ConstView index, int dim, const Shape& a_strides, const Shape& b_strides,
                 const F& f) {
  const auto loop = make_loop<3>(
      without_dim(index.sizes, dim),
      {without_dim(index.strides, dim), without_dim(a_strides, dim), without_dim(b_strides, dim)});
  const std::int64_t along = index.size(dim), step = index.strides[dim];
  const std::int64_t* indices = index.as<std::int64_t>();
  parallel_rows(loop, grain_of(along), [&](const auto& offsets, std::int64_t count) {
    for (std::int64_t i = 0; i < along; ++i) {
      for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t at = indices[offsets[0] + k * loop.inner_stride(0) + i * step];
        f(offsets[1] + k * loop.inner_stride(1), offsets[2] + k * loop.inner_stride(2), i, at);
      }
    }
  });
}

}  // namespace

void index_select(Queue&, ConstView x, int dim, ConstView index, View y) {
  if (y.numel() == 0) return;
  const Indices indices(index);
  const Shape sizes = without_dim(y.sizes, dim);
  const auto loop = make_loop<2>(sizes, {without_dim(y.strides, dim), without_dim(x.strides, dim)});
  if (is_dense_row(loop)) {
    return copy_rows(x, dim, indices, y, loop.numel * static_cast<std::int64_t>(size_of(x.dtype)));
  }
  const std::int64_t x_step = x.strides[dim], y_step = y.strides[dim];
  dispatch_size(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* from = static_cast<const T*>(x.data);
    T* to = static_cast<T*>(y.data);
    const std::int64_t y_stride = loop.inner_stride(0), x_stride = loop.inner_stride(1);
    parallel_rows(loop, grain_of(indices.count), [&](const auto& offsets, std::int64_t count) {
      for (std::int64_t i = 0; i < indices.count; ++i) {
        const T* source = from + offsets[1] + indices[i] * x_step;
        T* target = to + offsets[0] + i * y_step;
        for (std::int64_t k = 0; k < count; ++k) target[k * y_stride] = source[k * x_stride];
      }
    });
  });
}

void index_add(Queue&, int dim, ConstView index, ConstView x, View y) {
  if (x.numel() == 0) return;
  const Indices indices(index);
  const auto loop = make_loop<2>(without_dim(x.sizes, dim),
                                 {without_dim(y.strides, dim), without_dim(x.strides, dim)});
  const std::int64_t x_step = x.strides[dim], y_step = y.strides[dim];
  dispatch_sum(x.dtype, "index_add", [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* from = x.as<T>();
    T* to = y.as<T>();
    const std::int64_t y_stride = loop.inner_stride(0), x_stride = loop.inner_stride(1);
    parallel_rows(loop, grain_of(indices.count), [&](const auto& offsets, std::int64_t count) {
      for (std::int64_t i = 0; i < indices.count; ++i) {
        const T* source = from + offsets[1] + i * x_step;
        T* target = to + offsets[0] + indices[i] * y_step;
        for (std::int64_t k = 0; k < count; ++k) target[k * y_stride] += source[k * x_stride];
      }
    });
  });
}

void gather(Queue&, ConstView x, int dim, ConstView index, View y) {
  if (y.numel() == 0) return;
  const std::int64_t x_step = x.strides[dim], y_step = y.strides[dim];
  dispatch_size(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* from = static_cast<const T*>(x.data);
    T* to = static_cast<T*>(y.data);
    for_indexed(index, dim, y.strides, x.strides,
                [&](std::int64_t target, std::int64_t source, std::int64_t i, std::int64_t at) {
                  to[target + i * y_step] = from[source + at * x_step];
                });
  });
}

void scatter_add(Queue&, int dim, ConstView index, ConstView x, View y) {
  if (x.numel() == 0) return;
  const std::int64_t x_step = x.strides[dim], y_step = y.strides[dim];
  dispatch_sum(x.dtype, "scatter_add", [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* from = x.as<T>();
    T* to = y.as<T>();
    for_indexed(index, dim, y.strides, x.strides,
                [&](std::int64_t target, std::int64_t source, std::int64_t i, std::int64_t at) {
                  to[target + at * y_step] += from[source + i * x_step];
                });
  });
}

}  // namespace fovea::kernels::cpu
