#include "fovea/explain/topics/conv_case.h"

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/explain/topics/conv_sweep.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

constexpr const char* kExplainConv = "explain conv";

/// `x` [in...] or [c, in...] as [c, in...].
Tensor with_channels(const Tensor& x, int dims, const char* name) {
  check_in_both<ShapeError>(x.dim() == dims || x.dim() == dims + 1, [&] {
    return Text(str(kExplainConv, ": ", name, " expected ", dims, " or ", dims + 1,
                    " dimensions, got ", x.dim(), " (", name, " ", x.sizes(), ")"),
                str(kExplainConv, ": ", name, "은(는) ", dims, "차원이나 ", dims + 1,
                    "차원이어야 하는데 ", x.dim(), "차원입니다 (", x.sizes(), ")"));
  });
  return x.dim() == dims ? x.unsqueeze(0) : x;
}

Tensor make_image(const ConvTopic& topic) {
  const Tensor given = topic.image.defined() ? topic.image : conv_example("chapter").image;
  return with_channels(exact(given, "conv", "image"), topic.dims, "image");
}

Tensor make_kernels(const ConvTopic& topic, const Tensor& image) {
  Tensors given = topic.kernels;
  if (given.empty()) {
    const Tensor kernel = conv_example("chapter").kernels[0];
    given = {topic.dims == 2 ? kernel.expand({image.size(0), kernel.size(0), kernel.size(1)})
                             : kernel};
  }
  Tensors filters;
  for (const Tensor& kernel : given) {
    const Tensor filter = with_channels(exact(kernel, "conv", "kernel"), topic.dims, "kernel");
    check_in_both<ShapeError>(filter.size(0) == image.size(0), [&] {
      return Text(
          str(kExplainConv, ": kernel expected ", image.size(0), " channels, got ", filter.size(0),
              " (image ", image.sizes(), ", kernel ", kernel.sizes(), ")"),
          str(kExplainConv, ": 커널의 채널은 ", image.size(0), "개여야 하는데 ", filter.size(0),
              "개입니다 (이미지 ", image.sizes(), ", 커널 ", kernel.sizes(), ")"));
    });
    check_in_both<ShapeError>(filters.empty() || filter.sizes() == filters[0].sizes(), [&] {
      return Text(str(kExplainConv, ": kernels expected to have one size, got ", filter.sizes(),
                      " after ", filters[0].sizes()),
                  str(kExplainConv, ": 커널은 크기가 같아야 하는데 ", filters[0].sizes(),
                      " 다음에 ", filter.sizes(), "입니다"));
    });
    filters.push_back(filter);
  }
  return stack(filters);
}

/// Checks that the kernel fits, and that what is shown is not too much to be looked at.
void check_output(const ConvCase& conv, bool backward) {
  const Shape image = conv.image_size(), kernel = conv.kernel_size();
  Shape padded, output;
  for (int i = 0; i < conv.dims; ++i) {
    const std::int64_t padding = checked_add(conv.padding.begin[i], conv.padding.end[i]);
    padded.push_back(checked_add(image[i], padding));
    output.push_back(
        sliding_output_size(image[i], kernel[i], conv.stride[i], padding, conv.dilation[i]));
    check_in_both<ShapeError>(output[i] >= 1, [&] {
      return Text(
          str(kExplainConv, ": kernel expected to fit the padded image, got ", kernel, " for ",
              image, " (padding ", conv.padding.begin, " and ", conv.padding.end, ", dilation ",
              conv.dilation, ")"),
          str(kExplainConv, ": 커널 ", kernel, "이(가) 패딩한 이미지 ", image, "보다 큽니다 (패딩 ",
              conv.padding.begin, ", ", conv.padding.end, ", 팽창 ", conv.dilation, ")"));
    });
  }
  const std::int64_t channels = conv.image.size(0);
  const std::int64_t numbers = checked_mul(padded.numel(), channels);
  check_in_both<ArgumentError>(numbers <= kMostNumbers, [&] {
    return Text(str(kExplainConv, ": padded image expected at most ", kMostNumbers,
                    " numbers, got ", numbers),
                str(kExplainConv, ": 패딩한 이미지에는 수가 ", kMostNumbers, "개 이하여야 하는데 ",
                    numbers, "개입니다"));
  });
  const std::int64_t stops = checked_mul(output.numel(), conv.filters());
  check_stops("conv", stops, conv.kernels[0].numel());
  if (!backward) return;
  // A stop for each weight, whose window is the output's, and one for each pixel.
  check_stops("conv", conv.kernels.numel(), output.numel());
  check_stops("conv", conv.image.numel(), checked_mul(kernel.numel(), conv.filters()));
  check_stops("conv", stops + conv.kernels.numel() + conv.image.numel(), 1);
}

