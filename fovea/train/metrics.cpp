#include "fovea/train/metrics.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"

namespace fovea::train {

namespace {

double ratio(double part, double whole) { return whole == 0 ? 0.0 : part / whole; }

std::string percent(double fraction) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", fraction * 100);
  return text;
}

ClassMetrics judge_class(std::string name, std::int64_t index, const LabelScores::Counts& counts) {
  const auto hits = static_cast<double>(counts.hits);
  ClassMetrics metrics{.name = std::move(name), .index = index};
  metrics.support = counts.support;
  metrics.answered = counts.answered;
  metrics.hits = counts.hits;
  metrics.precision = ratio(hits, static_cast<double>(counts.answered));
  metrics.recall = ratio(hits, static_cast<double>(metrics.support));
  metrics.f1 = ratio(2 * metrics.precision * metrics.recall, metrics.precision + metrics.recall);
  return metrics;
}

/// What a classifier could always answer: in warnings.
struct Guess {
  const char* what;
  const char* answer;
};

std::vector<std::string> warnings_of(const Metrics& metrics, const Guess& guess) {
  std::vector<std::string> warnings;
  if (metrics.error_rate > 0.8 * (1 - metrics.majority_share) ||
      metrics.accuracy <= metrics.majority_share) {
    warnings.push_back(str("accuracy ", percent(metrics.accuracy), " is close to the share of the ",
                           guess.what, ", ", percent(metrics.majority_share), ": always answering ",
                           guess.answer, " scores about as much"));
  }
  for (const ClassMetrics& of_class : metrics.per_class) {
    if (of_class.support > 0 && of_class.answered == 0) {
      warnings.push_back(
          str("class \"", of_class.name, "\" is never predicted (", of_class.support, " samples)"));
    }
  }
  return warnings;
}

/// Judges all but the single classes, of which `judge(index, name)` makes metrics.
template <class Judged, class F>
Metrics judge_all(const Judged& judged, std::span<const std::string> names, const F& judge) {
  Metrics metrics{.samples = judged.total()};
  check<ArgumentError>(metrics.samples > 0, "summarize: samples expected at least 1, got 0");
  check<ArgumentError>(static_cast<std::int64_t>(names.size()) <= judged.classes(),
                       "summarize: names expected at most ", judged.classes(), ", got ",
                       names.size());
  const auto samples = static_cast<double>(metrics.samples);
  metrics.accuracy = static_cast<double>(judged.correct()) / samples;
  metrics.error_rate = static_cast<double>(metrics.samples - judged.correct()) / samples;
  std::int64_t occurring = 0;
  double f1_sum = 0;
  for (std::int64_t i = 0; i < judged.classes(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    metrics.per_class.push_back(judge(i, at < names.size() ? names[at] : std::to_string(i)));
    if (metrics.per_class.back().support + metrics.per_class.back().answered > 0) ++occurring;
    f1_sum += metrics.per_class.back().f1;
  }
  metrics.macro_f1 = ratio(f1_sum, static_cast<double>(occurring));
  return metrics;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(std::int64_t classes) : classes_(classes) {
  check<ArgumentError>(classes >= 1, "ConfusionMatrix: classes expected at least 1, got ", classes);
  counts_.resize(static_cast<std::size_t>(checked_mul(classes, classes)));
}

void ConfusionMatrix::add(std::span<const std::int64_t> truth,
                          std::span<const std::int64_t> answers) {
  check<ArgumentError>(truth.size() == answers.size(), "ConfusionMatrix: answers expected ",
                       truth.size(), ", got ", answers.size());
  const auto check_class = [this](const char* what, std::int64_t value) {
    check<IndexError>(value >= 0 && value < classes_, "ConfusionMatrix: ", what,
                      " expected in [0, ", classes_, "), got ", value);
  };
  for (std::size_t i = 0; i < truth.size(); ++i) {
    check_class("label", truth[i]);
    check_class("answer", answers[i]);
  }
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++counts_[static_cast<std::size_t>(truth[i] * classes_ + answers[i])];
  }
}

void ConfusionMatrix::add_scores(const Tensor& scores, const Tensor& truth) {
  check<ShapeError>(scores.dim() == 2 && scores.size(1) == classes_,
                    "ConfusionMatrix: scores expected [n, ", classes_, "], got ", scores.sizes());
  check<ShapeError>(truth.dim() == 1 && truth.size(0) == scores.size(0),
                    "ConfusionMatrix: truth expected [", scores.size(0), "], got ", truth.sizes());
  add(truth.to_vector<std::int64_t>(), argmax(scores.detach(), 1).to_vector<std::int64_t>());
}

std::int64_t ConfusionMatrix::total() const {
  std::int64_t sum = 0;
  for (const std::int64_t count : counts_) sum += count;
  return sum;
}

std::int64_t ConfusionMatrix::correct() const {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < classes_; ++i) sum += count(i, i);
  return sum;
}

std::int64_t ConfusionMatrix::support(std::int64_t truth) const {
  std::int64_t sum = 0;
  for (std::int64_t answer = 0; answer < classes_; ++answer) sum += count(truth, answer);
  return sum;
}

std::int64_t ConfusionMatrix::answered(std::int64_t answer) const {
  std::int64_t sum = 0;
  for (std::int64_t truth = 0; truth < classes_; ++truth) sum += count(truth, answer);
  return sum;
}

LabelScores::LabelScores(std::int64_t classes) : classes_(classes) {
  check<ArgumentError>(classes >= 1, "LabelScores: classes expected at least 1, got ", classes);
}

void LabelScores::add(const Tensor& scores, const Tensor& truth) {
  check<ShapeError>(scores.dim() == 2 && scores.size(1) == classes_,
                    "LabelScores: scores expected [n, ", classes_, "], got ", scores.sizes());
  check<ShapeError>(truth.sizes() == scores.sizes(), "LabelScores: truth expected ", scores.sizes(),
                    ", got ", truth.sizes());
  const std::vector<float> said = scores.detach().to(f32).to_vector<float>();
  scores_.insert(scores_.end(), said.begin(), said.end());
  for (const float shown : truth.to(f32).to_vector<float>()) truth_.push_back(shown >= 0.5F);
}

std::int64_t LabelScores::correct() const {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < total(); ++i) {
    bool right = true;
    for (std::int64_t k = 0; k < classes_ && right; ++k)
      right = answers(i, k) == (truth_[at(i, k)] != 0);
    if (right) ++sum;
  }
  return sum;
}

