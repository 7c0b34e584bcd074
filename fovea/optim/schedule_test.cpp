#include "fovea/optim/schedule.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "fovea/optim/adam.h"
#include "fovea/optim/sgd.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea::optim {
namespace {

using test::GoldenCase;
using test::message_of;

std::unique_ptr<Schedule> make_schedule(const GoldenCase& golden, Optimizer& optimizer) {
  const std::string op = golden.op();
  if (op == "step_lr") {
    return std::make_unique<StepLR>(
        optimizer,
        StepLROptions{.step_size = golden.integer("step_size"), .gamma = golden.number("gamma")});
  }
  if (op == "cosine") {
    return std::make_unique<CosineAnnealingLR>(
        optimizer, CosineAnnealingLROptions{.t_max = golden.integer("T_max"),
                                            .eta_min = golden.number("eta_min")});
  }
  if (op == "linear_warmup") {
    return std::make_unique<LinearLR>(
        optimizer, LinearLROptions{.start_factor = golden.number("start_factor"),
                                   .end_factor = golden.number("end_factor"),
                                   .total_iters = golden.integer("total_iters")});
  }
  const bool linear = golden.text("anneal_strategy") == "linear";
  return std::make_unique<OneCycleLR>(
      optimizer, OneCycleLROptions{.max_lr = golden.number("max_lr"),
                                   .total_steps = golden.integer("total_steps"),
                                   .pct_start = golden.number("pct_start"),
                                   .anneal = linear ? Anneal::kLinear : Anneal::kCosine,
                                   .cycle_momentum = golden.flag("cycle_momentum"),
                                   .base_momentum = golden.number("base_momentum"),
                                   .max_momentum = golden.number("max_momentum"),
                                   .div_factor = golden.number("div_factor"),
                                   .final_div_factor = golden.number("final_div_factor"),
                                   .three_phase = golden.flag("three_phase")});
}

TEST(Schedule, AgreesWithPyTorch) {
  for (const GoldenCase& golden : test::load_golden("schedule")) {
    SCOPED_TRACE(golden.name() + " " + golden.op());
    const Tensor p = zeros({1}, {.requires_grad = true});
    const double lr = golden.op() == "one_cycle" ? 1 : golden.number("lr");
    SGD optimizer({p}, {.lr = lr, .momentum = 0.9});
    const auto schedule = make_schedule(golden, optimizer);
    const auto rates = golden.tensor("lr").to_vector<double>();
    const Tensor momenta = golden.tensor("momentum");
    ASSERT_EQ(static_cast<std::int64_t>(rates.size()), golden.integer("steps"));
    for (std::size_t step = 0; step < rates.size(); ++step) {
      if (step > 0) schedule->step();
      EXPECT_NEAR(optimizer.lr(), rates[step], 1e-12 * lr) << "step " << step;
      EXPECT_EQ(schedule->lr_at(static_cast<std::int64_t>(step)), optimizer.lr());
      const double momentum =
          momenta.defined() ? momenta[static_cast<std::int64_t>(step)].item() : 0.9;
      EXPECT_NEAR(optimizer.momentum(), momentum, 1e-12) << "step " << step;
    }
  }
}

TEST(Schedule, OneCycleMovesAdamsFirstBeta) {
  Adam optimizer({zeros({1}, {.requires_grad = true})});
  OneCycleLR schedule(optimizer, {.max_lr = 0.1, .total_steps = 11, .pct_start = 6.0 / 11});
  EXPECT_DOUBLE_EQ(optimizer.lr(), 0.004);
  EXPECT_DOUBLE_EQ(optimizer.momentum(), 0.95);
  for (int i = 0; i < 5; ++i) schedule.step();
  EXPECT_DOUBLE_EQ(optimizer.lr(), 0.1);
  EXPECT_DOUBLE_EQ(optimizer.options().betas.first, 0.85);
  for (int i = 0; i < 5; ++i) schedule.step();
  EXPECT_DOUBLE_EQ(optimizer.lr(), 0.004 / 1e4);
  // After the last update there is one call more, as in PyTorch, whose cosine then turns up again:
  // 4e-7 + (0.1 - 4e-7) / 2 * (1 + cos(6/5 pi)).
  schedule.step();
  EXPECT_NEAR(optimizer.lr(), 0.00954952, 1e-8);
  EXPECT_EQ(message_of<ArgumentError>([&] { schedule.step(); }),
            "one_cycle: step expected in [0, 11], got 12");
  EXPECT_EQ(schedule.position(), 11);
}

// PyTorch's values of it: tests/golden/families/fine_tuning_cases.py.
TEST(Schedule, OneCycleHasATopForEachGroup) {
  const Tensor a = zeros({1}, {.requires_grad = true}), b = zeros({1}, {.requires_grad = true});
  SGD optimizer(std::vector<ParameterGroup<SGDOptions>>{{{a}, {}}, {{b}, {}}});
  OneCycleLR schedule(optimizer, {.max_lrs = {0.1, 0.4}, .total_steps = 11});
  for (int i = 0; i < 11; ++i, schedule.step())
    EXPECT_NEAR(optimizer.lr(1), 4 * optimizer.lr(0), 1e-15) << i;
  EXPECT_NEAR(schedule.lr_at(0, 1), 0.4 / 25, 1e-15);
  EXPECT_EQ(message_of<ArgumentError>(
                [&] { OneCycleLR(optimizer, {.max_lrs = {0.1}, .total_steps = 11}); }),
            "one_cycle: max_lrs expected one for each of 2 groups, got 1");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              OneCycleLR(optimizer, {.max_lrs = {0.1, -1}, .total_steps = 11});
            }),
            "one_cycle: max_lrs expected a finite number >= 0, got -1");
}

