// Fovea's own operators, which the fusing pass makes of ONNX's.
//   ConvBlock   Conv's inputs and attributes, then relu (0 or 1) and window (two ints: max pooling
//               by windows side by side)
//   LinearRelu  max(x w' + b, 0): x [n, k], w [m, k], b [m]

#include "fovea/graph/operators.h"
#include "fovea/tensor/ops/conv_block.h"
#include "fovea/tensor/ops/linear.h"

namespace fovea::graph {

namespace {

Shape shape_of(const std::vector<std::int64_t>& values) { return Shape(std::span(values)); }

Run bind_conv_block(const NodeReader& node) {
  ConvBlockOptions options;
  options.conv.stride = shape_of(node.ints("strides", {1, 1}));
  options.conv.dilation = shape_of(node.ints("dilations", {1, 1}));
  options.conv.groups = node.integer("group", 1);
  std::vector<std::int64_t> pads = node.ints("pads", {0, 0, 0, 0});
  if (node.text("auto_pad", "NOTSET") == "VALID") pads = {0, 0, 0, 0};
  node.require(pads.size() == 4, "attribute \"pads\" expected 4 ints, got ", pads.size());
  options.conv.padding = Padding(PerDim{pads[0], pads[1]}, PerDim{pads[2], pads[3]});
  const std::vector<std::int64_t> window = node.ints("window", {1, 1});
  node.require(window.size() == 2, "attribute \"window\" expected 2 ints, got ", window.size());
  options.epilogue = {
      .relu = node.integer("relu", 0) != 0, .pool_height = window[0], .pool_width = window[1]};
  return [options](const Inputs& in) -> Tensors {
    return {conv_block(in[0], in[1], in.optional(2), {}, options)};
  };
}

Run bind_linear_relu(const NodeReader&) {
  return [](const Inputs& in) -> Tensors {
    return {linear_relu_dropout(in[0], in[1], in.optional(2), {.relu = true, .dropout = {}})};
  };
}

constexpr Operator kOperators[] = {
    {"ConvBlock", bind_conv_block},
    {"LinearRelu", bind_linear_relu},
};

}  // namespace

std::span<const Operator> fused_operators() { return kOperators; }

}  // namespace fovea::graph
