// What flows back through a convolution. Both gradients are convolutions themselves: that of the
// kernel lays the output's gradient over the image; that of the image lays the flipped kernel over
// the output's gradient.

#include "fovea/core/error.h"
#include "fovea/explain/topics/conv_case.h"
#include "fovea/explain/topics/conv_sweep.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// In the title of a stop and in its facts: which filter and which channel.
void name_place(Sweep& sweep, const ConvCase& conv, std::int64_t filter, std::int64_t channel) {
  const auto add = [&](const char* fact, const char* korean, std::int64_t number) {
    const bool more = !sweep.what.empty();
    sweep.what.english += str(more ? ", " : "", fact, " ", number);
    sweep.what.korean += str(more ? ", " : "", korean, " ", number);
    sweep.facts.emplace_back(fact, number);
  };
  if (filter >= 0 && conv.filters() > 1) add("filter", "필터", filter);
  if (channel >= 0 && conv.image.size(0) > 1) add("channel", "채널", channel);
}

/// The gradient of one filter's slice for one channel.
Sweep kernel_gradient(const ConvCase& conv, std::int64_t filter, std::int64_t channel) {
  Sweep sweep{.image = conv.padded.narrow(0, channel, 1).contiguous(),
              .kernel = conv.grad_output.narrow(0, filter, 1).contiguous(),
              .output = conv.grad_kernels[filter][channel].contiguous(),
              // The image's numbers that one weight met lie a stride apart; those that neighbouring
              // weights met, a dilation.
              .stride = conv.dilation,
              .dilation = conv.stride,
              .padding_begin = conv.padding.begin,
              .padding_end = conv.padding.end,
              .names = {conv.channels[static_cast<std::size_t>(channel)]},
              .image_title = {"Image", "이미지"},
              .kernel_title = {"Gradient of the output", "출력의 기울기"},
              .output_title = {"Gradient of the kernel", "커널의 기울기"},
              .facts = {{"of", "grad_kernel"}}};
  name_place(sweep, conv, filter, channel);
  return sweep;
}

/// `x` [k, out...] with zeros between its numbers, so that they lie `stride` apart.
Tensor spread_out(const Tensor& x, const Shape& stride) {
  const NoGrad no_grad;
  Shape sizes = x.sizes();
  for (int i = 0; i < stride.ndim(); ++i) sizes[i + 1] = (sizes[i + 1] - 1) * stride[i] + 1;
  Tensor spread = zeros(sizes, kExact);
  Tensor places = spread;
  for (int i = 0; i < stride.ndim(); ++i) places = places.slice(i + 1, 0, sizes[i + 1], stride[i]);
  places.copy_(x);
  return spread;
}

/// `x` [k, kernel...] turned round along its spatial dimensions.
Tensor flipped(const Tensor& x) {
  Tensor turned = x;
  for (int i = 1; i < x.dim(); ++i) {
    const TensorOptions options{.dtype = i64, .device = cpu};
    const auto last = static_cast<double>(x.size(i) - 1);
    turned = index_select(turned, i, arange(last, -1, -1, options));
  }
  return turned.contiguous();
}

/// The gradient of one channel of the image.
Sweep image_gradient(const ConvCase& conv, std::int64_t channel) {
  const Tensor spread = spread_out(conv.grad_output, conv.stride);
  const Shape kernel = conv.kernel_size(), image = conv.image_size();
  Shape begin = kernel, end = kernel;
  for (int i = 0; i < conv.dims; ++i) {
    const std::int64_t reach = conv.dilation[i] * (kernel[i] - 1);
    begin[i] = reach - conv.padding.begin[i];
    // So many that the kernel stops once at each pixel.
    end[i] = image[i] + reach - begin[i] - spread.size(i + 1);
  }
  Sweep sweep{.image = pad_around(spread, begin, end),
              .kernel = flipped(conv.kernels.select(1, channel)),
              .output = conv.grad_image[channel].contiguous(),
              .stride = Shape::filled(conv.dims, 1),
              .dilation = conv.dilation,
              .padding_begin = begin,
              .padding_end = end,
              .image_title = {"Gradient of the output, padded", "패딩한 출력의 기울기"},
              .kernel_title = {"Flipped kernel", "뒤집은 커널"},
              .output_title = {"Gradient of the image", "이미지의 기울기"},
              .facts = {{"of", "grad_input"}}};
  for (std::int64_t filter = 0; filter < conv.filters(); ++filter)
    sweep.names.push_back(str("k", filter));
  name_place(sweep, conv, -1, channel);
  return sweep;
}

