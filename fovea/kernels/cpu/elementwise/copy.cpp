// fill, copy with conversion, arange and where: kernels that move values rather than compute.

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/elementwise/transpose.h"
#include "fovea/kernels/cpu/loops.h"
#include "fovea/kernels/cpu/rounding.h"

namespace fovea::kernels::cpu {

namespace {

template <class T>
inline constexpr bool is_half = std::is_same_v<T, f16_t> || std::is_same_v<T, bf16_t>;

/// static_cast with every case defined: bool is "not zero", floating point beyond an integer's
/// range saturates, NaN becomes 0.
template <class To, class From>
To convert(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (is_half<From>) {
    return convert<To>(static_cast<float>(value));
  } else if constexpr (is_half<To>) {
    return To(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From{};
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    constexpr From low = static_cast<From>(std::numeric_limits<To>::min());
    // May round up by one, hence >=.
    constexpr From high = static_cast<From>(std::numeric_limits<To>::max());
    if (std::isnan(value)) return 0;
    if (value >= high) return std::numeric_limits<To>::max();
    if (value <= low) return std::numeric_limits<To>::min();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <class From, class To>
void copy_row(const From* x, std::int64_t x_stride, To* y, std::int64_t y_stride,
              std::int64_t count) {
  if (x_stride == 1 && y_stride == 1) {
    for (std::int64_t i = 0; i < count; ++i) y[i] = convert<To>(x[i]);
  } else {
    for (std::int64_t i = 0; i < count; ++i) y[i * y_stride] = convert<To>(x[i * x_stride]);
  }
}

// --- Transpositions ------------------------------------------------------------------------------

// Rows that are written side by side: so many cache lines fit into the first cache more than once.
constexpr std::int64_t kTransposedRows = 64;

/// to[i * to_stride + j] = from[j * from_stride + i] for i < rows, j < columns.
template <class Word>
void transpose_words(const Word* from, std::int64_t from_stride, std::int64_t columns,
                     std::int64_t rows, Word* to, std::int64_t to_stride) {
  if constexpr (std::is_same_v<Word, float>)
    return transpose_rows(from, from_stride, columns, rows, to, to_stride);
  for (std::int64_t j = 0; j < columns; ++j) {
    for (std::int64_t i = 0; i < rows; ++i) to[i * to_stride + j] = from[j * from_stride + i];
  }
}

/// The dimension of a walk over y (array 0) and x (array 1) along which x is dense, where y is
/// dense along the innermost; -1 when there is none.
int transposed_dimension(const Loop<2>& loop) {
  if (loop.inner_stride(0) != 1 || loop.inner_stride(1) < 1) return -1;
  for (int dim = loop.ndim - 2; dim >= 0; --dim) {
    if (loop.strides[static_cast<std::size_t>(dim)][1] == 1) return dim;
  }
  return -1;
}

/// Matrices of the transposed dimension and the innermost one, for each place in the others.
template <class Word>
void move_transposed(const Loop<2>& loop, int transposed, const Word* x, Word* y) {
  const auto dim = static_cast<std::size_t>(transposed);
  const std::int64_t rows = loop.sizes[dim], columns = loop.inner_size();
  const std::int64_t y_stride = loop.strides[dim][0], x_stride = loop.inner_stride(1);
  const std::int64_t blocks = ceil_div(rows, kTransposedRows);
  const std::int64_t grain = ceil_div(kElementGrain, std::min(rows, kTransposedRows) * columns);
  const auto move_block = [&](std::int64_t item) {
    const std::int64_t first = item % blocks * kTransposedRows;
    const Word* from = x + first;
    Word* to = y + first * y_stride;
    std::int64_t rest = item / blocks;
    for (int other = loop.ndim - 2; other >= 0; --other) {
      if (other == transposed) continue;
      const auto d = static_cast<std::size_t>(other);
      to += rest % loop.sizes[d] * loop.strides[d][0];
      from += rest % loop.sizes[d] * loop.strides[d][1];
      rest /= loop.sizes[d];
    }
    transpose_words(from, x_stride, columns, std::min(kTransposedRows, rows - first), to, y_stride);
  };
  parallel_for(loop.numel / (rows * columns) * blocks, grain,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t item = begin; item < end; ++item) move_block(item);
               });
}

/// Elements of one size moved bit by bit, whatever their type.
template <class Word>
void move_words(const Loop<2>& loop, const void* from, void* to) {
  const Word* x = static_cast<const Word*>(from);
  Word* y = static_cast<Word*>(to);
  const int transposed = transposed_dimension(loop);
  if (transposed >= 0) return move_transposed(loop, transposed, x, y);
  const std::int64_t y_stride = loop.inner_stride(0), x_stride = loop.inner_stride(1);
  parallel_rows(loop, kElementGrain, [&](const auto& offsets, std::int64_t count) {
    if (x_stride == 1 && y_stride == 1) {
      std::memcpy(y + offsets[0], x + offsets[1], static_cast<std::size_t>(count) * sizeof(Word));
    } else {
      copy_row(x + offsets[1], x_stride, y + offsets[0], y_stride, count);
    }
  });
}

void move_same_dtype(const Loop<2>& loop, ConstView x, View y) {
  switch (size_of(x.dtype)) {
    case 1:
      return move_words<std::uint8_t>(loop, x.data, y.data);
    case 2:
      return move_words<std::uint16_t>(loop, x.data, y.data);
    case 4:
      return move_words<float>(loop, x.data, y.data);
    default:
      return move_words<std::uint64_t>(loop, x.data, y.data);
  }
}

template <class From, class To>
void convert_all(const Loop<2>& loop, ConstView from, View to) {
  const From* x = from.as<From>();
  To* y = to.as<To>();
  parallel_rows(loop, kElementGrain, [&](const auto& offsets, std::int64_t count) {
    copy_row(x + offsets[1], loop.inner_stride(1), y + offsets[0], loop.inner_stride(0), count);
  });
}

}  // namespace

void fill(Queue&, double value, View y) {
  const auto loop = make_loop<1>(y.sizes, {y.strides});
  dispatch_all(y.dtype, "fill", [&](auto tag) {
    using T = typename decltype(tag)::type;
    T* out = y.as<T>();
    const T element = convert<T>(value);
    const std::int64_t stride = loop.inner_stride(0);
    parallel_rows(loop, kElementGrain, [&](const auto& offsets, std::int64_t count) {
      T* row = out + offsets[0];
      if (stride == 1)
        std::fill_n(row, count, element);
      else
        for (std::int64_t i = 0; i < count; ++i) row[i * stride] = element;
    });
  });
}

void copy(Queue&, ConstView x, View y) {
  const auto loop = make_loop<2>(y.sizes, {y.strides, x.strides});
  if (loop.numel == 0) return;
  if (x.dtype == y.dtype) return move_same_dtype(loop, x, y);
  dispatch_all(x.dtype, "copy", [&](auto from) {
    dispatch_all(y.dtype, "copy", [&](auto to) {
      convert_all<typename decltype(from)::type, typename decltype(to)::type>(loop, x, y);
    });
  });
}

void arange(Queue&, double start, double step, View y) {
  dispatch_number(y.dtype, "arange", [&](auto tag) {
    using T = typename decltype(tag)::type;
    T* out = y.as<T>();
    for (std::int64_t i = 0; i < y.size(0); ++i) {
      out[i * y.strides[0]] = convert<T>(start + static_cast<double>(i) * step);
    }
  });
}

void where(Queue&, ConstView condition, ConstView a, ConstView b, View y) {
  const auto loop = make_loop<4>(y.sizes, {y.strides, condition.strides, a.strides, b.strides});
  dispatch_all(y.dtype, "where", [&](auto tag) {
    using T = typename decltype(tag)::type;
    T* out = y.as<T>();
    const bool* c = condition.as<bool>();
    const T* yes = a.as<T>();
    const T* no = b.as<T>();
    parallel_rows(loop, kElementGrain, [&](const auto& offsets, std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) {
        const bool take = c[offsets[1] + i * loop.inner_stride(1)];
        out[offsets[0] + i * loop.inner_stride(0)] =
            take ? yes[offsets[2] + i * loop.inner_stride(2)]
                 : no[offsets[3] + i * loop.inner_stride(3)];
      }
    });
  });
}

}  // namespace fovea::kernels::cpu
