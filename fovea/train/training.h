// A whole training from a configuration: data, model, optimiser, trainer, run directory, judgement.
// What `fovea train` does, for programs.
//
//     TrainConfig config;
//     config.epochs = 2;
//     const TrainingResult result = run_training(config);
//     std::cout << result.report->metrics().accuracy;
//
// The same configuration (with its seed and number of threads) gives the same weights to the byte,
// whether it was trained in one go or was stopped, or killed, at any moment and resumed:
//
//     resume_training("runs/train/exp", run_config("runs/train/exp"));
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "fovea/models/model_file.h"
#include "fovea/nn/module.h"
#include "fovea/train/config.h"
#include "fovea/train/fit_model_options.h"
#include "fovea/train/report.h"
#include "fovea/train/trainer.h"
#include "fovea/vision/picture_set.h"

namespace fovea::train {

/// Who is told of a training, and how it is stopped.
struct TrainingHooks {
  std::vector<TrainObserver*> observers = {};  ///< told of everything, after it is on disk
  /// Ends the training after the present step once it is true. A signal handler may set it.
  const std::atomic<bool>* stop = nullptr;
  /// Told in one line what was done that nobody asked for (weights converted), and what could not
  /// be written.
  std::function<void(const std::string&)> on_note = {};
  /// Told how many pictures of a folder have been looked at, where skip_corrupt looks at all.
  vision::ImageProgress on_check = {};
  /// Called with the run directory as soon as it is there.
  std::function<void(const std::filesystem::path&)> on_directory = {};
  /// Called before the first step with the model that learns, which lives until the training
  /// returns, and what is known of it. It may be looked at on the training's thread alone.
  std::function<void(const nn::Module&, const models::ModelCard&)> on_model = {};
};

/// What a training came to.
struct TrainingResult {
  TrainEnd end = TrainEnd::kDone;        ///< whether it was interrupted
  std::filesystem::path directory = {};  ///< the run directory
  std::optional<Report> report = {};     ///< weights/best on the test data; none when interrupted
  /// It was finished already, and nothing was done.
  bool was_finished = false;
  std::vector<std::string> warnings = {};  ///< what could not be written, a line for each file
};

/// Trains as `config` says. Sets the process's number of threads, when the configuration names one,
/// and seeds this thread's generator. The run directory is made
/// once all inputs have been read and found to fit.
/// Throws   ArgumentError for a setting that cannot be; IoError, ParseError for data and weights;
///          NumericError when the loss becomes NaN or infinite, after which the directory holds the
///          weights of the epoch before.
TrainingResult run_training(const TrainConfig& config, const TrainingHooks& hooks = {});

/// The settings of the run in a run directory. Throws IoError; ParseError as read_config.
TrainConfig run_config(const std::filesystem::path& run);
/// Goes on with the run in a run directory, from its newest checkpoint that is whole, to the same
/// weights as if it had never been left. `config` is run_config(run), in which may be changed what
/// changes no number: epochs (to more), minutes (each time anew), patience, data_root, log_every,
/// tensorboard, save_every, keep_checkpoints, on_full. Does nothing when the run is finished.
/// Throws   as run_training; ArgumentError naming a setting that may not be changed; IoError when
///          there is no checkpoint, ParseError when none is whole or the data are others.
TrainingResult resume_training(const std::filesystem::path& run, const TrainConfig& config,
                               const TrainingHooks& hooks = {});

}  // namespace fovea::train
