#include "fovea/train/evaluate.h"

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/tape.h"

namespace fovea::train {

namespace {

/// Evaluation mode while it lives.
class EvalMode {
 public:
  explicit EvalMode(nn::Module& model) : model_(model), before_(model.is_training()) {
    model_.eval();
  }
  ~EvalMode() { model_.train(before_); }
  EvalMode(const EvalMode&) = delete;
  EvalMode& operator=(const EvalMode&) = delete;

 private:
  nn::Module& model_;
  bool before_;
};

}  // namespace

Evaluation evaluate(nn::Module& model, data::DataLoader& loader, std::int64_t classes) {
  check<ArgumentError>(loader.samples() > 0, "evaluate: samples expected at least 1, got 0");
  const NoGrad no_grad;
  const EvalMode eval_mode(model);
  Evaluation result{.confusion = ConfusionMatrix(classes)};
  double loss_sum = 0;
  std::int64_t batch = 0;
  for (auto& [images, labels] : loader) {
    const Tensor scores = model(images);
    result.confusion.add_scores(scores, labels);
    const auto loss = cross_entropy(scores, labels).item<double>();
    check<NumericError>(std::isfinite(loss), "evaluate: loss expected finite, got ", std::abs(loss),
                        " (batch ", batch, ")");
    loss_sum += loss * static_cast<double>(labels.size(0));
    ++batch;
  }
  result.loss = loss_sum / static_cast<double>(loader.samples());
  return result;
}

}  // namespace fovea::train
