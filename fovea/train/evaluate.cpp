#include "fovea/train/evaluate.h"

#include <array>
#include <cmath>
#include <memory>
#include <span>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/image.h"
#include "fovea/tensor/tape.h"
#include "fovea/train/objective.h"

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

/// Images [n, c, h, w] moved down by `down` and to the right by `right` pixels, then mirrored or
/// not.
Tensor moved(const Tensor& images, std::int64_t down, std::int64_t right, bool flip) {
  check<ShapeError>(images.dim() == 4, "evaluate: images expected [n, c, h, w] for views, got ",
                    images.sizes());
  const std::array<std::int64_t, 3> place = {-down, -right, flip ? 1 : 0};
  const Tensor placement = from_data(std::span<const std::int64_t>(place), {3}, images.device());
  return crop_flip(images, placement.expand({images.size(0), 3}), images.size(2), images.size(3));
}

/// The model's scores, as the mean over the views.
Tensor score(nn::Module& model, const Tensor& images, const Views& views) {
  Tensor sum = model(images);
  const auto add = [&](std::int64_t down, std::int64_t right, bool flip) {
    sum = sum + model(moved(images, down, right, flip));
  };
  if (views.flip) add(0, 0, true);
  for (const bool flip : {false, true}) {
    if (views.shift == 0 || (flip && !views.flip)) continue;
    for (const std::int64_t by : {-views.shift, views.shift}) add(by, 0, flip), add(0, by, flip);
  }
  return views.count() == 1 ? sum : sum * (1.0 / static_cast<double>(views.count()));
}

}  // namespace

Evaluation evaluate(nn::Module& model, data::DataLoader& loader, std::int64_t classes,
                    const Views& views) {
  return *evaluate_until(nullptr, model, loader, classes, views);
}

std::optional<Evaluation> evaluate_until(const std::atomic<bool>* stop, nn::Module& model,
                                         data::DataLoader& loader, std::int64_t classes,
                                         const Views& views, const BatchJudged& on_batch) {
  check<ArgumentError>(loader.samples() > 0, "evaluate: samples expected at least 1, got 0");
  const NoGrad no_grad;
  const EvalMode eval_mode(model);
  const std::unique_ptr<const Objective> objective =
      make_objective(loader.dataset().targets(), {.classes = classes});
  Evaluation result = objective->begin();
  double loss_sum = 0;
  std::int64_t batch = 0, samples = 0;
  for (auto& [images, labels] : loader) {
    const Tensor scores = score(model, images, views);
    objective->count(result, scores, labels);
    const auto loss = objective->loss(scores, labels).item<double>();
    check<NumericError>(std::isfinite(loss), "evaluate: loss expected finite, got ", std::abs(loss),
                        " (batch ", batch, ")");
    objective->keep_mistakes(result, scores, labels, samples);
    samples += labels.size(0);
    loss_sum += loss * static_cast<double>(labels.size(0));
    ++batch;
    if (on_batch) on_batch(scores, labels);
    if (stop != nullptr && *stop && batch < loader.size()) return {};
  }
  result.loss = loss_sum / static_cast<double>(loader.samples());
  return result;
}

}  // namespace fovea::train
