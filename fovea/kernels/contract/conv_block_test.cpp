// Convolution blocks against the same in f64, by the reference: every way that a block can be done,
// over sizes that fill neither windows nor vectors.

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/reference/table.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(ConvBlockContract, &KernelTable::conv_block_plan, &KernelTable::conv_block_forward,
               &KernelTable::conv_block_backward);
FOVEA_CONTRACT(PreparedConvBlockContract, &KernelTable::conv_block_plan,
               &KernelTable::conv_block_forward, &KernelTable::conv_prepare);

using test::Array;

struct Case {
  Shape x, weight;  // [n, c, h, w], [k, c / groups, kernel_h, kernel_w]
  Shape stride = {1, 1}, padding = {0, 0}, dilation = {1, 1};
  std::int64_t groups = 1;
  BlockSpec epilogue = {};
  ConvAlgorithm algorithm = ConvAlgorithm::kAuto;

  Shape conv_sizes() const {
    Shape y{x[0], weight[0]};
    for (int i = 0; i < 2; ++i) {
      const std::int64_t reach = dilation[i] * (weight[2 + i] - 1) + 1;
      y.push_back((x[2 + i] + 2 * padding[i] - reach) / stride[i] + 1);
    }
    return y;
  }
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << "x " << c.x << ", weight " << c.weight << ", stride " << c.stride << ", padding "
             << c.padding << ", dilation " << c.dilation << ", groups " << c.groups << ", window "
             << c.epilogue.window_h << "x" << c.epilogue.window_w
             << (c.epilogue.relu ? ", relu" : "");
}

// Everything that a block reads and writes, in one precision.
template <class T>
struct Block {
  ConvBlockSpec spec;
  Array<T> x, weight, bias, norm_weight, norm_bias, mean, var, y, dy;
  Array<std::uint8_t> positions;
  Array<T> dx, dweight, dbias, dnorm_weight, dnorm_bias;
  std::vector<double> saved;

  Block(const Case& c, BlockNorm norm, bool input_gradient)
      : spec{.conv = {.spatial = 2,
                      .stride = c.stride,
                      .padding_begin = c.padding,
                      .padding_end = c.padding,
                      .dilation = c.dilation,
                      .groups = c.groups,
                      .algorithm = c.algorithm},
             .conv_sizes = c.conv_sizes(),
             .norm = norm,
             .eps = 1e-3,
             .epilogue = c.epilogue,
             .input_gradient = input_gradient},
        x(c.x, channels_last_strides),
        weight(c.weight),
        bias(channels()),
        norm_weight(channels()),
        norm_bias(channels()),
        mean(channels()),
        var(channels()),
        y(out_sizes(), channels_last_strides),
        dy(out_sizes(), channels_last_strides),
        positions(out_sizes(), channels_last_strides),
        dx(c.x, channels_last_strides),
        dweight(c.weight),
        dbias(channels()),
        dnorm_weight(channels()),
        dnorm_bias(channels()) {}

  Shape channels() const { return {spec.conv_sizes[1]}; }
  Shape out_sizes() const {
    return {spec.conv_sizes[0], spec.conv_sizes[1], spec.conv_sizes[2] / spec.epilogue.window_h,
            spec.conv_sizes[3] / spec.epilogue.window_w};
  }
  bool normalises() const { return spec.norm != BlockNorm::kNone; }

