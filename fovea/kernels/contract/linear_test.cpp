// Fully connected layers and what follows them, against the reference loops.

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "fovea/kernels/reference/linear.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(LinearContract, &KernelTable::linear_forward, &KernelTable::linear_backward);
FOVEA_CONTRACT(PreparedLinearContract, &KernelTable::linear_plan, &KernelTable::linear_prepare,
               &KernelTable::linear_forward, &KernelTable::linear_backward);

using test::Array;

/// Rows, inputs and outputs of a layer.
struct Sizes {
  std::int64_t m, k, n;
};

/// A layer's operands, and results to compare.
template <class T>
struct Layer {
  Array<T> x, weight, bias, dy, y, dx, dweight, dbias;
  explicit Layer(const Sizes& s)
      : x({s.m, s.k}),
        weight({s.n, s.k}),
        bias({s.n}),
        dy({s.m, s.n}),
        y({s.m, s.n}),
        dx({s.m, s.k}),
        dweight({s.n, s.k}),
        dbias({s.n}) {}

  void fill_integers() {
    x.fill_integers(-4, 4, 1), weight.fill_integers(-4, 4, 2), bias.fill_integers(-4, 4, 3),
        dy.fill_integers(-4, 4, 4);
  }
  void fill_normal() {
    x.fill_normal(0, 1, 1), weight.fill_normal(0, 1, 2), bias.fill_normal(0, 1, 3),
        dy.fill_normal(0, 1, 4);
  }
  template <class U>
  void take_operands(const Layer<U>& other) {
    const auto take = [](Array<T>& to, const Array<U>& from) {
      to.values.assign(from.values.begin(), from.values.end());
    };
    take(x, other.x), take(weight, other.weight), take(bias, other.bias), take(dy, other.dy);
  }

  /// Forward and backward by the device.
  void run(const LinearSpec& spec, bool with_bias, ConstView prepared = {}) {
    const LinearInputs in{x.view(), weight.view(), with_bias ? ConstView(bias.view()) : ConstView(),
                          prepared};
    contract::run(&KernelTable::linear_forward, spec, in, y.view());
    contract::run(&KernelTable::linear_backward, spec, in, y.view(), dy.view(), dx.view(),
                  dweight.view(), with_bias ? dbias.view() : View());
  }
  /// Forward by the definition.
  void define_forward(const LinearSpec& spec, bool with_bias) {
    reference::linear_forward<T>(spec, x.view(), weight.view(),
                                 with_bias ? ConstView(bias.view()) : ConstView(), y.view());
  }
  /// Backward by the definition, from the y that is there.
  void define_backward(const LinearSpec& spec, bool with_bias) {
    reference::linear_backward<T>(spec, x.view(), weight.view(), y.view(), dy.view(), dx.view(),
                                  dweight.view(), with_bias ? dbias.view() : View());
  }
  void define(const LinearSpec& spec, bool with_bias) {
    define_forward(spec, with_bias);
    define_backward(spec, with_bias);
  }
};

/// One sample, one feature, tails of vectors and of dropout's groups, a result beyond the second
/// cache, and rows enough for a second thread.
const Sizes kSizes[] = {{1, 1, 1},   {1, 5, 3},    {1, 300, 67},  {2, 16, 64},   {3, 17, 65},
                        {7, 33, 10}, {64, 48, 31}, {100, 70, 96}, {9, 600, 450}, {130, 24, 129}};

std::vector<LinearSpec> specs(Precision precision = Precision::kF32) {
  const auto spec = [precision](bool relu, double dropout) {
    LinearSpec made;
    made.precision = precision, made.relu = relu, made.dropout = dropout, made.key = {7, 3};
    return made;
  };
  return {spec(false, 0), spec(true, 0), spec(false, 0.5), spec(true, 0.5), spec(true, 1)};
}

template <class F>
void for_each_case(Precision precision, const F& f) {
  for (const Sizes& sizes : kSizes) {
    for (const LinearSpec& spec : specs(precision)) {
      for (const bool bias : {true, false}) {
        SCOPED_TRACE(str("m ", sizes.m, ", k ", sizes.k, ", n ", sizes.n, spec.relu ? ", relu" : "",
                         ", dropout ", spec.dropout, bias ? ", bias" : ""));
        f(sizes, spec, bias);
      }
    }
  }
}

template <class T>
void expect_equal(const Layer<T>& fast, const Layer<T>& slow) {
  EXPECT_EQ(fast.y.values, slow.y.values);
  EXPECT_EQ(fast.dx.values, slow.dx.values);
  EXPECT_EQ(fast.dweight.values, slow.dweight.values);
  EXPECT_EQ(fast.dbias.values, slow.dbias.values);
}

// Whole numbers, and a dropout that doubles: every sum is exact, in bf16 as well as in f32.
void compare_on_integers(const Sizes& sizes, const LinearSpec& spec, bool bias) {
  Layer<float> fast(sizes);
  fast.fill_integers();
  Layer<float> slow = fast;
  fast.run(spec, bias);
  slow.define(spec, bias);
  expect_equal(fast, slow);
}

