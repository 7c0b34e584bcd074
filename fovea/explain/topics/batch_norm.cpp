#include "fovea/explain/topics/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/norm.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

constexpr std::int64_t kMostValues = 10000;

/// What batch_norm made of the values. Each [n], or one number.
struct NormedChannel {
  Tensor values = {}, normalized = {}, output = {}, evaluated = {};
  double mean = 0, var = 0, unbiased_var = 0;
  double running_mean = 0, running_var = 0;  ///< after the batch
};

Tensor one_number(double value) { return full({1}, value, kExact); }

NormedChannel normed_channel(const BatchNormTopic& topic) {
  NormedChannel channel{.values = topic.values.defined()
                                      ? exact(topic.values, "batchnorm", "values")
                                      : tensor({2, 4, 4, 4, 5, 5, 7, 9}, kExact)};
  const Tensor& x = channel.values;
  check_in_both<ShapeError>(x.dim() == 1 && x.numel() >= 2 && x.numel() <= kMostValues, [&] {
    return Text(str("explain batchnorm: values expected 2 to ", kMostValues,
                    " numbers in 1 dimension, got ", x.sizes()),
                str("explain batchnorm: 값은 한 차원에 2개에서 ", kMostValues, "개까지여야 하는데 ",
                    x.sizes(), "입니다"));
  });
  check<ArgumentError>(topic.running_var >= 0 && std::isfinite(topic.running_var),
                       "explain batchnorm: running_var expected at least 0, got ",
                       topic.running_var);
  check<ArgumentError>(topic.momentum >= 0 && topic.momentum <= 1,
                       "explain batchnorm: momentum expected in [0, 1], got ", topic.momentum);
  check<ArgumentError>(topic.eps >= 0 && std::isfinite(topic.eps),
                       "explain batchnorm: eps expected at least 0, got ", topic.eps);
  const NoGrad no_grad;
  const Tensor batch = x.view({x.numel(), 1});
  const Tensor weight = one_number(topic.weight), bias = one_number(topic.bias);
  const Tensor running_mean = one_number(topic.running_mean),
               running_var = one_number(topic.running_var);
  const BatchNormOptions training{.training = true, .momentum = topic.momentum, .eps = topic.eps};
  channel.normalized = batch_norm(batch, {}, {}, {}, {}, training).flatten();
  channel.output = batch_norm(batch, running_mean, running_var, weight, bias, training).flatten();
  // The running statistics have moved; evaluation takes them as they are now.
  channel.evaluated =
      batch_norm(batch, running_mean, running_var, weight, bias, {.eps = topic.eps}).flatten();
  channel.mean = mean(x).item<double>();
  channel.var = var(x, {}, false, 0).item<double>();
  channel.unbiased_var = var(x).item<double>();
  channel.running_mean = running_mean.item<double>();
  channel.running_var = running_var.item<double>();
  return channel;
}

/// How many of `values` lie in each of the bins, whose middles go from `low` to `high`.
Chart histogram(const Text& title, const Tensor& values, double low, double high) {
  // Half a number wide as long as they are not too many; so whole numbers stand in the middle.
  const double halves = 2 * (high - low);
  const int bins = halves <= 48 ? std::max(static_cast<int>(halves), 1) : 32;
  const double width = std::max(high - low, 1.0) / bins;
  Chart::Series series{.name = {"Values", "값"}, .x = {}, .y = {}, .look = Chart::Look::kBars};
  for (int i = 0; i <= bins; ++i) {
    series.x.push_back(low + i * width);
    series.y.push_back(0);
  }
  for (const double value : values.to_vector<double>()) {
    const double bin = std::clamp(std::round((value - low) / width), 0.0, double(bins));
    if (std::isfinite(bin)) series.y[static_cast<std::size_t>(bin)] += 1;
  }
  return {.title = title,
          .x_label = {"Value", "값"},
          .y_label = {"Count", "개수"},
          .series = {std::move(series)}};
}

/// The three distributions over one axis, so that they can be compared.
void add_histograms(const NormedChannel& channel, std::vector<Block>& blocks) {
  double low = 0, high = 0;
  for (const Tensor& values : {channel.values, channel.normalized, channel.output}) {
    low = std::min(low, std::floor(values.min().item<double>()));
    high = std::max(high, std::ceil(values.max().item<double>()));
  }
  blocks.emplace_back(histogram({"Before", "이전"}, channel.values, low, high));
  blocks.emplace_back(
      histogram({"Normalised: mean 0, standard deviation 1", "정규화: 평균 0, 표준편차 1"},
                channel.normalized, low, high));
  blocks.emplace_back(
      histogram({"After scale and shift", "스케일과 시프트 이후"}, channel.output, low, high));
}