Note kernel_gradient_note() {
  return say(
      "What flows back to the kernel: a weight took part in every stop, each time with "
      "another number of the image. Its gradient is the sum over the stops of the output's "
      "gradient times the number that it met: a convolution of the image with the gradient "
      "of the output.",
      "커널로 흘러가는 기울기: 가중치 하나는 모든 단계에 참여하며 그때마다 이미지의 다른 수와 "
      "만납니다. 그 기울기는 모든 단계에 걸쳐 출력의 기울기와 그때 만난 수를 곱해 더한 "
      "값입니다. 이미지와 출력 기울기의 합성곱입니다.");
}

Note image_gradient_note(bool has_stride) {
  const std::string english =
      has_stride ? " The stride was more than 1, so zeros stand between the gradients." : "";
  const std::string korean =
      has_stride ? " 스트라이드가 1보다 크므로 기울기 사이에 0을 끼워 넣습니다." : "";
  return say(
      "What flows back to the image: a pixel took part in the stops whose window lay over "
      "it. Its gradient is the sum over those of the output's gradient times the weight "
      "that it met: the gradient of the output with zeros around it, under the flipped "
      "kernel, a convolution again." +
          english,
      "이미지로 흘러가는 기울기: 픽셀 하나는 창이 그 위에 놓인 단계에만 참여합니다. 그 기울기는 "
      "그 단계들에 걸쳐 출력의 기울기와 그때 만난 가중치를 곱해 더한 값입니다. 둘레에 0을 "
      "덧댄 출력의 기울기 위로 뒤집은 커널이 지나가는, 다시 한 번의 합성곱입니다." +
          korean);
}

}  // namespace

void add_conv_backward(const ConvCase& conv, std::int64_t first_step, std::vector<Block>& blocks,
                       Fields& document) {
  std::int64_t step = first_step;
  const auto add = [&](const Sweep& sweep) {
    Board board = sweep_board(sweep, step);
    step += static_cast<std::int64_t>(board.stops.size());
    blocks.emplace_back(std::move(board));
  };
  const std::int64_t channels = conv.image.size(0);
  blocks.emplace_back(kernel_gradient_note());
  for (std::int64_t filter = 0; filter < conv.filters(); ++filter)
    for (std::int64_t channel = 0; channel < channels; ++channel)
      add(kernel_gradient(conv, filter, channel));
  blocks.emplace_back(image_gradient_note(conv.stride != Shape::filled(conv.dims, 1)));
  for (std::int64_t channel = 0; channel < channels; ++channel) add(image_gradient(conv, channel));
  const Tensor of_kernels = channels == 1 ? conv.grad_kernels.squeeze(1) : conv.grad_kernels;
  document.emplace_back("grad_output", without_one(conv.grad_output));
  document.emplace_back("grad_kernel", without_one(of_kernels));
  document.emplace_back("grad_input", without_one(conv.grad_image));
  if (!conv.grad_bias.defined()) return;
  blocks.emplace_back(
      say("The bias was added at every stop: its gradient is the sum of the "
          "output's gradients.",
          "편향은 모든 단계에서 더해졌으므로 그 기울기는 출력 기울기의 합입니다."));
  document.emplace_back("grad_bias", without_one(conv.grad_bias));
}

}  // namespace fovea::explain
