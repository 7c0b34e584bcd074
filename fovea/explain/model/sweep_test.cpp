#include "fovea/explain/model/sweep.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/explain/model/layer.h"
#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/said_in_both.h"
#include "tests/support/walk_reader.h"
#include "tests/test_seed.h"

namespace fovea::explain {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

ModelRun fashion_run() {
  manual_seed(test::seed());
  const auto net = models::make_model("fashion-cnn");
  const NoGrad no_grad;
  return evaluate_model(*net, rand({1, 1, 28, 28}));
}

const Board& board_of(const Walk& walk) { return std::get<Board>(walk.blocks.back()); }

// The first layer unless told: its image with the border, the filter, and the map that it makes.
TEST(WalkSweep, GoesOverAllPlaces) {
  const ModelRun run = fashion_run();
  const Walk walk = walk_sweep(run, {.channel = 3});
  const Board& board = board_of(walk);
  ASSERT_EQ(board.grids.size(), 3u);
  EXPECT_EQ(board.grids[0].values.sizes(), Shape({30, 30}));
  EXPECT_EQ(board.grids[0].padding_rows, 1);
  EXPECT_EQ(board.grids[1].values.sizes(), Shape({3, 3}));
  EXPECT_TRUE(board.grids[2].grows);
  EXPECT_TRUE(equal(board.grids[2].values, run.layers[0].output()[0][3]));
  ASSERT_EQ(board.stops.size(), 784u);
  const Stop& stop = board.stops[28 * 2 + 5];
  EXPECT_EQ(stop.title.english, "row 2, column 5");
  ASSERT_EQ(stop.marks.size(), 3u);
  EXPECT_EQ(stop.marks[0].cells.row, 2) << "of the image with its border";
  EXPECT_EQ(stop.marks[0].cells.column, 5);
  EXPECT_EQ(stop.marks[0].cells.rows, 3);
  EXPECT_EQ(stop.marks[2].cells.row, 2);
  EXPECT_EQ(stop.marks[2].cells.column, 5);
  // What stands there is what the layer's own walk says.
  const Walk one = walk_layer(run, {.layer = "layer1.0", .channel = 3, .at = {2, 5}});
  const auto formula = std::find_if(one.blocks.rbegin(), one.blocks.rend(), [](const Block& block) {
    const auto* const note = std::get_if<Note>(&block);
    return note != nullptr && note->look == Note::Look::kFormula;
  });
  ASSERT_NE(formula, one.blocks.rend());
  ASSERT_EQ(stop.lines.size(), 2u) << "the products, and their sum with the bias";
  EXPECT_EQ(stop.lines[0], std::get<Board>(one.blocks.at(1)).stops[0].lines[0]);
  EXPECT_EQ(stop.lines[1], std::get<Note>(*formula).text.english);
  EXPECT_EQ(test::text(test::get(walk, "layer")), "layer1.0");
}

TEST(WalkSweep, ShowsTheSliceThatWeighsMost) {
  manual_seed(test::seed());
  nn::Sequential net(
      nn::Conv2d({.in_channels = 4, .out_channels = 4, .kernel_size = 3, .groups = 2}));
  const NoGrad no_grad;
  net.parameters()[0].fill_(0.5);
  net.parameters()[0].select(0, 2).select(0, 1).fill_(-2);  // of the second group's inputs 2 and 3
  const Walk walk = walk_sweep(evaluate_model(net, rand({1, 4, 5, 5})), {.channel = 2});
  EXPECT_EQ(board_of(walk).grids[0].title.english, "input channel 3");
  EXPECT_TRUE(equal(board_of(walk).grids[1].values.to(f32), full({3, 3}, -2)));
  EXPECT_THAT(std::get<Note>(walk.blocks[0]).text.english, HasSubstr("has 2 slices"));
}

TEST(WalkSweep, VisitsSomePlacesOfLargeMaps) {
  nn::Sequential net(nn::ReLU{});
  const NoGrad no_grad;
  const Walk walk = walk_sweep(evaluate_model(net, rand({1, 2, 70, 50})), {.channel = 1});
  const Board& board = board_of(walk);
  EXPECT_EQ(board.grids.size(), 2u) << "no filter";
  EXPECT_FALSE(board.grids[1].grows);
  EXPECT_LE(board.stops.size(), 1024u);
  EXPECT_EQ(board.stops[1].marks[0].cells.column, 2);
  EXPECT_EQ(board.stops[1].marks[0].cells.rows, 1);
}

TEST(WalkSweep, SaysWhatIsWrong) {
  const ModelRun run = fashion_run();
  EXPECT_THAT([&] { walk_sweep(run, {.layer = "fc1"}); },
              ThrowsMessage<ArgumentError>(
                  "explain: layer expected to read and give maps of two dimensions, got fc1 "
                  "(Linear, output [1, 600]), of which one value at a time can be shown"));
  EXPECT_EQ(test::korean_message_of([&] { walk_sweep(run, {.layer = "fc1"}); }),
            "explain: 2차원 맵을 읽고 내는 층이어야 하는데 fc1 (Linear, 출력 [1, 600])입니다. 이 "
            "층은 값 하나씩만 보일 수 있습니다");
  EXPECT_THAT([&] { walk_sweep(run, {.channel = 32}); },
              ThrowsMessage<IndexError>(HasSubstr("channel expected in 0 to 31, got 32")));
  nn::Sequential dense(nn::Linear(4, 2));
  const NoGrad no_grad;
  EXPECT_THAT(
      [&] {
        walk_sweep(evaluate_model(dense, rand({1, 4})));
      },
      ThrowsMessage<ArgumentError>(
          "explain: layer expected that reads and gives maps, got a network of none"));
}

// Whose second operand is no filter, though it has four dimensions.
TEST(WalkSweep, GoesOverASumOfTwoBranches) {
  manual_seed(test::seed());
  const auto net = models::make_model("resnet18", {{"image_size", "16"}, {"num_classes", "10"}});
  const NoGrad no_grad;
  const ModelRun run = evaluate_model(*net, rand({1, 3, 16, 16}));
  const Board board = board_of(walk_sweep(run, {.layer = "add", .channel = 5}));
  EXPECT_EQ(board.grids.size(), 2u);
  EXPECT_EQ(board.grids[0].title.english, "input channel 5");
}

}  // namespace
}  // namespace fovea::explain
