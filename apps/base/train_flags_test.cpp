#include "apps/base/train_flags.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/base/command_line.h"
#include "apps/base/exit_code.h"
#include "tests/support/close.h"

namespace fovea::cli {
namespace {

/// The configuration that a command line gives.
train::TrainConfig config_of(const std::vector<std::string>& words) {
  TrainFlags flags;
  Command command("train", "Train");
  add_train_flags(command, flags);
  command.run = [] { return 0; };
  const CommandLine line = parse_command_line(command, words);
  EXPECT_EQ(line.mistake.english, "");
  return resolve(flags);
}

TEST(TrainFlags, EverySettingHasAFlag) {
  TrainFlags flags;
  Command command("train", "Train");
  add_train_flags(command, flags);
  train::visit_settings(flags.values, [&](std::string key, const auto&) {
    if (key == "model") return;  // MODEL
    std::replace(key.begin(), key.end(), '_', '-');
    const auto found =
        std::find_if(command.options.begin(), command.options.end(), [&](const Option& option) {
          return option.name == "--" + key || option.name == "--no-" + key;
        });
    EXPECT_NE(found, command.options.end()) << key;
  });
}

// Given again they add, where others win.
TEST(TrainFlags, ListsGrowByEachFlag) {
  const train::TrainConfig config =
      config_of({"fashion-dnn", "--freeze", "2", "--freeze", "fc2.bias", "--lr-scale", "fc3=10",
                 "--lr-scale", "fc1=0.1,fc2=0.5", "--unfreeze-at", "3"});
  EXPECT_EQ(config.freeze, "2,fc2.bias");
  EXPECT_EQ(config.lr_scale, "fc3=10,fc1=0.1,fc2=0.5");
  EXPECT_EQ(config.unfreeze_at, 3);
}

TEST(TrainFlags, FlagsSetTheirSettings) {
  const train::TrainConfig config = config_of({"fashion-dnn", "--epochs",
                                               "3",           "--lr",
                                               "0.01",        "--no-shuffle",
                                               "--exist-ok",  "--weight-decay",
                                               "0.1",         "--model-opt",
                                               "dropout=0",   "--model-opt",
                                               "dropout=0.5", "--val-fraction",
                                               "0.2",         "--schedule",
                                               "onecycle",    "--warmup",
                                               "0.2",         "--anneal",
                                               "linear",      "--no-cycle-momentum",
                                               "--tta",       "flip"});
  EXPECT_EQ(config.model, "fashion-dnn");
  EXPECT_EQ(config.epochs, 3);
  EXPECT_EQ(config.lr, 0.01);
  EXPECT_FALSE(config.shuffle);
  EXPECT_TRUE(config.exist_ok);
  EXPECT_EQ(config.weight_decay, 0.1);
  EXPECT_EQ(config.val_fraction, 0.2);
  EXPECT_EQ(config.warmup, 0.2);
  EXPECT_EQ(config.anneal, "linear");
  EXPECT_FALSE(config.cycle_momentum);
  EXPECT_EQ(config.tta, "flip");
  EXPECT_THAT(config.model_options, testing::ElementsAre(testing::Pair("dropout", "0.5")));
}

TEST(TrainFlags, WithoutFlagsTheDefaultsHold) {
  const train::TrainConfig config = config_of({"fashion-cnn"}), defaults;
  EXPECT_EQ(train::to_toml(config), train::to_toml(defaults));
}

TEST(TrainFlags, WithoutAModelSayWhatToType) {
  EXPECT_THAT(test::message_of<UsageError>([] { resolve({}); }),
              AllOf(testing::StartsWith("MODEL is missing: fashion-cnn, fashion-dnn, "),
                    testing::EndsWith(
                        ", or a file that lists layers; for example: fovea train fashion-cnn")));
}

TEST(TrainFlags, ARunThatGoesOnHasItsOwnSettings) {
  EXPECT_EQ(test::message_of<UsageError>([] {
              config_of({"--resume", "runs/train/exp", "--config", "mine.toml"});
            }),
            "--config expected without --resume, which takes the run's own settings");
}

}  // namespace
}  // namespace fovea::cli