  void fill() {
    x.fill_normal(0.5, 1, 1);
    weight.fill_normal(0, 1, 2);
    bias.fill_normal(0, 1, 3);
    norm_weight.fill_normal(0, 1, 4);  // of both signs: the largest value becomes the smallest
    norm_bias.fill_normal(0, 1, 5);
    mean.fill_normal(0, 1, 6);
    var.fill_normal(4, 0.5, 7);
    dy.fill_normal(0, 1, 8);
  }
  template <class U>
  void copy_inputs(const Block<U>& from) {
    const auto copy = [](const Array<U>& source, Array<T>& target) {
      target.values.assign(source.values.begin(), source.values.end());
    };
    copy(from.x, x);
    copy(from.weight, weight);
    copy(from.bias, bias);
    copy(from.norm_weight, norm_weight);
    copy(from.norm_bias, norm_bias);
    copy(from.mean, mean);
    copy(from.var, var);
    copy(from.dy, dy);
  }
  ConvBlockInputs inputs() {
    ConvBlockInputs in{x.view(), weight.view(), bias.view(), {}, {}};
    if (normalises()) in.norm_weight = norm_weight.view(), in.norm_bias = norm_bias.view();
    return in;
  }
  ConvBlockResults results(bool for_backward) {
    ConvBlockResults out{.y = y.view(), .positions = {}, .mean = {}, .var = {}, .saved = {}};
    if (normalises()) out.mean = mean.view(), out.var = var.view();
    if (!for_backward) return out;
    if (spec.epilogue.window() > 1) out.positions = positions.view();
    const std::int64_t bytes = plan({x.view(), weight.view()}).saved_bytes;
    saved.resize(static_cast<std::size_t>((bytes + 7) / 8));
    if (bytes > 0) out.saved = {saved.data(), u8, {bytes}, {1}};
    return out;
  }
  ConvBlockGradients gradients() {
    ConvBlockGradients d{.dx = {},
                         .dweight = dweight.view(),
                         .dbias = dbias.view(),
                         .dnorm_weight = {},
                         .dnorm_bias = {}};
    if (spec.input_gradient) d.dx = dx.view();
    if (normalises()) d.dnorm_weight = dnorm_weight.view(), d.dnorm_bias = dnorm_bias.view();
    return d;
  }
  /// f32 is for the device, f64 for the reference.
  template <class... Parameters>
  void call(void (*KernelTable::*entry)(Queue&, Parameters...),
            std::type_identity_t<Parameters>... arguments) {
    if constexpr (std::is_same_v<T, float>)
      contract::run(entry, arguments...);
    else
      (reference::table().*entry)(queue_of(device()), arguments...);
  }
  ConvBlockPlan plan(const ConvInputs& in) {
    ConvBlockPlan made;
    call(&KernelTable::conv_block_plan, spec, in, &made);
    return made;
  }
  void run() {
    const ConvBlockResults out = results(true);
    call(&KernelTable::conv_block_forward, spec, inputs(), out);
    call(&KernelTable::conv_block_backward, spec, inputs(), out, dy.view(), gradients());
  }
};

// Largest error beside the largest value, or beside 1 where all are smaller.
template <class Fast, class Exact>
double error(const Array<Fast>& fast, const Array<Exact>& exact) {
  double largest = 0, scale = 1;
  for (std::size_t i = 0; i < exact.values.size(); ++i) {
    const double off = std::abs(static_cast<double>(fast.values[i]) - exact.values[i]);
    if (std::isnan(off)) return off;
    largest = std::max(largest, off);
    scale = std::max(scale, std::abs(exact.values[i]));
  }
  return largest / scale;
}

// Of f32: sums of a few thousand terms of the size of the result, where Winograd's method adds a
// factor of some ten to eps (see winograd_test.cpp); 100 eps sqrt(1000).
constexpr double kBound = 2e-4;

void compare(const Case& c, BlockNorm norm, bool input_gradient) {
  SCOPED_TRACE(testing::Message() << c << ", norm " << static_cast<int>(norm)
                                  << (input_gradient ? ", with dx" : ""));
  Block<float> fast(c, norm, input_gradient);
  Block<double> exact(c, norm, input_gradient);
  fast.fill();
  exact.copy_inputs(fast);
  fast.run();
  exact.run();
  EXPECT_LE(error(fast.y, exact.y), kBound) << "y";
  if (norm != BlockNorm::kNone) {
    EXPECT_LE(error(fast.mean, exact.mean), kBound) << "mean";
    EXPECT_LE(error(fast.var, exact.var), kBound) << "var";
    EXPECT_LE(error(fast.dnorm_weight, exact.dnorm_weight), kBound) << "dnorm_weight";
    EXPECT_LE(error(fast.dnorm_bias, exact.dnorm_bias), kBound) << "dnorm_bias";
  }
  EXPECT_LE(error(fast.dweight, exact.dweight), kBound) << "dweight";
  EXPECT_LE(error(fast.dbias, exact.dbias), kBound) << "dbias";
  if (input_gradient) {
    EXPECT_LE(error(fast.dx, exact.dx), kBound) << "dx";
  }

  // Without a backward in view, it is the same up to rounding.
  Block<float> alone(c, norm, input_gradient);
  alone.copy_inputs(fast);
  contract::run(&KernelTable::conv_block_forward, alone.spec, alone.inputs(), alone.results(false));
  EXPECT_LE(error(alone.y, exact.y), kBound) << "y without backward";
}