TEST_P(LinearContract, EqualsReferenceOnIntegers) {
  for_each_case(Precision::kF32, [](const Sizes& sizes, const LinearSpec& spec, bool bias) {
    compare_on_integers(sizes, spec, bias);
    Layer<float> narrow(sizes);
    narrow.fill_integers();
    Layer<double> wide(sizes);
    wide.take_operands(narrow);
    Layer<double> wide_slow = wide;
    wide.run(spec, bias);
    wide_slow.define(spec, bias);
    expect_equal(wide, wide_slow);
  });
}

/// |fast - slow| <= `bound` a term of a sum of so many terms of size 1.
void expect_near(const std::vector<float>& fast, const std::vector<double>& slow, double bound,
                 std::int64_t terms) {
  ASSERT_EQ(fast.size(), slow.size());
  for (std::size_t i = 0; i < fast.size(); ++i)
    ASSERT_NEAR(fast[i], slow[i], bound * static_cast<double>(terms + 8)) << "element " << i;
}

/// Compares with sums in double, of rounded operands if the precision wants them so: what is left
/// is the rounding of f32 sums.
void compare_within_rounding(const Sizes& sizes, const LinearSpec& spec, bool bias) {
  Layer<float> fast(sizes);
  fast.fill_normal();
  fast.run(spec, bias);
  Layer<double> slow(sizes);
  slow.take_operands(fast);
  slow.define_forward(spec, bias);
  // As for matmul, twice that for what dropout multiplies by.
  const double bound = 8 * std::ldexp(1.0, -23);
  expect_near(fast.y.values, slow.y.values, bound, sizes.k);
  // A sum about zero must not fall on either side of relu.
  slow.y.values.assign(fast.y.values.begin(), fast.y.values.end());
  slow.define_backward(spec, bias);
  expect_near(fast.dx.values, slow.dx.values, bound, sizes.n);
  expect_near(fast.dweight.values, slow.dweight.values, bound, sizes.m);
  if (bias) expect_near(fast.dbias.values, slow.dbias.values, bound, sizes.m);
}

TEST_P(LinearContract, EqualsReferenceWithinRounding) {
  for_each_case(Precision::kF32, compare_within_rounding);
}

TEST_P(LinearContract, Bf16EqualsReferenceOnIntegers) {
  if (!can(device(), Feature::kBf16Products)) GTEST_SKIP() << "no bf16 dot products";
  for_each_case(Precision::kBf16, compare_on_integers);
}

/// With what the device makes of the weight, results have the bits that they have without.
void compare_with_prepared(const Sizes& sizes, const LinearSpec& spec, bool bias) {
  Layer<float> layer(sizes);
  layer.fill_normal();
  const LinearInputs in{layer.x.view(), layer.weight.view()};
  PreparedPlan plan;
  contract::run(&KernelTable::linear_plan, spec, in, &plan);
  if (plan.bytes == 0) return;
  Array<std::uint8_t> prepared({plan.bytes});
  contract::run(&KernelTable::linear_prepare, spec, in, prepared.view());
  Layer<float> with_prepared = layer;
  layer.run(spec, bias);
  with_prepared.run(spec, bias, prepared.view());
  expect_equal(with_prepared, layer);
}

TEST_P(PreparedLinearContract, WhatIsPreparedIsWhatWouldBeMadeAnyway) {
  for_each_case(Precision::kF32, compare_with_prepared);
  if (can(device(), Feature::kBf16Products)) for_each_case(Precision::kBf16, compare_with_prepared);
}

TEST_P(LinearContract, Bf16EqualsReferenceWithinRounding) {
  if (!can(device(), Feature::kBf16Products)) GTEST_SKIP() << "no bf16 dot products";
  for_each_case(Precision::kBf16, compare_within_rounding);
}

// Sums of more pairs than are packed together, and of more columns than a thread packs at once.
TEST_P(LinearContract, Bf16SumsOfManyTerms) {
  if (!can(device(), Feature::kBf16Products)) GTEST_SKIP() << "no bf16 dot products";
  for (const Sizes& sizes : {Sizes{3, 1101, 530}, Sizes{1030, 70, 530}}) {
    LinearSpec spec;
    spec.precision = Precision::kBf16;
    compare_on_integers(sizes, spec, true);
  }
}

TEST_P(LinearContract, EveryInstructionSetAgrees) {
  for_each_variant([] { for_each_case(Precision::kF32, compare_on_integers); });
}

TEST_P(LinearContract, NotANumberPassesReluAsInPyTorch) {
  Layer<float> layer({1, 1, 1});
  layer.x.values = {NAN};
  layer.weight.values = {1};
  layer.dy.values = {3};
  LinearSpec spec;
  spec.relu = true;
  layer.run(spec, true);
  EXPECT_TRUE(std::isnan(layer.y.values[0]));
  EXPECT_EQ(layer.dbias.values[0], 3);
}

TEST_P(LinearContract, NoRowsGiveNoGradient) {
  Layer<float> layer({0, 3, 2});
  layer.dweight.values.assign(6, 1);
  layer.dbias.values.assign(2, 1);
  layer.run({}, true);
  EXPECT_EQ(layer.dweight.values, std::vector<float>(6));
  EXPECT_EQ(layer.dbias.values, std::vector<float>(2));
}

}  // namespace
}  // namespace fovea::kernels::contract
