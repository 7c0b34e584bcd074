#include "fovea/train/recipe.h"

#include <gtest/gtest.h>

#include "fovea/nn/linear.h"

namespace fovea::train {
namespace {

TEST(Recipe, MakesWhatTheWordsName) {
  nn::Linear model(2, 2);
  TrainConfig config;
  config.lr = 0.5;
  config.optimizer = "sgd";
  const auto sgd = make_optimizer(config, model.parameters());
  EXPECT_EQ(sgd->name(), "sgd");
  EXPECT_EQ(sgd->momentum(), 0.9);
  EXPECT_EQ(make_schedule(config, *sgd, 90), nullptr);
  config.schedule = "step";
  EXPECT_DOUBLE_EQ(make_schedule(config, *sgd, 90)->lr_at(30), 0.05);
  EXPECT_DOUBLE_EQ(make_schedule(config, *sgd, 90)->lr_at(89), 0.005);
  config.schedule = "cosine";
  EXPECT_NEAR(make_schedule(config, *sgd, 90)->lr_at(45), 0.25, 1e-12);
  config.schedule = "onecycle";
  EXPECT_NEAR(make_schedule(config, *sgd, 90)->lr_at(0), 0.02, 1e-12);
}

TEST(Recipe, ShapesTheCycle) {
  nn::Linear model(2, 2);
  TrainConfig config;
  config.lr = 0.5;
  config.schedule = "onecycle";
  config.warmup = 0.11;  // of 100 steps: steps 0 to 10 rise
  config.anneal = "linear";
  const auto adam = make_optimizer(config, model.parameters());
  const auto schedule = make_schedule(config, *adam, 100);
  EXPECT_NEAR(schedule->lr_at(5), (0.02 + 0.5) / 2, 1e-12);
  EXPECT_NEAR(schedule->lr_at(10), 0.5, 1e-12);
  EXPECT_NEAR(schedule->lr_at(99), 0.02 / 1e4, 1e-12);
  EXPECT_NEAR(schedule->lr_at(10) - schedule->lr_at(11), schedule->lr_at(98) - schedule->lr_at(99),
              1e-12);
  EXPECT_EQ(adam->momentum(), 0.95);

  config.cycle_momentum = false;
  const auto steady = make_optimizer(config, model.parameters());
  (void)make_schedule(config, *steady, 100);
  EXPECT_EQ(steady->momentum(), 0.9);
}

}  // namespace
}  // namespace fovea::train
