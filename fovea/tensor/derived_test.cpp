// What is derived from a tensor is kept exactly as long as its elements are the same.

#include "fovea/tensor/derived.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv_block.h"
#include "fovea/tensor/tape.h"

namespace fovea {
namespace {

/// How often a value was made for `source`, this call included.
class Counter {
 public:
  int after(const Tensor& source, std::string_view purpose = "test", std::int64_t bytes = 3,
            std::uint64_t variant = 0) {
    derived_bytes(source, purpose, variant, bytes, [this](const Tensor& value) {
      value.impl()->storage->bump_version();
      ++made_;
    });
    return made_;
  }

 private:
  int made_ = 0;
};

TEST(Derived, IsMadeAgainWhenSomethingChanged) {
  Counter made;
  Tensor x = ones({2, 3});
  EXPECT_EQ(made.after(x), 1);
  EXPECT_EQ(made.after(x), 1);
  const Tensor same = x;
  EXPECT_EQ(made.after(same), 1);
  x.fill_(2);
  EXPECT_EQ(made.after(x), 2);
  x.view({6})[0].fill_(3);  // through a view
  EXPECT_EQ(made.after(x), 3);
  EXPECT_EQ(made.after(x, "other"), 4);
  EXPECT_EQ(made.after(x, "other", 4), 5);
  x.resize_({3, 2});
  EXPECT_EQ(made.after(x, "other", 4), 6);
  forget_derived(x);
  EXPECT_EQ(made.after(x, "other", 4), 7);
  EXPECT_EQ(made.after(x, "other", 4), 7);
  EXPECT_EQ(made.after(x, "other", 4, 1), 8);
}

// The optimiser moves parameters into its block: then the handle has other memory.
TEST(Derived, IsMadeAgainForOtherMemory) {
  Counter made;
  const Tensor x = ones({4}), y = ones({4});
  EXPECT_EQ(made.after(x), 1);
  x.impl()->storage = y.impl()->storage;
  EXPECT_EQ(made.after(x), 2);
  EXPECT_EQ(made.after(x), 2);
}

TEST(Derived, IsNotKeptWhereTheAddressWasGivenAway) {
  if (!ones({1}).device().is_cpu()) GTEST_SKIP() << "no addresses on this device";
  Counter made;
  const Tensor x = ones({4});
  EXPECT_EQ(made.after(x), 1);
  x.data<float>()[0] = 2;
  EXPECT_EQ(made.after(x), 2);
  EXPECT_EQ(made.after(x), 3);
}

TEST(Derived, MayBeAskedForByManyThreads) {
  const Tensor x = ones({4});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&x] {
      Counter made;
      for (int j = 0; j < 100; ++j) made.after(x);
    });
  }
  for (std::thread& thread : threads) thread.join();
  Counter made;
  EXPECT_EQ(made.after(x), 0);
}

// A 3x3 convolution whose kernels are transformed, in evaluation and after the weight changed.
TEST(Derived, ABlockSeesANewWeight) {
  Generator generator(1);
  const Tensor x = randn({1, 32, 12, 12}, {}, generator);
  Tensor weight = randn({32, 32, 3, 3}, {}, generator);
  const ConvBlockOptions options{.conv = {.padding = 1}, .epilogue = {.relu = true}};
  const NoGrad no_grad;
  const auto run = [&] { return conv_block(x, weight, {}, {}, options).to_vector(); };
  const std::vector<float> first = run();
  EXPECT_EQ(run(), first);
  weight.mul_(2);  // exact: so is what comes of it
  std::vector<float> twice = first;
  for (float& value : twice) value *= 2;
  EXPECT_EQ(run(), twice);
}

// Every way to compute a convolution keeps something else of its weight.
TEST(Derived, AConvolutionSeesANewWeight) {
  Generator generator(1);
  const NoGrad no_grad;
  const Tensor x = randn({1, 32, 12, 12}, {}, generator);
  struct Case {
    Shape weight;
    Conv2dOptions options;
  };
  for (const Case& c : {Case{{32, 32, 3, 3}, {.padding = 1}}, Case{{24, 32, 1, 1}, {}},
                        Case{{32, 1, 3, 3}, {.groups = 32}}, Case{{24, 32, 3, 3}, {.stride = 2}}}) {
    Tensor weight = randn(c.weight, {}, generator);
    const auto run = [&](const Tensor& input) {
      return conv2d(input, weight, {}, c.options).to_vector();
    };
    std::vector<float> twice = run(x);
    EXPECT_EQ(run(x), twice);
    weight.mul_(2);  // exact: so is what comes of it
    for (float& value : twice) value *= 2;
    EXPECT_EQ(run(x), twice);
    const Tensor other = randn({3, 32, 7, 9}, {}, generator);  // perhaps another layout
    run(other);
    EXPECT_EQ(run(x), twice);
  }
}

TEST(Derived, IsForgottenWhenTrainingBegins) {
  Tensor weight = randn({24, 32, 1, 1}, {.requires_grad = true});
  const Tensor x = randn({1, 32, 5, 5});
  {
    const NoGrad no_grad;
    conv2d(x, weight);
  }
  conv2d(x, weight);
  EXPECT_EQ(weight.impl()->derived, nullptr);
}

TEST(Derived, IsNotKeptForAModelThatRunsOnce) {
  const NoGrad no_grad;
  const Tensor x = randn({1, 32, 14, 14}), weight = randn({64, 32, 3, 3});
  Tensor once;
  {
    const RunOnceScope scope;
    EXPECT_FALSE(keeps_derived());
    once = conv_block(x, weight, {}, {}, {});
    EXPECT_EQ(weight.impl()->derived, nullptr);
  }
  EXPECT_TRUE(keeps_derived());
  const Tensor again = conv_block(x, weight, {}, {}, {});
  if (weight.device() == cpu) {
    EXPECT_NE(weight.impl()->derived, nullptr);
  }
  EXPECT_TRUE(allclose(once, again, 1e-3, 1e-3));  // direct, and by Winograd's method
}

}  // namespace
}  // namespace fovea
