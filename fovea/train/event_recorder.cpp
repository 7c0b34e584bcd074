#include "fovea/train/event_recorder.h"

#include <bit>
#include <string>

#include "fovea/train/first_layer.h"

namespace fovea::train {

namespace {

constexpr const char* kEvents = "events";  // in warnings: the file's name tells nobody anything

/// Whether the large events come after this epoch.
bool is_shown(std::int64_t epoch) {
  constexpr std::int64_t kAll = 64;
  if (epoch <= kAll) return true;
  const auto doublings = std::bit_width(static_cast<std::uint64_t>((epoch - 1) / kAll));
  return epoch % (std::int64_t{1} << doublings) == 0;
}

}  // namespace

EventRecorder::EventRecorder(const std::filesystem::path& directory, Warnings& warnings,
                             const nn::Module& model, const Shape& input, std::int64_t log_every,
                             const FileLengths& lengths, std::int64_t step)
    : warnings_(warnings), model_(model), input_(input), log_every_(log_every) {
  warnings_.tolerate(kEvents, [&] { open(directory, lengths, step); });
}

void EventRecorder::open(const std::filesystem::path& directory, const FileLengths& lengths,
                         std::int64_t step) {
  for (const auto& [name, length] : lengths) {
    if (name.starts_with("events.") && length > 0 && std::filesystem::exists(directory / name)) {
      file_ = std::make_unique<io::EventFile>(
          io::EventFilePart{directory / name, static_cast<std::uint64_t>(length)});
      return;
    }
  }
  file_ = std::make_unique<io::EventFile>(directory, step);
}

void EventRecorder::on_step(const StepEvent& event) {
  if (!file_ || log_every_ == 0 || event.step % log_every_ != 0) return;
  warnings_.tolerate(kEvents, [&] {
    file_->add_scalar("loss/step", event.step, event.loss);
    file_->add_scalar("learning_rate", event.step, event.lr);
  });
}

void EventRecorder::on_epoch_end(const EpochEvent& event) {
  if (!file_) return;
  warnings_.tolerate(kEvents, [&] {
    if (log_every_ == 0) file_->add_scalar("learning_rate", event.step, event.lr);
    add_score("train", event.step, event.train);
    add_score("val", event.step, event.val);
    add_score("test", event.step, event.test);
    if (is_shown(event.epoch)) add_parameters(event);
  });
}

void EventRecorder::add_parameters(const EpochEvent& event) {
  for (const auto& [name, parameter] : model_.named_parameters())
    file_->add_histogram("parameters/" + name, event.step, io::histogram_of(parameter));
  if (const auto picture = draw_first_layer(model_, input_))
    file_->add_image("first_layer", event.step, *picture);
}

void EventRecorder::add_score(const char* data, std::int64_t step,
                              const std::optional<Score>& score) {
  if (!score) return;
  file_->add_scalar(std::string("loss/") + data, step, score->loss);
  file_->add_scalar(std::string("accuracy/") + data, step, score->accuracy);
}

}  // namespace fovea::train
