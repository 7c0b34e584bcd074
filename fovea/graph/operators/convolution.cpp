// Conv and ConvTranspose.

#include <algorithm>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/arguments.h"
#include "fovea/graph/operators/windows.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/conv_transpose.h"

namespace fovea::graph {

namespace {

using Convolve = Tensor (*)(const Tensor&, const Tensor&, const Tensor&, const ConvOptions&);
constexpr Convolve kConvolve[] = {conv1d, conv2d, conv3d};

std::int64_t read_groups(const NodeReader& node) {
  const std::int64_t groups = node.integer("group", 1);
  node.require(groups >= 1, "group expected at least 1, got ", groups);
  return groups;
}

/// The kernel's sizes: of a weight [k, c, kernel...] that fits x and the attribute.
Shape kernel_sizes(const Inputs& in, const Tensor& x, const Tensor& weight,
                   const Windows& windows) {
  const Shape kernel = spatial_sizes(in, weight);
  in.require(x.dim() == weight.dim(), "input expected ", weight.dim(),
             " dimensions as the weight has, got ", x.sizes());
  in.require(!windows.kernel() || *windows.kernel() == kernel, "weight expected kernel_shape ",
             windows.kernel().value_or(Shape()), ", got ", weight.sizes());
  return kernel;
}

Run bind_conv(const NodeReader& node) {
  return [windows = Windows(node), groups = read_groups(node)](const Inputs& in) -> Tensors {
    const Tensor x = to_real(in[0]), weight = to_real(in[1]), bias = in.optional(2);
    const Shape kernel = kernel_sizes(in, x, weight, windows);
    const WindowPlaces at = windows.places(in, x.sizes(), kernel);
    const Convolve convolve = kConvolve[kernel.ndim() - 1];
    const Tensor y = convolve(x, weight, bias.defined() ? to_real(bias) : bias,
                              {.stride = at.stride,
                               .padding = Padding(PerDim(at.begin), PerDim(at.end)),
                               .dilation = at.dilation,
                               .groups = groups});
    return {y.to(in[0].dtype())};
  };
}

using Spread = Tensor (*)(const Tensor&, const Tensor&, const Tensor&, const ConvTransposeOptions&);
constexpr Spread kSpread[] = {conv_transpose1d, conv_transpose2d, conv_transpose3d};

/// What ConvTranspose has besides the attributes that all windows have.
struct TransposeAttributes {
  Windows windows;
  std::int64_t groups;
  std::vector<std::int64_t> output_padding, output_shape;  // empty: not given

  explicit TransposeAttributes(const NodeReader& node)
      : windows(node),
        groups(read_groups(node)),
        output_padding(node.ints("output_padding", {})),
        output_shape(node.ints("output_shape", {})) {
    check_range(node, "output_padding", output_padding, 0);
    check_range(node, "output_shape", output_shape, 1);
  }

  ConvTransposeOptions options(const Inputs& in, const Shape& input, const Shape& kernel) const;
};

/// A list of one number a spatial dimension; the last ones when it has those of [n, c] too.
Shape last_sizes(const Inputs& in, std::string_view name, const std::vector<std::int64_t>& values,
                 int spatial) {
  const auto count = static_cast<std::size_t>(spatial);
  in.require(values.size() == count || values.size() == count + 2, name, " expected ", spatial,
             " numbers, got ", values.size());
  return Shape(std::span(values).last(count));
}

ConvTransposeOptions TransposeAttributes::options(const Inputs& in, const Shape& input,
                                                  const Shape& kernel) const {
  const int spatial = kernel.ndim();
  WindowPlaces at = windows.given_places(in, input, kernel);
  Shape more = Shape::filled(spatial, 0);
  if (!output_padding.empty()) more = last_sizes(in, "output_padding", output_padding, spatial);
  const AutoPad auto_pad = windows.auto_pad();
  const bool same = auto_pad == AutoPad::kSameUpper || auto_pad == AutoPad::kSameLower;
  if (same || !output_shape.empty()) {
    // The borders follow from the size of the output.
    const Shape wanted =
        output_shape.empty() ? Shape() : last_sizes(in, "output_shape", output_shape, spatial);
    for (int i = 0; i < spatial; ++i) {
      const std::int64_t size = wanted.empty() ? input[i + 2] * at.stride[i] : wanted[i];
      const std::int64_t total = (input[i + 2] - 1) * at.stride[i] + at.reach(i) + more[i] - size;
      split_border(std::max<std::int64_t>(total, 0), auto_pad, at.begin[i], at.end[i]);
      more[i] += std::max<std::int64_t>(-total, 0);
    }
  }
  return {.stride = at.stride,
          .padding = Padding(PerDim(at.begin), PerDim(at.end)),
          .output_padding = more,
          .groups = groups,
          .dilation = at.dilation};
}

Run bind_conv_transpose(const NodeReader& node) {
  return [attributes = TransposeAttributes(node)](const Inputs& in) -> Tensors {
    const Tensor x = to_real(in[0]), weight = to_real(in[1]), bias = in.optional(2);
    const Shape kernel = kernel_sizes(in, x, weight, attributes.windows);
    const Spread spread = kSpread[kernel.ndim() - 1];
    const Tensor y = spread(x, weight, bias.defined() ? to_real(bias) : bias,
                            attributes.options(in, x.sizes(), kernel));
    return {y.to(in[0].dtype())};
  };
}

constexpr Operator kConvolutionOperators[] = {
    {.name = "Conv", .bind = bind_conv, .learnt = {1, 3}},
    {.name = "ConvTranspose", .bind = bind_conv_transpose, .learnt = {1, 3}},
};

}  // namespace

std::span<const Operator> convolution_operators() { return kConvolutionOperators; }

}  // namespace fovea::graph
