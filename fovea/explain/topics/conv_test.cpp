#include "fovea/explain/topics/conv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"
#include "tests/test_seed.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using test::has;
using test::stops;
using testing::ElementsAre;
using testing::HasSubstr;
using Numbers = std::vector<double>;

constexpr TensorOptions kF64{.dtype = f64, .device = cpu};

TEST(WalkConv, IsTheTextbooksStepByStep) {
  const Walk walk = walk_conv();
  const std::vector<const Stop*> all = stops(walk);
  ASSERT_EQ(all.size(), 16u);
  EXPECT_THAT(all[0]->lines,
              ElementsAre("(1x1)+(0x0)+(0x1) + (0x0)+(1x1)+(0x0) + (0x1)+(0x0)+(1x1) = 3"));
  EXPECT_EQ(all[0]->title.english, "Step 1: row 0, column 0");
  EXPECT_EQ(all[0]->title.korean, "1단계: 0행 0열");
  EXPECT_EQ(all[4]->title.english, "Step 5: row 1, column 0");
  EXPECT_EQ(all[15]->title.korean, "16단계: 3행 3열");
  const Numbers expected{3, 1, 1, 3, 1, 2, 3, 0, 1, 2, 2, 2, 3, 0, 3, 1};
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(test::as<double>(get(all[i]->facts, "sum")), expected[i]) << i;
    EXPECT_THAT(all[i]->lines.back(), testing::EndsWith(str(" = ", expected[i]))) << i;
  }
  EXPECT_EQ(test::numbers(get(walk, "output")), expected);
  EXPECT_THAT(test::notes(walk), HasSubstr("\n(6 - 3 + 2x0) / 1 + 1 = 4\n"));
  EXPECT_THAT(test::notes(walk), HasSubstr("the kernel is not flipped"));
  EXPECT_THAT(test::notes(walk, Language::kKorean), HasSubstr("커널을 뒤집지 않습니다"));
}