Tensor convolve(const ConvCase& conv, const Tensor& image, const Tensor& kernels,
                const Tensor& bias) {
  switch (conv.dims) {
    case 1:
      return conv1d(image, kernels, bias, conv.options);
    case 2:
      return conv2d(image, kernels, bias, conv.options);
    default:
      return conv3d(image, kernels, bias, conv.options);
  }
}

/// The gradient of the output as it was given, or all 1.
Tensor make_grad_output(const ConvTopic& topic, const ConvCase& conv) {
  if (!topic.grad_output.defined()) return ones(conv.output.sizes(), kExact);
  const Tensor given = exact(topic.grad_output, "conv", "grad_output");
  const bool is_one = conv.filters() == 1 && given.sizes() == conv.output_size();
  check_in_both<ShapeError>(is_one || given.sizes() == conv.output.sizes(), [&] {
    return Text(
        str(kExplainConv, ": grad_output expected ", conv.output.sizes(), ", got ", given.sizes()),
        str(kExplainConv, ": 출력의 기울기는 ", conv.output.sizes(), "이어야 하는데 ",
            given.sizes(), "입니다"));
  });
  return given.view(conv.output.sizes());
}

/// Lets the tape walk back.
void compute_gradients(const ConvTopic& topic, ConvCase& conv) {
  const GradMode recording(true);
  conv.grad_output = make_grad_output(topic, conv);
  Tensor image = conv.image.clone().detach(), kernels = conv.kernels.clone().detach();
  Tensors inputs{image.set_requires_grad(), kernels.set_requires_grad()};
  Tensor bias;
  if (conv.bias.defined()) {
    bias = conv.bias.clone().detach();
    inputs.push_back(bias.set_requires_grad());
  }
  const Tensors grads = grad(convolve(conv, image, kernels, bias), inputs, conv.grad_output);
  conv.grad_image = grads[0].contiguous();
  conv.grad_kernels = grads[1].contiguous();
  if (bias.defined()) conv.grad_bias = grads[2];
}

}  // namespace

ConvCase make_conv_case(const ConvTopic& topic) {
  check<ArgumentError>(topic.dims >= 1 && topic.dims <= 3, kExplainConv,
                       ": dims expected 1, 2 or 3, got ", topic.dims);
  ConvCase conv{.dims = topic.dims, .image = make_image(topic)};
  conv.kernels = make_kernels(topic, conv.image);
  conv.stride = topic.stride.expand(conv.dims, kExplainConv, "stride", 1);
  conv.dilation = topic.dilation.expand(conv.dims, kExplainConv, "dilation", 1);
  conv.padding =
      topic.padding.resolve(kExplainConv, conv.kernel_size(), conv.stride, conv.dilation);
  check_output(conv, topic.backward);
  if (topic.bias.defined()) {
    conv.bias = exact(topic.bias, "conv", "bias");
    check_in_both<ShapeError>(conv.bias.sizes() == Shape{conv.filters()}, [&] {
      const Shape expected{conv.filters()};
      return Text(
          str(kExplainConv, ": bias expected ", expected, ", got ", conv.bias.sizes()),
          str(kExplainConv, ": 편향은 ", expected, "이어야 하는데 ", conv.bias.sizes(), "입니다"));
    });
  }
  const auto channels = static_cast<std::size_t>(conv.image.size(0));
  check<ArgumentError>(topic.channel_names.empty() || topic.channel_names.size() == channels,
                       kExplainConv, ": channel_names expected ", channels, ", got ",
                       topic.channel_names.size());
  conv.channels = topic.channel_names;
  for (std::size_t i = conv.channels.size(); i < channels; ++i)
    conv.channels.push_back(str("c", i));
  conv.options = {.stride = conv.stride,
                  .padding = Padding(PerDim(conv.padding.begin), PerDim(conv.padding.end)),
                  .dilation = conv.dilation};
  conv.padded = pad_around(conv.image, conv.padding.begin, conv.padding.end);
  conv.output = convolve(conv, conv.image, conv.kernels, conv.bias).contiguous();
  if (topic.backward) compute_gradients(topic, conv);
  return conv;
}

}  // namespace fovea::explain
