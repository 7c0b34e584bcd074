// The topics of a textbook: small numbers, all of them shown.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/explain/make_topic.h"
#include "apps/explain/numbers.h"
#include "apps/explain/topics.h"
#include "fovea/explain/topics/topics.h"
#include "fovea/tensor/ops.h"

namespace fovea::cli {

namespace {

/// Numbers in a row, or an undefined tensor where none were given.
Tensor row_of(std::string_view flag, const std::string& text) {
  if (text.empty()) return {};
  const Tensor slices = parse_numbers(flag, text);
  if (slices.size(0) * slices.size(1) == 1) return slices[0][0];
  throw InBoth<UsageError>({fmt::format("{} expected one row of numbers, got \"{}\"", flag, text),
                            fmt::format("{}: 한 행이어야 하는데 \"{}\"입니다", flag, text)});
}

const Text kNumbersHelp = {"numbers with spaces between them", "빈칸으로 나눈 수"};

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

/// Rows without slices behind them.
Tensor one_slice(std::string_view flag, const Tensor& slices) {
  if (slices.size(0) == 1) return slices[0];
  throw InBoth<UsageError>(
      {fmt::format("{} expected rows alone, got {} slices", flag, slices.size(0)),
       fmt::format("{}: 행만 있어야 하는데 조각이 {}장입니다", flag, slices.size(0))});
}

struct LinearSettings {
  std::string input, weight, bias;
};

Command linear_command() {
  return make_topic<LinearSettings>(
      "linear",
      {{"fovea explain linear", {"a 3x3 image flattened", "펼친 3x3 이미지"}},
       {"fovea explain linear --input '1 2; 3 4' --weight '1 0 0 1; 0.5 -1 2 0' --bias '0 1'",
        {"numbers of your own", "내가 정한 수"}}},
      Steps::kSome,
      [](Command& topic, LinearSettings& settings) {
        topic.add("--input", "NUMBERS|FILE", settings.input, kGridHelp).files();
        topic.add(
            "--weight", "NUMBERS", settings.weight,
            {"a row for each output, a number for each input", "출력마다 한 행, 입력마다 수 하나"});
        topic.add("--bias", "NUMBERS", settings.bias,
                  {"a number for each output, added to its sum", "출력마다 합에 더하는 수 하나"});
      },
      [](const LinearSettings& settings) {
        explain::LinearTopic linear;
        if (!settings.input.empty())
          linear.image = one_slice("--input", read_slices("--input", settings.input));
        if (!settings.weight.empty())
          linear.weight = one_slice("--weight", parse_numbers("--weight", settings.weight));
        linear.bias = row_of("--bias", settings.bias);
        return explain::walk_linear(linear);
      });
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
        check_share("--momentum", settings.topic.momentum);
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
        check_rate("--lr", settings.options.lr);
        check_decay("--beta1", settings.options.betas.first);
        check_decay("--beta2", settings.options.betas.second);
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
      {{fmt::format("fovea explain {}", topic.name), {"in words and numbers", "글과 수로"}},
       {fmt::format("fovea explain {} --output {}.svg", topic.name, topic.name),
        {"as a picture", "그림으로"}}},
      Steps::kNone, [](Command&, TensorSettings&) {},
      [make = topic.make](const TensorSettings&) { return make(); });
}

}  // namespace

std::vector<Command> chapter_topics() {
  std::vector<Command> own = window_topics();
  for (const auto make :
       {softmax_command, cross_entropy_command, relu_command, linear_command, batch_norm_command,
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