void add_statistics(const BatchNormTopic& topic, const NormedChannel& channel,
                    std::vector<Block>& blocks) {
  const auto text = [](double value) { return number_text(value); };
  const std::string mean = text(channel.mean), var = text(channel.var);
  // A sum that nobody would read is left out.
  const std::int64_t count = channel.values.numel();
  const std::string of_values =
      count <= 24
          ? str(" = (", sum_text(channel.values.to_vector<double>()), ") / ", count, " = ", mean)
          : str(" = ", mean);
  blocks.emplace_back(say_formula({"mean" + of_values, "평균" + of_values}));
  blocks.emplace_back(say_formula({str("variance = mean of (x - ", mean, ")^2 = ", var),
                                   str("분산 = (x - ", mean, ")^2의 평균 = ", var)}));
  const std::string normed = str(" = (x - ", mean, ") / sqrt(", var, " + ", text(topic.eps), ")");
  blocks.emplace_back(say_formula({"normalised" + normed, "정규화한 값" + normed}));
  const std::string shift = " + " + sum_text(std::vector<double>{topic.bias});
  blocks.emplace_back(say_formula({str("y = ", text(topic.weight), " x normalised", shift),
                                   str("y = ", text(topic.weight), " x 정규화한 값", shift)}));
}

void add_running(const BatchNormTopic& topic, const NormedChannel& channel,
                 std::vector<Block>& blocks) {
  blocks.emplace_back(
      say("Training takes the statistics of the batch, and moves the running ones a little "
          "towards them (the variance there divided by n - 1):",
          "학습할 때는 배치의 통계를 쓰고, 이동 통계를 그쪽으로 조금 옮깁니다(이때 분산은 n - 1로 "
          "나눈 값입니다)."));
  const auto moved = [&](const char* name, double before, double batch, double after) {
    const std::vector<double> a{1 - topic.momentum}, b{topic.momentum}, x{before}, y{batch};
    return say_formula(str(name, " = ", products_text(a, x, 1), " + ", products_text(b, y, 1),
                           " = ", number_text(after)));
  };
  blocks.emplace_back(
      moved("running_mean", topic.running_mean, channel.mean, channel.running_mean));
  blocks.emplace_back(
      moved("running_var", topic.running_var, channel.unbiased_var, channel.running_var));
  blocks.emplace_back(say(
      "Evaluation takes the running statistics in the batch's place: what a sample gives no "
      "longer depends on the others, and after one batch it differs from training.",
      "평가할 때는 배치의 통계 대신 이동 통계를 씁니다. 한 샘플의 결과는 더 이상 다른 샘플에 따라 "
      "달라지지 않으며, 배치 하나만 본 뒤에는 학습할 때와 다릅니다."));
}

}  // namespace

Walk walk_batch_norm(const BatchNormTopic& topic) {
  const NormedChannel channel = normed_channel(topic);
  Walk walk{.title = {"Batch normalisation of a channel", "채널 하나의 배치 정규화"}};
  walk.blocks.emplace_back(
      say("Each channel is moved, over the whole batch, to mean 0 and standard deviation 1, then "
          "scaled and shifted by two numbers that the layer learns.",
          "채널마다 배치 전체에 걸쳐 평균 0, 표준편차 1이 되게 한 다음, 층이 학습하는 두 수로 "
          "스케일하고 시프트합니다."));
  add_statistics(topic, channel, walk.blocks);
  Table table{.headings = {{"Value", "값"},
                           {"Normalised", "정규화"},
                           {"Scaled and shifted", "스케일·시프트"},
                           {"In evaluation", "평가할 때"}}};
  const std::vector<double> x = channel.values.to_vector<double>(),
                            n = channel.normalized.to_vector<double>(),
                            y = channel.output.to_vector<double>(),
                            e = channel.evaluated.to_vector<double>();
  for (std::size_t i = 0; i < x.size(); ++i)
    table.rows.push_back({cell(x[i]), cell(n[i]), cell(y[i]), cell(e[i])});
  walk.blocks.emplace_back(std::move(table));
  add_histograms(channel, walk.blocks);
  add_running(topic, channel, walk.blocks);
  const auto pair = [](double before, double after) {
    return Fields{{"before", before}, {"after", after}};
  };
  walk.document = Fields{{"topic", "batchnorm"},
                         {"input", channel.values},
                         {"mean", channel.mean},
                         {"variance", channel.var},
                         {"eps", topic.eps},
                         {"normalized", channel.normalized},
                         {"weight", topic.weight},
                         {"bias", topic.bias},
                         {"output", channel.output},
                         {"momentum", topic.momentum},
                         {"running_mean", pair(topic.running_mean, channel.running_mean)},
                         {"running_var", pair(topic.running_var, channel.running_var)},
                         {"evaluation", channel.evaluated}};
  return walk;
}

}  // namespace fovea::explain
