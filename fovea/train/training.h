// A whole training from a configuration: data, model, optimiser, trainer, run directory, judgement.
// What `fovea train` does, for programs.
//
//     TrainConfig config;
//     config.epochs = 2;
//     const TrainingResult result = run_training(config);
//     std::cout << result.report->metrics().accuracy;
//
// The same configuration (with its seed and number of threads) gives the same weights to the byte.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "fovea/train/config.h"
#include "fovea/train/report.h"
#include "fovea/train/trainer.h"
#include "fovea/vision/picture_set.h"

namespace fovea::train {

/// Who is told of a training, and how it is stopped.
struct TrainingHooks {
  std::vector<TrainObserver*> observers = {};  ///< told of everything, after it is on disk
  /// Ends the training after the present step once it is true. A signal handler may set it.
  const std::atomic<bool>* stop = nullptr;
  /// Told in one line what was done to the inputs that nobody asked for: weights converted.
  std::function<void(const std::string&)> on_note = {};
  /// Told how many pictures of a folder have been looked at, where skip_corrupt looks at all.
  vision::ImageProgress on_check = {};
  /// Called with the run directory as soon as it is there.
  std::function<void(const std::filesystem::path&)> on_directory = {};
};

/// What a training came to.
struct TrainingResult {
  TrainEnd end = TrainEnd::kDone;        ///< whether it was interrupted
  std::filesystem::path directory = {};  ///< the run directory
  std::optional<Report> report = {};     ///< weights/best on the test data; none when interrupted
};

/// Trains as `config` says. Sets the process's number of threads, when the configuration names one,
/// and seeds this thread's generator. The run directory is made
/// once all inputs have been read and found to fit.
/// Throws   ArgumentError for a setting that cannot be; IoError, ParseError for data and weights;
///          NumericError when the loss becomes NaN or infinite, after which the directory holds the
///          weights of the epoch before.
TrainingResult run_training(const TrainConfig& config, const TrainingHooks& hooks = {});

/// The options with which a model fits a data set: channels, image size and classes are the data's
/// unless `options` say otherwise; the rest are given or default.
/// Shapes   image [channels, height, width].
/// Throws   ArgumentError for an unknown model or option; when the model takes square images alone
///          and the data's are not; when it has fewer classes than the data.
models::ModelOptions fit_model_options(const std::string& model,
                                       const models::ModelOptions& options, const Shape& image,
                                       std::int64_t classes);

}  // namespace fovea::train
