#include "fovea/train/recorder.h"

#include <utility>

#include "fovea/train/charts.h"

namespace fovea::train {

Recorder::Recorder(RunDirectory& directory, const nn::Module& model, models::ModelCard card,
                   std::int64_t log_every)
    : directory_(directory), model_(model), card_(std::move(card)), log_every_(log_every) {}

void Recorder::on_step(const StepEvent& event) {
  if (log_every_ > 0 && event.step % log_every_ == 0) directory_.add_step(event.step, event.loss);
}

void Recorder::on_epoch_end(const EpochEvent& event) {
  epochs_.push_back(event);
  // Weights first: they are what a failure later on must not cost.
  models::save_model_file(directory_.last_weights(), model_, card_);
  const bool best =
      best_ == 0 || !event.val || event.val->accuracy > epochs_[best_ - 1].val->accuracy;
  if (best) {
    models::save_model_file(directory_.best_weights(), model_, card_);
    best_ = epochs_.size();
  }
  directory_.add_epoch(event);
  directory_.write("curves.svg", draw_curves(epochs_, card_.model).to_string());
}

void Recorder::on_train_end(TrainEnd end) {
  if (end != TrainEnd::kInterrupted) return;
  models::save_model_file(directory_.last_weights(), model_, card_);
  if (best_ == 0) models::save_model_file(directory_.best_weights(), model_, card_);
}

}  // namespace fovea::train
