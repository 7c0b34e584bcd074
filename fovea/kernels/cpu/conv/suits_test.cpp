// Which convolutions go to which of the CPU's own ways.

#include <gtest/gtest.h>

#include "fovea/kernels/cpu/conv/depthwise.h"
#include "fovea/kernels/cpu/conv/first_conv_block.h"
#include "fovea/kernels/cpu/conv/pointwise.h"
#include "fovea/kernels/cpu/conv/strided_pointwise.h"
#include "tests/support/array.h"

namespace fovea::kernels::cpu {
namespace {

using test::Array;

/// A convolution in two dimensions, of a weight that is kept.
struct Problem {
  Shape x, weight;
  Shape stride = {1, 1}, padding = {0, 0};
  std::int64_t groups = 1;
  bool weight_kept = true;

  ConvSpec spec() const {
    return {.spatial = 2,
            .stride = stride,
            .padding_begin = padding,
            .padding_end = padding,
            .dilation = {1, 1},
            .groups = groups,
            .weight_kept = weight_kept};
  }
  Shape y() const {
    Shape sizes{x[0], weight[0]};
    for (int i = 0; i < 2; ++i)
      sizes.push_back((x[i + 2] + 2 * padding[i] - weight[i + 2]) / stride[i] + 1);
    return sizes;
  }
};

bool is_pointwise(const Problem& p) {
  const Array<float> x(p.x), weight(p.weight);
  return pointwise_suits(p.spec(), x.view(), weight.view());
}

bool is_depthwise(const Problem& p) {
  const Array<float> x(p.x), weight(p.weight);
  return depthwise_suits(p.spec(), x.view(), weight.view());
}

bool is_strided_pointwise(const Problem& p) {
  const Array<float> x(p.x, channels_last_strides), weight(p.weight);
  const Array<float> y(p.y(), channels_last_strides);
  return strided_pointwise_suits(p.spec(), x.view(), weight.view(), y.view());
}

bool is_first_block(const Problem& p, bool input_gradient) {
  const Array<float> x(p.x, channels_last_strides), weight(p.weight);
  const ConvBlockSpec spec{.conv = p.spec(),
                           .conv_sizes = p.y(),
                           .norm = BlockNorm::kBatch,
                           .input_gradient = input_gradient};
  return first_conv_block_suits(spec, x.view(), weight.view());
}

TEST(ConvSuits, PointwiseTakesKeptWeightsOfOnePixel) {
  EXPECT_TRUE(is_pointwise({{1, 5, 7, 9}, {3, 5, 1, 1}}));
  EXPECT_FALSE(is_pointwise({{1, 5, 7, 9}, {3, 5, 1, 1}, {1, 1}, {0, 0}, 1, false}));
  EXPECT_FALSE(is_pointwise({{1, 4, 5, 5}, {4, 2, 1, 1}, {1, 1}, {0, 0}, 2}));
  EXPECT_FALSE(is_pointwise({{1, 4, 5, 5}, {4, 4, 1, 1}, {1, 1}, {1, 0}}));
  EXPECT_FALSE(is_pointwise({{1, 4, 5, 5}, {4, 4, 1, 3}}));
}

TEST(ConvSuits, DepthwiseTakesOneOutputAChannel) {
  EXPECT_TRUE(is_depthwise({{1, 5, 7, 9}, {5, 1, 3, 3}, {1, 1}, {1, 1}, 5}));
  EXPECT_FALSE(is_depthwise({{1, 4, 5, 5}, {8, 1, 3, 3}, {1, 1}, {1, 1}, 4}));
  EXPECT_FALSE(is_depthwise({{1, 4, 5, 5}, {4, 2, 3, 3}, {1, 1}, {1, 1}, 2}));
}

// oneDNN 2.6.3 overwrote memory that was not its own: see strided_pointwise.h.
TEST(ConvSuits, StridedPointwiseOfFewChannelsIsOurs) {
  for (const std::int64_t channels : {1, 3, 8, 15, 33})
    for (const std::int64_t side : {1, 2, 47, 48})
      EXPECT_TRUE(
          is_strided_pointwise({{2, channels, side, side + 1}, {8, channels, 1, 1}, {2, 2}}));
  EXPECT_FALSE(is_strided_pointwise({{1, 16, 8, 8}, {32, 16, 1, 1}, {2, 2}}));
  EXPECT_FALSE(is_strided_pointwise({{1, 8, 8, 8}, {8, 8, 1, 1}}));
  EXPECT_FALSE(is_strided_pointwise({{1, 8, 8, 8}, {8, 8, 3, 3}, {2, 2}, {1, 1}}));
  EXPECT_FALSE(is_strided_pointwise({{1, 8, 8, 8}, {8, 8, 1, 1}, {2, 2}, {1, 1}}));
}

TEST(ConvSuits, FirstBlockTakesSmallPatchesWhoseInputNeedsNoGradient) {
  const Problem first{{2, 1, 28, 28}, {32, 1, 3, 3}};
  EXPECT_TRUE(is_first_block(first, false));
  EXPECT_FALSE(is_first_block(first, true));
  EXPECT_TRUE(is_first_block({{2, 3, 9, 9}, {8, 3, 3, 3}}, false));
  EXPECT_FALSE(is_first_block({{2, 4, 9, 9}, {8, 4, 3, 3}}, false));  // 36 values a patch
  EXPECT_FALSE(is_first_block({{2, 2, 9, 9}, {8, 1, 3, 3}, {1, 1}, {0, 0}, 2}, false));
  EXPECT_FALSE(is_first_block({{2, 1, 90, 90}, {8, 1, 3, 3}, {40, 40}}, false));
}

}  // namespace
}  // namespace fovea::kernels::cpu
