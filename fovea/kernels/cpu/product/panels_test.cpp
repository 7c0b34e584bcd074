// Products in panels against the reference loops.

#include "fovea/kernels/cpu/product/panels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/reference/matmul.h"
#include "tests/support/array.h"
#include "tests/support/vector_targets.h"

namespace fovea::kernels::cpu {
namespace {

using test::Array;

/// y [m, n], a sum of k terms.
struct Sizes {
  std::int64_t m, n, k;
};

/// How an operand lies.
enum class Dense : std::uint8_t { kRows, kColumns };

/// Memory of a matrix whose rows, or columns, lie 3 elements apart.
struct Matrix {
  Array<float> values;
  std::int64_t row, column;

  Matrix(std::int64_t rows, std::int64_t columns, Dense dense)
      : values(dense == Dense::kRows ? Shape{rows, columns + 3} : Shape{columns, rows + 3}),
        row(dense == Dense::kRows ? columns + 3 : 1),
        column(dense == Dense::kRows ? 1 : rows + 3) {}
  ConstView view(std::int64_t rows, std::int64_t columns) const {
    return {values.values.data(), f32, {1, rows, columns}, {0, row, column}};
  }
};

/// A product of operands that lie as said.
struct Problem {
  Sizes sizes;
  Matrix a, b, y;
  Array<float> bias;
  bool with_bias;

  Problem(const Sizes& s, Dense a_dense, Dense b_dense, bool bias_too)
      : sizes(s),
        a(s.m, s.k, a_dense),
        b(s.k, s.n, b_dense),
        y(s.m, s.n, Dense::kRows),
        bias({s.n}),
        with_bias(bias_too) {
    y.values.values.assign(y.values.values.size(), 77);  // what lies between rows must stay
  }
  void run() {
    onednn::Product p;
    p.m = sizes.m, p.n = sizes.n, p.k = sizes.k;
    p.a = a.values.values.data(), p.a_row = a.row, p.a_column = a.column;
    p.b = b.values.values.data(), p.b_row = b.row, p.b_column = b.column;
    p.y = y.values.values.data(), p.y_row = y.row;
    p.bias = with_bias ? bias.values.data() : nullptr;
    panel_product(p);
  }
  void define() {
    const View to{y.values.values.data(), f32, {1, sizes.m, sizes.n}, {0, y.row, 1}};
    reference::matmul<float>(a.view(sizes.m, sizes.k), b.view(sizes.k, sizes.n),
                             with_bias ? ConstView(bias.view()) : ConstView(), to);
  }
};

/// One row and one block of rows, tails of rows, vectors and steps, more terms than a panel holds,
/// more columns than one, more rows than a tile has, rows to be shared and columns to be shared.
const Sizes kSizes[] = {{1, 1, 1},     {6, 16, 4},    {7, 17, 5},    {5, 64, 256},
                        {13, 67, 259}, {100, 8, 300}, {3, 200, 600}, {32, 130, 257},
                        {97, 33, 513}, {250, 40, 40}, {20, 300, 80}, {101, 130, 258}};

template <class F>
void for_each_problem(const F& f) {
  for (const Sizes& sizes : kSizes) {
    for (const Dense a : {Dense::kRows, Dense::kColumns}) {
      for (const Dense b : {Dense::kRows, Dense::kColumns}) {
        for (const bool bias : {false, true}) {
          SCOPED_TRACE(str("m ", sizes.m, ", n ", sizes.n, ", k ", sizes.k, ", a dense by ",
                           a == Dense::kRows ? "rows" : "columns", ", b by ",
                           b == Dense::kRows ? "rows" : "columns", bias ? ", bias" : ""));
          f(Problem(sizes, a, b, bias));
        }
      }
    }
  }
}

void compare_on_integers(Problem fast) {
  fast.a.values.fill_integers(-4, 4, 1);
  fast.b.values.fill_integers(-4, 4, 2);
  fast.bias.fill_integers(-4, 4, 3);
  Problem slow = fast;
  fast.run();
  slow.define();
  EXPECT_EQ(fast.y.values.values, slow.y.values.values);
}

// As for matmul: 4 eps k is out of reach by chance.
void compare_within_rounding(Problem fast) {
  fast.a.values.fill_normal(0, 1, 1);
  fast.b.values.fill_normal(0, 1, 2);
  fast.bias.fill_normal(0, 1, 3);
  Problem slow = fast;
  fast.run();
  slow.define();
  const double bound = 4 * std::ldexp(1.0, -23) * static_cast<double>(fast.sizes.k + 8);
  for (std::size_t i = 0; i < slow.y.values.values.size(); ++i)
    ASSERT_NEAR(fast.y.values.values[i], slow.y.values.values[i], bound) << "element " << i;
}

TEST(PanelProduct, EqualsReferenceOnIntegers) {
  test::for_each_vector_target([] { for_each_problem(compare_on_integers); });
}

TEST(PanelProduct, EqualsReferenceWithinRounding) { for_each_problem(compare_within_rounding); }

TEST(PanelProduct, ThreadsDoNotChangeTheBits) {
  const int before = num_threads();
  for_each_problem([](Problem problem) {
    problem.a.values.fill_normal(0, 1, 1);
    problem.b.values.fill_normal(0, 1, 2);
    set_num_threads(1);
    problem.run();
    for (const int threads : {2, 3, 8}) {
      Problem again = problem;
      again.y.values.values.assign(again.y.values.values.size(), 77);
      set_num_threads(threads);
      again.run();
      EXPECT_EQ(again.y.values.values, problem.y.values.values) << threads << " threads";
    }
  });
  set_num_threads(before);
}

}  // namespace
}  // namespace fovea::kernels::cpu
