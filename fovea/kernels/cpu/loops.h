// Walking several strided arrays of one shape together: dimensions are ordered by the first array's
// strides and merged where all arrays allow it, so that the innermost loop is as long and as dense
// as it can be.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "fovea/core/denormals.h"
#include "fovea/core/parallel.h"
#include "fovea/core/shape.h"

namespace fovea::kernels::cpu {

/// Elements below which a loop is not worth a second thread: a fork costs about 3 us, an element
/// about 0.2 ns.
inline constexpr std::int64_t kElementGrain = 16384;

/// True for NaN; false for every whole number.
template <class T>
bool is_nan(T value) {
  return value != value;
}

/// N arrays to be walked in step. Offsets and strides count elements.
template <int N>
struct Loop {
  /// Dimensions left after merging; the last is innermost.
  int ndim = 0;
  std::array<std::int64_t, kMaxDims> sizes{};                   ///< of those dimensions
  std::array<std::array<std::int64_t, N>, kMaxDims> strides{};  ///< [dimension][array]
  std::int64_t numel = 1;                                       ///< elements in all

  /// Stride of array `i` in the innermost dimension.
  std::int64_t inner_stride(int i) const {
    return ndim ? strides[static_cast<std::size_t>(ndim - 1)][static_cast<std::size_t>(i)] : 0;
  }
  /// Length of the innermost dimension.
  std::int64_t inner_size() const { return ndim ? sizes[static_cast<std::size_t>(ndim - 1)] : 1; }
};

/// Plans a walk over arrays of `sizes` with the given strides.
template <int N>
Loop<N> make_loop(const Shape& sizes, const std::array<Shape, N>& strides) {
  Loop<N> loop;
  loop.numel = sizes.numel();
  std::array<int, kMaxDims> order{};
  int count = 0;
  for (int dim = 0; dim < sizes.ndim(); ++dim) {
    if (sizes[dim] != 1) order[static_cast<std::size_t>(count++)] = dim;
  }
  std::stable_sort(order.begin(), order.begin() + count,
                   [&](int a, int b) { return strides[0][a] > strides[0][b]; });
  for (int k = 0; k < count; ++k) {
    const int dim = order[static_cast<std::size_t>(k)];
    bool merge = loop.ndim > 0;
    const auto last = static_cast<std::size_t>(std::max(loop.ndim - 1, 0));
    for (std::size_t i = 0; i < N && merge; ++i) {
      merge = loop.strides[last][i] == strides[i][dim] * sizes[dim];
    }
    const auto target = merge ? last : static_cast<std::size_t>(loop.ndim++);
    loop.sizes[target] = merge ? loop.sizes[target] * sizes[dim] : sizes[dim];
    for (std::size_t i = 0; i < N; ++i) loop.strides[target][i] = strides[i][dim];
  }
  return loop;
}

/// What is called for a row, and what it was made of: the walk itself is compiled once, whatever is
/// done in it.
template <int N>
struct RowCall {
  void (*function)(const void* closure, const std::array<std::int64_t, N>& offsets,
                   std::int64_t count);
  const void* closure;
};

/// As a call. `row` must outlive it.
template <int N, class Row>
RowCall<N> row_call(const Row& row) {
  return {[](const void* closure, const std::array<std::int64_t, N>& offsets, std::int64_t count) {
            (*static_cast<const Row*>(closure))(offsets, count);
          },
          std::addressof(row)};
}

/// for_rows, of a call.
template <int N>
void walk(const Loop<N>& loop, std::int64_t begin, std::int64_t end, RowCall<N> row) {
  const std::int64_t inner = loop.inner_size();
  while (begin < end) {
    std::array<std::int64_t, N> offsets{};
    std::int64_t rest = begin;
    for (int dim = loop.ndim - 1; dim >= 0; --dim) {
      const auto d = static_cast<std::size_t>(dim);
      const std::int64_t index = rest % loop.sizes[d];
      rest /= loop.sizes[d];
      for (std::size_t i = 0; i < N; ++i) offsets[i] += index * loop.strides[d][i];
    }
    const std::int64_t count = std::min(end - begin, inner - begin % inner);
    row.function(row.closure, offsets, count);
    begin += count;
  }
}

/// parallel_rows, of a call.
template <int N>
void walk_in_parallel(const Loop<N>& loop, std::int64_t grain, Denormals denormals,
                      RowCall<N> row) {
  parallel_for(loop.numel, grain, [&](std::int64_t begin, std::int64_t end) {
    const DenormalsScope scope(denormals);
    walk(loop, begin, end, row);
  });
}

/// Calls `row(offsets, count)` for pieces of innermost rows that cover elements [begin, end) of the
/// walk.
template <int N, class Row>
void for_rows(const Loop<N>& loop, std::int64_t begin, std::int64_t end, const Row& row) {
  walk(loop, begin, end, row_call<N>(row));
}

/// for_rows over the whole walk, in parallel.
template <int N, class Row>
void parallel_rows(const Loop<N>& loop, std::int64_t grain, const Row& row,
                   Denormals denormals = Denormals::kFlush) {
  walk_in_parallel(loop, grain, denormals, row_call<N>(row));
}

}  // namespace fovea::kernels::cpu
