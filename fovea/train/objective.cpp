#include "fovea/train/objective.h"

#include <functional>
#include <numeric>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/tape.h"
#include "fovea/train/config.h"
#include "fovea/train/recipe.h"

namespace fovea::train {

namespace {

class OneClass : public Objective {
 public:
  explicit OneClass(const ObjectiveOptions& options) : options_(options) {}

  Tensor training_loss(const Tensor& scores, const Tensor& target) const override {
    return cross_entropy(
        scores, target,
        {.weight = options_.class_weights, .label_smoothing = options_.label_smoothing});
  }
  Tensor loss(const Tensor& scores, const Tensor& target) const override {
    return cross_entropy(scores, target);
  }
  /// Compared here rather than by operations, which would be three more of a microsecond each. Of
  /// probabilities the largest counts, as in torchvision's reference training.
  std::int64_t count_correct(const Tensor& scores, const Tensor& given) const override {
    const NoGrad no_grad;
    const Tensor target = given.dim() == 2 ? argmax(given, 1) : given;
    const auto answers = argmax(scores.detach(), 1).to_vector<std::int64_t>();
    const auto classes = target.to_vector<std::int64_t>();
    return std::inner_product(answers.begin(), answers.end(), classes.begin(), std::int64_t{0},
                              std::plus<>(), std::equal_to<>());
  }
  Evaluation begin() const override { return {.confusion = ConfusionMatrix(options_.classes)}; }
  void count(Evaluation& evaluation, const Tensor& scores, const Tensor& target) const override {
    evaluation.confusion.add_scores(scores, target);
  }
  void keep_mistakes(Evaluation& evaluation, const Tensor& scores, const Tensor& target,
                     std::int64_t first) const override {
    keep_surest(evaluation.mistakes, scores, target, first);
  }

 private:
  ObjectiveOptions options_;
};

class AnyLabels : public Objective {
 public:
  explicit AnyLabels(const ObjectiveOptions& options) : options_(options) {}

  Tensor training_loss(const Tensor& scores, const Tensor& target) const override {
    return binary_cross_entropy_with_logits(scores, target, {.pos_weight = options_.class_weights});
  }
  Tensor loss(const Tensor& scores, const Tensor& target) const override {
    return binary_cross_entropy_with_logits(scores, target);
  }
  std::int64_t count_correct(const Tensor& scores, const Tensor& target) const override {
    LabelScores labels(options_.classes);
    labels.add(scores, target);
    return labels.correct();
  }
  Evaluation begin() const override {
    return {.confusion = {}, .labels = LabelScores(options_.classes)};
  }
  void count(Evaluation& evaluation, const Tensor& scores, const Tensor& target) const override {
    evaluation.labels->add(scores, target);
  }
  void keep_mistakes(Evaluation& evaluation, const Tensor& scores, const Tensor& target,
                     std::int64_t first) const override {
    keep_surest_labels(evaluation.mistakes, scores, target, first);
  }

 private:
  ObjectiveOptions options_;
};

}  // namespace

std::unique_ptr<const Objective> make_objective(data::Targets targets,
                                                const ObjectiveOptions& options) {
  check<ArgumentError>(options.classes >= 1, "make_objective: classes expected at least 1, got ",
                       options.classes);
  switch (targets) {
    case data::Targets::kSingleLabel:
      return std::make_unique<OneClass>(options);
    case data::Targets::kMultiLabel:
      check<ArgumentError>(options.label_smoothing == 0,
                           "make_objective: label_smoothing expected 0 for multi-label targets, "
                           "got ",
                           options.label_smoothing);
      return std::make_unique<AnyLabels>(options);
  }
  no_case_for("Targets", targets);
}

void check_objective(const TrainConfig& config, data::Targets targets) {
  if (targets == data::Targets::kSingleLabel) return;
  check<ArgumentError>(config.label_smoothing == 0,
                       "config: label_smoothing expected 0 for multi-label data, got ",
                       config.label_smoothing, " (", config.data, ")");
  check<ArgumentError>(!samples_balanced(config),
                       "config: sampling expected all for multi-label data, got \"",
                       config.sampling, "\" (", config.data, ")");
}

}  // namespace fovea::train
