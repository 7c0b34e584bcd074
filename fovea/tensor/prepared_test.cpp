// What is made of a weight is kept exactly as long as its elements are the same.

#include "fovea/tensor/prepared.h"

#include <array>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/kernels.h"
#include "fovea/kernels/memory.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv_block.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/tensor/tape.h"
#include "tests/support/kernel_calls.h"

namespace fovea {
namespace {

using kernels::PreparedPlan;
using kernels::Purpose;
using test::calls;

constexpr PreparedPlan kPlan{.purpose = Purpose::kConvolution, .bytes = 3};
constexpr PreparedPlan kRounded{
    .purpose = Purpose::kElements, .precision = Precision::kBf16, .bytes = 8};

/// Whether the device under test has kernels that are given what they would make of a weight.
bool makes_something_of_weights() {
  using kernels::KernelTable;
  return kernels::has_kernel(default_device(), &KernelTable::conv_prepare,
                             &KernelTable::linear_prepare);
}

/// How often a value was made for `source`, this call included.
class Counter {
 public:
  int after(const Tensor& source, const PreparedPlan& plan = kPlan, bool recording = false) {
    const Tensor value = prepared_weight(source, plan, recording, [this](const Tensor& made) {
      made.impl()->storage->bump_version();
      ++made_;
    });
    is_kept_ = value.defined();
    return made_;
  }
  bool is_kept() const { return is_kept_; }  // what the last call gave

