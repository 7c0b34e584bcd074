#include "fovea/train/metrics.h"

#include <algorithm>
#include <cstdio>

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

ClassMetrics judge_class(const ConfusionMatrix& confusion, std::int64_t index, std::string name) {
  const auto hits = static_cast<double>(confusion.count(index, index));
  ClassMetrics metrics{.name = std::move(name), .index = index};
  metrics.support = confusion.support(index);
  metrics.precision = ratio(hits, static_cast<double>(confusion.answered(index)));
  metrics.recall = ratio(hits, static_cast<double>(metrics.support));
  metrics.f1 = ratio(2 * metrics.precision * metrics.recall, metrics.precision + metrics.recall);
  return metrics;
}

std::vector<std::string> warnings_of(const Metrics& metrics, const ConfusionMatrix& confusion) {
  std::vector<std::string> warnings;
  if (metrics.error_rate > 0.8 * (1 - metrics.majority_share) ||
      metrics.accuracy <= metrics.majority_share) {
    warnings.push_back(
        str("accuracy ", percent(metrics.accuracy), " is close to the share of the largest class, ",
            percent(metrics.majority_share), ": always answering that class scores about as much"));
  }
  for (const ClassMetrics& of_class : metrics.per_class) {
    if (of_class.support > 0 && confusion.answered(of_class.index) == 0) {
      warnings.push_back(
          str("class \"", of_class.name, "\" is never predicted (", of_class.support, " samples)"));
    }
  }
  return warnings;
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

Metrics summarize(const ConfusionMatrix& confusion, std::span<const std::string> names) {
  Metrics metrics{.samples = confusion.total()};
  check<ArgumentError>(metrics.samples > 0, "summarize: samples expected at least 1, got 0");
  check<ArgumentError>(static_cast<std::int64_t>(names.size()) <= confusion.classes(),
                       "summarize: names expected at most ", confusion.classes(), ", got ",
                       names.size());
  const auto samples = static_cast<double>(metrics.samples);
  metrics.accuracy = static_cast<double>(confusion.correct()) / samples;
  metrics.error_rate = static_cast<double>(metrics.samples - confusion.correct()) / samples;

  std::int64_t largest = 0, occurring = 0;
  double f1_sum = 0;
  for (std::int64_t i = 0; i < confusion.classes(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    metrics.per_class.push_back(
        judge_class(confusion, i, at < names.size() ? names[at] : std::to_string(i)));
    largest = std::max(largest, metrics.per_class.back().support);
    if (metrics.per_class.back().support + confusion.answered(i) > 0) ++occurring;
    f1_sum += metrics.per_class.back().f1;
  }
  metrics.majority_share = static_cast<double>(largest) / samples;
  metrics.macro_f1 = f1_sum / static_cast<double>(occurring);
  metrics.warnings = warnings_of(metrics, confusion);
  return metrics;
}

}  // namespace fovea::train
