#include <cmath>

#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(AdamStepContract, &KernelTable::adam_step);
FOVEA_CONTRACT(SgdStepContract, &KernelTable::sgd_step);
FOVEA_CONTRACT(OptimizerStepsContract, &KernelTable::adam_step, &KernelTable::sgd_step);

using test::Array;

/// Parameters, gradients and moments of `count` elements.
template <class T>
struct State {
  Array<T> grad, param, first, second;
  explicit State(std::int64_t count)
      : grad({count}), param({count}), first({count}), second({count}) {
    grad.fill_normal(0, 1, 1);
    param.fill_normal(0, 1, 2);
    first.fill_normal(0, 0.1, 3);
    second.fill_normal(0, 0.1, 4);
    for (T& value : second.values) value *= value;
  }
};

const AdamSpec kAdam{.lr = 0.01,
                     .beta1 = 0.9,
                     .beta2 = 0.99,
                     .eps = 1e-8,
                     .weight_decay = 0.1,
                     .bias_correction1 = 0.19,
                     .bias_correction2 = 0.0199};

// t = 2, one element, from the formula: g = 2 + 0.1 * 3 = 2.3; m = 0.9 * 1 + 0.1 * 2.3 = 1.13;
// v = 0.99 * 4 + 0.01 * 2.3^2 = 4.0129; p = 3 - 0.01 / 0.19 * 1.13 / (sqrt(4.0129) / sqrt(0.0199) +
// 1e-8).
TEST_P(AdamStepContract, IsTheFormula) {
  State<double> state(1);
  state.grad.values = {2};
  state.param.values = {3};
  state.first.values = {1};
  state.second.values = {4};
  contract::run(&KernelTable::adam_step, kAdam, state.grad.view(), state.param.view(),
                state.first.view(), state.second.view(), {});
  EXPECT_DOUBLE_EQ(state.first.values[0], 1.13);
  EXPECT_DOUBLE_EQ(state.second.values[0], 4.0129);
  EXPECT_DOUBLE_EQ(state.param.values[0],
                   3 - 0.01 / 0.19 * 1.13 / (std::sqrt(4.0129) / std::sqrt(0.0199) + 1e-8));
}

TEST_P(AdamStepContract, DecoupledDecayShrinksTheParameterAndNotTheGradient) {
  State<double> state(1);
  state.grad.values = {2};
  state.param.values = {3};
  state.first.values = {1};
  state.second.values = {4};
  AdamSpec spec = kAdam;
  spec.decoupled = true;
  contract::run(&KernelTable::adam_step, spec, state.grad.view(), state.param.view(),
                state.first.view(), state.second.view(), {});
  EXPECT_DOUBLE_EQ(state.first.values[0], 0.9 + 0.1 * 2);
  EXPECT_DOUBLE_EQ(state.second.values[0], 0.99 * 4 + 0.01 * 4);
  EXPECT_DOUBLE_EQ(
      state.param.values[0],
      3 * (1 - 0.001) - 0.01 / 0.19 * 1.1 / (std::sqrt(4.0) / std::sqrt(0.0199) + 1e-8));
}

/// `step` on f32 for every vector target and thread count: the same bits for every number of
/// threads, and within rounding of the f64 step.
template <class Step>
void expect_deterministic(Step step) {
  const int threads = num_threads();
  for_each_variant([&]() {
    for (const std::int64_t count : {1, 15, 64, 1000, 16385, 100003}) {
      set_num_threads(1);
      const State<float> start(count);
      State<float> alone = start;
      step(alone);
      State<double> wide(count);
      wide.grad.values.assign(start.grad.values.begin(), start.grad.values.end());
      wide.param.values.assign(start.param.values.begin(), start.param.values.end());
      wide.first.values.assign(start.first.values.begin(), start.first.values.end());
      wide.second.values.assign(start.second.values.begin(), start.second.values.end());
      step(wide);
      for (std::size_t i = 0; i < alone.param.values.size(); ++i) {
        ASSERT_NEAR(alone.param.values[i], wide.param.values[i],
                    8 * 0x1p-24 * (1 + std::abs(wide.param.values[i])));
        ASSERT_NEAR(alone.first.values[i], wide.first.values[i],
                    8 * 0x1p-24 * (1 + std::abs(wide.first.values[i])));
      }
      for (const int team : {2, 3, 7}) {
        set_num_threads(team);
        State<float> shared = start;
        step(shared);
        ASSERT_EQ(shared.param.values, alone.param.values)
            << count << " elements, " << team << " threads";
        ASSERT_EQ(shared.first.values, alone.first.values);
        ASSERT_EQ(shared.second.values, alone.second.values);
      }
    }
  });
  set_num_threads(threads);
}

