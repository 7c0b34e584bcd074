// EventRecorder: the observer that writes what TensorBoard shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "fovea/io/records/event_file.h"
#include "fovea/nn/module.h"
#include "fovea/train/run_log.h"
#include "fovea/train/trainer.h"
#include "fovea/train/warnings.h"

namespace fovea::train {

/// Writes events.out.tfevents.* into a run directory, with the number of the step as x:
///
///   loss/step, learning_rate            every `log_every` steps
///   loss/train, accuracy/train          after each epoch, and the same of val and test where these
///                                       are evaluated
///   parameters/NAME                     a histogram of each parameter
///   first_layer                         a picture: see draw_first_layer
///
/// The last two come after each of the first 64 epochs, then after every second up to 128, every
/// fourth up to 256 and so on: they are large, and the file of a long training stays small. What
/// cannot be written is a warning.
class EventRecorder : public TrainObserver {
 public:
  /// `model` and `warnings` must outlive this; `input` are the sizes [channels, height, width] that
  /// it takes. With `log_every` 0, learning_rate comes after each epoch. A training that goes on
  /// says in `lengths` how much of its event file is to be kept, and after which step.
  EventRecorder(const std::filesystem::path& directory, Warnings& warnings, const nn::Module& model,
                const Shape& input, std::int64_t log_every, const FileLengths& lengths = {},
                std::int64_t step = 0);

  void on_step(const StepEvent& event) override;
  void on_epoch_end(const EpochEvent& event) override;

  /// The file; null when it could not be opened.
  io::GrowingFile* file() { return file_ ? &file_->file() : nullptr; }

 private:
  void open(const std::filesystem::path& directory, const FileLengths& lengths, std::int64_t step);
  void add_score(const char* data, std::int64_t step, const std::optional<Score>& score);
  void add_parameters(const EpochEvent& event);

  Warnings& warnings_;
  std::unique_ptr<io::EventFile> file_;
  const nn::Module& model_;
  Shape input_;
  std::int64_t log_every_;
};

}  // namespace fovea::train
