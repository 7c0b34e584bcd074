// What steps write beside parameters: their elements in bf16, for whoever multiplies by them so.

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

#include "fovea/kernels/backend.h"
#include "fovea/optim/adam.h"
#include "fovea/optim/sgd.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"
#include "tests/support/kernel_calls.h"
#include "tests/test_seed.h"

namespace fovea::optim {
namespace {

/// How often weights were rounded in `work`, other than by a step.
template <class F>
std::int64_t roundings(const F& work) {
  return test::calls("linear_prepare", work);
}

/// A product with the weight as it is rounded now.
Tensor product_by_definition(const Tensor& x, const Tensor& weight) {
  return matmul(x, weight.detach().to(bf16).to(f32).t());
}

/// Two weights in a block, and a step of either.
class Bf16Parameters : public testing::Test {
 protected:
  void SetUp() override {
    if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
      GTEST_SKIP() << "no bf16 dot products";
    precision_.emplace(Precision::kBf16);
  }

  Tensor run(const Tensor& weight) { return linear(x_, weight); }
  /// A step that changes the weights whose products these are.
  void step_after(const Tensor& loss) {
    optimizer_.zero_grad();
    loss.backward();
    optimizer_.step();
  }
  void expect_right(const Tensor& weight) {
    EXPECT_TRUE(allclose(run(weight), product_by_definition(x_, weight), 1e-6, 1e-6));
  }

  std::optional<PrecisionScope> precision_;
  const Tensor x_ = ones({2, 5});
  Tensor weight_ = randn({3, 5}).set_requires_grad(), other_ = randn({4, 5}).set_requires_grad();
  Adam optimizer_{{weight_, other_}};
};

TEST_F(Bf16Parameters, AreWrittenByTheStepThatChangesThem) {
  EXPECT_EQ(roundings([&] { step_after(run(weight_).sum()); }), 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(roundings([&] {
                expect_right(weight_);
                step_after(run(weight_).sum());
              }),
              0);
  }
}

TEST_F(Bf16Parameters, AreWrittenBySgdToo) {
  SGD sgd({weight_}, {.lr = 0.5});
  run(weight_).sum().backward();
  sgd.step();
  EXPECT_EQ(roundings([&] { expect_right(weight_); }), 0);
}

// Those that nobody multiplies by, biases for one, have nothing beside them.
TEST_F(Bf16Parameters, AreKeptOnlyForThoseThatWereAskedFor) {
  step_after(run(weight_).sum() + other_.sum());
  EXPECT_EQ(roundings([&] { expect_right(other_); }), 1);
}

TEST_F(Bf16Parameters, StayWhereAStepLeavesThemOut) {
  step_after(run(weight_).sum() + run(other_).sum());
  run(weight_);
  step_after(run(other_).sum());
  step_after(run(other_).sum());
  EXPECT_EQ(roundings([&] {
              expect_right(weight_);
              expect_right(other_);
            }),
            0);
}

TEST_F(Bf16Parameters, AreMadeAgainAfterAChangeByOthers) {
  step_after(run(weight_).sum());
  {
    const NoGrad no_grad;
    weight_.mul_(2);
  }
  step_after(other_.sum());  // leaves out the weight, whose copy stays wrong
  EXPECT_EQ(roundings([&] { expect_right(weight_); }), 1);
}

// A weight that is no longer multiplied in bf16 costs nothing more.
TEST_F(Bf16Parameters, AreWrittenAsLongAsTheyAreUsed) {
  step_after(run(weight_).sum());
  precision_.emplace(Precision::kF32);
  step_after(run(weight_).sum());
  EXPECT_FALSE(wants_elements(weight_, Precision::kBf16));
  precision_.reset();
  precision_.emplace(Precision::kBf16);
  EXPECT_EQ(roundings([&] { expect_right(weight_); }), 1);
}

// Other memory may have changed as often as that which they were made of.
TEST_F(Bf16Parameters, AreGoneWithTheMemoryThatTheyWereMadeOf) {
  step_after(run(weight_).sum());
  const Adam second({weight_});
  {
    const NoGrad no_grad;
    weight_.mul_(2);
  }
  EXPECT_EQ(roundings([&] { expect_right(weight_); }), 1);
}

/// Losses of a network that is trained in `precision`.
std::vector<float> losses_in(Precision precision) {
  const PrecisionScope scope(precision);
  Generator generator(test::seed());
  const Tensor x = randn({64, 30}, {}, generator);
  const Tensor first = randn({40, 30}, {.requires_grad = true}, generator);
  const Tensor second = randn({5, 40}, {.requires_grad = true}, generator);
  Adam optimizer({first, second}, {.lr = 0.01});
  std::vector<float> losses;
  for (int i = 0; i < 30; ++i) {
    const Tensor loss = square(linear(linear(x, first), second)).mean();
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    losses.push_back(loss.item<float>());
  }
  return losses;
}

TEST(Precisions, TwoThreadsTrainEachInItsOwn) {
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
    GTEST_SKIP() << "no bf16 dot products";
  const std::vector<float> wide = losses_in(Precision::kF32), narrow = losses_in(Precision::kBf16);
  ASSERT_NE(wide, narrow);
  std::vector<float> wide_again, narrow_again;
  std::thread one([&] { wide_again = losses_in(Precision::kF32); });
  std::thread two([&] { narrow_again = losses_in(Precision::kBf16); });
  one.join();
  two.join();
  EXPECT_EQ(wide_again, wide);
  EXPECT_EQ(narrow_again, narrow);
}

}  // namespace
}  // namespace fovea::optim
