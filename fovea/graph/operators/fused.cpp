// Fovea's own operators, which the fusing pass makes of ONNX's.
//   ConvBlock   Conv's inputs (3, the bias perhaps left out) and attributes; scale, bias, mean and
//               variance of a batch normalisation by these, and its epsilon, all or none; relu (0
//               or 1); window (two ints: max pooling by windows side by side)
//   ConvAddClamp  Conv's inputs and attributes, then a value that is added to the result (may be
//               left out), and low and high (reals, each may be left out) that it is clamped to
//   LinearRelu  max(x w' + b, 0): x [n, k], w [m, k], b [m]

#include "fovea/graph/operators.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv_block.h"
#include "fovea/tensor/ops/linear.h"

namespace fovea::graph {

namespace {

Shape shape_of(const std::vector<std::int64_t>& values) { return Shape(std::span(values)); }

ConvOptions conv_options(const NodeReader& node) {
  ConvOptions options;
  options.stride = shape_of(node.ints("strides", {1, 1}));
  options.dilation = shape_of(node.ints("dilations", {1, 1}));
  options.groups = node.integer("group", 1);
  std::vector<std::int64_t> pads = node.ints("pads", {0, 0, 0, 0});
  if (node.text("auto_pad", "NOTSET") == "VALID") pads = {0, 0, 0, 0};
  node.require(pads.size() == 4, "attribute \"pads\" expected 4 ints, got ", pads.size());
  options.padding = Padding(PerDim{pads[0], pads[1]}, PerDim{pads[2], pads[3]});
  return options;
}

/// Whether a value has the shape of a convolution's result.
bool fits(const Tensor& value, const Tensor& x, const Tensor& weight, const ConvOptions& options) {
  if (value.dim() != 4 || x.dim() != 4 || value.size(0) != x.size(0)) return false;
  const Shape result =
      conv_output_size({x.size(2), x.size(3)}, {weight.size(2), weight.size(3)}, options);
  return value.sizes() == Shape{x.size(0), weight.size(0), result[0], result[1]};
}

Run bind_conv_add_clamp(const NodeReader& node) {
  ConvAddClampOptions options{.conv = conv_options(node)};
  options.low = node.real("low", options.low);
  options.high = node.real("high", options.high);
  return [options](const Inputs& in) -> Tensors {
    const Tensor other = in.optional(3);
    if (!other.defined() || fits(other, in[0], in[1], options.conv))
      return {conv_add_clamp(in[0], in[1], in.optional(2), other, options)};
    // ONNX's Add may broadcast either side.
    const Tensor sum = conv2d(in[0], in[1], in.optional(2), options.conv) + other;
    return {clamp(sum, options.low, options.high)};
  };
}

Run bind_conv_block(const NodeReader& node) {
  ConvBlockOptions options{.conv = conv_options(node)};
  const std::vector<std::int64_t> window = node.ints("window", {1, 1});
  node.require(window.size() == 2, "attribute \"window\" expected 2 ints, got ", window.size());
  options.epilogue = {
      .relu = node.integer("relu", 0) != 0, .pool_height = window[0], .pool_width = window[1]};
  if (node.has("epsilon"))
    options.norm = BatchNormOptions{.training = false, .eps = node.real("epsilon", 0)};
  return [options](const Inputs& in) -> Tensors {
    NormTensors norm;
    if (options.norm) {
      norm = {.running_mean = in[5].detach(),
              .running_var = in[6].detach(),
              .weight = in[3],
              .bias = in[4]};
    }
    return {conv_block(in[0], in[1], in.optional(2), norm, options)};
  };
}

Run bind_linear_relu(const NodeReader&) {
  return [](const Inputs& in) -> Tensors {
    return {linear_relu_dropout(in[0], in[1], in.optional(2), {.relu = true, .dropout = {}})};
  };
}

constexpr Operator kFusedOperators[] = {
    {"ConvAddClamp", bind_conv_add_clamp},
    {"ConvBlock", bind_conv_block},
    {"LinearRelu", bind_linear_relu},
};

}  // namespace

std::span<const Operator> fused_operators() { return kFusedOperators; }

}  // namespace fovea::graph
