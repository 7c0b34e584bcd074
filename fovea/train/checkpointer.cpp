#include "fovea/train/checkpointer.h"

#include <charconv>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"

namespace fovea::train {

SaveEvery parse_save_every(std::string_view text) {
  constexpr double kInsideEpochs = 300;
  constexpr std::int64_t kMost = 1'000'000'000;
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  const std::string_view unit(after, static_cast<std::size_t>(end - after));
  if (error == std::errc() && number >= 1 && number <= kMost) {
    const auto count = static_cast<double>(number);
    if (unit.empty()) return {.steps = number};
    if (unit == "s") return {.seconds = count};
    if (unit == "m") return {.seconds = 60 * count};
    if (unit == "h") return {.seconds = 3600 * count};
    if (unit == "epoch" || unit == "epochs") return {.epochs = number, .seconds = kInsideEpochs};
  }
  throw ArgumentError(
      str("config: save_every expected steps, a time or epochs, as in 100, 30s or 1epoch, got \"",
          text, "\""));
}

Checkpointer::Checkpointer(CheckpointFolder folder, const PatientWriter& writer,
                           CheckpointSources sources, const SaveEvery& every)
    : folder_(std::move(folder)), writer_(writer), sources_(std::move(sources)), every_(every) {}

void Checkpointer::on_train_begin(const TrainPlan& plan) {
  plan_ = plan;
  const TrainPosition position = sources_.trainer->position();
  saved_step_ = position.step;
  saved_epochs_ = sources_.epochs->size();
  saved_at_s_ = position.time_s;
}

void Checkpointer::on_step(const StepEvent& event) {
  const bool by_steps = every_.steps > 0 && event.step % every_.steps == 0;
  const bool by_time =
      every_.seconds > 0 && sources_.trainer->position().time_s - saved_at_s_ >= every_.seconds;
  if (by_steps || by_time) save();
}

void Checkpointer::on_epoch_trained(const EpochEvent& event) {
  const bool by_epochs = every_.epochs > 0 && event.epoch % every_.epochs == 0;
  if (by_epochs || event.epoch == plan_.epochs) save();
}

void Checkpointer::on_train_end(TrainEnd end) {
  if (end != TrainEnd::kDone) save();
}

void Checkpointer::save() {
  Checkpoint checkpoint{.position = sources_.trainer->position(),
                        .plan = plan_,
                        .epochs = *sources_.epochs,
                        .best_epoch = sources_.recorder->best().epoch,
                        .best_score = sources_.recorder->best().score,
                        .seed = default_generator().seed(),
                        .generator_position = default_generator().position(),
                        .model = sources_.model->state_dict(),
                        .optimizer = sources_.optimizer->state_dict()};
  if (checkpoint.position.step == saved_step_ && checkpoint.epochs.size() == saved_epochs_) return;
  if (sources_.average != nullptr) checkpoint.average = sources_.average->state_dict();
  check_finite(*sources_.model, checkpoint.position.epoch);
  checkpoint.logs = sources_.sync_logs();
  writer_.write([&] { folder_.save(checkpoint); });
  saved_step_ = checkpoint.position.step;
  saved_epochs_ = checkpoint.epochs.size();
  saved_at_s_ = sources_.trainer->position().time_s;
}

}  // namespace fovea::train
