// The topics of a textbook: small numbers, all of them shown.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/cli/explain/numbers.h"
#include "apps/cli/explain/show.h"
#include "apps/cli/explain/topics.h"
#include "fovea/explain/topics/topics.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"

namespace fovea::cli {

namespace {

/// A topic's command without flags of its own: its name and summary are the library's.
Command topic_command(const char* name, std::vector<Example> examples) {
  const explain::Topic& topic = explain::topic_called(name);
  Command command(topic.name, topic.summary);
  command.examples = std::move(examples);
  return command;
}

/// A topic that `run(settings)` makes a walk of, with the flags that `declare` adds.
template <class Settings, class Declare, class Make>
Command make_topic(const char* name, std::vector<Example> examples, Steps steps,
                   const Declare& declare, const Make& make) {
  struct All {
    Settings own;
    ShowFlags show;
  };
  auto all = std::make_shared<All>();
  Command command = topic_command(name, std::move(examples));
  declare(command, all->own);
  add_show_flags(command, all->show, steps);
  command.run = [all, make] {
    check_show_flags(all->show);
    return show(asked_for([&] { return make(all->own); }), all->show);
  };
  return command;
}

// --- Images -------------------------------------------------------------------------------------

/// Numbers as they are typed, or a picture's pixels from 0 to 255: [slices, rows, columns].
Tensor read_slices(std::string_view flag, const std::string& text) {
  std::error_code none;
  const bool picture =
      std::filesystem::path(text).has_extension() && text.find_first_of(" ;|") == std::string::npos;
  const bool file = picture && text.find_first_not_of("0123456789.-+,eE") != std::string::npos;
  if (file || std::filesystem::is_regular_file(text, none)) return io::read_image(text).to(f64);
  return parse_numbers(flag, text);
}

/// Without a first dimension of 1.
Tensor squeezed(const Tensor& slices) { return slices.size(0) == 1 ? slices[0] : slices; }

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

// --- Topics -------------------------------------------------------------------------------------

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
  topic.stride = parse_per_dim("--stride", settings.stride);
  topic.padding = parse_padding("--padding", settings.padding);
  topic.dilation = parse_per_dim("--dilation", settings.dilation);
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

const Text kGridHelp = {
    "numbers, rows with ; and slices with | between them ('1 0; 0 1'), or a picture file",
    "수. 행은 ;로, 조각은 |로 나눕니다 ('1 0; 0 1'). 또는 사진 파일"};
const Text kNumbersHelp = {"numbers with spaces between them", "빈칸으로 나눈 수"};

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
        pool.kernel_size = parse_per_dim("--kernel-size", settings.kernel_size);
        if (!settings.stride.empty()) pool.stride = parse_per_dim("--stride", settings.stride);
        pool.padding = parse_per_dim("--padding", settings.padding);
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
        {"of a layer of yours", "내 레이어"}},
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
        return explain::walk_size(
            {.input = parse_per_dim("--input", settings.input),
             .kernel_size = parse_per_dim("--kernel-size", settings.kernel_size),
             .stride = parse_per_dim("--stride", settings.stride),
             .padding = parse_padding("--padding", settings.padding),
             .dilation = parse_per_dim("--dilation", settings.dilation),
             .filters = settings.filters});
      });
}

/// Numbers in a row, or an undefined tensor where none were given.
Tensor row_of(std::string_view flag, const std::string& text) {
  if (text.empty()) return {};
  const Tensor slices = parse_numbers(flag, text);
  if (slices.size(0) * slices.size(1) == 1) return slices[0][0];
  throw InBoth<UsageError>({fmt::format("{} expected one row of numbers, got \"{}\"", flag, text),
                            fmt::format("{}: 한 행이어야 하는데 \"{}\"입니다", flag, text)});
}

struct ScoreSettings {
  std::string scores;
  std::int64_t target = 1;
};

