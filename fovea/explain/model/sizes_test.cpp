#include "fovea/explain/model/sizes.h"

#include <gmock/gmock.h>

#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using test::get;
using test::list;
using test::places;
using test::text;

/// "layer: input -> output, formula" of every layer.
std::vector<std::string> lines_of(const Walk& walk) {
  std::vector<std::string> lines;
  for (const Value& layer : list(walk.document)) {
    const Value& formula = get(layer, "formula");
    lines.push_back(text(get(layer, "layer")) + ": " + places(get(layer, "input")).to_string() +
                    " -> " + places(get(layer, "output")).to_string() +
                    (test::is_null(formula) ? "" : ", " + text(formula)));
  }
  return lines;
}

std::string chain_of(const Walk& walk) { return std::get<Note>(walk.blocks.at(0)).text.english; }

TEST(WalkSizes, OfFashionCnnAreTheChapters) {
  const auto net = models::make_model("fashion-cnn");
  const Walk walk = walk_sizes(*net, {1, 28, 28});
  EXPECT_EQ(chain_of(walk), "28 -> 28 -> 14 -> 12 -> 6");
  EXPECT_THAT(
      lines_of(walk),
      testing::ElementsAre(
          "layer1.0: [1, 28, 28] -> [32, 28, 28], (28 - 3 + 2x1) / 1 + 1 = 28",
          "layer1.1: [32, 28, 28] -> [32, 28, 28]", "layer1.2: [32, 28, 28] -> [32, 28, 28]",
          "layer1.3: [32, 28, 28] -> [32, 14, 14], (28 - 2) / 2 + 1 = 14",
          "layer2.0: [32, 14, 14] -> [64, 12, 12], (14 - 3 + 2x0) / 1 + 1 = 12",
          "layer2.1: [64, 12, 12] -> [64, 12, 12]", "layer2.2: [64, 12, 12] -> [64, 12, 12]",
          "layer2.3: [64, 12, 12] -> [64, 6, 6], (12 - 2) / 2 + 1 = 6",
          "flatten: [64, 6, 6] -> [2304], 64x6x6 = 2304", "fc1: [2304] -> [600]",
          "drop: [600] -> [600]", "fc2: [600] -> [120]", "fc3: [120] -> [10]"));
  EXPECT_EQ(text(get(list(walk.document)[0], "type")), "Conv2d");
}

TEST(WalkSizes, RoundAndTellSidesApart) {
  nn::Sequential net(
      nn::Conv2d({.in_channels = 1,
                  .out_channels = 2,
                  .kernel_size = {3, 2},
                  .stride = 2,
                  .padding = {1, 0},
                  .dilation = {2, 1}}),
      nn::MaxPool2d({.kernel_size = 3, .stride = 2, .padding = 1, .ceil_mode = true}),
      nn::AdaptiveAvgPool2d(1));
  const Walk walk = walk_sizes(net, {1, 11, 9});
  EXPECT_EQ(chain_of(walk), "11x9 -> 5x4 -> 3x3");
  EXPECT_THAT(
      lines_of(walk),
      testing::ElementsAre("0: [1, 11, 9] -> [2, 5, 4], (11 - (2x(3 - 1) + 1) + 2x1) / 2 + 1 = 5, "
                           "floor((9 - 2 + 2x0) / 2) + 1 = 4",
                           "1: [2, 5, 4] -> [2, 3, 3], (5 - 3 + 2x1) / 2 + 1 = 3, "
                           "ceil((4 - 3 + 2x1) / 2) + 1 = 3",
                           "2: [2, 3, 3] -> [2, 1, 1]"));
}

TEST(WalkSizes, BranchesAreJoined) {
  const auto net = models::make_model("googlenet", {{"image_size", "32"}});
  const std::vector<std::string> lines = lines_of(walk_sizes(*net, {3, 32, 32}));
  EXPECT_THAT(lines, testing::Contains("concat: [64, 8, 8] -> [256, 8, 8], 64 + 128 + 32 + 32 = "
                                       "256"));
}

}  // namespace
}  // namespace fovea::explain
