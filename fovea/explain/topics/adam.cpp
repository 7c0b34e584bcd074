#include "fovea/explain/topics/adam.h"

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// One step as a row.
struct AdamRow {
  double gradient = 0, m = 0, v = 0, m_hat = 0, v_hat = 0, change = 0, parameter = 0;
};

/// A moment in the state of the only parameter; 0 before its first update.
double moment_of(const optim::Optimizer& optimizer, const char* name) {
  const StateDict state = optimizer.state_dict();
  const Tensor* const moment = find(state, str("param.0.", name));
  return moment == nullptr ? 0 : moment->item<double>();
}

std::vector<AdamRow> adam_rows(const AdamTopic& topic) {
  const GradMode recording(true);
  Tensor parameter = full({1}, topic.start, kExact);
  parameter.set_requires_grad();
  optim::Adam adam({parameter}, topic.options);
  std::vector<AdamRow> rows;
  for (std::int64_t t = 1; t <= topic.steps; ++t) {
    const double before = parameter.item<double>();
    adam.zero_grad();
    pow(parameter - topic.target, 2.0).sum().backward();
    adam.step();
    AdamRow row{.gradient = parameter.grad().item<double>(),
                .m = moment_of(adam, "exp_avg"),
                .v = moment_of(adam, "exp_avg_sq"),
                .parameter = parameter.item<double>()};
    const auto [beta1, beta2] = topic.options.betas;
    row.m_hat = row.m / (1 - std::pow(beta1, static_cast<double>(t)));
    row.v_hat = row.v / (1 - std::pow(beta2, static_cast<double>(t)));
    row.change = row.parameter - before;
    rows.push_back(row);
  }
  return rows;
}

Chart adam_chart(const AdamTopic& topic, const std::vector<AdamRow>& rows) {
  Chart::Series path{.name = {"Parameter", "매개변수"}, .x = {0}, .y = {topic.start}};
  for (const AdamRow& row : rows) {
    path.x.push_back(static_cast<double>(path.x.size()));
    path.y.push_back(row.parameter);
  }
  const Chart::Series target{.name = {"Least loss", "손실이 가장 작은 곳"},
                             .x = {0, path.x.back()},
                             .y = {topic.target, topic.target}};
  return {.title = {"The parameter, step by step", "단계마다의 매개변수"},
          .x_label = {"Step", "단계"},
          .y_label = {"Parameter", "매개변수"},
          .series = {path, target}};
}

void check_adam_topic(const AdamTopic& topic) {
  constexpr std::int64_t kMostSteps = 1000;
  check<ArgumentError>(topic.steps >= 1 && topic.steps <= kMostSteps,
                       "explain adam: steps expected in 1 to ", kMostSteps, ", got ", topic.steps);
  check_in_both<ArgumentError>(std::isfinite(topic.start) && std::isfinite(topic.target), [&] {
    return Text(str("explain adam: start and target expected finite, got ", topic.start, " and ",
                    topic.target),
                str("explain adam: 처음 값과 목표는 유한한 수여야 하는데 ", topic.start, ", ",
                    topic.target, "입니다"));
  });
}

}  // namespace

Walk walk_adam(const AdamTopic& topic) {
  check_adam_topic(topic);
  const std::vector<AdamRow> rows = adam_rows(topic);
  Walk walk{.title = {"Adam: one parameter over some steps", "Adam: 매개변수 하나의 몇 단계"}};
  walk.blocks.emplace_back(
      say(str("The parameter p starts at ", number_text(topic.start),
              " and goes down the loss (p - ", number_text(topic.target),
              ")^2. Adam keeps two running means for each parameter: m of its gradient, v of the "
              "gradient's square. Both start at 0, so they are corrected for their beginnings."),
          str("매개변수 p는 ", number_text(topic.start), "에서 출발해 손실 (p - ",
              number_text(topic.target),
              ")^2을 따라 내려갑니다. Adam은 매개변수마다 이동 평균을 둘 둡니다. m은 기울기의, v는 "
              "기울기 제곱의 이동 평균입니다. 둘 다 0에서 시작하므로 처음 부분을 보정합니다.")));
  const auto [beta1, beta2] = topic.options.betas;
  walk.blocks.emplace_back(
      say_formula(str("m = ", number_text(beta1), " m + ", number_text(1 - beta1),
                      " g,  v = ", number_text(beta2), " v + ", number_text(1 - beta2), " g^2")));
  walk.blocks.emplace_back(
      say_formula(str("m^ = m / (1 - ", number_text(beta1), "^t),  v^ = v / (1 - ",
                      number_text(beta2), "^t),  p = p - ", number_text(topic.options.lr),
                      " m^ / (sqrt(v^) + ", number_text(topic.options.eps), ")")));
  Table table{.headings = {{"Step t", "단계 t"},
                           {"Gradient g", "기울기 g"},
                           "m",
                           "v",
                           "m^",
                           "v^",
                           {"Change", "변화"},
                           {"Parameter p", "매개변수 p"}}};
  std::vector<Value> steps;
  for (const AdamRow& row : rows) {
    const std::int64_t t = static_cast<std::int64_t>(steps.size()) + 1;
    table.rows.push_back({std::to_string(t), cell(row.gradient), cell(row.m), cell(row.v),
                          cell(row.m_hat), cell(row.v_hat), cell(row.change), cell(row.parameter)});
    steps.emplace_back(Fields{{"step", t},
                              {"gradient", row.gradient},
                              {"m", row.m},
                              {"v", row.v},
                              {"m_hat", row.m_hat},
                              {"v_hat", row.v_hat},
                              {"change", row.change},
                              {"parameter", row.parameter}});
  }
  walk.blocks.emplace_back(std::move(table));
  walk.blocks.emplace_back(adam_chart(topic, rows));
  walk.blocks.emplace_back(
      say(str("The first step is as long as the learning rate, ", number_text(topic.options.lr),
              ", however large the gradient is: m^ is g, and the root of v^ is |g|."),
          str("기울기가 얼마나 크든 첫 단계의 길이는 학습률(", number_text(topic.options.lr),
              ")과 같습니다. m^은 g이고 v^의 제곱근은 |g|이기 때문입니다.")));
  walk.document = Fields{{"topic", "adam"},
                         {"lr", topic.options.lr},
                         {"betas", std::vector<Value>{beta1, beta2}},
                         {"eps", topic.options.eps},
                         {"weight_decay", topic.options.weight_decay},
                         {"start", topic.start},
                         {"target", topic.target},
                         {"steps", std::move(steps)}};
  return walk;
}

}  // namespace fovea::explain
