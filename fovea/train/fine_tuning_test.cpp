#include "fovea/train/fine_tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/tape.h"
#include "fovea/train/recipe.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea::train {
namespace {

using test::GoldenCase;
using test::message_of;
using testing::ElementsAre;

/// The network of tests/golden/families/fine_tuning_cases.py.
std::shared_ptr<nn::Sequential> small_net() {
  auto net = std::make_shared<nn::Sequential>();
  net->add_module("conv1", std::make_shared<nn::Conv2d>(nn::ConvLayerOptions{
                               .in_channels = 2, .out_channels = 3, .kernel_size = 3}));
  net->add_module("bn1", std::make_shared<nn::BatchNorm2d>(3));
  net->add_module("relu1", std::make_shared<nn::ReLU>());
  net->add_module("conv2", std::make_shared<nn::Conv2d>(nn::ConvLayerOptions{
                               .in_channels = 3, .out_channels = 4, .kernel_size = 3}));
  net->add_module("bn2", std::make_shared<nn::BatchNorm2d>(4));
  net->add_module("relu2", std::make_shared<nn::ReLU>());
  net->add_module("flat", std::make_shared<nn::Flatten>());
  net->add_module("fc", std::make_shared<nn::Linear>(16, 3));
  return net;
}

TrainConfig config_of(const GoldenCase& golden) {
  TrainConfig config;
  config.optimizer = golden.text("optimizer");
  config.schedule = golden.text("schedule");
  config.freeze = golden.text("freeze");
  config.lr_scale = golden.text("lr_scale");
  config.unfreeze_at = golden.integer("unfreeze_at");
  config.lr = golden.number("lr");
  config.weight_decay = 0.01;
  return config;
}

/// Trains `net` as the case says.
void train_case(const GoldenCase& golden, nn::Module& net, DType dtype) {
  const TrainConfig config = config_of(golden);
  const FineTuning tuning(net, config);
  const auto optimizer = make_optimizer(config, tuning.groups());
  std::vector<double> scales;
  for (const ScaledParameters& group : tuning.groups()) scales.push_back(group.scale);
  const std::int64_t steps = golden.integer("steps"), total = golden.integer("epochs") * steps;
  const auto schedule = make_schedule(config, *optimizer, total, scales);
  const Tensor x = golden.tensor("x", dtype), target = golden.tensor("target");
  for (std::int64_t step = 0; step < total; ++step) {
    net.train();
    tuning.begin_epoch(step / steps + 1);
    optimizer->zero_grad();
    cross_entropy(net(x[step]), target[step]).backward();
    optimizer->step();
    if (schedule && step + 1 < total) schedule->step();
  }
}

TEST(FineTuning, AgreesWithPyTorch) {
  for (const GoldenCase& golden : test::load_golden("fine_tuning")) {
    SCOPED_TRACE(golden.name());
    const auto net = small_net();
    net->to(f64);
    StateDict before;
    for (const auto& [name, tensor] : net->state_dict())
      before.emplace_back(name, golden.tensor("before." + name));
    net->load_state_dict(before);
    train_case(golden, *net, f64);
    for (const auto& [name, tensor] : net->state_dict()) {
      const Tensor expected = golden.tensor("after." + name).to(tensor.dtype());
      EXPECT_TRUE(test::is_close(tensor, expected, 1e-9, 1e-11)) << name;
    }
  }
}

TrainConfig tuned(const std::string& freeze, const std::string& lr_scale = "",
                  std::int64_t unfreeze_at = 0) {
  TrainConfig config;
  config.freeze = freeze;
  config.lr_scale = lr_scale;
  config.unfreeze_at = unfreeze_at;
  return config;
}

/// The parameters that do not learn in an epoch.
std::vector<std::string> frozen(nn::Module& net, const TrainConfig& config,
                                std::int64_t epoch = 1) {
  FineTuning(net, config).begin_epoch(epoch);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : net.named_parameters())
    if (!tensor.requires_grad()) names.push_back(name);
  net.set_requires_grad(true);
  return names;
}

TEST(FineTuning, ReadsPatternsAndStages) {
  const auto net = small_net();
  EXPECT_THAT(frozen(*net, tuned("fc")), ElementsAre("fc.weight", "fc.bias"));
  EXPECT_THAT(frozen(*net, tuned("bn?.bias,conv2.w*")),
              ElementsAre("bn1.bias", "conv2.weight", "bn2.bias"));
  EXPECT_THAT(frozen(*net, tuned("[cb]*1")),
              ElementsAre("conv1.weight", "conv1.bias", "bn1.weight", "bn1.bias"));
  EXPECT_THAT(frozen(*net, tuned("2")),
              ElementsAre("conv1.weight", "conv1.bias", "bn1.weight", "bn1.bias"));
  EXPECT_TRUE(frozen(*net, tuned("")).empty());
  EXPECT_EQ(frozen(*net, tuned("fc", "", 3), 2).size(), 2u);
  EXPECT_TRUE(frozen(*net, tuned("fc", "", 3), 3).empty());
}