Command softmax_command() {
  return make_topic<ScoreSettings>(
      "softmax",
      {{"fovea explain softmax", {"of three scores", "점수 셋"}},
       {"fovea explain softmax --scores '5 1 -2'", {"of your own", "내가 정한 점수"}}},
      Steps::kNone,
      [](Command& topic, ScoreSettings& settings) {
        topic.add("--scores", "NUMBERS", settings.scores, kNumbersHelp);
      },
      [](const ScoreSettings& settings) {
        return explain::walk_softmax({.scores = row_of("--scores", settings.scores)});
      });
}

Command cross_entropy_command() {
  return make_topic<ScoreSettings>(
      "cross-entropy",
      {{"fovea explain cross-entropy", {"of three scores", "점수 셋"}},
       {"fovea explain cross-entropy --scores '5 1 -2' --target 0",
        {"of your own", "내가 정한 점수"}}},
      Steps::kNone,
      [](Command& topic, ScoreSettings& settings) {
        topic.add("--scores", "NUMBERS", settings.scores, kNumbersHelp);
        topic.add("--target", "N", settings.target, {"the true class", "정답 클래스"});
      },
      [](const ScoreSettings& settings) {
        const Tensor scores = row_of("--scores", settings.scores);
        check_range("--target", settings.target, 0, (scores.defined() ? scores.numel() : 3) - 1);
        return explain::walk_cross_entropy({.scores = scores, .target = settings.target});
      });
}

struct TensorSettings {
  std::string numbers;
};

Command relu_command() {
  return make_topic<TensorSettings>(
      "relu", {{"fovea explain relu --x '-2 -1 0 1 2'", {"of your own", "내가 정한 수"}}},
      Steps::kSome,
      [](Command& topic, TensorSettings& settings) {
        topic.add("--x", "NUMBERS", settings.numbers, kNumbersHelp);
      },
      [](const TensorSettings& settings) {
        return explain::walk_relu({.x = row_of("--x", settings.numbers)});
      });
}

Command linear_command() {
  return make_topic<TensorSettings>(
      "linear", {{"fovea explain linear", {"a 3x3 image flattened", "펼친 3x3 이미지"}}},
      Steps::kSome, [](Command&, TensorSettings&) {},
      [](const TensorSettings&) { return explain::walk_linear(); });
}

struct NormSettings {
  std::string values;
  explain::BatchNormTopic topic;
};

Command batch_norm_command() {
  return make_topic<NormSettings>(
      "batchnorm",
      {{"fovea explain batchnorm", {"a channel of eight values", "값이 여덟인 채널"}},
       {"fovea explain batchnorm --values '1 2 3 10' --weight 1 --bias 0",
        {"of your own", "내가 정한 값"}}},
      Steps::kNone,
      [](Command& topic, NormSettings& settings) {
        topic.add("--values", "NUMBERS", settings.values, kNumbersHelp);
        topic.add("--weight", "X", settings.topic.weight, {"scale", "늘이는 값"});
        topic.add("--bias", "X", settings.topic.bias, {"shift", "옮기는 값"});
        topic.add("--momentum", "X", settings.topic.momentum,
                  {"share of the batch in the running statistics", "이동 통계에서 배치의 몫"});
      },
      [](const NormSettings& settings) {
        explain::BatchNormTopic norm = settings.topic;
        norm.values = row_of("--values", settings.values);
        return explain::walk_batch_norm(norm);
      });
}

struct DropoutSettings {
  double p = 0.5;
  std::int64_t seed = 0;
};

Command dropout_command() {
  return make_topic<DropoutSettings>(
      "dropout",
      {{"fovea explain dropout --p 0.25 --seed 7", {"a quarter falls", "넷 중 하나가 0이 됩니다"}}},
      Steps::kNone,
      [](Command& topic, DropoutSettings& settings) {
        topic.add("--p", "X", settings.p, {"with which probability a value falls", "0이 될 확률"});
        topic.add("--seed", "N", settings.seed, {"which values fall", "어느 값이 0이 될지"});
      },
      [](const DropoutSettings& settings) {
        check_at_least("--seed", settings.seed, 0);
        check_share("--p", settings.p);
        return explain::walk_dropout(
            {.p = settings.p, .seed = static_cast<std::uint64_t>(settings.seed)});
      });
}

