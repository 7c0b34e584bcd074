#include "fovea/kernels/cpu/product/panels.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/elementwise/transpose.h"
#include "fovea/kernels/cpu/product/panel_loops.h"
#include "fovea/kernels/cpu/product/small_gemm.h"
#include "fovea/kernels/cpu/rounding.h"
#include "fovea/kernels/cpu/scratch.h"

namespace fovea::kernels::cpu {

namespace {

using onednn::Product;

// Columns of a panel: the widest block of multiply_panel with AVX-512.
constexpr std::int64_t kPanel = 64;
// Terms of the sum that a panel holds: 64 KiB, beside which the second cache keeps the rows of a
// and the next panel.
constexpr std::int64_t kSteps = 256;
// Rows of a tile of sums.
constexpr std::int64_t kTileRows = 96;
// Multiply-adds in the time of a fork, 3 us at 118 GFLOP/s.
constexpr std::int64_t kForkWork = 180'000;

/// A panel of b: terms [step, step + steps) of the sum, columns [column, column + columns).
struct Panel {
  std::int64_t step, steps, column, columns;
};

/// What a thread works with.
class Worker {
 public:
  Worker(const Product& product, float* memory)
      : p_(product), packed_(memory), tile_(memory + kSteps * kPanel) {}
  /// Floats that a worker needs.
  static constexpr std::int64_t kMemory = (kSteps + kTileRows) * kPanel;

  /// The columns [begin, end).
  void run(std::int64_t begin, std::int64_t end) {
    for (std::int64_t step = 0; step < p_.k; step += kSteps) {
      for (std::int64_t column = begin; column < end; column += kPanel) {
        const bool last = column + kPanel >= end;
        const Panel next =
            last ? panel(step + kSteps, begin, end) : panel(step, column + kPanel, end);
        multiply(panel(step, column, end), next);
      }
    }
  }

 private:
  Panel panel(std::int64_t step, std::int64_t column, std::int64_t end) const {
    return {step, std::min(kSteps, p_.k - step), column, std::min(kPanel, end - column)};
  }
  const float* place(const Panel& panel) const {
    return p_.b + panel.step * p_.b_row + panel.column * p_.b_column;
  }

  /// A panel, to be fetched; nothing behind the last one.
  PanelFetch fetch(const Panel& panel) const {
    constexpr std::int64_t kLine = 64 / sizeof(float);
    if (panel.steps <= 0) return {};
    if (p_.b_column == 1)
      return {place(panel), panel.steps, ceil_div(panel.columns, kLine), p_.b_row};
    return {place(panel), panel.columns, ceil_div(panel.steps, kLine), p_.b_column};
  }

  /// A panel, as multiply_panel takes it: packed already, unless its rows are dense and whole.
  PanelOperand operand(const Panel& panel, std::int64_t width) const {
    const float* const from = place(panel);
    if (p_.b_column != 1) {
      transpose_rows(from, p_.b_column, panel.columns, panel.steps, packed_, width);
    } else if (panel.columns == width) {
      return {{from, p_.b_row}, packed_};
    } else {
      const auto bytes = static_cast<std::size_t>(panel.columns) * sizeof(float);
      for (std::int64_t s = 0; s < panel.steps; ++s)
        std::memcpy(packed_ + s * width, from + s * p_.b_row, bytes);
    }
    for (std::int64_t s = 0; panel.columns < width && s < panel.steps; ++s)
      std::fill(packed_ + s * width + panel.columns, packed_ + (s + 1) * width, 0.0f);
    return {{packed_, width}, nullptr};
  }

  /// Adds a panel's terms to its columns, while `next` is fetched.
  void multiply(const Panel& panel, const Panel& next) const {
    static constexpr float kZeros[kPanel] = {};
    const std::int64_t lanes = gemm_lanes();
    const std::int64_t vectors = ceil_div(panel.columns, lanes), width = vectors * lanes;
    const GemmA a{p_.a + panel.step * p_.a_column, p_.a_row, p_.a_column};
    const PanelRows<float> y{p_.y + panel.column, p_.y_row};
    PanelRows<const float> start{y.data, y.stride};
    if (panel.step == 0) start = {p_.bias ? p_.bias + panel.column : kZeros, 0};
    const PanelOperand b = operand(panel, width);
    if (panel.columns == width)
      return multiply_panel(p_.m, vectors, panel.steps, a, b, start, y, fetch(next));
    // The last columns do not fill a vector: their sums pass through a tile.
    const auto bytes = static_cast<std::size_t>(panel.columns) * sizeof(float);
    const PanelRows<float> tile{tile_, width};
    for (std::int64_t row = 0; row < p_.m; row += kTileRows) {
      const std::int64_t rows = std::min(kTileRows, p_.m - row);
      for (std::int64_t i = 0; i < rows; ++i)
        std::memcpy(tile_ + i * width, start.data + (row + i) * start.stride, bytes);
      multiply_panel(rows, vectors, panel.steps,
                     {a.data + row * a.row_stride, a.row_stride, a.step_stride}, b, {tile_, width},
                     tile, row == 0 ? fetch(next) : PanelFetch());
      for (std::int64_t i = 0; i < rows; ++i)
        std::memcpy(y.data + (row + i) * y.stride, tile_ + i * width, bytes);
    }
  }

  const Product& p_;
  float* packed_;
  float* tile_;
};

/// Threads for a product.
int parts_of(const Product& p, std::int64_t units) {
  const std::int64_t most = std::clamp<std::int64_t>(units, 1, num_threads());
  return static_cast<int>(std::clamp<std::int64_t>(p.m * p.n * p.k / kForkWork, 1, most));
}

/// The rows [begin, end) of a product.
Product rows_of(const Product& p, std::int64_t begin, std::int64_t end) {
  Product part = p;
  part.m = end - begin;
  part.a += begin * p.a_row;
  part.y += begin * p.y_row;
  return part;
}

}  // namespace

void panel_product(const Product& p) {
  assert(p.batch == 1);
  const std::int64_t lanes = gemm_lanes(), vectors = ceil_div(p.n, lanes);
  // Columns are shared, so that each part of b is packed once; or rows, where there are not enough
  // columns for a wide block each.
  const bool by_rows = vectors * lanes < kPanel * num_threads() && p.m >= kTileRows;
  const int parts = by_rows ? parts_of(p, p.m / (kTileRows / 2)) : parts_of(p, vectors);
  const Scratch memory(parts * Worker::kMemory);
  parallel_parts(by_rows ? p.m : vectors, parts,
                 [&](int part, std::int64_t first, std::int64_t last) {
                   float* const mine = memory.data() + part * Worker::kMemory;
                   if (by_rows) return Worker(rows_of(p, first, last), mine).run(0, p.n);
                   Worker(p, mine).run(first * lanes, std::min(last * lanes, p.n));
                 });
}

}  // namespace fovea::kernels::cpu
