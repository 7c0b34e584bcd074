// Walks over operations that graphs alone have: each value follows from what was read.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "fovea/explain/model/layer.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/draw.h"
#include "tests/support/run_node.h"
#include "tests/support/walk_reader.h"
#include "tests/test_seed.h"

namespace fovea::explain {
namespace {

using Ints = std::vector<std::int64_t>;

using test::draw;
using test::get;
using test::is_null;
using test::number;
using test::numbers;
using testing::ElementsAre;

/// A run of one operation, called "n".
ModelRun run_of(const std::string& op, int opset, const Attributes& attributes,
                const Tensors& inputs) {
  const NoGrad no_grad;
  const Tensors results = test::run_node(op, opset, attributes, inputs);
  return {.input = inputs[0],
          .output = results[0],
          .layers = {{.name = "n",
                      .type = op,
                      .op = op,
                      .inputs = inputs,
                      .outputs = results,
                      .attributes = attributes,
                      .opset = opset,
                      .parts = {}}}};
}

Tensor drawn(const Shape& sizes) {
  static Generator generator(test::seed());
  return randn(sizes, {}, generator);
}

Tensor row(const std::vector<double>& values) {
  return from_data(values, {static_cast<std::int64_t>(values.size())}).to(f32);
}

Walk walk_at(const ModelRun& run, const Shape& index) {
  LayerOptions options{
      .layer = "n", .channel = index.ndim() > 1 ? index[1] : 0, .sample = index[0]};
  for (int i = 2; i < index.ndim(); ++i) options.at.push_back(index[i]);
  return walk_layer(run, options);
}

/// Drawn places of the output: check(walk, value), the walk's value being the kernel's.
template <class F>
void visit(const ModelRun& run, const F& check) {
  test::Random random(test::seed());
  const Shape& sizes = run.output.sizes();
  for (int i = 0; i < 40; ++i) {
    Shape index;
    for (const std::int64_t size : sizes) index.push_back(draw(random, 0, size - 1));
    SCOPED_TRACE(index.to_string());
    const Walk walk = walk_at(run, index);
    const double value = number(get(walk, "value"));
    ASSERT_EQ(value, value_at(run.output, index));
    check(walk, value);
  }
}

/// A value that is the sum of products and a bias, in another order.
void check_sum(const Walk& walk, double value) {
  double sum = 0, size = 0;
  const std::vector<double> window = numbers(get(walk, "window")),
                            weights = numbers(get(walk, "weights")),
                            products = numbers(get(walk, "products"));
  for (std::size_t i = 0; i < products.size(); ++i) {
    EXPECT_TRUE(window.size() != products.size() || products[i] == window[i] * weights.at(i));
    sum += products[i];
    size += std::abs(products[i]);
  }
  const double bias = is_null(get(walk, "bias")) ? 0 : number(get(walk, "bias"));
  EXPECT_NEAR(number(get(walk, "sum")), sum, 1e-13 * size);
  EXPECT_LE(std::abs(value - (sum + bias)), 1e-6 * (size + std::abs(bias)));
}

/// What a walk says beside its boards and tables.
std::vector<std::string> formulas(const Walk& walk) {
  std::vector<std::string> lines;
  for (const Block& block : walk.blocks) {
    const auto* const note = std::get_if<Note>(&block);
    if (note == nullptr) continue;
    const bool formula = note->look == Note::Look::kFormula;
    if (formula) lines.push_back(note->text.english);
    EXPECT_TRUE(formula || note->text.english != note->text.korean) << note->text.english;
  }
  return lines;
}

TEST(WalkConvTranspose, AddsWhatIsSpreadToAPlace) {
  const ModelRun run =
      run_of("ConvTranspose", 11, {{"strides", Ints{2, 2}}},
             {tensor({{1, 2}, {3, 4}}).view({1, 1, 2, 2}),
              tensor({{1, 10, 100}, {2, 20, 200}, {3, 30, 300}}).view({1, 1, 3, 3}), row({0.5})});
  const Walk middle = walk_at(run, {0, 0, 2, 2});
  EXPECT_THAT(numbers(get(middle, "window")), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(numbers(get(middle, "weights")), ElementsAre(300, 3, 100, 1));
  EXPECT_EQ(number(get(middle, "sum")), 300 + 6 + 300 + 4);
  EXPECT_THAT(formulas(middle), ElementsAre("610 + 0.5 = 610.5"));
  EXPECT_THAT(test::stops(middle).at(0)->lines, ElementsAre("(1x300)+(2x3) + (3x100)+(4x1) = 610"));
  const Walk between = walk_at(run, {0, 0, 1, 3});
  EXPECT_THAT(numbers(get(between, "window")), ElementsAre(2));
  EXPECT_EQ(number(get(between, "value")), 40.5);
  EXPECT_EQ(walk_of(run.layers[0]).formula(run.layers[0]), "(2 - 1)x2 + 3 = 5");
}

TEST(WalkConvTranspose, ValuesFollowFromWhatWasRead) {
  visit(run_of("ConvTranspose", 11,
               {{"strides", Ints{2, 3}},
                {"pads", Ints{1, 0, 2, 1}},
                {"dilations", Ints{2, 1}},
                {"output_padding", Ints{1, 0}},
                {"group", std::int64_t{2}}},
               {drawn({2, 6, 5, 4}), drawn({6, 2, 3, 4}), drawn({4})}),
        check_sum);
  // Windows beside one another, with gaps that nothing reaches.
  visit(run_of("ConvTranspose", 11, {{"strides", Ints{3}}}, {drawn({1, 2, 5}), drawn({2, 3, 2})}),
        check_sum);
  for (const char* const side : {"SAME_UPPER", "SAME_LOWER"})
    visit(run_of("ConvTranspose", 11, {{"strides", Ints{2, 2}}, {"auto_pad", std::string(side)}},
                 {drawn({1, 2, 4, 5}), drawn({2, 3, 3, 3})}),
          check_sum);
  visit(run_of("ConvTranspose", 11, {{"strides", Ints{2}}, {"output_shape", Ints{6}}},
               {drawn({1, 2, 4}), drawn({2, 3, 3})}),
        check_sum);
}

TEST(WalkNormsWithinASample, SayTheirOwnStatistics) {
  const Tensor x = tensor({{1, 3}, {5, 7}}).view({1, 2, 2});
  const Walk instance = walk_at(
      run_of("InstanceNormalization", 17, {{"epsilon", 0.0}}, {x, row({1, 2}), row({0, -0.5})}),
      {0, 1, 1});
  EXPECT_EQ(number(get(instance, "mean")), 6);
  EXPECT_EQ(number(get(instance, "var")), 1);
  EXPECT_THAT(formulas(instance),
              ElementsAre("(7 - 6) / sqrt(1 + 0) = 1", "1 x 2 + (-0.5) = 2 + (-0.5) = 1.5"));
  const Walk layer =
      walk_at(run_of("LayerNormalization", 17, {{"axis", std::int64_t{1}}, {"epsilon", 4.0}},
                     {x, ones({2, 2})}),
              {0, 0, 0});
  EXPECT_EQ(number(get(layer, "mean")), 4);
  EXPECT_EQ(number(get(layer, "var")), 5);
  EXPECT_EQ(number(get(layer, "normalized")), -1);
  EXPECT_EQ(test::places(get(layer, "normed_over")), (Shape{2, 2}));
}

TEST(WalkNormsWithinASample, ValuesFollowFromWhatWasRead) {
  const Tensor x = drawn({2, 6, 4, 5}) + 3.0;
  visit(run_of("InstanceNormalization", 17, {}, {x, drawn({6}), drawn({6})}), check_sum);
  visit(run_of("GroupNormalization", 18, {{"num_groups", std::int64_t{3}}},
               {x, drawn({3}), drawn({3})}),
        check_sum);
  visit(run_of("GroupNormalization", 21, {{"num_groups", std::int64_t{3}}},
               {x, drawn({6}), drawn({6})}),
        check_sum);
  visit(run_of("LayerNormalization", 17, {}, {x, drawn({5}), drawn({5})}), check_sum);
  visit(run_of("LayerNormalization", 17, {{"axis", std::int64_t{2}}}, {x, drawn({4, 5})}),
        check_sum);
}

TEST(WalkReductions, SayTheSumAndWhatIsMadeOfIt) {
  const Tensor x = tensor({{3, -4}, {1, 2}}).view({1, 2, 2});
  const auto lines = [&](const char* op) {
    return formulas(
        walk_at(run_of(op, 13, {{"axes", Ints{2}}, {"keepdims", std::int64_t{0}}}, {x}), {0, 0}));
  };
  EXPECT_THAT(lines("ReduceSum"), ElementsAre("3 + (-4) = -1"));
  EXPECT_THAT(lines("ReduceMean"), ElementsAre("3 + (-4) = -1", "(-1) / 2 = -0.5"));
  EXPECT_THAT(lines("ReduceL1"), ElementsAre("3 + 4 = 7"));
  EXPECT_THAT(lines("ReduceL2"), ElementsAre("9 + 16 = 25", "sqrt(25) = 5"));
  EXPECT_THAT(lines("ReduceSumSquare"), ElementsAre("9 + 16 = 25"));
  EXPECT_THAT(lines("ReduceMax"), ElementsAre("max(3, -4) = 3"));
  EXPECT_THAT(lines("ReduceMin"), ElementsAre("min(3, -4) = -4"));
}

/// What the operator makes of a sum of `count` terms.
double made_of(const std::string& op, double sum, double count) {
  if (op == "ReduceMean") return sum / count;
  if (op == "ReduceL2") return std::sqrt(sum);
  if (op == "ReduceLogSum" || op == "ReduceLogSumExp") return std::log(sum);
  return sum;
}

TEST(WalkReductions, ValuesFollowFromWhatWasRead) {
  for (const char* const op : {"ReduceSum", "ReduceMean", "ReduceL1", "ReduceL2", "ReduceSumSquare",
                               "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMin"}) {
    SCOPED_TRACE(op);
    const std::string name = op;
    const auto check = [&](const Walk& walk, double value) {
      const std::vector<double> window = numbers(get(walk, "window"));
      if (name == "ReduceMax" || name == "ReduceMin") {
        const auto [least, most] = std::ranges::minmax(window);
        EXPECT_EQ(value, name == "ReduceMax" ? most : least);
        return;
      }
      double size = 1e-3;  // a logarithm's, about 0
      for (const double term : numbers(get(walk, "products"))) size += std::abs(term);
      const double count = number(get(walk, "count"));
      EXPECT_EQ(count, static_cast<double>(window.size()));
      EXPECT_NEAR(value, made_of(name, number(get(walk, "sum")), count), 1e-6 * size);
    };
    const Tensor x = abs(drawn({2, 5, 4, 3})) + 0.1;
    visit(run_of(op, 11, {{"axes", Ints{2, -1}}, {"keepdims", std::int64_t{0}}}, {x}), check);
    visit(run_of(op, 11, {{"axes", Ints{1}}}, {x}), check);
    visit(run_of(op, 18, {}, {x, from_data(Ints{1, 3}, {2})}), check);
    visit(run_of(op, 18, {}, {x}), check);
    visit(run_of(op, 18, {{"noop_with_empty_axes", std::int64_t{1}}}, {x}), check);
  }
}

TEST(WalkResize, NearestIsAnInputValue) {
  const ModelRun run = run_of("Resize", 13,
                              {{"mode", std::string("nearest")},
                               {"coordinate_transformation_mode", std::string("asymmetric")},
                               {"nearest_mode", std::string("floor")}},
                              {drawn({2, 3, 4, 5}), {}, row({1, 1, 2, 2})});
  visit(run, [&](const Walk& walk, double value) {
    const auto& from = test::list(get(walk, "from"));
    ASSERT_EQ(from.size(), 1u);
    EXPECT_EQ(value, value_at(run.input, test::places(from[0])));
    EXPECT_THAT(numbers(get(walk, "weights")), ElementsAre(1));
  });
  EXPECT_EQ(test::places(test::list(get(walk_at(run, {1, 2, 7, 4}), "from"))[0]),
            (Shape{1, 2, 3, 2}));
}

TEST(WalkResize, LinearWeighsTheValuesAround) {
  const ModelRun run =
      run_of("Resize", 13, {{"mode", std::string("linear")}},
             {tensor({{0, 8}, {16, 32}}).view({1, 1, 2, 2}), {}, row({1, 1, 2, 2})});
  const Walk walk = walk_at(run, {0, 0, 1, 1});
  EXPECT_THAT(numbers(get(walk, "window")), ElementsAre(0, 8, 16, 32));
  EXPECT_THAT(numbers(get(walk, "weights")), ElementsAre(0.5625, 0.1875, 0.1875, 0.0625));
  EXPECT_THAT(formulas(walk), ElementsAre("(0x0.5625)+(8x0.1875) + (16x0.1875)+(32x0.0625) = 6.5"));
  for (const char* const mode : {"half_pixel", "align_corners", "asymmetric"})
    visit(run_of("Resize", 13,
                 {{"mode", std::string("linear")},
                  {"coordinate_transformation_mode", std::string(mode)}},
                 {drawn({2, 3, 4, 5}), {}, {}, from_data(Ints{2, 3, 7, 11}, {4})}),
          check_sum);
  visit(run_of("Upsample", 9, {{"mode", std::string("linear")}},
               {drawn({1, 2, 3, 4}), row({1, 1, 2, 3})}),
        check_sum);
}

TEST(WalkResize, OutsideThereIsAGivenValue) {
  const ModelRun run = run_of(
      "Resize", 13,
      {{"mode", std::string("linear")},
       {"coordinate_transformation_mode", std::string("tf_crop_and_resize")},
       {"extrapolation_value", 9.0}},
      {drawn({1, 1, 4, 4}), row({0, 0, 0, 0, 1, 1, 2, 1}), {}, from_data(Ints{1, 1, 4, 4}, {4})});
  const Walk walk = walk_at(run, {0, 0, 3, 0});
  EXPECT_EQ(number(get(walk, "value")), 9);
  EXPECT_THAT(test::notes(walk), testing::HasSubstr("outside of the input"));
}

TEST(WalkLpPool, IsTheRootOfASumOfPowers) {
  const Walk walk = walk_at(
      run_of("LpPool", 11, {{"kernel_shape", Ints{2}}}, {tensor({{3, -4}}).view({1, 1, 2})}),
      {0, 0, 0});
  EXPECT_THAT(numbers(get(walk, "window")), ElementsAre(3, -4));
  EXPECT_THAT(numbers(get(walk, "products")), ElementsAre(9, 16));
  EXPECT_THAT(formulas(walk), ElementsAre("25^(1/2) = 5"));
  EXPECT_THAT(test::stops(walk).at(0)->lines, ElementsAre("|3|^2 + |-4|^2 = 25"));
  const auto check = [](const Walk& one, double value) {
    EXPECT_NEAR(value, std::pow(number(get(one, "sum")), 1 / number(get(one, "p"))), 1e-6 * value);
  };
  for (const std::int64_t p : {1, 2, 3}) {
    visit(run_of("LpPool", 18,
                 {{"p", p},
                  {"kernel_shape", Ints{3, 2}},
                  {"strides", Ints{2, 1}},
                  {"pads", Ints{1, 0, 1, 1}},
                  {"ceil_mode", std::int64_t{1}}},
                 {drawn({2, 3, 8, 5})}),
          check);
    visit(run_of("GlobalLpPool", 2, {{"p", p}}, {drawn({2, 3, 4, 5})}), check);
  }
}

}  // namespace
}  // namespace fovea::explain
