// What the CPU makes of a linear layer's weight: its elements in bf16, where products are.

#include "fovea/kernels/cpu/product/linear.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/cpu/cpu.h"
#include "tests/support/array.h"

namespace fovea::kernels::cpu {
namespace {

using test::Array;

PreparedPlan plan_of(Precision precision, const ConstView& x, const ConstView& weight) {
  LinearSpec spec;
  spec.precision = precision;
  PreparedPlan plan{.bytes = 1};
  linear_plan(queue(), spec, {x, weight}, &plan);
  return plan;
}

TEST(Linear, PreparesTheElementsInBf16) {
  LinearSpec spec;
  spec.precision = Precision::kBf16;
  Array<float> x({7, 33}), weight({10, 33});
  weight.fill_normal(0, 1, 2);
  EXPECT_EQ(plan_of(Precision::kBf16, x.view(), weight.view()),
            (PreparedPlan{Purpose::kElements, Precision::kBf16, 2 * 10 * 33}));
  Array<bf16_t> prepared({10, 33});
  linear_prepare(queue(), spec, {x.view(), weight.view()}, prepared.view());
  for (std::size_t i = 0; i < prepared.values.size(); ++i)
    ASSERT_EQ(prepared.values[i].bits, bf16_t(weight.values[i]).bits) << i;
}

TEST(Linear, ReadsWhatIsPreparedAndNotTheWeight) {
  if (!backend().can(queue(), Feature::kBf16Products)) GTEST_SKIP() << "no bf16 dot products";
  LinearSpec spec;
  spec.precision = Precision::kBf16;
  Array<float> x({7, 33}), weight({10, 33}), y({7, 10}), expected({7, 10});
  x.fill_normal(0, 1, 1);
  weight.fill_normal(0, 1, 2);
  Array<bf16_t> prepared({10, 33});
  linear_prepare(queue(), spec, {x.view(), weight.view()}, prepared.view());
  linear_forward(queue(), spec, {x.view(), weight.view()}, expected.view());
  weight.values.assign(weight.values.size(), NAN);
  linear_forward(queue(), spec, {x.view(), weight.view(), {}, prepared.view()}, y.view());
  EXPECT_EQ(y.values, expected.values);
}

TEST(Linear, PreparesNothingInF32AndF64) {
  Array<float> x({2, 3}), weight({4, 3});
  Array<double> wide_x({2, 3}), wide_weight({4, 3});
  EXPECT_EQ(plan_of(Precision::kF32, x.view(), weight.view()), PreparedPlan());
  EXPECT_EQ(plan_of(Precision::kBf16, wide_x.view(), wide_weight.view()), PreparedPlan());
}

}  // namespace
}  // namespace fovea::kernels::cpu
