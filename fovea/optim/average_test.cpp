#include "fovea/optim/average.h"

#include <gtest/gtest.h>

#include "fovea/optim/sgd.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea::optim {
namespace {

using test::GoldenCase;
using test::is_close;
using test::message_of;

/// The names of a golden case's values.
constexpr const char* kNames[] = {"0.weight",
                                  "0.bias",
                                  "1.weight",
                                  "1.bias",
                                  "1.running_mean",
                                  "1.running_var",
                                  "1.num_batches_tracked"};

void expect_golden(const GoldenCase& golden, DType dtype, double rtol) {
  SCOPED_TRACE(golden.name());
  const auto recorded = [&](const char* name, const char* which, std::int64_t update) {
    const Tensor all = golden.tensor(str(name, which));
    return (is_floating(all.dtype()) ? all.to(dtype) : all)[update - 1].clone();
  };
  StateDict model, average;
  for (const char* name : kNames) {
    model.emplace_back(name, zeros_like(recorded(name, ".values", 1)));
    average.emplace_back(name, ones_like(model.back().second));
  }
  ModelEma ema(model, average, golden.number("decay"));
  for (std::int64_t update = 1; update <= golden.integer("updates"); ++update) {
    for (auto& [name, value] : model) value.copy_(recorded(name.c_str(), ".values", update));
    ema.update(update);
    for (const auto& [name, value] : average)
      EXPECT_TRUE(is_close(value, recorded(name.c_str(), ".after", update), rtol, rtol))
          << name << " after update " << update;
  }
}

TEST(ModelEma, AgreesWithTimm) {
  for (const GoldenCase& golden : test::load_golden("average")) {
    expect_golden(golden, f64, 1e-14);
    expect_golden(golden, f32, 1e-6);
  }
}

TEST(ModelEma, BeginsAsTheModelIs) {
  const StateDict model = {{"w", tensor({1, 2, 3})}};
  const StateDict average = {{"w", zeros({3})}};
  const ModelEma ema(model, average, 0.5);
  EXPECT_TRUE(equal(average[0].second, model[0].second));
}

// An optimiser moves parameters into a block of its own, after the average was made.
TEST(ModelEma, FollowsParametersThatAreGivenOtherMemory) {
  Tensor w = zeros({2}, {.dtype = f64, .requires_grad = true});
  const StateDict average = {{"w", zeros({2}, {.dtype = f64})}};
  ModelEma ema({{"w", w}}, average, 0.5);
  SGD optimizer({w}, {.lr = 1});
  w.set_grad(tensor({-1, -2}, {.dtype = f64}));
  optimizer.step();
  ema.update(1);
  EXPECT_TRUE(equal(average[0].second, tensor({1, 2}, {.dtype = f64})));
  w.set_grad(tensor({-4, -4}, {.dtype = f64}));
  optimizer.step();  // (5, 6)
  ema.update(1000);  // half way
  EXPECT_TRUE(equal(average[0].second, tensor({3, 4}, {.dtype = f64})));
}

TEST(ModelEma, SaysWhatIsWrong) {
  const StateDict model = {{"w", zeros({3})}};
  EXPECT_EQ(message_of<ArgumentError>([&] { ModelEma(model, model, 1); }),
            "ModelEma: decay expected in [0, 1), got 1");
  EXPECT_EQ(message_of<ArgumentError>([&] { ModelEma(model, {}, 0.5); }),
            "ModelEma: tensors expected 1 as in the model, got 0");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              ModelEma(model, {{"v", zeros({3})}}, 0.5);
            }),
            "ModelEma: tensor expected called \"w\" as in the model, got none");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              ModelEma(model, {{"w", zeros({4})}}, 0.5);
            }),
            "ModelEma: tensor \"w\" expected contiguous f32 [3], got f32 [4]");
  ModelEma ema(model, {{"w", zeros({3})}}, 0.5);
  EXPECT_EQ(message_of<ArgumentError>([&] { ema.update(0); }),
            "ModelEma: update expected at least 1, got 0");
}

}  // namespace
}  // namespace fovea::optim