std::int64_t LabelScores::most_of_a_set() const {
  std::unordered_map<std::string_view, std::int64_t> counts;
  std::int64_t most = 0;
  for (std::int64_t i = 0; i < total(); ++i) {
    const std::string_view row(&truth_[at(i, 0)], static_cast<std::size_t>(classes_));
    most = std::max(most, ++counts[row]);
  }
  return most;
}

LabelScores::Counts LabelScores::counts(std::int64_t index) const {
  Counts counts;
  for (std::int64_t i = 0; i < total(); ++i) {
    const bool truth = truth_[at(i, index)] != 0, answer = answers(i, index);
    counts.support += truth ? 1 : 0;
    counts.answered += answer ? 1 : 0;
    counts.hits += truth && answer ? 1 : 0;
  }
  return counts;
}

double LabelScores::average_precision(std::int64_t index) const {
  std::vector<std::pair<float, bool>> order;  // by falling score
  for (std::int64_t i = 0; i < total(); ++i)
    order.emplace_back(-scores_[at(i, index)], truth_[at(i, index)] != 0);
  std::sort(order.begin(), order.end());
  double sum = 0;
  std::int64_t hits = 0, before = 0;  // hits, and those at higher thresholds
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i].second) ++hits;
    // Equal scores are told apart by no threshold.
    if (i + 1 < order.size() && order[i + 1].first == order[i].first) continue;
    sum +=
        static_cast<double>(hits - before) * static_cast<double>(hits) / static_cast<double>(i + 1);
    before = hits;
  }
  return ratio(sum, static_cast<double>(hits));
}

Metrics summarize(const ConfusionMatrix& confusion, std::span<const std::string> names) {
  std::int64_t largest = 0;
  Metrics metrics = judge_all(confusion, names, [&](std::int64_t i, const std::string& name) {
    const std::int64_t support = confusion.support(i);
    largest = std::max(largest, support);
    return judge_class(
        name, i,
        {.support = support, .answered = confusion.answered(i), .hits = confusion.count(i, i)});
  });
  metrics.majority_share = static_cast<double>(largest) / static_cast<double>(metrics.samples);
  metrics.warnings = warnings_of(metrics, {"largest class", "that class"});
  return metrics;
}

Metrics summarize(const LabelScores& labels, std::span<const std::string> names) {
  std::int64_t wrong = 0, with_samples = 0;
  double precisions = 0;
  Metrics metrics = judge_all(labels, names, [&](std::int64_t i, const std::string& name) {
    const LabelScores::Counts counts = labels.counts(i);
    ClassMetrics of_class = judge_class(name, i, counts);
    of_class.average_precision = labels.average_precision(i);
    precisions += of_class.average_precision;
    with_samples += counts.support > 0 ? 1 : 0;
    wrong += counts.support + counts.answered - 2 * counts.hits;
    return of_class;
  });
  const auto samples = static_cast<double>(metrics.samples);
  metrics.majority_share = static_cast<double>(labels.most_of_a_set()) / samples;
  metrics.label_accuracy =
      1 - static_cast<double>(wrong) / (samples * static_cast<double>(labels.classes()));
  metrics.mean_average_precision = ratio(precisions, static_cast<double>(with_samples));
  metrics.warnings = warnings_of(metrics, {"commonest set of labels", "that set"});
  return metrics;
}

}  // namespace fovea::train
