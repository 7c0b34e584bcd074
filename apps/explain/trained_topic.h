// How the command of a topic about a trained model is made, and what it is asked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/base/data_flags.h"
#include "apps/base/machine_flags.h"
#include "apps/base/model_flags.h"
#include "apps/base/samples.h"
#include "apps/explain/show.h"
#include "fovea/explain/model/run.h"

namespace fovea::cli {

/// What every topic about a trained model is told.
struct TrainedSettings {
  ModelFlags model;
  DataFlags data;
  std::string image;
  std::optional<std::int64_t> index;
  std::string layer;
  std::int64_t channel = 0;
  std::string at;
  bool backward = false;
  std::optional<std::int64_t> filter;
  std::string of_class;
  std::int64_t most = 64;
  std::int64_t size = 8, stride = 2;
  std::int64_t batch = 0, batch_size = 100, seed = 0;
  std::string parameter;
  double lr = 0.001;
  MachineFlags machine;
  ShowFlags show;
};

/// A classifier and an image for it.
struct Question {
  models::Classifier classifier;
  Sample sample;
};

/// The picture file, or else a sample of the test data, the first one unless told. Throws
/// UsageError naming --image and --index when both are given; what reading them throws.
Question question_of(const TrainedSettings& settings);
/// A run of the model on the image.
explain::ModelRun run_of(const Question& question);
/// The index of the class that --class names by its name or number; nothing when it is not given.
/// Throws   UsageError where it is neither.
std::optional<std::int64_t> class_of(const TrainedSettings& settings,
                                     const models::Classifier& classifier);

/// --image, --index and those of the data.
void add_subject_flags(Command& command, TrainedSettings& settings);
/// --class.
void add_class_flag(Command& command, TrainedSettings& settings);
/// --layer; `otherwise` is what is taken without it.
void add_layer_flag(Command& command, std::string& target, const Text& otherwise);
/// How --at is explained.
extern const Text kAtHelp;

/// What runs a topic about a model: on the machine and in the form that its settings name.
template <class Settings>
std::function<int()> topic_run(std::shared_ptr<Settings> settings,
                               explain::Walk (*make)(const Settings& settings)) {
  return [settings = std::move(settings), make] {
    check_show_flags(settings->show);
    const train::MachineScope machine = use_machine(settings->machine);
    return show(asked_for([&] { return make(*settings); }), settings->show);
  };
}

/// A topic about a trained model, with the flags that `declare` adds between those of the model and
/// those of the output.
template <class Declare>
Command trained_topic(const char* name, Text summary, std::vector<Example> examples, Steps steps,
                      const Declare& declare,
                      explain::Walk (*make)(const TrainedSettings& settings)) {
  auto settings = std::make_shared<TrainedSettings>();
  Command command(name, std::move(summary));
  command.examples = std::move(examples);
  add_model_flags(command, settings->model);
  declare(command, *settings);
  add_show_flags(command, settings->show, steps);
  add_machine_flags(command, settings->machine);
  command.run = topic_run(std::move(settings), make);
  return command;
}

}  // namespace fovea::cli