 private:
  int made_ = 0;
  bool is_kept_ = false;
};

TEST(Prepared, IsMadeAgainWhenSomethingChanged) {
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
  x.resize_({3, 2});
  EXPECT_EQ(made.after(x), 4);
  forget_prepared(x);
  EXPECT_EQ(made.after(x), 5);
  EXPECT_EQ(made.after(x), 5);
}

// Views that are moved about by hand, since an operation's result is another tensor.
TEST(Prepared, IsMadeAgainForOtherElements) {
  Counter made;
  const Tensor x = zeros({4, 6}).narrow(0, 1, 2);
  TensorImpl& impl = *x.impl();
  EXPECT_EQ(made.after(x), 1);
  impl.offset += 6;
  EXPECT_EQ(made.after(x), 2);
  impl.strides = {12, 1};
  EXPECT_EQ(made.after(x), 3);
  impl.sizes = {1, 6};
  EXPECT_EQ(made.after(x), 4);
  EXPECT_EQ(made.after(x), 4);
}

// The optimiser moves parameters into its block: then the handle has other memory.
TEST(Prepared, IsMadeAgainForOtherMemory) {
  Counter made;
  const Tensor x = ones({4}), y = ones({4});
  EXPECT_EQ(made.after(x), 1);
  x.impl()->storage = y.impl()->storage;
  EXPECT_EQ(made.after(x), 2);
  EXPECT_EQ(made.after(x), 2);
}

TEST(Prepared, HasAValueForEachPurposeAndPrecision) {
  Counter made;
  const Tensor x = ones({4});
  const PreparedPlan linear{.purpose = Purpose::kLinear, .bytes = 3};
  const PreparedPlan linear_bf16{
      .purpose = Purpose::kLinear, .precision = Precision::kBf16, .bytes = 3};
  EXPECT_EQ(made.after(x, kPlan), 1);
  EXPECT_EQ(made.after(x, linear), 2);
  EXPECT_EQ(made.after(x, linear_bf16), 3);
  EXPECT_EQ(made.after(x, kRounded), 4);
  for (const PreparedPlan& plan : {kPlan, linear, linear_bf16, kRounded})
    EXPECT_EQ(made.after(x, plan), 4);
}

TEST(Prepared, AnotherFormTakesTheOnesPlace) {
  Counter made;
  const Tensor x = ones({4});
  PreparedPlan longer = kPlan, other = kPlan;
  longer.bytes = 4;
  other.layout = 1;
  EXPECT_EQ(made.after(x, kPlan), 1);
  EXPECT_EQ(made.after(x, longer), 2);
  EXPECT_EQ(made.after(x, other), 3);
  EXPECT_EQ(made.after(x, other), 3);
  EXPECT_EQ(made.after(x, kPlan), 4);
}

TEST(Prepared, IsNotKeptWhereTheAddressWasGivenAway) {
  if (!ones({1}).device().is_cpu()) GTEST_SKIP() << "no addresses on this device";
  Counter made;
  const Tensor x = ones({4});
  EXPECT_EQ(made.after(x), 1);
  EXPECT_EQ(made.after(x, kRounded), 2);
  EXPECT_TRUE(made.is_kept());
  EXPECT_TRUE(keeps_prepared(x, false));
  x.data<float>()[0] = 2;
  for (const PreparedPlan& plan : {kPlan, kRounded}) {
    made.after(x, plan);
    EXPECT_FALSE(made.is_kept());
  }
  EXPECT_FALSE(keeps_prepared(x, false));
  EXPECT_FALSE(wants_elements(x, Precision::kBf16));
}

TEST(Prepared, MayBeAskedForByManyThreads) {
  const Tensor x = ones({4});
  std::array<std::thread, 4> threads;
  for (std::thread& thread : threads) {
    thread = std::thread([&x] {
      Counter made;
      for (int j = 0; j < 100; ++j) made.after(x);
    });
  }
  for (std::thread& thread : threads) thread.join();
  Counter made;
  EXPECT_EQ(made.after(x), 0);
}

TEST(Prepared, AnOperationThatRecordsKeepsElementsAlone) {
  Counter made;
  const Tensor x = ones({4});
  EXPECT_EQ(made.after(x, kPlan), 1);
  EXPECT_EQ(made.after(x, kRounded), 2);
  made.after(x, kPlan, true);
  EXPECT_FALSE(made.is_kept());
  EXPECT_EQ(made.after(x, kRounded, true), 2);
  EXPECT_TRUE(made.is_kept());
  forget_prepared(x);
  EXPECT_EQ(made.after(x, kRounded, true), 2);
  EXPECT_EQ(made.after(x, kPlan), 3);
}

// What an optimiser does: two parameters in one storage, of which it changes one.
TEST(Prepared, ElementsAreWantedOnceAskedForAndGoodOncePut) {
  Counter made;
  Tensor block = ones({8});
  const Tensor changed = block.narrow(0, 0, 4), left = block.narrow(0, 4, 4);
  EXPECT_FALSE(wants_elements(changed, Precision::kBf16));
  made.after(changed, kRounded);
  made.after(left, kRounded);
  EXPECT_TRUE(wants_elements(changed, Precision::kBf16));
  EXPECT_FALSE(wants_elements(changed, Precision::kF32));
  const std::uint64_t before = block.impl()->storage->version();
  block.impl()->storage->bump_version();
  EXPECT_TRUE(wants_elements(changed, Precision::kBf16));  // to be written again
  put_elements(changed, Precision::kBf16, zeros({4}, {.dtype = bf16}));
  carry_prepared(left, before);
  EXPECT_FALSE(wants_elements(changed, Precision::kBf16));  // nobody asked since
  EXPECT_EQ(made.after(changed, kRounded), 2);
  EXPECT_EQ(made.after(left, kRounded), 2);
  EXPECT_TRUE(wants_elements(changed, Precision::kBf16));
  put_elements(changed, Precision::kBf16, {});
  EXPECT_FALSE(wants_elements(changed, Precision::kBf16));
  EXPECT_EQ(made.after(changed, kRounded), 3);
}

// What was stale already does not become good by another parameter's update.
TEST(Prepared, OnlyWhatWasGoodIsCarried) {
  Counter made;
  const Tensor x = ones({4});
  made.after(x);
  x.impl()->storage->bump_version();
  const std::uint64_t before = x.impl()->storage->version();
  x.impl()->storage->bump_version();
  carry_prepared(x, before);
  EXPECT_EQ(made.after(x), 2);
}

TEST(Prepared, ElementsOfOtherMemoryAreNotWanted) {
  Counter made;
  const Tensor x = ones({4});
  made.after(x, kRounded);
  x.impl()->storage = ones({4}).impl()->storage;
  EXPECT_FALSE(wants_elements(x, Precision::kBf16));
}

/// A CPU that plans what it would make of weights but has no kernels that make it.
Device planner() {
  using kernels::Backend, kernels::KernelTable, kernels::Queue;
  static const KernelTable table = [] {
    KernelTable made = *kernels::backend_of(Device()).kernels;
    made.conv_prepare = nullptr;
    made.linear_prepare = nullptr;
    return made;
  }();
  static Queue* const queues[] = {new Queue(allocator_of(Device()))};
  static const Backend backend = [] {
    Backend made = kernels::backend_of(Device());
    made.name = "planner", made.kernels = &table, made.queues = queues;
    return made;
  }();
  static const Device device(kernels::register_backend(backend), 0);
  return device;
}

TEST(Prepared, APlanThatNobodyCarriesOutIsNone) {
  const NoGrad no_grad;
  const bool in_bf16 = kernels::can(default_device(), kernels::Feature::kBf16Products);
  const auto results = [in_bf16](Device device) {
    const TensorOptions on{.device = device};
    const Tensor x = full({2, 70, 9, 8}, 0.5, on), weight = full({24, 70, 1, 1}, 0.25, on);
    const PrecisionScope precision(in_bf16 ? Precision::kBf16 : Precision::kF32);
    return std::vector<std::vector<float>>{
        conv2d(x, weight, {}, {}).to_vector(), conv_block(x, weight, {}, {}, {}).to_vector(),
        linear(x.flatten(1), full({3, 5040}, 2, on)).to_vector()};
  };
  EXPECT_EQ(results(planner()), results(Device()));
}

// --- By operations -------------------------------------------------------------------------------

TEST(Prepared, ALinearLayerInBf16RoundsItsWeightOnce) {
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
    GTEST_SKIP() << "no bf16 dot products";
  const Tensor x = randn({3, 5}, {.requires_grad = true});
  Tensor weight = randn({4, 5}, {.requires_grad = true});
  const PrecisionScope precision(Precision::kBf16);
  const auto prepares = [&](const Tensor& input) {
    return calls("linear_prepare", [&] { linear(input, weight).sum().backward(); });
  };
  EXPECT_EQ(prepares(x), 1);  // for forward, backward, and those that follow
  EXPECT_EQ(prepares(x), 0);
  const NoGrad no_grad;
  EXPECT_EQ(calls("linear_prepare", [&] { linear(x, weight); }), 0);
  weight.mul_(2);
  EXPECT_EQ(calls("linear_prepare", [&] { linear(x, weight); }), 1);
  const RunOnceScope once;
  weight.mul_(2);
  EXPECT_EQ(calls("linear_prepare", [&] { linear(x, weight); }), 0);
}

// What one precision's kernels keep is not what another one's read.
TEST(Prepared, ALinearLayerSeesItsOwnPrecision) {
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
    GTEST_SKIP() << "no bf16 dot products";
  const NoGrad no_grad;
  const Tensor x = randn({3, 50}), weight = randn({4, 50});
  const auto run = [&](Precision precision) {
    const PrecisionScope scope(precision);
    return linear(x, weight).to_vector();
  };
  const std::vector<float> wide = run(Precision::kF32), narrow = run(Precision::kBf16);
  EXPECT_NE(wide, narrow);
  EXPECT_EQ(run(Precision::kF32), wide);
  EXPECT_EQ(run(Precision::kBf16), narrow);
}

TEST(Prepared, ALinearLayerSeesANewWeight) {
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
    GTEST_SKIP() << "no bf16 dot products";
  const NoGrad no_grad;
  const PrecisionScope precision(Precision::kBf16);
  const Tensor x = randn({3, 50});
  Tensor weight = randn({4, 50});
  std::vector<float> twice = linear(x, weight).to_vector();
  weight.mul_(2);  // exact: so is what comes of it
  for (float& value : twice) value *= 2;
  EXPECT_EQ(linear(x, weight).to_vector(), twice);
  if (!weight.device().is_cpu()) return;
  weight.data<float>();
  linear(x, weight);
  for (int i = 0; i < 200; ++i) weight.data<float>()[i] *= 2;  // unseen
  for (float& value : twice) value *= 2;
  EXPECT_EQ(linear(x, weight).to_vector(), twice);
}

// A 3x3 convolution whose kernels are transformed, in evaluation and after the weight changed.
TEST(Prepared, ABlockSeesANewWeight) {
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
TEST(Prepared, AConvolutionSeesANewWeight) {
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

TEST(Prepared, ALinearLayerForgetsWhenTrainingBegins) {
  if (!makes_something_of_weights()) GTEST_SKIP() << "nothing is made of weights here";
  Counter made;
  const Tensor weight = randn({4, 5}, {.requires_grad = true}), x = randn({3, 5});
  const PreparedPlan plan{.purpose = Purpose::kLinear, .bytes = 3};
  EXPECT_EQ(made.after(weight, plan), 1);
  linear(x, weight);
  EXPECT_EQ(made.after(weight, plan), 2);
}

TEST(Prepared, AConvolutionForgetsWhenTrainingBegins) {
  if (!makes_something_of_weights()) GTEST_SKIP() << "nothing is made of weights here";
  const Tensor weight = randn({24, 32, 1, 1}, {.requires_grad = true}), x = randn({1, 32, 5, 5});
  const auto prepares = [&] {
    const NoGrad no_grad;
    return calls("conv_prepare", [&] { conv2d(x, weight); });
  };
  EXPECT_EQ(prepares(), 1);
  EXPECT_EQ(prepares(), 0);
  conv2d(x, weight);
  EXPECT_EQ(prepares(), 1);
}

TEST(Prepared, IsNotKeptForAModelThatRunsOnce) {
  if (!makes_something_of_weights()) GTEST_SKIP() << "nothing is made of weights here";
  const NoGrad no_grad;
  const Tensor x = randn({1, 32, 14, 14}), weight = randn({64, 32, 3, 3});
  Tensor once, again;
  const auto run = [&](Tensor& result) {
    return calls("conv_prepare", [&] { result = conv_block(x, weight, {}, {}, {}); });
  };
  {
    const RunOnceScope scope;
    EXPECT_FALSE(keeps_prepared(weight, false));
    EXPECT_EQ(run(once), 0);
  }
  EXPECT_TRUE(keeps_prepared(weight, false));
  EXPECT_EQ(run(again), 1);
  EXPECT_EQ(run(again), 0);
  EXPECT_TRUE(allclose(once, again, 1e-3, 1e-3));  // direct, and by Winograd's method
}

}  // namespace
}  // namespace fovea
