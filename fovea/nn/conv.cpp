#include "fovea/nn/conv.h"

#include "fovea/core/error.h"
#include "fovea/nn/init.h"
#include "fovea/nn/text.h"

namespace fovea::nn {

namespace {

// The options with a number for each spatial dimension, checked, so that a bad layer fails where it
// is made.
ConvLayerOptions expanded(const char* type, int spatial, ConvLayerOptions options) {
  check<ArgumentError>(options.in_channels >= 1 && options.out_channels >= 1, type,
                       ": channels expected at least 1, got in_channels ", options.in_channels,
                       ", out_channels ", options.out_channels);
  check<ArgumentError>(options.groups >= 1 && options.in_channels % options.groups == 0 &&
                           options.out_channels % options.groups == 0,
                       type, ": groups expected to divide in_channels and out_channels, got ",
                       options.groups, " (in_channels ", options.in_channels, ", out_channels ",
                       options.out_channels, ")");
  const Shape kernel = options.kernel_size.expand(spatial, type, "kernel_size", 1);
  const Shape stride = options.stride.expand(spatial, type, "stride", 1);
  const Shape dilation = options.dilation.expand(spatial, type, "dilation", 1);
  options.padding.resolve(type, kernel, stride, dilation);
  options.kernel_size = kernel;
  options.stride = stride;
  options.dilation = dilation;
  return options;
}

}  // namespace

Conv::Conv(const char* type, int spatial, const ConvLayerOptions& options)
    : layer_(expanded(type, spatial, options)),
      options_{.stride = layer_.stride,
               .padding = layer_.padding,
               .dilation = layer_.dilation,
               .groups = layer_.groups} {
  Shape sizes{layer_.out_channels, layer_.in_channels / layer_.groups};
  for (const std::int64_t size : layer_.kernel_size.values()) sizes.push_back(size);
  weight_ = register_parameter("weight", init::default_weight_(empty(sizes)));
  if (layer_.bias)
    bias_ = register_parameter("bias", init::default_bias_(empty({layer_.out_channels}), weight_));
}

std::string Conv::options_text() const {
  const Shape& kernel = layer_.kernel_size.values();
  const Shape& stride = layer_.stride.values();
  const Shape& dilation = layer_.dilation.values();
  std::string text = str(layer_.in_channels, ", ", layer_.out_channels,
                         ", kernel_size=", text::tuple(kernel), ", stride=", text::tuple(stride));
  if (!layer_.padding.mode().empty()) {
    text += ", padding=" + layer_.padding.mode();
  } else {
    const Padding::Amounts amounts = layer_.padding.resolve("Conv", kernel, stride, dilation);
    if (amounts.begin != amounts.end) {  // PyTorch has no such layer
      text += ", padding=(" + text::tuple(amounts.begin) + ", " + text::tuple(amounts.end) + ")";
    } else if (amounts.begin != Shape::filled(kernel.ndim(), 0)) {
      text += ", padding=" + text::tuple(amounts.begin);
    }
  }
  if (dilation != Shape::filled(kernel.ndim(), 1)) text += ", dilation=" + text::tuple(dilation);
  if (layer_.groups != 1) text += str(", groups=", layer_.groups);
  if (!layer_.bias) text += ", bias=False";
  return text;
}

}  // namespace fovea::nn
