#include "fovea/train/training.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/data/data_loader.h"
#include "fovea/graph/graph_module.h"
#include "fovea/models/load_model.h"
#include "fovea/train/charts.h"
#include "fovea/train/environment.h"
#include "fovea/train/event_recorder.h"
#include "fovea/train/recipe.h"
#include "fovea/train/recorder.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/training_data.h"
#include "fovea/train/trial.h"

namespace fovea::train {

namespace {

/// Finds the model and its weights, and sets in `config` a model that can be made anywhere: a file
/// is replaced by what it lists.
models::FoundModel find_start(TrainConfig& config) {
  models::FoundModel found = models::find_model(
      {.weights = config.weights, .model = config.model, .options = config.model_options});
  check<ArgumentError>(!found.name.empty(),
                       "train: model expected a name, got none, nor do the weights name theirs (",
                       config.weights, ")");
  check<ArgumentError>(found.weights || models::model_info(found.name).draws_weights,
                       "train: weights expected for the model \"", found.name,
                       "\", which has none to start from, got none");
  config.model = found.name;
  config.model_options = found.options;
  config.weights = found.file.string();
  return found;
}

/// How the images of a training are normalised: as set, else as the weights to start from want it.
models::Normalization choose_normalization(const TrainConfig& config,
                                           const std::optional<models::ModelFile>& weights,
                                           std::int64_t channels) {
  models::Normalization chosen;
  if (!config.normalize.empty()) {
    chosen = models::parse_normalization(config.normalize, "config: normalize");
  } else if (weights) {
    chosen = weights->card.normalize;
  }
  models::check_channels(chosen, channels, "config: normalize");
  return chosen;
}

/// For images that are judged.
data::DataLoaderOptions loader_options(const TrainConfig& config, const models::ModelCard& card) {
  return {.batch_size = config.batch_size,
          .seed = static_cast<std::uint64_t>(config.seed),
          .transform = card.normalize.transform(),
          .device = Device(config.device)};
}

/// The report of weights/best, which are the model's own when the last epoch was the best.
Report judge_best(nn::Module& model, const Trainer& trainer, const Recorder& recorder,
                  const RunDirectory& directory, data::DataLoader& test, const TrainConfig& config,
                  std::int64_t classes) {
  Report report{.model = config.model,
                .data = config.data,
                .run_dir = directory.path().string(),
                .tta = config.tta,
                .classes = test.dataset().classes(),
                .evaluation = *trainer.last_test()};
  if (!recorder.last_is_best()) {
    const std::filesystem::path best = directory.best_weights();
    models::load_weights(model, models::load_model_file(best).weights, report.model, best);
    report.evaluation = evaluate(model, test, classes, parse_views(config.tta));
  }
  return report;
}

/// Says what a training that fails leaves behind.
void note_saved(const TrainingHooks& hooks, const Recorder& recorder,
                const RunDirectory& directory) {
  if (!hooks.on_note || recorder.saved_step() == 0) return;
  hooks.on_note(str("train: the weights after step ", recorder.saved_step(), " are in ",
                    directory.last_weights().native()));
}

void write_report(const RunDirectory& directory, const Report& report) {
  directory.write("report.json", to_json(report));
  directory.write("confusion_matrix.csv", confusion_csv(report));
  directory.write("confusion_matrix.svg", draw_confusion(report).to_string());
}

}  // namespace

models::ModelOptions fit_model_options(const std::string& model,
                                       const models::ModelOptions& options, const Shape& image,
                                       std::int64_t classes) {
  models::ModelOptions fitted = options;
  for (const models::ModelOption& offered : models::model_info(model).options) {
    if (offered.name == "num_classes") fitted.try_emplace("num_classes", std::to_string(classes));
    if (offered.name == "in_channels") fitted.try_emplace("in_channels", std::to_string(image[0]));
    if (offered.name == "image_size" && !fitted.contains("image_size")) {
      check<ArgumentError>(image[1] == image[2], model, ": images expected square, got ", image[1],
                           "x", image[2]);
      fitted["image_size"] = std::to_string(image[1]);
    }
  }
  fitted = models::complete_options(model, fitted);
  const auto scores = fitted.find("num_classes");
  check<ArgumentError>(scores == fitted.end() || std::stoll(scores->second) >= classes, model,
                       ": num_classes expected at least the data's ", classes, ", got ",
                       scores->second);
  return fitted;
}

TrainingResult run_training(const TrainConfig& given, const TrainingHooks& hooks) {
  validate(given);
  // An unknown name is said before the data is read.
  TrainConfig config = given;
  std::optional<models::FoundModel> start = find_start(config);
  const MachineScope machine(config);
  config = in_force(std::move(config));
  const auto seed = static_cast<std::uint64_t>(config.seed);
  manual_seed(seed);

  const TrainingData data = load_training_data(config, hooks);
  const auto classes = static_cast<std::int64_t>(data.classes().size());
  const models::ModelCard card{
      .model = config.model,
      .options = fit_model_options(config.model, config.model_options, data.image, classes),
      .classes = data.classes(),
      .input = data.image,
      .normalize = choose_normalization(config, start->weights, data.image[0]),
      .fit = data.fit};
  if (config.normalize.empty()) config.normalize = models::format_normalization(card.normalize);
  const std::shared_ptr<nn::Module> model = models::make_model(card.model, card.options);
  if (start->weights) {
    const std::string note = start->load_into(*model);
    if (!note.empty() && hooks.on_note) hooks.on_note(note);
  }
  start.reset();  // the file is closed
  if (const auto* graph = dynamic_cast<const graph::GraphModule*>(model.get()))
    graph->check_trainable();
  model->to(Device(config.device));

  data::DataLoaderOptions train_options = loader_options(config, card);
  train_options.shuffle = config.shuffle;
  train_options.drop_last = config.drop_last;
  train_options.transform =
      make_augmentation(data.augment, {data.image[1], data.image[2]}, card.normalize.transform());
  data::DataLoader train(data.train, std::move(train_options));
  data::DataLoader test(data.test, loader_options(config, card));
  std::optional<data::DataLoader> chosen_by;
  if (data.val && data.val != data.test) chosen_by.emplace(data.val, loader_options(config, card));
  data::DataLoader* const val = chosen_by ? &*chosen_by : data.val ? &test : nullptr;
  check_trains(*model, card, train, config.weights);

  const auto optimizer = make_optimizer(config, model->parameters());
  const auto schedule = make_schedule(config, *optimizer, config.epochs * train.size());
  const std::int64_t scores = std::stoll(card.options.at("num_classes"));
  Trainer trainer(*model, *optimizer,
                  {.epochs = config.epochs,
                   .classes = scores,
                   .label_smoothing = config.label_smoothing,
                   .views = parse_views(config.tta),
                   .stop = hooks.stop},
                  schedule.get());

  RunDirectory directory(config.project, config.name,
                         config.exist_ok ? Existing::kReuse : Existing::kNextName);
  directory.write("config.toml", to_toml(config));
  directory.write("env.json", environment_json(data.checksums));
  if (hooks.on_directory) hooks.on_directory(directory.path());
  Recorder recorder(directory, *model, card, config.log_every);
  trainer.add_observer(recorder);
  EventRecorder events(directory.path(), *model, card.input, config.log_every);
  trainer.add_observer(events);
  for (TrainObserver* observer : hooks.observers) trainer.add_observer(*observer);

  const auto fit = [&] {
    try {
      return trainer.fit(train, val, &test);
    } catch (...) {
      note_saved(hooks, recorder, directory);
      throw;
    }
  };
  TrainingResult result{.end = fit(), .directory = directory.path()};
  if (result.end == TrainEnd::kInterrupted) return result;
  result.report = judge_best(*model, trainer, recorder, directory, test, config, scores);
  write_report(directory, *result.report);
  return result;
}

}  // namespace fovea::train
