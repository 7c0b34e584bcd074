// Fast matrix products against the reference loops, over sizes and strides.

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/reference/matmul.h"
#include "tests/support/contract.h"
#include "tests/support/draw.h"
#include "tests/test_seed.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(MatmulContract, &KernelTable::matmul);

using test::draw;
using test::Random;

/// How a batch of matrices lies in memory.
enum class Layout {
  kRows,
  kColumns,
  kPaddedRows,
  kPaddedColumns,
  kGaps,
  kRepeated,
  kBatchInside,
  kCount
};

template <class T>
struct Matrices {
  std::vector<T> values;
  View view;

  Matrices(const Shape& sizes, Layout layout) {
    const std::int64_t rows = sizes[1], columns = sizes[2];
    const Shape strides = strides_of(sizes, layout, rows, columns);
    std::int64_t last = 0;
    for (int i = 0; i < 3; ++i) last += std::max<std::int64_t>(sizes[i] - 1, 0) * strides[i];
    values.resize(static_cast<std::size_t>(last + 1));
    view = {values.data(), dtype_of<T>, sizes, strides};
  }

  static Shape strides_of(const Shape& sizes, Layout layout, std::int64_t rows,
                          std::int64_t columns) {
    switch (layout) {
      case Layout::kColumns:
        return {rows * columns, 1, rows};
      case Layout::kPaddedRows:
        return {rows * (columns + 3) + 5, columns + 3, 1};
      case Layout::kPaddedColumns:
        return {columns * (rows + 2), 1, rows + 2};
      case Layout::kGaps:
        return {rows * columns * 6, columns * 3, 2};
      case Layout::kRepeated:
        return {0, columns, 1};
      case Layout::kBatchInside:
        return {columns, columns * sizes[0], 1};
      case Layout::kRows:
        return {rows * columns, columns, 1};
      case Layout::kCount:
        break;
    }
    no_case_for("layout", layout);
  }
};

template <class T>
void fill_integers(std::vector<T>& values, Random& random) {
  for (T& value : values) value = static_cast<T>(draw(random, -4, 4));
}

template <class T>
void fill_reals(std::vector<T>& values, Random& random) {
  std::normal_distribution<double> normal;
  for (T& value : values) value = static_cast<T>(normal(random));
}

/// Multiplies both ways and compares every element of y's memory, gaps included.
template <class T>
void compare(const Shape& bmnk, Layout a_layout, Layout b_layout, Layout y_layout, bool with_bias,
             Random& random, void (*fill)(std::vector<T>&, Random&), double tolerance) {
  SCOPED_TRACE(str("batch, m, n, k ", bmnk, " layouts ", static_cast<int>(a_layout), " ",
                   static_cast<int>(b_layout), " ", static_cast<int>(y_layout), " bias ",
                   with_bias));
  Matrices<T> a({bmnk[0], bmnk[1], bmnk[3]}, a_layout), b({bmnk[0], bmnk[3], bmnk[2]}, b_layout);
  Matrices<T> fast({bmnk[0], bmnk[1], bmnk[2]}, y_layout),
      slow = Matrices<T>(fast.view.sizes, y_layout);
  std::vector<T> bias_values(static_cast<std::size_t>(2 * bmnk[2]));
  fill(a.values, random);
  fill(b.values, random);
  fill(bias_values, random);
  const std::int64_t bias_stride = draw(random, 1, 2);
  const ConstView bias = with_bias
                             ? ConstView{bias_values.data(), dtype_of<T>, {bmnk[2]}, {bias_stride}}
                             : ConstView();
  contract::run(&KernelTable::matmul, a.view, b.view, bias, fast.view);
  reference::matmul<T>(a.view, b.view, bias, slow.view);
  for (std::size_t i = 0; i < slow.values.size(); ++i) {
    if constexpr (std::is_integral_v<T>) {
      ASSERT_EQ(fast.values[i], slow.values[i]) << "element " << i;
    } else {
      ASSERT_NEAR(fast.values[i], slow.values[i], tolerance) << "element " << i;
    }
  }
}

Layout draw_layout(Random& random, bool output = false) {
  auto layout = static_cast<Layout>(draw(random, 0, static_cast<int>(Layout::kCount) - 1));
  return output && layout == Layout::kRepeated ? Layout::kRows : layout;
}

template <class T>
void compare_drawn(int cases, std::int64_t largest, void (*fill)(std::vector<T>&, Random&),
                   double tolerance_a_term) {
  Random random(test::seed());
  for (int i = 0; i < cases; ++i) {
    const Shape bmnk{draw(random, 0, 1) ? 1 : draw(random, 2, 4), draw(random, 1, largest),
                     draw(random, 1, largest), draw(random, 1, largest)};
    compare<T>(bmnk, draw_layout(random), draw_layout(random), draw_layout(random, true),
               draw(random, 0, 1) == 1, random, fill,
               tolerance_a_term * static_cast<double>(bmnk[3] + 8));
  }
}

TEST_P(MatmulContract, EqualsReferenceOnIntegers) {
  compare_drawn<float>(300, 20, fill_integers, 0);
  compare_drawn<float>(40, 100, fill_integers, 0);
  compare_drawn<double>(100, 80, fill_integers, 0);
  compare_drawn<std::int64_t>(100, 80, fill_integers, 0);
}

TEST_P(MatmulContract, EqualsReferenceWithinRounding) {
  // As for convolutions: roundings of a growing sum add up, as a random walk, to 0.2 eps k: 4 eps k
  // is out of reach by chance.
  compare_drawn<float>(40, 300, fill_reals, 4 * std::ldexp(1.0, -23));
  compare_drawn<double>(10, 100, fill_reals, 4 * std::ldexp(1.0, -52));
}

TEST_P(MatmulContract, VectorsAndSingleElements) {
  Random random(test::seed());
  for (const Shape& bmnk : {Shape{1, 1, 1, 1}, Shape{1, 1, 1, 65}, Shape{1, 65, 1, 1},
                            Shape{1, 1, 65, 1}, Shape{3, 1, 33, 7}, Shape{3, 33, 1, 7}}) {
    for (int layout = 0; layout < static_cast<int>(Layout::kCount); ++layout) {
      compare<float>(bmnk, static_cast<Layout>(layout), Layout::kColumns, Layout::kRows, true,
                     random, fill_integers, 0);
      compare<float>(bmnk, Layout::kRows, static_cast<Layout>(layout), Layout::kColumns, false,
                     random, fill_integers, 0);
    }
  }
}

TEST_P(MatmulContract, SumOverNothingIsBias) {
  Random random(test::seed());
  for (const bool with_bias : {false, true}) {
    compare<float>({2, 3, 4, 0}, Layout::kRows, Layout::kRows, Layout::kRows, with_bias, random,
                   fill_integers, 0);
  }
}

TEST_P(MatmulContract, EmptyResultTouchesNothing) {
  Random random(test::seed());
  for (const Shape& bmnk : {Shape{0, 3, 4, 2}, Shape{2, 0, 4, 2}, Shape{2, 3, 0, 2}}) {
    compare<float>(bmnk, Layout::kRows, Layout::kRows, Layout::kRows, true, random, fill_integers,
                   0);
  }
}

TEST_P(MatmulContract, WholeNumbersWrap) {
  std::int64_t a = INT64_MAX, b = 2, y = 0;
  const Shape one{1, 1, 1};
  contract::run(&KernelTable::matmul, {&a, i64, one, one}, {&b, i64, one, one}, {},
                {&y, i64, one, one});
  EXPECT_EQ(y, -2);
}

}  // namespace
}  // namespace fovea::kernels::contract