// The loop as PyTorch's users write it: a step of the schedule after every update.
TEST(Schedule, OneCycleIsSteppedAfterEveryUpdate) {
  for (const std::int64_t steps : {1, 2, 3, 50}) {
    for (const Anneal anneal : {Anneal::kCosine, Anneal::kLinear}) {
      for (const bool three : {false, true}) {
        SGD optimizer({zeros({1}, {.requires_grad = true})}, {.momentum = 0.9});
        OneCycleLR schedule(
            optimizer,
            {.max_lr = 0.01, .total_steps = steps, .anneal = anneal, .three_phase = three});
        for (std::int64_t i = 0; i < steps; ++i) schedule.step();
        EXPECT_GE(optimizer.lr(), 0);
        EXPECT_LE(optimizer.momentum(), 0.95);
        EXPECT_GE(optimizer.momentum(), 0.85);
      }
    }
  }
}

TEST(Schedule, OneCycleWithoutARise) {
  SGD optimizer({zeros({1}, {.requires_grad = true})});
  const OneCycleLR at_once(optimizer, {.max_lr = 1, .total_steps = 10, .pct_start = 0.1});
  EXPECT_DOUBLE_EQ(at_once.lr_at(0), 1);
  const OneCycleLR single(optimizer, {.max_lr = 1, .total_steps = 1});
  EXPECT_DOUBLE_EQ(single.lr_at(0), 1.0 / 25 / 1e4);
}

TEST(Schedule, EveryGroupFollowsFromItsOwnRate) {
  const Tensor a = zeros({1}, {.requires_grad = true}), b = zeros({1}, {.requires_grad = true});
  SGD optimizer({{{a}, {.lr = 1}}, {{b}, {.lr = 0.5}}});
  StepLR schedule(optimizer, {.step_size = 2, .gamma = 0.5});
  schedule.set_position(4);
  EXPECT_EQ(optimizer.lr(0), 0.25);
  EXPECT_EQ(optimizer.lr(1), 0.125);
  EXPECT_EQ(schedule.lr_at(1, 1), 0.5);
  EXPECT_EQ(message_of<IndexError>([&] { schedule.lr_at(0, 2); }),
            "schedule: group expected in [0, 2), got 2");
  EXPECT_EQ(message_of<ArgumentError>([&] { schedule.lr_at(-1); }),
            "schedule: step expected >= 0, got -1");
}

TEST(Schedule, ChecksItsOptions) {
  SGD optimizer({zeros({1}, {.requires_grad = true})}, {.lr = 0.5});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto one_cycle = [&](const OneCycleLROptions& options) {
    return message_of<ArgumentError>([&] { OneCycleLR(optimizer, options); });
  };
  EXPECT_EQ(message_of<ArgumentError>([&] { StepLR(optimizer, {.step_size = 0}); }),
            "step_lr: step_size expected >= 1, got 0");
  EXPECT_EQ(message_of<ArgumentError>([&] { StepLR(optimizer, {.gamma = nan}); }),
            "step_lr: gamma expected a finite number >= 0, got nan");
  EXPECT_EQ(message_of<ArgumentError>([&] { CosineAnnealingLR(optimizer, {.t_max = 0}); }),
            "cosine: t_max expected >= 1, got 0");
  EXPECT_EQ(message_of<ArgumentError>([&] { LinearLR(optimizer, {.start_factor = -1}); }),
            "linear: start_factor expected a finite number >= 0, got -1");
  EXPECT_EQ(one_cycle({.total_steps = 0}), "one_cycle: total_steps expected >= 1, got 0");
  EXPECT_EQ(one_cycle({.total_steps = 9, .pct_start = 1.5}),
            "one_cycle: pct_start expected in [0, 1], got 1.5");
  EXPECT_EQ(one_cycle({.total_steps = 9, .max_momentum = 1}),
            "one_cycle: momentum expected in [0, 1), got 1");
  EXPECT_EQ(one_cycle({.total_steps = 9, .div_factor = 0}),
            "one_cycle: div_factor expected a finite number > 0, got 0");
  EXPECT_EQ(optimizer.lr(), 0.5) << "nothing has changed";
}

}  // namespace
}  // namespace fovea::optim