Command adam_command() {
  return make_topic<explain::AdamTopic>(
      "adam", {{"fovea explain adam --steps 20 --lr 0.3", {"larger steps", "더 큰 걸음"}}},
      Steps::kNone,
      [](Command& topic, explain::AdamTopic& settings) {
        topic.add("--start", "X", settings.start,
                  {"where the parameter starts", "매개변수의 처음 값"});
        topic.add("--target", "X", settings.target,
                  {"where the loss (p - target)^2 is 0", "손실 (p - target)^2이 0인 곳"});
        topic.add("--steps", "N", settings.steps, {"how many", "걸음 수"});
        topic.add("--lr", "X", settings.options.lr, {"learning rate", "학습률"});
        topic.add("--beta1", "X", settings.options.betas.first,
                  {"decay of the gradients' mean", "기울기 평균의 감쇠"});
        topic.add("--beta2", "X", settings.options.betas.second,
                  {"decay of their squares' mean", "기울기 제곱 평균의 감쇠"});
      },
      [](const explain::AdamTopic& settings) {
        check_range("--steps", settings.steps, 1, 1000);
        return explain::walk_adam(settings);
      });
}

Command autograd_command() {
  return make_topic<explain::AutogradTopic>(
      "autograd", {{"fovea explain autograd --x 2 --w -1", {"other numbers", "다른 수"}}},
      Steps::kNone,
      [](Command& topic, explain::AutogradTopic& settings) {
        topic.add("--x", "X", settings.x, {"input", "입력"});
        topic.add("--w", "X", settings.w, {"weight", "가중치"});
        topic.add("--b", "X", settings.b, {"bias", "편향"});
        topic.add("--target", "X", settings.target,
                  {"what the output should be", "출력이 되어야 할 값"});
      },
      [](const explain::AutogradTopic& settings) { return explain::walk_autograd(settings); });
}

Command devices_command() {
  return make_topic<explain::DevicesTopic>(
      "devices", {{"fovea explain devices --devices 4", {"four of them", "넷"}}}, Steps::kNone,
      [](Command& topic, explain::DevicesTopic& settings) {
        topic.add("--devices", "N", settings.devices, {"how many", "장치 수"});
        topic.add("--batch", "N", settings.batch, {"samples", "샘플 수"});
      },
      [](const explain::DevicesTopic& settings) {
        check_range("--devices", settings.devices, 1, 64);
        check_range("--batch", settings.batch, settings.devices, 4096);
        return explain::walk_devices(settings);
      });
}

/// A topic that has nothing to set.
Command plain_command(const explain::Topic& topic) {
  return make_topic<TensorSettings>(
      topic.name.c_str(),
      {{fmt::format("fovea explain {}", topic.name), topic.summary},
       {fmt::format("fovea explain {} --output {}.svg", topic.name, topic.name),
        {"as a picture", "그림으로"}}},
      Steps::kNone, [](Command&, TensorSettings&) {},
      [make = topic.make](const TensorSettings&) { return make(); });
}

}  // namespace

std::vector<Command> chapter_topics() {
  std::vector<Command> own;
  for (const auto make : {conv_command, pool_command, size_command, softmax_command,
                          cross_entropy_command, relu_command, linear_command, batch_norm_command,
                          dropout_command, adam_command, autograd_command, devices_command})
    own.push_back(make());
  // In the chapter's order; what has flags of its own is among them.
  std::vector<Command> all;
  for (const explain::Topic& topic : explain::topics()) {
    const auto found =
        std::ranges::find_if(own, [&](const Command& one) { return one.name == topic.name; });
    all.push_back(found != own.end() ? std::move(*found) : plain_command(topic));
  }
  return all;
}

}  // namespace fovea::cli
