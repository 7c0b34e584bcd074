#include "fovea/train/answers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"

namespace fovea::train {

namespace {

/// Evaluation mode for as long as it lives.
class Judging {
 public:
  explicit Judging(nn::Module& model) : model_(model), before_(model.is_training()) {
    model_.eval();
  }
  ~Judging() { model_.train(before_); }
  Judging(const Judging&) = delete;
  Judging& operator=(const Judging&) = delete;

 private:
  nn::Module& model_;
  bool before_;
};

std::vector<std::int64_t> surest_first(const std::vector<SampleAnswer>& answers,
                                       std::vector<std::int64_t> samples) {
  std::ranges::stable_sort(samples, [&](std::int64_t a, std::int64_t b) {
    return answers[static_cast<std::size_t>(a)].probability >
           answers[static_cast<std::size_t>(b)].probability;
  });
  return samples;
}

template <class Wanted>
std::vector<std::int64_t> numbers_where(const std::vector<SampleAnswer>& answers,
                                        const Wanted& wanted) {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (wanted(answers[i])) numbers.push_back(static_cast<std::int64_t>(i));
  return numbers;
}

}  // namespace

void add_answers(const Tensor& scores, const Tensor& labels, std::vector<SampleAnswer>& answers) {
  const Tensor probabilities = softmax(scores, 1).to(f32);
  const std::vector<std::int64_t> classes = argmax(probabilities, 1).to_vector<std::int64_t>();
  const std::vector<float> all = probabilities.to_vector<float>();
  const std::vector<std::int64_t> truth = labels.to_vector<std::int64_t>();
  const auto width = static_cast<std::size_t>(probabilities.size(1));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    check<IndexError>(truth[i] >= 0 && static_cast<std::size_t>(truth[i]) < width,
                      "answers: class expected in [0, ", width, "), got ", truth[i], " (sample ",
                      answers.size(), ")");
    const auto of = [&](std::int64_t one) {
      return all[i * width + static_cast<std::size_t>(one)];
    };
    check<NumericError>(std::isfinite(of(classes[i])), "answers: probability expected finite, got ",
                        of(classes[i]), " (sample ", answers.size(), ")");
    answers.push_back({.truth = truth[i],
                       .answer = classes[i],
                       .probability = of(classes[i]),
                       .truth_probability = of(truth[i])});
  }
}

std::optional<std::vector<SampleAnswer>> answer_all(nn::Module& model, data::DataLoader& loader,
                                                    const std::atomic<bool>* stop,
                                                    const AnswerProgress& progress) {
  check<ShapeError>(loader.dataset().targets() == data::Targets::kSingleLabel,
                    "answers: targets expected one class a sample, got several");
  const NoGrad no_grad;
  const Judging judging(model);
  std::vector<SampleAnswer> answers;
  answers.reserve(static_cast<std::size_t>(loader.samples()));
  for (auto& [images, labels] : loader) {
    if (stop != nullptr && *stop) return std::nullopt;
    add_answers(model(images), labels, answers);
    if (progress) progress(static_cast<std::int64_t>(answers.size()), loader.samples());
  }
  return answers;
}

std::vector<Confusion> most_confused(const std::vector<SampleAnswer>& answers, std::size_t most) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> counts;
  for (const SampleAnswer& one : answers)
    if (!one.right()) ++counts[{one.truth, one.answer}];
  std::vector<Confusion> pairs;
  pairs.reserve(counts.size());
  for (const auto& [pair, count] : counts) pairs.push_back({pair.first, pair.second, count});
  std::ranges::stable_sort(pairs, std::greater<>(), &Confusion::count);
  if (pairs.size() > most) pairs.resize(most);
  return pairs;
}

std::vector<std::int64_t> samples_of_cell(const std::vector<SampleAnswer>& answers,
                                          std::int64_t truth, std::int64_t answer) {
  return surest_first(answers, numbers_where(answers, [&](const SampleAnswer& one) {
                        return one.truth == truth && one.answer == answer;
                      }));
}

std::vector<std::int64_t> surest_mistakes(const std::vector<SampleAnswer>& answers,
                                          std::size_t most) {
  std::vector<std::int64_t> numbers = surest_first(
      answers, numbers_where(answers, [](const SampleAnswer& one) { return !one.right(); }));
  if (numbers.size() > most) numbers.resize(most);
  return numbers;
}

}  // namespace fovea::train
