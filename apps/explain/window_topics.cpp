// The textbook's topics of windows that move: conv, pool and size.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/explain/make_topic.h"
#include "apps/explain/numbers.h"
#include "fovea/io/pictures/image.h"

namespace fovea::cli {

const Text kGridHelp = {
    "numbers, rows with ; and slices with | between them ('1 0; 0 1'), or a picture file",
    "수. 행은 ;로, 조각은 |로 나눕니다 ('1 0; 0 1'). 또는 사진 파일"};

Tensor read_slices(std::string_view flag, const std::string& text) {
  std::error_code none;
  const bool picture =
      std::filesystem::path(text).has_extension() && text.find_first_of(" ;|") == std::string::npos;
  const bool file = picture && text.find_first_not_of("0123456789.-+,eE") != std::string::npos;
  if (file || std::filesystem::is_regular_file(text, none)) return io::read_image(text).to(f64);
  return parse_numbers(flag, text);
}

Tensor squeezed(const Tensor& slices) { return slices.size(0) == 1 ? slices[0] : slices; }

namespace {

/// As `dims` wants it: for a row of numbers [n] or [channels, n].
Tensor in_dims(std::string_view flag, const Tensor& slices, std::int64_t dims) {
  if (dims != 1) return squeezed(slices);
  if (slices.size(0) != 1) {
    throw InBoth<UsageError>(
        {fmt::format("{} expected rows alone for --dims 1, got {} slices", flag, slices.size(0)),
         fmt::format("{}: --dims 1에는 행만 있어야 하는데 조각이 {}장입니다", flag,
                     slices.size(0))});
  }
  return squeezed(slices[0]);
}

struct ConvSettings {
  std::string image, example, stride = "1", padding = "0", dilation = "1", bias, gradient;
  std::vector<std::string> kernels;
  std::optional<std::int64_t> dims;
  bool backward = false;
};

explain::ConvTopic conv_topic(const ConvSettings& settings) {
  explain::ConvTopic topic;
  if (!settings.example.empty()) topic = explain::conv_example(settings.example);
  if (settings.dims) {
    check_range("--dims", *settings.dims, 1, 3);
    topic.dims = static_cast<int>(*settings.dims);
  }
  if (!settings.image.empty())
    topic.image = in_dims("--image", read_slices("--image", settings.image), topic.dims);
  if (!settings.kernels.empty()) topic.kernels.clear();
  for (const std::string& kernel : settings.kernels)
    topic.kernels.push_back(in_dims("--kernel", parse_numbers("--kernel", kernel), topic.dims));
  topic.stride = parse_per_dim("--stride", settings.stride, topic.dims, 1);
  topic.padding = parse_padding("--padding", settings.padding, topic.dims, topic.stride);
  topic.dilation = parse_per_dim("--dilation", settings.dilation, topic.dims, 1);
  if (!settings.bias.empty()) topic.bias = parse_numbers("--bias", settings.bias)[0][0];
  topic.backward = settings.backward;
  if (!settings.gradient.empty()) {
    topic.backward = true;
    topic.grad_output = in_dims("--grad", parse_numbers("--grad", settings.gradient), topic.dims);
  }
  return topic;
}

std::vector<std::string> example_names() {
  std::vector<std::string> names;
  for (const explain::ConvExample& example : explain::conv_examples())
    names.push_back(example.name);
  return names;
}

Command conv_command() {
  Command command = make_topic<ConvSettings>(
      "conv",
      {{"fovea explain conv", {"the textbook's 6x6 image", "교과서의 6x6 이미지"}},
       {"fovea explain conv --step 5", {"one step", "한 단계"}},
       {"fovea explain conv --image '1 2 3; 4 5 6; 7 8 9' --kernel '1 0; 0 -1'",
        {"numbers of your own", "내가 정한 수"}},
       {"fovea explain conv --stride 2 --padding 1 --output conv.svg",
        {"a moving picture", "움직이는 그림"}},
       {"fovea explain conv --example color", {"three channels, one filter", "채널 셋, 필터 하나"}},
       {"fovea explain conv --backward", {"what flows back", "거꾸로 흐르는 기울기"}}},
      Steps::kSome,
      [](Command& topic, ConvSettings& settings) {
        topic.add("--image", "NUMBERS|FILE", settings.image, kGridHelp).files();
        topic.add(
            "--kernel", "NUMBERS", settings.kernels,
            {"a filter; given several times, several filters", "필터. 여러 번 쓰면 필터 여럿"});
        topic.add("--example", "E", settings.example, {"an example of the chapter", "이 장의 예"})
            .one_of(example_names());
        topic.add("--dims", "N", settings.dims,
                  {"along how many axes the kernel moves, 1 to 3 (default 2)",
                   "커널이 움직이는 축의 수, 1~3 (기본값 2)"});
        topic.add("--stride", "N", settings.stride,
                  {"step of the kernel, or one a dimension: 2,1",
                   "커널의 스트라이드, 또는 차원마다 하나: 2,1"});
        topic.add(
            "--padding", "N", settings.padding,
            {"zeros around the image, or same or valid", "이미지 둘레의 0, 또는 same, valid"});
        topic.add("--dilation", "N", settings.dilation,
                  {"distance of the kernel's elements", "커널 원소 사이의 거리"});
        topic.add("--bias", "NUMBERS", settings.bias,
                  {"a number a filter, added to its sums", "필터마다 합에 더하는 수"});
        topic.add_switch(
            "--backward", settings.backward,
            {"also what flows back to kernel and image", "커널과 이미지로 거꾸로 흐르는 기울기도"});
        topic.add("--grad", "NUMBERS", settings.gradient,
                  {"the output's gradient (default all 1); means --backward",
                   "출력의 기울기 (기본값은 모두 1). --backward를 뜻합니다"});
      },
      [](const ConvSettings& settings) { return explain::walk_conv(conv_topic(settings)); });
  return command;
}

struct PoolSettings {
  std::string image, kind = "all", kernel_size = "2", stride, padding = "0";
};

Command pool_command() {
  return make_topic<PoolSettings>(
      "pool",
      {{"fovea explain pool", {"max, average and min side by side", "최대, 평균, 최소를 나란히"}},
       {"fovea explain pool --kind max --output pool.svg", {"a moving picture", "움직이는 그림"}}},
      Steps::kSome,
      [](Command& topic, PoolSettings& settings) {
        topic.add("--image", "NUMBERS|FILE", settings.image, kGridHelp).files();
        topic
            .add("--kind", "K", settings.kind,
                 {"what is taken of a window", "창에서 무엇을 뽑는지"})
            .one_of({"max", "average", "min", "all"});
        topic.add("--kernel-size", "N", settings.kernel_size, {"size of the window", "창의 크기"});
        topic.add(
            "--stride", "N", settings.stride,
            {"step of the window (default its size)", "창의 스트라이드 (기본값은 창의 크기)"});
        topic.add("--padding", "N", settings.padding,
                  {"border, at most half the window", "테두리. 창의 절반까지"});
      },
      [](const PoolSettings& settings) {
        using explain::PoolKind;
        explain::PoolTopic pool;
        if (!settings.image.empty()) pool.image = squeezed(read_slices("--image", settings.image));
        if (settings.kind == "max") pool.kind = PoolKind::kMax;
        if (settings.kind == "average") pool.kind = PoolKind::kAverage;
        if (settings.kind == "min") pool.kind = PoolKind::kMin;
        pool.kernel_size = parse_per_dim("--kernel-size", settings.kernel_size, 2, 1);
        if (!settings.stride.empty())
          pool.stride = parse_per_dim("--stride", settings.stride, 2, 1);
        pool.padding = parse_per_dim("--padding", settings.padding, 2, 0);
        return explain::walk_pool(pool);
      });
}

struct SizeSettings {
  std::string input = "6,6", kernel_size = "3", stride = "1", padding = "0", dilation = "1";
  std::int64_t filters = 1;
};

Command size_command() {
  return make_topic<SizeSettings>(
      "size",
      {{"fovea explain size", {"of the textbook's convolution", "교과서의 합성곱"}},
       {"fovea explain size --input 28,28 --kernel-size 3 --padding same --filters 32",
        {"of a layer of yours", "내 층"}},
       {"fovea explain size --input 28,28 --kernel-size 2 --stride 2 --filters 0",
        {"of a pooling", "풀링"}}},
      Steps::kNone,
      [](Command& topic, SizeSettings& settings) {
        topic.add("--input", "N,N", settings.input,
                  {"size of the input, a number a dimension", "입력의 크기, 차원마다 하나"});
        topic.add("--kernel-size", "N", settings.kernel_size, {"size of the window", "창의 크기"});
        topic.add("--stride", "N", settings.stride, {"step of the window", "창의 스트라이드"});
        topic.add("--padding", "N", settings.padding,
                  {"zeros around the input, or same or valid", "입력 둘레의 0, 또는 same, valid"});
        topic.add("--dilation", "N", settings.dilation,
                  {"distance of the window's elements", "창의 원소 사이의 거리"});
        topic.add("--filters", "N", settings.filters,
                  {"of a convolution; 0: a pooling", "합성곱의 필터 수. 0이면 풀링"});
      },
      [](const SizeSettings& settings) {
        const int dims = parse_integers("--input", settings.input, 1, 3).ndim();
        check_at_least("--filters", settings.filters, 0);
        const PerDim stride = parse_per_dim("--stride", settings.stride, dims, 1);
        return explain::walk_size(
            {.input = parse_per_dim("--input", settings.input, dims, 1),
             .kernel_size = parse_per_dim("--kernel-size", settings.kernel_size, dims, 1),
             .stride = stride,
             .padding = parse_padding("--padding", settings.padding, dims, stride),
             .dilation = parse_per_dim("--dilation", settings.dilation, dims, 1),
             .filters = settings.filters});
      });
}

}  // namespace

std::vector<Command> window_topics() { return {conv_command(), pool_command(), size_command()}; }

}  // namespace fovea::cli
