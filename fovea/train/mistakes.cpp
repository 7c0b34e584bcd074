#include "fovea/train/mistakes.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>

#include "fovea/core/device.h"
#include "fovea/tensor/ops.h"

namespace fovea::train {

namespace {

/// The mistake in answering a sample of class `truth` with `scores`.
Mistake mistake_of(std::span<const double> scores, std::int64_t sample, std::int64_t truth,
                   std::int64_t answer) {
  const double largest = scores[static_cast<std::size_t>(answer)];
  double sum = 0;
  for (const double score : scores) sum += std::exp(score - largest);
  return {.sample = sample,
          .truth = truth,
          .answer = answer,
          .probability = 1 / sum,
          .truth_probability = std::exp(scores[static_cast<std::size_t>(truth)] - largest) / sum};
}

bool surer(const Mistake& a, const Mistake& b) {
  return std::tuple(-a.probability, a.sample) < std::tuple(-b.probability, b.sample);
}

/// Orders mistakes and drops those of which there is no room.
void keep_few(std::vector<Mistake>& mistakes) {
  std::sort(mistakes.begin(), mistakes.end(), surer);
  if (mistakes.size() > kMostMistakes) mistakes.resize(kMostMistakes);
}

}  // namespace

void keep_surest(std::vector<Mistake>& mistakes, const Tensor& scores, const Tensor& truth,
                 std::int64_t first) {
  const std::vector<double> all = scores.detach().to(cpu).to(f64).to_vector<double>();
  const std::vector<std::int64_t> classes = truth.to_vector<std::int64_t>();
  const auto count = static_cast<std::size_t>(scores.size(1));
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const std::span<const double> row(&all[i * count], count);
    const std::int64_t answer = std::max_element(row.begin(), row.end()) - row.begin();
    if (answer == classes[i]) continue;
    mistakes.push_back(mistake_of(row, first + static_cast<std::int64_t>(i), classes[i], answer));
  }
  keep_few(mistakes);
}

void keep_surest_labels(std::vector<Mistake>& mistakes, const Tensor& scores, const Tensor& truth,
                        std::int64_t first) {
  const std::vector<double> all = scores.detach().to(cpu).to(f64).to_vector<double>();
  const std::vector<float> shown = truth.to(f32).to_vector<float>();
  const auto count = static_cast<std::size_t>(scores.size(1));
  for (std::size_t begin = 0; begin < all.size(); begin += count) {
    std::size_t worst = count;
    for (std::size_t k = 0; k < count; ++k) {
      const bool wrong = (all[begin + k] >= 0) != (shown[begin + k] >= 0.5F);
      if (wrong && (worst == count || std::abs(all[begin + k]) > std::abs(all[begin + worst])))
        worst = k;
    }
    if (worst == count) continue;
    const auto index = static_cast<std::int64_t>(worst);
    const bool answered = all[begin + worst] >= 0;
    const double probability = 1 / (1 + std::exp(-std::abs(all[begin + worst])));
    mistakes.push_back({.sample = first + static_cast<std::int64_t>(begin / count),
                        .truth = answered ? -1 : index,
                        .answer = answered ? index : -1,
                        .probability = probability,
                        .truth_probability = 1 - probability});
  }
  keep_few(mistakes);
}

}  // namespace fovea::train
