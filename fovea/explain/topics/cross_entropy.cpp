#include "fovea/explain/topics/cross_entropy.h"

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/class_scores.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// -log(p) over p.
Chart loss_chart() {
  const Tensor p = arange(1, 41, 1, kExact) / 40.0;
  return {
      .title = {"The loss by the probability of the true class", "참 클래스의 확률에 따른 손실"},
      .x_label = {"Probability", "확률"},
      .y_label = {"Loss", "손실"},
      .series = {
          {.name = "-log(p)", .x = p.to_vector<double>(), .y = (-log(p)).to_vector<double>()}}};
}

}  // namespace

Walk walk_cross_entropy(const CrossEntropyTopic& topic) {
  const auto [scores, classes] = check_class_scores("cross-entropy", topic.scores, topic.classes);
  check<IndexError>(topic.target >= 0 && topic.target < scores.numel(),
                    "explain cross-entropy: target expected 0 to ", scores.numel() - 1, ", got ",
                    topic.target);
  const GradMode recording(true);
  Tensor leaf = scores.clone().detach();
  leaf.set_requires_grad();
  const Tensor target = scalar(static_cast<double>(topic.target), {.dtype = i64, .device = cpu});
  const Tensor loss_on_tape = cross_entropy(leaf, target);
  const Tensor gradient = grad(loss_on_tape, {leaf})[0].contiguous();
  const double loss = loss_on_tape.item<double>();
  const Tensor probabilities = softmax(scores, 0);
  const auto truth = static_cast<std::size_t>(topic.target);
  Walk walk{.title = {"Cross-entropy: how wrong the scores are",
                      "교차 엔트로피: 점수가 얼마나 틀렸는가"}};
  walk.blocks.emplace_back(say(
      "Softmax makes probabilities of the scores. The loss is minus the logarithm of the "
      "probability that the true class was given: 0 for certainty, and the larger, the less "
      "likely the truth was held.",
      "소프트맥스가 점수를 확률로 바꿉니다. 손실은 참 클래스에 준 확률의 로그에 음의 부호를 붙인 "
      "값입니다. 확신했으면 0이고, 참을 덜 그럴듯하게 보았을수록 커집니다."));
  Table table{.headings = {{"Class", "클래스"},
                           {"Score", "점수"},
                           {"Probability p", "확률 p"},
                           {"Truth y", "참 y"},
                           {"Gradient p - y", "기울기 p - y"}}};
  const std::vector<double> x = scores.to_vector<double>(), p = probabilities.to_vector<double>(),
                            g = gradient.to_vector<double>();
  for (std::size_t i = 0; i < p.size(); ++i)
    table.rows.push_back({classes[i], cell(x[i]), cell(p[i]), i == truth ? "1" : "0", cell(g[i])});
  walk.blocks.emplace_back(std::move(table));
  walk.blocks.emplace_back(
      say_formula(str("-log(", number_text(p[truth]), ") = ", number_text(loss))));
  walk.blocks.emplace_back(loss_chart());
  walk.blocks.emplace_back(say(
      "Backward: the gradient of each score is its probability, less 1 for the true class. "
      "A step against it raises the true class's score and lowers the others, the more, the "
      "more probable they were held. Together the gradients are 0.",
      "역전파: 점수의 기울기는 그 확률이며, 참 클래스에서는 거기서 1을 뺍니다. 기울기의 반대쪽으로 "
      "한 걸음 가면 참 클래스의 점수는 오르고 나머지는 그럴듯하게 본 만큼 내려갑니다. 기울기를 "
      "모두 더하면 0입니다."));
  walk.document =
      Fields{{"topic", "cross-entropy"}, {"classes", list_of_texts(classes)}, {"scores", scores},
             {"target", topic.target},   {"probabilities", probabilities},    {"loss", loss},
             {"grad_scores", gradient}};
  return walk;
}

}  // namespace fovea::explain