// Whose network is a list called features, that list's parts are stages.
TEST(FineTuning, CountsStagesWithinFeatures) {
  const auto vgg = models::make_model("vgg11", {{"image_size", "32"}, {"num_classes", "3"}});
  EXPECT_THAT(frozen(*vgg, tuned("2")), ElementsAre("features.0.weight", "features.0.bias",
                                                    "features.3.weight", "features.3.bias"));
}

TEST(FineTuning, HoldsTheStatisticsOfWhatIsFrozen) {
  const auto modes = [](const TrainConfig& config, std::int64_t epoch) {
    const auto net = small_net();
    FineTuning(*net, config).begin_epoch(epoch);
    std::vector<bool> training;
    for (const auto& [name, part] : net->named_modules())
      if (name == "bn1" || name == "bn2" || name == "conv1")
        training.push_back(part->is_training());
    return training;
  };
  EXPECT_THAT(modes(tuned("conv1,bn1"), 1), ElementsAre(true, false, true));
  EXPECT_THAT(modes(tuned("bn1.bias"), 1), ElementsAre(true, true, true)) << "its weight learns";
  EXPECT_THAT(modes(tuned("conv1,bn1", "", 2), 2), ElementsAre(true, true, true));
}

// Nothing is kept for a way back that there is not.
TEST(FineTuning, PutsWhatIsFrozenOnNoTape) {
  const auto net = small_net();
  const Tensor x = zeros({5, 2, 6, 6});
  EXPECT_GT(tape((*net)(x)).size(), 2u);
  FineTuning(*net, tuned("4")).begin_epoch(1);
  // What a linear layer is, whole or composed.
  for (const TapeEntry& entry : tape((*net)(x)))
    EXPECT_THAT(entry.operation, testing::AnyOf("linear", "permute", "matmul", "view", "add"))
        << tape_to_string((*net)(x));
}

TEST(FineTuning, GivesGroupsToTheOptimizer) {
  const auto net = small_net();
  const auto scales = [&](const TrainConfig& config) {
    std::vector<std::pair<double, std::size_t>> all;
    for (const auto& [parameters, scale] : FineTuning(*net, config).groups())
      all.emplace_back(scale, parameters.size());
    return all;
  };
  using Group = std::pair<double, std::size_t>;
  EXPECT_THAT(scales(tuned("")), ElementsAre(Group(1, 10)));
  EXPECT_THAT(scales(tuned("conv1", "bn1=0.1,bn1.bias=2,fc=0.1")),
              ElementsAre(Group(1, 4), Group(0.1, 3), Group(2, 1)));
  EXPECT_THAT(scales(tuned("conv1", "conv1=0.1", 2)), ElementsAre(Group(1, 8), Group(0.1, 2)))
      << "what will learn later is the optimiser's too";
}

TEST(FineTuning, SaysWhatIsFrozen) {
  const auto net = small_net();
  EXPECT_EQ(FineTuning(*net, tuned("")).describe(), "");
  EXPECT_EQ(FineTuning(*net, tuned("2,conv2.bias")).describe(),
            "train: conv1, bn1, conv2.bias are frozen (5 of 10 parameters)");
  EXPECT_EQ(FineTuning(*net, tuned("fc", "", 4)).describe(),
            "train: fc is frozen (2 of 10 parameters) until epoch 4");
}

TEST(FineTuning, NamesWhatIsNear) {
  const auto net = small_net();
  const auto says = [&](const TrainConfig& config) {
    return message_of<ArgumentError>([&] { FineTuning(*net, config); });
  };
  EXPECT_EQ(says(tuned("cnv1.*")),
            "config: freeze expected parameters or parts of the model, got \"cnv1.*\", which "
            "matches none; did you mean \"conv1\"?");
  EXPECT_EQ(says(tuned("", "backbone.stem=2")),
            "config: lr_scale expected parameters or parts of the model, got \"backbone.stem\", "
            "which matches none of conv1, bn1, conv2, bn2, fc");
  EXPECT_EQ(says(tuned("6")),
            "config: freeze expected at most the model's 5 stages (conv1, bn1, conv2, bn2, fc), "
            "got 6");
  EXPECT_EQ(says(tuned("*")),
            "config: freeze expected to leave something to learn, got all 10 parameters frozen by "
            "\"*\"");
  EXPECT_EQ(says(tuned("0")), "config: freeze expected at least 1 stage, got 0");
  EXPECT_EQ(says(tuned("fc,")),
            "config: freeze expected patterns with commas between them, got \"fc,\"");
  for (const char* bad : {"fc", "=2", "fc=", "fc=0", "fc=-1", "fc=nan", "fc=1x"})
    EXPECT_EQ(says(tuned("", bad)),
              str("config: lr_scale expected PATTERN=X with X above 0, got \"", bad, "\""));
  EXPECT_EQ(says(tuned("fc", "", 1)),
            "config: unfreeze_at expected an epoch from 2, or 0 for never, got 1");
  EXPECT_EQ(says(tuned("", "", 2)),
            "config: unfreeze_at expected with freeze only, got it without");
}

}  // namespace
}  // namespace fovea::train
