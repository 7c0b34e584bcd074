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
                   RecorderSources sources, const BestWeights& best)
    : directory_(directory), writer_(writer), sources_(std::move(sources)), best_(best) {}

void Recorder::on_step(const StepEvent& event) { step_ = event.step; }

void Recorder::on_epoch_trained(const EpochEvent& event) {
  check_finite(*sources_.model, event.epoch);
  epoch_ = event.epoch;
  step_ = event.step;
  save_last();
  // The first epoch's are the best that there are, whatever validation will say; later ones are
  // where nothing is said.
  if (best_.epoch == 0 || !best_.score) save_best(event.epoch);
}

void Recorder::on_validated(const EpochEvent& event) {
  if (best_.epoch == epoch_) best_.score = event.val;
  if (!is_better(sources_.monitor, *event.val, *best_.score)) return;
  save_best(event.epoch);
  best_.score = event.val;
}

void Recorder::save(const std::filesystem::path& path, const nn::Module& model) const {
  writer_.write([&] { models::save_model_file(path, model, sources_.card); });
}

void Recorder::save_last() {
  save(directory_.last_weights(), *sources_.model);
  if (sources_.average != nullptr) save(directory_.ema_weights(), *sources_.average);
  saved_step_ = step_;
}

void Recorder::save_best(std::int64_t epoch) {
  save(directory_.best_weights(),
       sources_.average != nullptr ? *sources_.average : *sources_.model);
  best_.epoch = epoch;
}

void Recorder::on_train_end(TrainEnd end) {
  if (!is_cut_short(end) || step_ == 0) return;
  check_finite(*sources_.model, epoch_ + 1);
  save_last();
  // Where nothing is validated the last weights are the best, and whose time is up goes no further.
  const bool last = end == TrainEnd::kTimeUp && !best_.score;
  if (best_.epoch == 0 || last) save_best(best_.epoch);
}

}  // namespace fovea::train
