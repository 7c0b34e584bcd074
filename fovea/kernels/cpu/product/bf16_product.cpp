#include "fovea/kernels/cpu/product/bf16_product.h"

#include <algorithm>
#include <cstring>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/loops.h"
#include "fovea/kernels/cpu/product/bf16_rows.h"
#include "fovea/kernels/cpu/scratch.h"

namespace fovea::kernels::cpu {

namespace {

// A panel is 32 columns of the right operand beside kBf16Steps pairs of the sum, packed without
// gaps; a thread packs kBf16Panels of them, 256 KiB, which with the rows of the left operand stay
// in a second cache of 1 MiB, and takes the left operand's rows past them (Goto and van de Geijn
// 2008).
constexpr std::int64_t kBf16Panel = 2 * kBf16Lanes;
constexpr std::int64_t kBf16Panels = 8;
constexpr std::int64_t kBf16Steps = 256;
// Multiplications of pairs in the time of a fork, 3 us at 200 GFLOP/s.
constexpr std::int64_t kBf16ForkWork = 150'000;

std::int64_t pairs_of(std::int64_t count) { return (count + 1) / 2; }

/// c = a b + bias in pairs. What b is, a function `pack(first, count, column, columns, to, width)`
/// knows: it packs the pairs [first, first + count) of a panel's columns.
struct PairProduct {
  std::int64_t rows, columns, pairs;
  PairMatrix a;
  const float* bias;  // null: none
  float* c;
};

/// Columns of a panel.
struct Columns {
  std::int64_t begin, count;
};

/// One panel's columns of the rows [row, row + rows), for the pairs [first, first + count).
void panel_rows(const PairProduct& p, std::int64_t row, std::int64_t rows, const Columns& columns,
                std::int64_t first, std::int64_t count, const Bf16Pair* panel) {
  static constexpr float kZeros[kBf16Panel] = {};
  const auto [column, width] = columns;
  const std::int64_t vectors = (width + kBf16Lanes - 1) / kBf16Lanes;
  const PairMatrix a{p.a.data + row * p.a.row_stride + first * p.a.step_stride, p.a.row_stride,
                     p.a.step_stride};
  const Rows<float> c{p.c + row * p.columns + column, p.columns};
  if (width == vectors * kBf16Lanes) {
    Rows<const float> start{p.bias ? p.bias + column : kZeros, 0};
    if (first > 0) start = {c.data, c.stride};
    return multiply_pairs(rows, vectors, count, a, panel, start, c);
  }
  // The last columns do not fill a vector: their sums pass through a tile.
  float tile[kBf16Rows * kBf16Panel] = {};
  const auto bytes = static_cast<std::size_t>(width) * sizeof(float);
  for (std::int64_t i = 0; i < rows; ++i) {
    if (first > 0) {
      std::memcpy(tile + i * kBf16Panel, c.data + i * c.stride, bytes);
    } else if (p.bias) {
      std::memcpy(tile + i * kBf16Panel, p.bias + column, bytes);
    }
  }
  multiply_pairs(rows, vectors, count, a, panel, {tile, kBf16Panel}, {tile, kBf16Panel});
  for (std::int64_t i = 0; i < rows; ++i)
    std::memcpy(c.data + i * c.stride, tile + i * kBf16Panel, bytes);
}

/// The columns [begin, end), at most kBf16Panels panels. `packed` has room for them.
template <class Pack>
void multiply_columns(const PairProduct& p, const Pack& pack, std::int64_t begin, std::int64_t end,
                      Bf16Pair* packed) {
  for (std::int64_t first = 0; first < p.pairs; first += kBf16Steps) {
    const std::int64_t count = std::min(kBf16Steps, p.pairs - first);
    for (std::int64_t column = begin; column < end; column += kBf16Panel) {
      const std::int64_t width = std::min(kBf16Panel, end - column);
      const std::int64_t padded = (width + kBf16Lanes - 1) / kBf16Lanes * kBf16Lanes;
      pack(first, count, column, width, packed + (column - begin) * kBf16Steps, padded);
    }
    for (std::int64_t row = 0; row < p.rows; row += kBf16Rows) {
      const std::int64_t rows = std::min(kBf16Rows, p.rows - row);
      for (std::int64_t column = begin; column < end; column += kBf16Panel)
        panel_rows(p, row, rows, {column, std::min(kBf16Panel, end - column)}, first, count,
                   packed + (column - begin) * kBf16Steps);
    }
  }
}

/// The whole product; threads share the columns, in whole vectors.
template <class Pack>
void multiply(const PairProduct& p, const Pack& pack) {
  const std::int64_t vectors = (p.columns + kBf16Lanes - 1) / kBf16Lanes;
  const std::int64_t most = std::clamp<std::int64_t>(vectors / 2, 1, num_threads());
  const std::int64_t work = p.rows * p.pairs * p.columns;
  const int parts = static_cast<int>(std::clamp<std::int64_t>(work / kBf16ForkWork, 1, most));
  const Scratch<Bf16Pair> packed(parts * kBf16Panels * kBf16Panel * kBf16Steps);
  parallel_parts(vectors, parts, [&](int part, std::int64_t first, std::int64_t last) {
    Bf16Pair* mine = packed.data() + part * kBf16Panels * kBf16Panel * kBf16Steps;
    const std::int64_t end = std::min(last * kBf16Lanes, p.columns);
    for (std::int64_t begin = first * kBf16Lanes; begin < end; begin += kBf16Panels * kBf16Panel)
      multiply_columns(p, pack, begin, std::min(begin + kBf16Panels * kBf16Panel, end), mine);
  });
}

/// Rows of `count` numbers, rounded, each filled up with a zero to whole pairs.
void round_rows(const float* x, std::int64_t rows, std::int64_t count, bf16_t* y) {
  const std::int64_t stride = 2 * pairs_of(count);
  parallel_for(rows, std::max<std::int64_t>(kElementGrain / std::max<std::int64_t>(count, 1), 1),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) {
                   bf16_t* row = y + i * stride;
                   round_row(x + i * count, count, row);
                   if (stride > count) row[count] = bf16_t();
                 }
               });
}