TEST(WalkConv, TellsProgramsTheSame) {
  const Walk walk = walk_conv();
  const auto& document = test::as<Fields>(walk.document);
  EXPECT_THAT(test::names(document), ElementsAre("topic", "input", "kernel", "stride", "padding",
                                                 "dilation", "size_formula", "stops", "output"));
  EXPECT_EQ(test::as<std::string>(get(walk, "topic")), "conv");
  EXPECT_EQ(test::as<Tensor>(get(walk, "input")).sizes(), (Shape{6, 6}));
  EXPECT_EQ(test::numbers(get(walk, "kernel")), (Numbers{1, 0, 1, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(test::as<std::int64_t>(get(walk, "stride")), 1);
  EXPECT_EQ(test::as<std::int64_t>(get(walk, "padding")), 0);
  EXPECT_EQ(test::as<std::int64_t>(get(walk, "dilation")), 1);
  EXPECT_EQ(test::as<std::string>(get(walk, "size_formula")), "(6 - 3 + 2x0) / 1 + 1 = 4");
  const Fields& last = stops(walk)[15]->facts;
  EXPECT_THAT(test::names(last), ElementsAre("step", "at", "window", "products", "sum"));
  EXPECT_EQ(test::as<std::int64_t>(get(last, "step")), 16);
  EXPECT_EQ(test::whole(get(last, "at")), (std::vector<std::int64_t>{3, 3}));
  EXPECT_EQ(test::as<Tensor>(get(last, "window")).sizes(), (Shape{3, 3}));
  EXPECT_EQ(test::numbers(get(last, "window")), (Numbers{0, 1, 0, 0, 1, 0, 0, 1, 0}));
  EXPECT_EQ(test::numbers(get(last, "products")), (Numbers{0, 0, 0, 0, 1, 0, 0, 0, 0}));
}

TEST(WalkConv, AddsTheSumsOfChannelsIntoOneNumber) {
  const Walk walk = walk_conv(conv_example("color"));
  const Stop& first = *stops(walk)[0];
  // By hand: R (1-0)+(0-2)+(1-1) = -1, G 1+2+1+2 = 6, B 2+1+0 = 3.
  EXPECT_THAT(first.lines,
              ElementsAre("R: (1x1)+(2x0)+(0x(-1)) + (0x1)+(1x0)+(2x(-1)) + (1x1)+(0x0)+(1x(-1)) "
                          "= -1",
                          "G: (0x0)+(1x1)+(1x0) + (2x1)+(0x0)+(1x1) + (0x0)+(2x1)+(0x0) = 6",
                          "B: (2x1)+(0x0)+(1x0) + (0x0)+(1x1)+(0x0) + (1x0)+(1x0)+(0x1) = 3",
                          "(-1) + 6 + 3 = 8"));
  EXPECT_EQ(test::as<Tensor>(get(first.facts, "window")).sizes(), (Shape{3, 3, 3}));
  EXPECT_EQ(test::as<Tensor>(get(walk, "output")).sizes(), (Shape{2, 2}));
  EXPECT_THAT(test::notes(walk), HasSubstr("3 slices are one filter, not 3 filters"));
  EXPECT_FALSE(has(first.facts, "filter"));
}

TEST(WalkConv, GivesAChannelForEachFilter) {
  const Walk walk = walk_conv(conv_example("filters"));
  const std::vector<const Stop*> all = stops(walk);
  ASSERT_EQ(all.size(), 32u);
  EXPECT_EQ(all[16]->title.english, "Step 17: filter 1, row 0, column 0");
  EXPECT_EQ(all[16]->title.korean, "17단계: 필터 1, 0행 0열");
  EXPECT_EQ(test::as<std::int64_t>(get(all[31]->facts, "filter")), 1);
  EXPECT_EQ(test::as<Tensor>(get(walk, "kernel")).sizes(), (Shape{2, 3, 3}));
  EXPECT_EQ(test::as<Tensor>(get(walk, "output")).sizes(), (Shape{2, 4, 4}));
  EXPECT_THAT(test::notes(walk), HasSubstr("There are 2 filters"));
}

TEST(WalkConv, MovesAlongOneAxis) {
  const Walk walk = walk_conv(conv_example("1d"));
  EXPECT_EQ(test::numbers(get(walk, "output")), (Numbers{1, 1, 1}));
  EXPECT_EQ(test::as<Tensor>(get(walk, "input")).sizes(), (Shape{5}));
  const Stop& last = *stops(walk)[2];
  EXPECT_EQ(last.title.english, "Step 3: position 2");
  EXPECT_EQ(last.title.korean, "3단계: 위치 2");
  EXPECT_THAT(last.lines, ElementsAre("(1x0.25)+(1x0.5)+(1x0.25) = 1"));
  EXPECT_EQ(test::whole(get(last.facts, "at")), (std::vector<std::int64_t>{2}));
}

TEST(WalkConv, MovesAlongThreeAxes) {
  const Walk walk = walk_conv(conv_example("3d"));
  const std::vector<const Stop*> all = stops(walk);
  ASSERT_EQ(all.size(), 8u);
  EXPECT_EQ(all[7]->title.english, "Step 8: depth 1, row 1, column 1");
  EXPECT_EQ(all[7]->title.korean, "8단계: 깊이 1, 1행 1열");
  ASSERT_EQ(all[0]->lines.size(), 3u);
  EXPECT_THAT(all[0]->lines[1], testing::StartsWith("z1: ("));
  EXPECT_EQ(test::as<Tensor>(get(walk, "output")).sizes(), (Shape{2, 2, 2}));
  EXPECT_EQ(test::as<std::vector<Value>>(get(walk, "size_formula")).size(), 3u);
  EXPECT_THAT(test::notes(walk), HasSubstr("\ndepth: (3 - 2 + 2x0) / 1 + 1 = 2\nheight: (4 - 3 "));
}

TEST(WalkConv, ChangesOnlyTheChannelsWithAKernelOfOne) {
  const Walk walk = walk_conv(conv_example("1x1"));
  EXPECT_EQ(test::as<Tensor>(get(walk, "input")).sizes(), (Shape{4, 3, 3}));
  EXPECT_EQ(test::as<Tensor>(get(walk, "output")).sizes(), (Shape{2, 3, 3}));
  EXPECT_EQ(stops(walk)[0]->lines.size(), 1u);
  EXPECT_THAT(stops(walk)[0]->lines[0], HasSubstr("(0x1)+"));
  EXPECT_THAT(test::notes(walk), HasSubstr("here from 4 to 2"));
  // 28*28 places, 32 filters of 5x5x192; 16 of 1x1x192, then 32 of 5x5x16.
  const std::int64_t places = std::int64_t{28} * 28;
  EXPECT_EQ(places * 32 * 5 * 5 * 192, 120'422'400);
  EXPECT_EQ(places * 16 * 192 + places * 32 * 5 * 5 * 16, 12'443'648);
}

TEST(WalkConv, HasAMatrixOfAVolumeAsDeepAsTheKernel) {
  const Walk walk = walk_conv(conv_example("2d-over-3d"));
  EXPECT_EQ(test::as<Tensor>(get(walk, "input")).sizes(), (Shape{2, 5, 5}));
  EXPECT_EQ(test::as<Tensor>(get(walk, "output")).sizes(), (Shape{3, 3}));
  EXPECT_THAT(test::notes(walk), HasSubstr("LeNet-5 and VGG"));
  for (const ConvExample& example : conv_examples())
    EXPECT_FALSE(walk_conv(conv_example(example.name)).blocks.empty()) << example.name;
}

TEST(WalkConv, ShowsTheZerosOfPadding) {
  const Walk walk = walk_conv({.padding = 1});
  const std::vector<const Stop*> all = stops(walk);
  ASSERT_EQ(all.size(), 36u);
  EXPECT_THAT(all[0]->lines,
              ElementsAre("(0x1)+(0x0)+(0x1) + (0x0)+(1x1)+(0x0) + (0x1)+(0x0)+(1x1) = 2"));
  const Board& board = *test::boards(walk)[0];
  EXPECT_EQ(board.grids[0].values.sizes(), (Shape{8, 8}));
  EXPECT_EQ(board.grids[0].padding_rows, 1);
  EXPECT_EQ(board.grids[0].padding_columns, 1);
  EXPECT_EQ(test::as<std::string>(get(walk, "size_formula")), "(6 - 3 + 2x1) / 1 + 1 = 6");
  EXPECT_EQ(test::as<Tensor>(get(walk, "input")).sizes(), (Shape{6, 6}));
}

TEST(WalkConv, PadsOnOneSideMoreForAnEvenKernel) {
  const Walk walk = walk_conv({.kernels = {ones({2, 2})}, .padding = "same"});
  EXPECT_EQ(test::as<std::string>(get(walk, "size_formula")), "(6 - 2 + 0 + 1) / 1 + 1 = 6");
  const auto& pairs = test::as<std::vector<Value>>(get(walk, "padding"));
  EXPECT_EQ(test::whole(pairs[0]), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(test::boards(walk)[0]->grids[0].padding_rows, 0);
}

TEST(WalkConv, RoundsDownWhereTheStrideDoesNotDivide) {
  const Walk walk = walk_conv({.stride = 2, .dilation = 2});
  EXPECT_EQ(test::as<std::string>(get(walk, "size_formula")),
            "floor((6 - (2x(3 - 1) + 1) + 2x0) / 2) + 1 = 1");
  EXPECT_EQ(test::numbers(get(stops(walk)[0]->facts, "window")),
            (Numbers{1, 0, 0, 0, 1, 0, 0, 0, 1}));
}

TEST(WalkConv, AddsTheBias) {
  const Walk walk = walk_conv({.bias = tensor({0.5})});
  const Stop& first = *stops(walk)[0];
  ASSERT_EQ(first.lines.size(), 2u);
  EXPECT_EQ(first.lines[1], "3 + 0.5 = 3.5");
  EXPECT_EQ(test::as<double>(get(first.facts, "sum")), 3);
  EXPECT_EQ(test::as<double>(get(first.facts, "value")), 3.5);
  EXPECT_EQ(test::as<Tensor>(get(walk, "bias")).item(), 0.5);
}

// --- Drawn at random -----------------------------------------------------------------------------

/// What stops say, held against the operation and against the marks on the board.
void check_stops_of(const ConvTopic& topic, const Walk& walk) {
  const ConvOptions options{
      .stride = topic.stride, .padding = topic.padding, .dilation = topic.dilation};
  const Tensor kernels = stack(topic.kernels);
  const Tensor expected = topic.dims == 1   ? conv1d(topic.image, kernels, topic.bias, options)
                          : topic.dims == 2 ? conv2d(topic.image, kernels, topic.bias, options)
                                            : conv3d(topic.image, kernels, topic.bias, options);
  const std::vector<double> values = expected.to_vector<double>();
  std::size_t i = 0;
  for (const Board* const board : test::boards(walk)) {
    for (const Stop& stop : board->stops) {
      const bool is_forward = !has(stop.facts, "of");
      const double value =
          test::as<double>(get(stop.facts, has(stop.facts, "value") ? "value" : "sum"));
      if (is_forward) {
        ASSERT_EQ(value, values.at(i++));
      }
      const Numbers read = test::marked(*board, stop, Role::kRead);
      const Numbers weights = test::marked(*board, stop, Role::kWeigh);
      ASSERT_EQ(read, test::numbers(get(stop.facts, "window")));
      ASSERT_EQ(read.size(), weights.size());
      double sum = 0;
      for (std::size_t k = 0; k < read.size(); ++k) sum += read[k] * weights[k];
      ASSERT_EQ(sum, test::as<double>(get(stop.facts, "sum")));
      ASSERT_EQ(test::marked(*board, stop, Role::kWrite), Numbers{value});
    }
  }
  ASSERT_EQ(i, values.size());
}

TEST(WalkConv, IsTheOperationWhateverItsGeometry) {
  std::mt19937_64 random(fovea::test::seed());
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (int round = 0; round < 60; ++round) {
    ConvTopic topic{.dims = static_cast<int>(draw(1, 3)), .backward = round % 2 == 0};
    const std::int64_t channels = draw(1, 3), filters = draw(1, 3);
    Shape image{channels}, kernel{channels}, stride, padding, dilation, end;
    for (int i = 0; i < topic.dims; ++i) {
      kernel.push_back(draw(1, 3));
      dilation.push_back(draw(1, 2));
      stride.push_back(draw(1, 3));
      padding.push_back(draw(0, 4));
      end.push_back(draw(0, 4));
      image.push_back((kernel[i + 1] - 1) * dilation[i] + draw(1, 3));
    }
    topic.stride = stride;
    topic.dilation = dilation;
    topic.padding = Padding(PerDim(padding), PerDim(end));
    // Whole numbers, whose sums are the same in any order.
    const auto draw_tensor = [&](const Shape& sizes) {
      Generator generator(random());
      return randint(-3, 4, sizes, kF64, generator);
    };
    topic.image = draw_tensor(image);
    for (std::int64_t k = 0; k < filters; ++k) topic.kernels.push_back(draw_tensor(kernel));
    if (draw(0, 1) == 1) topic.bias = draw_tensor({filters});
    SCOPED_TRACE(str("round ", round, ": image ", image, ", kernel ", kernel, ", stride ", stride,
                     ", padding ", padding, " and ", end, ", dilation ", dilation));
    if (topic.backward) {
      const Tensor plain = test::as<Tensor>(get(walk_conv(topic), "grad_output"));
      topic.grad_output = draw_tensor(plain.sizes());
    }
    ASSERT_NO_FATAL_FAILURE(check_stops_of(topic, walk_conv(topic)));
  }
}

// --- Backward ------------------------------------------------------------------------------------

TEST(WalkConv, SumsWhatFlowsBackToAWeight) {
  const Walk walk = walk_conv({.backward = true});
  const std::vector<const Stop*> all = stops(walk);
  ASSERT_EQ(all.size(), 16u + 9u + 36u);
  // All 16 gradients are 1, so each weight gets the sum of the 4x4 numbers that it met.
  EXPECT_EQ(all[16]->title.english, "Step 17: row 0, column 0");
  EXPECT_EQ(test::as<std::string>(get(all[16]->facts, "of")), "grad_kernel");
  EXPECT_THAT(all[16]->lines, ElementsAre("(1x1)+(0x1)+(0x1)+(0x1) + (0x1)+(1x1)+(0x1)+(0x1) + "
                                          "(0x1)+(0x1)+(1x1)+(1x1) + (1x1)+(0x1)+(0x1)+(0x1) = 5"));
  EXPECT_EQ(test::numbers(get(walk, "grad_kernel")), (Numbers{5, 5, 5, 5, 7, 5, 5, 7, 6}));
  // The corner was met by one weight, its neighbour by two, a pixel inside by all nine: 5.
  const Numbers input = test::numbers(get(walk, "grad_input"));
  EXPECT_EQ(Numbers(input.begin(), input.begin() + 6), (Numbers{1, 1, 2, 2, 1, 1}));
  EXPECT_EQ(input[14], 5);
  EXPECT_EQ(test::as<std::string>(get(all[25]->facts, "of")), "grad_input");
  EXPECT_EQ(test::as<Tensor>(get(walk, "grad_output")).sizes(), (Shape{4, 4}));
}

TEST(WalkConv, FlowsBackAsCentralDifferencesDo) {
  Generator generator(5);
  ConvTopic topic{.image = randn({2, 5, 6}, kF64, generator),
                  .stride = {2, 1},
                  .padding = {1, 2},
                  .dilation = {1, 2},
                  .bias = randn({2}, kF64, generator),
                  .backward = true};
  for (int k = 0; k < 2; ++k) topic.kernels.push_back(randn({2, 3, 2}, kF64, generator));
  const Shape sizes = test::as<Tensor>(get(walk_conv(topic), "output")).sizes();
  topic.grad_output = randn(sizes, kF64, generator);
  const Walk walk = walk_conv(topic);
  const auto loss = [&](const ConvTopic& changed) {
    const ConvOptions options{
        .stride = changed.stride, .padding = changed.padding, .dilation = changed.dilation};
    return (conv2d(changed.image, stack(changed.kernels), changed.bias, options) *
            topic.grad_output)
        .sum()
        .item<double>();
  };
  const auto slope = [&](const Tensor& element) {
    Tensor place = element;
    const double value = place.item<double>(), step = 1e-5;
    place.fill_(value + step);
    const double above = loss(topic);
    place.fill_(value - step);
    const double below = loss(topic);
    place.fill_(value);
    return (above - below) / (2 * step);
  };
  const Tensor input = test::as<Tensor>(get(walk, "grad_input"));
  const Tensor kernel = test::as<Tensor>(get(walk, "grad_kernel"));
  ASSERT_EQ(input.sizes(), (Shape{2, 5, 6}));
  ASSERT_EQ(kernel.sizes(), (Shape{2, 2, 3, 2}));
  for (const Shape& at : {Shape{0, 0, 0}, Shape{1, 4, 5}, Shape{0, 2, 3}})
    EXPECT_NEAR(input.at({at[0], at[1], at[2]}).item(),
                slope(topic.image.at({at[0], at[1], at[2]})), 1e-8);
  for (std::int64_t k = 0; k < 2; ++k)
    EXPECT_NEAR(kernel.at({k, 1, 2, 1}).item(),
                slope(topic.kernels[static_cast<std::size_t>(k)].at({1, 2, 1})), 1e-8);
  EXPECT_NEAR(test::as<Tensor>(get(walk, "grad_bias")).at({1}).item(), slope(topic.bias.at({1})),
              1e-8);
}

TEST(WalkConv, PutsZerosBetweenGradientsForAStride) {
  const Walk walk = walk_conv({.image = ones({5, 5}),
                               .kernels = {ones({3, 3})},
                               .stride = 2,
                               .backward = true,
                               .grad_output = tensor({{1, 2}, {3, 4}})});
  EXPECT_THAT(test::notes(walk), HasSubstr("zeros stand between the gradients"));
  const Board& board = *test::boards(walk)[2];
  EXPECT_EQ(board.grids[0].values[2].to_vector<double>(), (Numbers{0, 0, 1, 0, 2, 0, 0}));
  EXPECT_EQ(test::numbers(get(walk, "grad_input")),
            (Numbers{1, 1, 3, 2, 2, 1, 1, 3, 2, 2, 4, 4, 10, 6, 6, 3, 3, 7, 4, 4, 3, 3, 7, 4, 4}));
}

// --- What it refuses -----------------------------------------------------------------------------

template <class E>
std::string refusal(const ConvTopic& topic) {
  return message_of<E>([&] { walk_conv(topic); });
}

TEST(WalkConv, SaysWhatItCannotShow) {
  EXPECT_EQ(refusal<ArgumentError>({.dims = 4}), "explain conv: dims expected 1, 2 or 3, got 4");
  EXPECT_EQ(refusal<ShapeError>({.image = ones({1, 2, 6, 6})}),
            "explain conv: image expected 2 or 3 dimensions, got 4 (image [1, 2, 6, 6])");
  EXPECT_EQ(refusal<ArgumentError>({.image = zeros({0, 3})}),
            "explain conv: image expected 1 to 4194304 numbers, got 0 (image [0, 3])");
  EXPECT_EQ(refusal<ArgumentError>({.kernels = {Tensor()}}),
            "explain conv: kernel expected, got none");
  EXPECT_EQ(refusal<ShapeError>({.image = ones({3, 6, 6}), .kernels = {ones({3, 3})}}),
            "explain conv: kernel expected 3 channels, got 1 (image [3, 6, 6], kernel [3, 3])");
  const Walk color = walk_conv({.image = ones({3, 6, 6})});
  EXPECT_EQ(test::as<Tensor>(get(color, "output")).sizes(), (Shape{4, 4}))
      << "the textbook's kernel for each channel";
  EXPECT_EQ(refusal<ShapeError>({.kernels = {ones({3, 3}), ones({2, 2})}}),
            "explain conv: kernels expected to have one size, got [1, 2, 2] after [1, 3, 3]");
  EXPECT_EQ(refusal<ShapeError>({.kernels = {ones({7, 1})}}),
            "explain conv: kernel expected to fit the padded image, got [7, 1] for [6, 6] (padding "
            "[0, 0] and [0, 0], dilation [1, 1])");
  EXPECT_EQ(refusal<ArgumentError>({.stride = 0}),
            "explain conv: stride expected at least 1, got 0");
  EXPECT_EQ(refusal<ArgumentError>({.padding = -1}),
            "explain conv: padding expected at least 0, got -1");
  EXPECT_EQ(refusal<ShapeError>({.bias = ones({2})}), "explain conv: bias expected [1], got [2]");
  EXPECT_EQ(refusal<ArgumentError>({.channel_names = {"R", "G"}}),
            "explain conv: channel_names expected 1, got 2");
  EXPECT_EQ(refusal<ShapeError>({.backward = true, .grad_output = ones({3, 3})}),
            "explain conv: grad_output expected [1, 4, 4], got [3, 3]");
  EXPECT_EQ(refusal<ArgumentError>({.image = ones({300, 300})}),
            "explain conv: stops expected at most 65536, got 88804");
  EXPECT_EQ(refusal<ArgumentError>({.image = ones({200, 200}), .kernels = {ones({20, 20})}}),
            "explain conv: numbers in all windows expected at most 4194304, got 13104400 (32761 "
            "stops)");
  EXPECT_EQ(refusal<ArgumentError>({.image = ones({200, 200}), .backward = true}),
            "explain conv: stops expected at most 65536, got 79213");
  EXPECT_EQ(refusal<ArgumentError>({.stride = 1000, .padding = 2000}),
            "explain conv: padded image expected at most 4194304 numbers, got 16048036");
  EXPECT_EQ(message_of<ArgumentError>([] { conv_example("colour"); }),
            "explain conv: example expected one of chapter, color, filters, 1d, 2d, 3d, "
            "2d-over-3d, 1x1, got \"colour\"; did you mean \"color\"?");
}

}  // namespace
}  // namespace fovea::explain