void compare(const std::vector<Case>& cases) {
  for (const Case& c : cases)
    for (const BlockNorm norm : {BlockNorm::kNone, BlockNorm::kConstant, BlockNorm::kBatch})
      for (const bool input_gradient : {false, true}) compare(c, norm, input_gradient);
}

constexpr BlockSpec kPool = {true, 2, 2};

/// Cases of few input channels.
std::vector<Case> few_inputs() {
  return {
      {{3, 1, 28, 28}, {32, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, kPool},
      {{2, 3, 9, 11}, {5, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, kPool},  // odd sizes
      {{2, 1, 13, 10}, {17, 1, 5, 5}, {2, 3}, {2, 1}, {1, 1}, 1, kPool},
      {{1, 2, 12, 12}, {8, 2, 2, 3}, {1, 2}, {0, 1}, {3, 2}, 1, {true, 1, 1}},
      {{2, 1, 10, 21}, {7, 1, 3, 3}, {1, 1}, {2, 2}, {1, 1}, 1, {false, 3, 4}},
      {{1, 1, 5, 5}, {1, 1, 1, 1}, {1, 1}, {0, 0}, {1, 1}, 1, {false, 1, 1}},
      {{40, 1, 6, 6}, {16, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, kPool},
      {{2, 3, 11, 12}, {50, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, {true, 1, 1}},
      {{2, 1, 11, 12}, {9, 1, 4, 4}, {1, 1}, {1, 1}, {1, 1}, 1, {true, 2, 3}},
  };
}

/// Cases for Winograd's method.
std::vector<Case> winograds() {
  std::vector<Case> cases = {
      {{2, 32, 14, 14}, {32, 32, 3, 3}, {1, 1}, {0, 0}, {1, 1}, 1, kPool},
      {{1, 33, 9, 11}, {20, 33, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, kPool},
      {{1, 20, 8, 8}, {33, 20, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, {true, 1, 1}},
      {{1, 24, 13, 16}, {24, 24, 3, 3}, {1, 1}, {2, 1}, {1, 1}, 1, {true, 3, 2}},
      {{1, 24, 16, 16}, {16, 24, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, {false, 4, 4}},
      {{1, 24, 12, 14}, {16, 24, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, {true, 5, 1}},
      {{3, 24, 13, 13}, {24, 24, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, {true, 4, 3}},
  };
  for (Case& c : cases) c.algorithm = ConvAlgorithm::kWinograd;
  return cases;
}

/// Cases that are neither.
std::vector<Case> direct_ones() {
  return {
      {{2, 40, 8, 8}, {24, 40, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, kPool, ConvAlgorithm::kDirect},
      {{2, 16, 9, 9}, {24, 16, 5, 5}, {1, 1}, {2, 2}, {1, 1}, 1, kPool},
      {{2, 40, 8, 8}, {12, 40, 1, 1}, {1, 1}, {0, 0}, {1, 1}, 1, {true, 1, 1}},
      {{2, 18, 9, 8}, {18, 1, 3, 3}, {2, 1}, {1, 1}, {1, 1}, 18, kPool},  // depthwise
      {{2, 36, 7, 7}, {9, 12, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 3, {false, 2, 2}},
  };
}

TEST_P(ConvBlockContract, FewInputsAgreeWithF64) { compare(few_inputs()); }
TEST_P(ConvBlockContract, WinogradAgreesWithF64) { compare(winograds()); }
TEST_P(ConvBlockContract, DirectConvolutionsAgreeWithF64) { compare(direct_ones()); }

/// With what the device makes of the weight, the result has the bits that it has without.
void compare_with_prepared(const Case& c, BlockNorm norm) {
  SCOPED_TRACE(testing::Message() << c << ", norm " << static_cast<int>(norm));
  Block<float> block(c, norm, false);
  block.fill();
  const ConvInputs conv{block.x.view(), block.weight.view(), block.bias.view()};
  const PreparedPlan plan = block.plan(conv).prepared;
  if (plan.bytes == 0) return;
  Array<std::uint8_t> prepared({plan.bytes});
  contract::run(&KernelTable::conv_prepare, block.spec.conv, conv, block.spec.conv_sizes,
                prepared.view());
  ConvBlockInputs in = block.inputs();
  contract::run(&KernelTable::conv_block_forward, block.spec, in, block.results(false));
  const std::vector<float> y = block.y.values;
  block.y.values.assign(y.size(), 0);
  in.prepared = prepared.view();
  contract::run(&KernelTable::conv_block_forward, block.spec, in, block.results(false));
  EXPECT_EQ(block.y.values, y);
}

TEST_P(PreparedConvBlockContract, WhatIsPreparedIsWhatWouldBeMadeAnyway) {
  for (const std::vector<Case>& cases : {few_inputs(), winograds(), direct_ones()})
    for (const Case& c : cases)
      for (const BlockNorm norm : {BlockNorm::kNone, BlockNorm::kConstant, BlockNorm::kBatch})
        compare_with_prepared(c, norm);
}

// A mean far from 0 must not drown the variance: patches are centred before they are multiplied.
TEST_P(ConvBlockContract, StatisticsSurviveALargeMean) {
  const Case c{{4, 1, 12, 12}, {8, 1, 3, 3}, {1, 1}, {0, 0}, {1, 1}, 1, kPool};
  Block<float> fast(c, BlockNorm::kBatch, false);
  Block<double> exact(c, BlockNorm::kBatch, false);
  fast.fill();
  fast.x.fill_normal(1000, 0.1, 1);
  exact.copy_inputs(fast);
  fast.run();
  exact.run();
  for (std::size_t k = 0; k < 8; ++k)
    EXPECT_NEAR(fast.var.values[k] / exact.var.values[k], 1, 1e-4) << "channel " << k;
}

// Where y is NaN the gradient passes relu, as in PyTorch, whichever way the block is done.
TEST_P(ConvBlockContract, NanWinsItsWindowAndItsGradientPasses) {
  const Case few{{1, 1, 4, 4}, {20, 1, 1, 1}, {1, 1}, {0, 0}, {1, 1}, 1, kPool};
  for (const bool input_gradient : {false, true}) {  // from patches, and the plain way
    Block<float> block(few, BlockNorm::kNone, input_gradient);
    block.fill();
    block.x.values.assign(16, 1);
    block.x.values[5] = std::numeric_limits<float>::quiet_NaN();  // pixel 3 of window 0
    block.run();
    for (std::size_t k = 0; k < 20; ++k) {
      EXPECT_TRUE(std::isnan(block.y.values[k])) << "channel " << k;
      EXPECT_EQ(block.positions.values[k], 3) << "channel " << k;
      EXPECT_TRUE(std::isnan(block.dweight.values[k])) << "channel " << k;
    }
    float expected = 0;  // of channel 0: what passed
    for (std::size_t window = 0; window < 4; ++window)
      if (!(block.y.values[window * 20] <= 0)) expected += block.dy.values[window * 20];
    EXPECT_FLOAT_EQ(block.dbias.values[0], expected);
  }
}

TEST_P(ConvBlockContract, OfNoImages) {
  const Case c{{0, 1, 8, 8}, {4, 1, 3, 3}, {1, 1}, {0, 0}, {1, 1}, 1, kPool};
  Block<float> block(c, BlockNorm::kConstant, false);
  block.fill();
  block.dweight.fill_integers(7, 7, 1);
  block.run();
  for (const float value : block.dweight.values) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace fovea::kernels::contract
