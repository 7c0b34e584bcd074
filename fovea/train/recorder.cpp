#include "fovea/train/recorder.h"

#include <cmath>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::train {

void check_finite(const nn::Module& model, std::int64_t epoch) {
  const NoGrad no_grad;
  for (const auto& [name, tensor] : model.state_dict()) {
    if (!is_floating(tensor.dtype()) || tensor.numel() == 0) continue;
    const bool finite = std::isfinite(abs(tensor).max().to(f64).item<double>());
    check<NumericError>(finite, "train: weights expected finite, got others (", name, ", epoch ",
                        epoch, ")");
  }
}

Recorder::Recorder(const RunDirectory& directory, const PatientWriter& writer,
                   const nn::Module& model, models::ModelCard card, const BestWeights& best)
    : directory_(directory), writer_(writer), model_(model), card_(std::move(card)), best_(best) {}

void Recorder::on_step(const StepEvent& event) { step_ = event.step; }

void Recorder::on_epoch_trained(const EpochEvent& event) {
  check_finite(model_, event.epoch);
  epoch_ = event.epoch;
  step_ = event.step;
  save_last();
  // The first epoch's are the best that there are, whatever validation will say; later ones are
  // where nothing is said.
  if (best_.epoch == 0 || !best_.score) save_best(event.epoch);
}

void Recorder::on_validated(const EpochEvent& event) {
  if (best_.epoch == epoch_) best_.score = event.val;
  if (event.val->accuracy <= best_.score->accuracy) return;
  save_best(event.epoch);
  best_.score = event.val;
}

void Recorder::save(const std::filesystem::path& path) const {
  writer_.write([&] { models::save_model_file(path, model_, card_); });
}

void Recorder::save_last() {
  save(directory_.last_weights());
  saved_step_ = step_;
}

void Recorder::save_best(std::int64_t epoch) {
  save(directory_.best_weights());
  best_.epoch = epoch;
}

void Recorder::on_train_end(TrainEnd end) {
  if (end == TrainEnd::kDone || step_ == 0) return;
  check_finite(model_, epoch_ + 1);
  save_last();
  if (best_.epoch == 0) save(directory_.best_weights());
}

}  // namespace fovea::train