const Bf16Pair* as_pairs(const bf16_t* data) { return reinterpret_cast<const Bf16Pair*>(data); }

}  // namespace

void bf16_linear(const LinearSizes& sizes, const float* x, const bf16_t* weight, const float* bias,
                 float* y) {
  const auto [m, n, k] = sizes;
  const std::int64_t pairs = pairs_of(k);
  const Scratch<bf16_t> left(m * 2 * pairs);
  round_rows(x, m, k, left.data());
  // Rows of an odd length are brought to whole pairs.
  const Scratch<bf16_t> even(k % 2 == 0 ? 0 : n * 2 * pairs);
  const bf16_t* right = weight;
  if (k % 2 != 0) {
    for (std::int64_t j = 0; j < n; ++j) {
      std::memcpy(even.data() + j * 2 * pairs, weight + j * k,
                  static_cast<std::size_t>(k) * sizeof(bf16_t));
      even.data()[j * 2 * pairs + k] = bf16_t();
    }
    right = even.data();
  }
  multiply({m, n, pairs, {as_pairs(left.data()), pairs, 1}, bias, y},
           [=](std::int64_t first, std::int64_t count, std::int64_t column, std::int64_t columns,
               Bf16Pair* to, std::int64_t width) {
             transpose_pairs(as_pairs(right) + column * pairs + first, pairs, count, columns, to,
                             width);
           });
}

void bf16_linear_input_gradient(const LinearSizes& sizes, const float* dz, const bf16_t* weight,
                                float* dx) {
  const auto [m, n, k] = sizes;
  const std::int64_t pairs = pairs_of(n), outputs = n, inputs = k;
  const Scratch<bf16_t> left(m * 2 * pairs);
  round_rows(dz, m, n, left.data());
  multiply({m, k, pairs, {as_pairs(left.data()), pairs, 1}, nullptr, dx},
           [=](std::int64_t first, std::int64_t count, std::int64_t column, std::int64_t columns,
               Bf16Pair* to, std::int64_t width) {
             pair_rows(weight + 2 * first * inputs + column, inputs,
                       std::min(2 * count, outputs - 2 * first), columns, to, width);
           });
}

void bf16_linear_weight_gradient(const LinearSizes& sizes, const float* dz, const float* x,
                                 float* dweight) {
  const auto [m, n, k] = sizes;
  const std::int64_t pairs = pairs_of(m), samples = m, inputs = k;
  const Scratch<Bf16Pair> left(pairs * n);
  parallel_for(pairs, std::max<std::int64_t>(kElementGrain / (2 * n), 1),
               [&, outputs = n](std::int64_t begin, std::int64_t end) {
                 pair_rows(dz + 2 * begin * outputs, outputs,
                           std::min(2 * end, samples) - 2 * begin, outputs,
                           left.data() + begin * outputs, outputs);
               });
  multiply({n, k, pairs, {left.data(), 1, n}, nullptr, dweight},
           [=](std::int64_t first, std::int64_t count, std::int64_t column, std::int64_t columns,
               Bf16Pair* to, std::int64_t width) {
             pair_rows(x + 2 * first * inputs + column, inputs,
                       std::min(2 * count, samples - 2 * first), columns, to, width);
           });
}

void round_to_bf16(const float* x, std::int64_t count, bf16_t* y) {
  parallel_for(count, kElementGrain, [=](std::int64_t begin, std::int64_t end) {
    round_row(x + begin, end - begin, y + begin);
  });
}

}  // namespace fovea::kernels::cpu
