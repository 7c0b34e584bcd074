#include "fovea/kernels/cpu/product/matmul.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/onednn/onednn.h"
#include "fovea/kernels/cpu/product/vector_or_panel.h"
#include "fovea/kernels/cpu/scratch.h"

namespace fovea::kernels::cpu {

namespace {

/// True when rows lie one after the other, each without gaps.
bool has_dense_rows(const ConstView& v) {
  return (v.strides[2] == 1 || v.size(2) == 1) && (v.strides[1] >= v.size(2) || v.size(1) == 1);
}

ConstView transposed(ConstView v) {
  std::swap(v.sizes[1], v.sizes[2]);
  std::swap(v.strides[1], v.strides[2]);
  return v;
}

bool has_dense_columns(const ConstView& v) { return has_dense_rows(transposed(v)); }

/// A contiguous copy of a view that lives as long as this.
class Packed {
 public:
  /// Room for `like`'s elements.
  explicit Packed(const ConstView& like)
      : memory_(like.numel() * static_cast<std::int64_t>(size_of(like.dtype))),
        view_{memory_.data(), like.dtype, like.sizes, contiguous_strides(like.sizes)} {}
  const View& view() const { return view_; }

 private:
  Scratch<std::byte> memory_;
  View view_;
};

/// `v` itself when `usable`, else a contiguous copy, which `packed` then owns.
ConstView pack_unless(bool usable, Queue& queue, const ConstView& v,
                      std::optional<Packed>& packed) {
  if (usable) return v;
  packed.emplace(v);
  copy(queue, v, packed->view());
  return packed->view();
}

// --- f32 -----------------------------------------------------------------------------------------

/// Row and column stride of a matrix with dense rows or columns, with sense where a size of 1 left
/// none.
std::pair<std::int64_t, std::int64_t> matrix_strides(const ConstView& v) {
  if (has_dense_rows(v)) return {v.size(1) == 1 ? v.size(2) : v.strides[1], 1};
  return {1, v.size(2) == 1 ? v.size(1) : v.strides[2]};
}

/// When every product of the batch has the same b, and a's and y's matrices follow each other, they
/// are one long matrix.
void merge_batch(onednn::Product& p) {
  if (p.b_batch != 0 || p.a_column != 1 || p.a_batch != p.m * p.a_row || p.y_batch != p.m * p.y_row)
    return;
  p.m *= p.batch;
  p.batch = 1;
}

/// y has dense rows, bias is contiguous or absent.
void product_f32(Queue& queue, const ConstView& a_any, const ConstView& b_any,
                 const ConstView& bias, const View& y) {
  const bool one_result = y.size(0) > 1 && a_any.strides[0] == 0 && b_any.strides[0] == 0;
  std::optional<Packed> packed_a, packed_b;
  const ConstView a = pack_unless(
      (has_dense_rows(a_any) || has_dense_columns(a_any)) && !one_result, queue, a_any, packed_a);
  const ConstView b =
      pack_unless(has_dense_rows(b_any) || has_dense_columns(b_any), queue, b_any, packed_b);
  onednn::Product p;
  p.batch = y.size(0), p.m = y.size(1), p.n = y.size(2), p.k = a.size(2);
  p.a = a.as<float>(), p.b = b.as<float>(), p.bias = bias.data ? bias.as<float>() : nullptr,
  p.y = y.as<float>();
  std::tie(p.a_row, p.a_column) = matrix_strides(a);
  std::tie(p.b_row, p.b_column) = matrix_strides(b);
  p.y_row = matrix_strides(y).first;
  if (p.batch > 1) {
    p.a_batch = a.strides[0], p.b_batch = b.strides[0], p.y_batch = y.strides[0];
    merge_batch(p);
  }
  if (!vector_or_panel_product(p)) onednn::matmul(p);
}

void matmul_f32(Queue& queue, const ConstView& a, const ConstView& b, const ConstView& bias,
                const View& y) {
  if (has_dense_rows(y)) {
    std::optional<Packed> packed;
    return product_f32(queue, a, b,
                       pack_unless(!bias.data || bias.contiguous(), queue, bias, packed), y);
  }
  if (!bias.data && has_dense_columns(y)) {  // y^T = b^T a^T
    const View flipped{y.data,
                       y.dtype,
                       {y.size(0), y.size(2), y.size(1)},
                       {y.strides[0], y.strides[2], y.strides[1]}};
    return product_f32(queue, transposed(b), transposed(a), {}, flipped);
  }
  const Packed packed(y);
  matmul_f32(queue, a, b, bias, packed.view());
  copy(queue, packed.view(), y);
}

// --- f64, i64 ------------------------------------------------------------------------------------

/// Columns summed at once: 512 bytes, which stay in registers and the first cache.
constexpr std::int64_t kColumns = 64;
/// Multiplications worth a second thread, about 10 us.
constexpr std::int64_t kProductGrain = 16384;

/// Row `row` of product `batch`, columns [begin, begin + count): sums in the order of k, as the
/// reference does.
template <class T>
void row_tile(const ConstView& a, const ConstView& b, const ConstView& bias, const View& y,
              std::int64_t batch, std::int64_t row, std::int64_t begin, std::int64_t count) {
  using Sum =
      std::conditional_t<std::is_floating_point_v<T>, T, std::uint64_t>;  // whole numbers wrap
  std::array<Sum, kColumns> sums{};
  if (bias.data) {
    for (std::int64_t j = 0; j < count; ++j) {
      sums[static_cast<std::size_t>(j)] =
          static_cast<Sum>(bias.as<T>()[(begin + j) * bias.strides[0]]);
    }
  }
  const T* a_row = a.as<T>() + batch * a.strides[0] + row * a.strides[1];
  const T* b_tile = b.as<T>() + batch * b.strides[0] + begin;
  for (std::int64_t k = 0; k < a.size(2); ++k) {
    const Sum factor = static_cast<Sum>(a_row[k * a.strides[2]]);
    const T* b_row = b_tile + k * b.strides[1];
    for (std::int64_t j = 0; j < count; ++j) {
      sums[static_cast<std::size_t>(j)] += factor * static_cast<Sum>(b_row[j]);
    }
  }
  T* y_row = y.as<T>() + batch * y.strides[0] + row * y.strides[1] + begin * y.strides[2];
  for (std::int64_t j = 0; j < count; ++j)
    y_row[j * y.strides[2]] = static_cast<T>(sums[static_cast<std::size_t>(j)]);
}

template <class T>
void matmul_plain(Queue& queue, const ConstView& a, const ConstView& b_any, const ConstView& bias,
                  const View& y) {
  std::optional<Packed> packed;
  const ConstView b = pack_unless(b_any.strides[2] == 1, queue, b_any, packed);
  const std::int64_t rows = y.size(1), columns = y.size(2);
  const std::int64_t grain = kProductGrain / (columns * a.size(2)) + 1;
  parallel_for(y.size(0) * rows, grain, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t begin = 0; begin < columns; begin += kColumns) {
      const std::int64_t count = std::min(kColumns, columns - begin);
      for (std::int64_t i = first; i < last; ++i)
        row_tile<T>(a, b, bias, y, i / rows, i % rows, begin, count);
    }
  });
}

}  // namespace

void matmul(Queue& queue, ConstView a, ConstView b, ConstView bias, View y) {
  assert(a.size(0) == y.size(0) && b.size(0) == y.size(0) && a.size(2) == b.size(1));
  if (y.numel() == 0) return;
  if (a.size(2) == 0) {  // a sum over nothing
    if (!bias.data) return fill(queue, 0, y);
    return copy(queue, {bias.data, bias.dtype, y.sizes, {0, 0, bias.strides[0]}}, y);
  }
  if (y.dtype == f32) return matmul_f32(queue, a, b, bias, y);
  dispatch_dtype<double, std::int64_t>(y.dtype, "matmul", [&](auto tag) {
    matmul_plain<typename decltype(tag)::type>(queue, a, b, bias, y);
  });
}

}  // namespace fovea::kernels::cpu
