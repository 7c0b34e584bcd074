#include "fovea/explain/topics/softmax.h"

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/class_scores.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/softmax.h"

namespace fovea::explain {

ClassScores check_class_scores(const char* topic, const Tensor& scores,
                               const std::vector<std::string>& classes) {
  ClassScores checked{.scores = scores.defined() ? exact(scores, topic, "scores")
                                                 : tensor({2, 1, 0.1}, kExact)};
  check<ShapeError>(checked.scores.dim() == 1, "explain ", topic,
                    ": scores expected 1 dimension, got ", checked.scores.dim(), " (scores ",
                    checked.scores.sizes(), ")");
  const std::int64_t count = checked.scores.numel();
  check_in_both<ArgumentError>(count <= kMostClasses, [&] {
    return Text(
        str("explain ", topic, ": classes expected at most ", kMostClasses, ", got ", count),
        str("explain ", topic, ": 클래스는 ", kMostClasses, "개 이하여야 하는데 ", count,
            "개입니다"));
  });
  check<ArgumentError>(classes.empty() || static_cast<std::int64_t>(classes.size()) == count,
                       "explain ", topic, ": names of classes expected ", count, ", got ",
                       classes.size());
  checked.classes = classes;
  for (std::size_t i = classes.size(); i < static_cast<std::size_t>(count); ++i)
    checked.classes.push_back(std::to_string(i));
  return checked;
}

Walk walk_softmax(const SoftmaxTopic& topic) {
  const auto [scores, classes] = check_class_scores("softmax", topic.scores, topic.classes);
  const Tensor probabilities = softmax(scores, 0);
  const Tensor shifted = scores - scores.max(), powers = exp(shifted);
  const auto answer = scores.argmax(0).item<std::int64_t>();
  const double total = powers.sum().item<double>();
  Walk walk{.title = {"Softmax: from scores to probabilities", "소프트맥스: 점수에서 확률로"}};
  walk.blocks.emplace_back(say(
      "The last layer gives each class a score, any number. Softmax makes probabilities of "
      "them: each is above 0, and together they are 1.",
      "마지막 층은 클래스마다 점수를 냅니다. 점수는 어떤 수든 될 수 있습니다. 소프트맥스는 이를 "
      "확률로 바꿉니다. 저마다 0보다 크고 모두 더하면 1입니다."));
  walk.blocks.emplace_back(say_formula("p_i = e^(x_i) / (e^(x_0) + e^(x_1) + ...)"));
  walk.blocks.emplace_back(
      say("The largest score is taken away from all of them first. That changes no probability, "
          "and no power is too large for a computer.",
          "먼저 모든 점수에서 가장 큰 점수를 뺍니다. 확률은 바뀌지 않고, 거듭제곱이 컴퓨터가 담지 "
          "못할 만큼 커지는 일도 없습니다."));
  Table table{.headings = {{"Class", "클래스"},
                           {"Score x", "점수 x"},
                           {"x - max", "x - max"},
                           {"e^(x - max)", "e^(x - max)"},
                           {"Probability", "확률"}}};
  const std::vector<double> x = scores.to_vector<double>(), below = shifted.to_vector<double>(),
                            e = powers.to_vector<double>(), p = probabilities.to_vector<double>();
  std::vector<double> places;
  for (std::size_t i = 0; i < p.size(); ++i) {
    table.rows.push_back({classes[i], cell(x[i]), cell(below[i]), cell(e[i]), cell(p[i])});
    places.push_back(static_cast<double>(i));
  }
  walk.blocks.emplace_back(std::move(table));
  const auto best = static_cast<std::size_t>(answer);
  walk.blocks.emplace_back(
      say_formula(str(number_text(e[best]), " / (", sum_text(e), ") = ", number_text(p[best]))));
  walk.blocks.emplace_back(Chart{
      .title = {"Probabilities", "확률"},
      .x_label = {"Class", "클래스"},
      .y_label = {"Probability", "확률"},
      .series = {
          {.name = {"Probability", "확률"}, .x = places, .y = p, .look = Chart::Look::kBars}}});
  walk.blocks.emplace_back(
      say(str("The class with the largest probability is the answer: ", classes[best], "."),
          str("확률이 가장 큰 클래스가 답입니다: ", classes[best], ".")));
  walk.document = Fields{{"topic", "softmax"},     {"classes", list_of_texts(classes)},
                         {"scores", scores},       {"exponentials", powers},
                         {"sum", total},           {"probabilities", probabilities},
                         {"answer", classes[best]}};
  return walk;
}

}  // namespace fovea::explain
