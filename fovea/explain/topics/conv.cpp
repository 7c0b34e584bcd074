#include "fovea/explain/topics/conv.h"

#include <utility>

#include "fovea/core/error.h"
#include "fovea/explain/topics/conv_case.h"
#include "fovea/explain/topics/conv_sweep.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/explain/topics/size.h"
#include "fovea/tensor/ops.h"

namespace fovea::explain {

namespace {

/// What is convolved is called by its dimensions.
Text conv_image_name(const ConvCase& conv) {
  if (conv.dims == 1) return {"Signal", "신호"};
  if (conv.dims == 3) return {"Volume", "입체"};
  return {"Image", "이미지"};
}

/// How numbers move from one stop to the next.
Note conv_motion(const ConvCase& conv) {
  const Shape& stride = conv.stride;
  bool even = true;
  for (const std::int64_t step : stride) even = even && step == stride[0];
  const std::string by = even ? std::to_string(stride[0]) : by_text(stride);
  return say(
      str("At each place the numbers under the kernel are multiplied by its weights, one by "
          "one, and the products are added: that is one number of the feature map. Then "
          "the kernel moves on by the stride, ",
          by,
          ", along a row, and at its end to the next one. It is a cross-correlation: the "
          "kernel is not flipped."),
      str("자리마다 커널 아래의 수와 커널의 가중치를 하나씩 곱하고 그 곱을 모두 더하면 특성 맵의 "
          "수 하나가 됩니다. 그런 다음 커널은 스트라이드 ",
          by,
          "만큼 행을 따라 움직이고, 행이 끝나면 다음 행으로 갑니다. 이 연산은 "
          "교차상관입니다. 커널을 뒤집지 않습니다."));
}

/// The size formula with its numbers, a dimension each; one where they are all alike.
std::vector<std::string> conv_size_formulas(const ConvCase& conv) {
  std::vector<std::string> formulas;
  bool alike = true;
  for (int i = 0; i < conv.dims; ++i) {
    formulas.push_back(size_formula({.input = conv.image_size()[i],
                                     .kernel = conv.kernel_size()[i],
                                     .stride = conv.stride[i],
                                     .padding_begin = conv.padding.begin[i],
                                     .padding_end = conv.padding.end[i],
                                     .dilation = conv.dilation[i]}));
    alike = alike && formulas.back() == formulas.front();
  }
  if (alike) formulas.resize(1);
  return formulas;
}

/// What there is to know of one that has channels, filters or axes of its own.
void add_kind_notes(const ConvCase& conv, std::vector<Block>& blocks) {
  const std::int64_t channels = conv.image.size(0), filters = conv.filters();
  if (conv.dims == 1)
    blocks.emplace_back(
        say("1D: the kernel moves along one axis, such as time. With weights such "
            "as 0.25, 0.5, 0.25 it smooths a curve.",
            "1D: 커널이 시간 같은 한 축을 따라 움직입니다. 가중치가 0.25, 0.5, "
            "0.25이면 곡선을 매끄럽게 합니다."));
  if (conv.dims == 3)
    blocks.emplace_back(
        say(str("3D: the kernel moves along three axes and gives a volume. Its depth, ",
                conv.kernel_size()[0], ", may be less than that of the input, ",
                conv.image_size()[0], "; so it moves along the depth too."),
            str("3D: 커널이 세 축을 따라 움직이고 결과도 입체입니다. 커널의 깊이(",
                conv.kernel_size()[0], ")가 입력의 깊이(", conv.image_size()[0],
                ")보다 작으면 깊이 방향으로도 움직입니다.")));
  if (channels > 1)
    blocks.emplace_back(
        say(str("The filter has one slice for each of the ", channels, " channels; the ", channels,
                " sums are added into one number. ", channels, " slices are one filter, not ",
                channels, " filters, and so give one channel of the output."),
            str("필터는 입력 채널 ", channels, "개마다 한 장씩 가지며, ", channels,
                "개의 합을 더해 수 하나를 만듭니다. ", channels, "장이 필터 하나이지 필터 ",
                channels, "개가 아니므로 출력 채널은 하나입니다.")));
  if (conv.dims == 2 && channels > 1)
    blocks.emplace_back(
        say("2D over a 3D input: the kernel is as deep as the input, so it moves "
            "along two axes only and gives a matrix, as in LeNet-5 and VGG.",
            "3D 입력 위의 2D: 커널의 깊이가 입력과 같아 두 축으로만 움직이고 결과는 "
            "행렬입니다. LeNet-5와 VGG가 그렇습니다."));
  if (filters > 1)
    blocks.emplace_back(
        say(str("There are ", filters,
                " filters, and each gives one channel of the output: ", filters, " channels."),
            str("필터가 ", filters, "개이고, 필터마다 출력 채널을 하나씩 만듭니다. 출력 채널은 ",
                filters, "개입니다.")));
  if (conv.kernel_size().numel() == 1 && channels > 1)
    blocks.emplace_back(
        say(str("1x1: a kernel that sees one place at a time changes only the number of channels, "
                "here from ",
                channels, " to ", filters,
                ". GoogLeNet saves work with it: from 28x28x192 to 32 channels, 5x5 kernels take "
                "120,422,400 multiplications; with 1x1 kernels that first leave 16 channels, "
                "12,443,648."),
            str("1x1: 한 번에 한 자리만 보는 커널은 채널 수만 바꿉니다. 여기서는 ", channels,
                "개에서 ", filters,
                "개로 바꿉니다. GoogLeNet은 이것으로 계산을 줄입니다. 28x28x192에서 채널 32개를 "
                "만들 때 "
                "5x5 커널만 쓰면 곱셈이 120,422,400번, 1x1 커널로 먼저 채널을 16개로 줄이면 "
                "12,443,648번입니다.")));
}

Text conv_title(const ConvCase& conv) {
  const std::string kernel = by_text(conv.kernel_size()), image = by_text(conv.image_size());
  if (conv.dims == 1)
    return {str("Convolution: a kernel of ", kernel, " over a signal of ", image),
            str("합성곱: 길이 ", image, " 신호 위의 길이 ", kernel, " 커널")};
  const bool is_volume = conv.dims == 3;
  return {
      str("Convolution: a ", kernel, " kernel over a ", image, is_volume ? " volume" : " image"),
      str("합성곱: ", image, is_volume ? " 입체 위의 " : " 이미지 위의 ", kernel, " 커널")};
}

Sweep forward_sweep(const ConvCase& conv, std::int64_t filter) {
  Sweep sweep{.image = conv.padded,
              .kernel = conv.kernels[filter].contiguous(),
              .output = conv.output[filter].contiguous(),
              .stride = conv.stride,
              .dilation = conv.dilation,
              .padding_begin = conv.padding.begin,
              .padding_end = conv.padding.end,
              .names = conv.channels,
              .image_title = conv_image_name(conv),
              .kernel_title = {"Kernel", "커널"},
              .output_title = {"Feature map", "특성 맵"}};
  if (conv.bias.defined()) sweep.bias = conv.bias[filter];
  if (conv.filters() > 1) {
    sweep.what = {str("filter ", filter), str("필터 ", filter)};
    sweep.kernel_title = {str("Filter ", filter), str("필터 ", filter)};
    sweep.output_title = {str("Channel ", filter, " of the feature map"),
                          str("특성 맵의 채널 ", filter)};
    sweep.facts = {{"filter", filter}};
  }
  return sweep;
}

/// As many zeros at both ends, or pairs of them.
Value padding_value(const Padding::Amounts& padding) {
  if (padding.begin == padding.end) return one_or_list(padding.begin);
  std::vector<Value> pairs;
  pairs.reserve(static_cast<std::size_t>(padding.begin.ndim()));
  for (int i = 0; i < padding.begin.ndim(); ++i)
    pairs.push_back(list_of({padding.begin[i], padding.end[i]}));
  return pairs;
}

Fields conv_document(const ConvCase& conv, const std::vector<std::string>& formulas) {
  Fields document{{"topic", "conv"}};
  document.emplace_back("input", without_one(conv.image));
  const Tensor kernels = conv.image.size(0) == 1 ? conv.kernels.squeeze(1) : conv.kernels;
  document.emplace_back("kernel", without_one(kernels));
  if (conv.bias.defined()) document.emplace_back("bias", without_one(conv.bias));
  document.emplace_back("stride", one_or_list(conv.stride));
  document.emplace_back("padding", padding_value(conv.padding));
  document.emplace_back("dilation", one_or_list(conv.dilation));
  document.emplace_back("size_formula",
                        formulas.size() == 1 ? Value(formulas[0]) : list_of_texts(formulas));
  document.emplace_back("stops", StopsHere{});
  document.emplace_back("output", without_one(conv.output));
  return document;
}

}  // namespace

Walk walk_conv(const ConvTopic& topic) {
  const ConvCase conv = make_conv_case(topic);
  Walk walk{.title = conv_title(conv)};
  walk.blocks.emplace_back(conv_motion(conv));
  add_kind_notes(conv, walk.blocks);
  if (conv.padded.sizes() != conv.image.sizes())
    walk.blocks.emplace_back(
        say("Padding puts zeros around the numbers; the kernel moves over "
            "them too.",
            "패딩은 수들의 둘레에 0을 덧댑니다. 커널은 그 위도 지나갑니다."));
  walk.blocks.emplace_back(say(
      "Output size = floor((W1 - F + 2P) / S) + 1, for input W1, kernel F, padding P, stride S:",
      "출력 크기 = floor((W1 - F + 2P) / S) + 1. W1은 입력, F는 커널, P는 패딩, S는 "
      "스트라이드입니다."));
  const std::vector<std::string> formulas = conv_size_formulas(conv);
  say_sizes(formulas, walk.blocks);
  std::int64_t step = 1;
  for (std::int64_t filter = 0; filter < conv.filters(); ++filter) {
    Board board = sweep_board(forward_sweep(conv, filter), step);
    step += static_cast<std::int64_t>(board.stops.size());
    walk.blocks.emplace_back(std::move(board));
  }
  Fields document = conv_document(conv, formulas);
  if (topic.backward) add_conv_backward(conv, step, walk.blocks, document);
  walk.document = std::move(document);
  return walk;
}

}  // namespace fovea::explain
