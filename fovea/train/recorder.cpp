#include "fovea/train/recorder.h"

#include <cmath>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/train/charts.h"

namespace fovea::train {

namespace {

/// An update may make weights infinite or NaN without the loss before it showing that. Written over
/// the weights of the epoch before they would be a loss.
void check_finite(const nn::Module& model, std::int64_t epoch) {
  const NoGrad no_grad;
  for (const auto& [name, tensor] : model.state_dict()) {
    if (!is_floating(tensor.dtype()) || tensor.numel() == 0) continue;
    const bool finite = std::isfinite(abs(tensor).max().to(f64).item<double>());
    check<NumericError>(finite, "train: weights expected finite, got others (", name, ", epoch ",
                        epoch, ")");
  }
}

}  // namespace

Recorder::Recorder(RunDirectory& directory, const nn::Module& model, models::ModelCard card,
                   std::int64_t log_every)
    : directory_(directory), model_(model), card_(std::move(card)), log_every_(log_every) {}

void Recorder::on_step(const StepEvent& event) {
  step_ = event.step;
  if (log_every_ > 0 && event.step % log_every_ == 0) directory_.add_step(event.step, event.loss);
}

void Recorder::on_epoch_trained(const EpochEvent& event) {
  check_finite(model_, event.epoch);
  epoch_ = event.epoch;
  save_last();
  // The first epoch's are the best that there are, whatever validation will say; later ones are
  // where nothing is said.
  if (best_ == 0 || !best_score_) save_best(event.epoch);
}

void Recorder::on_validated(const EpochEvent& event) {
  if (best_ == epoch_) best_score_ = event.val;
  if (event.val->accuracy <= best_score_->accuracy) return;
  save_best(event.epoch);
  best_score_ = event.val;
}

void Recorder::save_last() {
  models::save_model_file(directory_.last_weights(), model_, card_);
  saved_step_ = step_;
}

void Recorder::save_best(std::int64_t epoch) {
  models::save_model_file(directory_.best_weights(), model_, card_);
  best_ = epoch;
}

void Recorder::on_epoch_end(const EpochEvent& event) {
  epochs_.push_back(event);
  directory_.add_epoch(event);
  directory_.write("curves.svg", draw_curves(epochs_, card_.model).to_string());
}

void Recorder::on_train_end(TrainEnd end) {
  if (end == TrainEnd::kDone || step_ == 0) return;
  check_finite(model_, epoch_ + 1);
  save_last();
  if (best_ == 0) models::save_model_file(directory_.best_weights(), model_, card_);
}

}  // namespace fovea::train
