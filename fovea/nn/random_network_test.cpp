#include "fovea/nn/random_network.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea::nn {
namespace {

constexpr std::uint64_t kSeeds = 150;
constexpr RandomNetworkLimits kSmall = {
    .max_side = 20, .max_channels = 40, .max_blocks = 4, .max_multiply_adds = 400'000};

TEST(RandomNetwork, IsAFunctionOfItsSeed) {
  std::set<std::vector<std::string>> different;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const RandomNetwork first = random_network(seed), second = random_network(seed);
    EXPECT_EQ(layer_texts(*first.model), layer_texts(*second.model));
    EXPECT_EQ(first.input, second.input);
    different.insert(layer_texts(*first.model));
  }
  EXPECT_EQ(different.size(), 20u);
}

TEST(RandomNetwork, ScoresABatchAndReachesEveryParameter) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const RandomNetwork network = random_network(seed, kSmall);
    Shape batch = network.input;
    batch.insert(0, 2);
    const Tensor scores = (*network.model)(rand(batch));
    ASSERT_EQ(scores.sizes(), (Shape{2, network.classes}));
    CrossEntropyLoss()(scores, randint(0, network.classes, {2})).backward();
    for (const auto& [name, parameter] : network.model->named_parameters())
      EXPECT_TRUE(parameter.grad().defined()) << name;
  }
}

std::int64_t multiply_adds(const RandomNetwork& network) {
  std::int64_t sum = 0;
  for (const auto& [name, module] : network.model->named_modules()) {
    auto* conv = dynamic_cast<Conv2d*>(module);
    if (conv == nullptr) continue;
    conv->register_forward_hook([&sum](Module& self, const Tensor&, Tensor& y) {
      const Tensor& weight = dynamic_cast<Conv2d&>(self).weight();
      sum += y.numel() * (weight.numel() / weight.size(0));
    });
  }
  network.model->eval();
  Shape one = network.input;
  one.insert(0, 1);
  (*network.model)(zeros(one));
  return sum;
}

TEST(RandomNetwork, KeepsToItsLimits) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const RandomNetwork network = random_network(seed, kSmall);
    EXPECT_LE(network.input[1], kSmall.max_side);
    EXPECT_LE(network.input[2], kSmall.max_side);
    EXPECT_LE(multiply_adds(network), kSmall.max_multiply_adds);
    std::int64_t blocks = 0;
    for (const auto& [name, module] : network.model->named_modules()) {
      const auto* conv = dynamic_cast<const Conv2d*>(module);
      if (conv == nullptr) continue;
      ++blocks;
      EXPECT_LE(conv->weight().size(0), kSmall.max_channels);
    }
    EXPECT_GE(blocks, 1);
    EXPECT_LE(blocks, kSmall.max_blocks);
  }
}

/// Counts what kinds of convolution there are, and which layers follow which.
std::map<std::string, int> kinds_of(const RandomNetwork& network) {
  std::map<std::string, int> kinds;
  std::string before;
  for (std::size_t i = 0; i < network.model->size(); ++i) {
    Module& layer = (*network.model)[i];
    ++kinds[before + ">" + layer.type_name()];
    before = layer.type_name();
    const auto* conv = dynamic_cast<const Conv2d*>(&layer);
    if (conv == nullptr) continue;
    const Shape weight = conv->weight().sizes();
    const std::int64_t groups = conv->options().groups;
    ++kinds["kernel " + std::to_string(weight[2])];
    if (groups > 1) ++kinds[weight[1] == 1 ? "depthwise" : "grouped"];
    if (weight[0] % 16 != 0) ++kinds["no whole vector"];
    if (!conv->bias().defined()) ++kinds["no bias"];
    if (layer.to_string().find("stride=(2, 2)") != std::string::npos) ++kinds["stride 2"];
  }
  if (network.input[1] != network.input[2]) ++kinds["not square"];
  return kinds;
}

TEST(RandomNetwork, HasEveryKindOfLayerAndOrder) {
  std::map<std::string, int> kinds;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    for (const auto& [kind, count] : kinds_of(random_network(seed))) kinds[kind] += count;
  for (const char* kind : {"kernel 1",
                           "kernel 3",
                           "kernel 5",
                           "stride 2",
                           "depthwise",
                           "grouped",
                           "no whole vector",
                           "no bias",
                           "not square",
                           "Conv2d>Conv2d",
                           "Conv2d>BatchNorm2d",
                           "Conv2d>ReLU",
                           "Conv2d>MaxPool2d",
                           "BatchNorm2d>ReLU",
                           "ReLU>BatchNorm2d",
                           "ReLU>MaxPool2d",
                           "MaxPool2d>ReLU",
                           "MaxPool2d>BatchNorm2d",
                           "BatchNorm2d>MaxPool2d",
                           "ReLU>AvgPool2d",
                           "Linear>ReLU",
                           "ReLU>Dropout",
                           "Linear>Dropout"}) {
    EXPECT_GE(kinds[kind], 3) << kind;
  }
}

TEST(RandomNetwork, RefusesLimitsThatLeaveNothing) {
  const auto refused = [](const RandomNetworkLimits& limits) {
    return test::message_of<ArgumentError>([&] { random_network(0, limits); });
  };
  EXPECT_EQ(refused({.max_side = 7}), "random_network: max_side expected at least 8, got 7");
  EXPECT_EQ(refused({.max_channels = 3}),
            "random_network: max_channels expected at least 4, got 3");
  EXPECT_EQ(refused({.max_blocks = 0}), "random_network: max_blocks expected at least 1, got 0");
  EXPECT_EQ(refused({.max_side = 8, .max_blocks = 1, .max_multiply_adds = 6399}),
            "random_network: max_multiply_adds expected at least 6400, got 6399");
}

}  // namespace
}  // namespace fovea::nn