TEST_P(AdamStepContract, GivesTheSameBitsForEveryNumberOfThreads) {
  for (const bool decoupled : {false, true}) {
    expect_deterministic([decoupled](auto& state) {
      AdamSpec spec = kAdam;
      spec.decoupled = decoupled;
      contract::run(&KernelTable::adam_step, spec, state.grad.view(), state.param.view(),
                    state.first.view(), state.second.view(), {});
    });
  }
}

TEST_P(SgdStepContract, GivesTheSameBitsForEveryNumberOfThreads) {
  const SgdSpec specs[] = {{.lr = 0.1},
                           {.lr = 0.1, .momentum = 0.9, .first_step = true},
                           {.lr = 0.1, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.01},
                           {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true}};
  for (const SgdSpec& spec : specs) {
    expect_deterministic([&spec](auto& state) {
      contract::run(&KernelTable::sgd_step, spec, state.grad.view(), state.param.view(),
                    spec.momentum == 0 ? View{} : state.first.view(), {});
    });
  }
}

// g = 2 + 0.5 * 4 = 4; v = 0.9 * 10 + (1 - 0.25) * 4 = 12; plain: p = 4 - 0.1 * 12; nesterov: p = 4
// - 0.1 (4 + 0.9 * 12).
TEST_P(SgdStepContract, IsTheFormula) {
  // To a few units in the last place: the compiler may fuse a multiplication with an addition.
  const auto expect_step = [](const SgdSpec& spec, double param, double velocity) {
    State<double> state(1);
    state.grad.values = {2};
    state.param.values = {4};
    state.first.values = {10};
    contract::run(&KernelTable::sgd_step, spec, state.grad.view(), state.param.view(),
                  state.first.view(), {});
    EXPECT_DOUBLE_EQ(state.param.values[0], param);
    EXPECT_DOUBLE_EQ(state.first.values[0], velocity);
  };
  SgdSpec spec{.lr = 0.1, .momentum = 0.9, .dampening = 0.25, .weight_decay = 0.5};
  expect_step(spec, 4 - 0.1 * 12, 12);
  spec.nesterov = true;
  expect_step(spec, 4 - 0.1 * (4 + 0.9 * 12.0), 12);
  spec.nesterov = false;
  spec.first_step = true;
  expect_step(spec, 4 - 0.1 * 4, 4);
  expect_step({.lr = 0.1, .weight_decay = 0.5}, 4 - 0.1 * 4, 10);
}

TEST_P(OptimizerStepsContract, WriteTheRoundedParametersBesideTheOthers) {
  for_each_variant([] {
    for (const std::int64_t count : {1, 1000, 1030, 40000}) {
      State<float> plain(count), rounding(count);
      Array<bf16_t> rounded({count});
      const auto expect_rounded = [&] {
        EXPECT_EQ(rounding.param.values, plain.param.values);
        for (std::size_t i = 0; i < rounded.values.size(); ++i)
          ASSERT_EQ(rounded.values[i].bits, bf16_t(plain.param.values[i]).bits) << i;
      };
      contract::run(&KernelTable::adam_step, kAdam, plain.grad.view(), plain.param.view(),
                    plain.first.view(), plain.second.view(), {});
      contract::run(&KernelTable::adam_step, kAdam, rounding.grad.view(), rounding.param.view(),
                    rounding.first.view(), rounding.second.view(), rounded.view());
      expect_rounded();
      const SgdSpec sgd{.lr = 0.1, .momentum = 0.9};
      contract::run(&KernelTable::sgd_step, sgd, plain.grad.view(), plain.param.view(),
                    plain.first.view(), {});
      contract::run(&KernelTable::sgd_step, sgd, rounding.grad.view(), rounding.param.view(),
                    rounding.first.view(), rounded.view());
      expect_rounded();
    }
  });
}

}  // namespace
}  // namespace fovea::kernels::contract
