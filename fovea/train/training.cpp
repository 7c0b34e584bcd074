#include "fovea/train/training.h"

#include <memory>
#include <numeric>
#include <string_view>
#include <system_error>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/data/data_loader.h"
#include "fovea/graph/graph_module.h"
#include "fovea/io/read_file.h"
#include "fovea/models/load_model.h"
#include "fovea/train/averaging.h"
#include "fovea/train/balance.h"
#include "fovea/train/charts.h"
#include "fovea/train/checkpointer.h"
#include "fovea/train/environment.h"
#include "fovea/train/event_recorder.h"
#include "fovea/train/fine_tuning.h"
#include "fovea/train/monitor.h"
#include "fovea/train/objective.h"
#include "fovea/train/page_recorder.h"
#include "fovea/train/recipe.h"
#include "fovea/train/recorder.h"
#include "fovea/train/resumable.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/run_log.h"
#include "fovea/train/training_data.h"
#include "fovea/train/trial.h"
#include "fovea/train/warnings.h"

namespace fovea::train {

namespace {

/// A run that goes on: its directory, locked, and where it stands; nothing where it was left before
/// its first checkpoint, and begins again.
struct Resumed {
  RunDirectory directory;
  std::optional<Checkpoint> checkpoint;
};

/// Finds the model and its weights, and sets in `config` a model that can be made anywhere: a file
/// is replaced by what it lists. A run that goes on has done that, and its weights.
models::FoundModel find_start(TrainConfig& config, bool resumed) {
  models::FoundModel found =
      models::find_model({.weights = resumed ? std::string() : config.weights,
                          .model = config.model,
                          .options = config.model_options});
  if (resumed) return found;
  check<ArgumentError>(!found.name.empty(),
                       "train: model expected a name, got none, nor do the weights name theirs (",
                       config.weights, ")");
  check<ArgumentError>(found.weights || models::model_info(found.name).draws_weights,
                       "train: weights expected for the model \"", found.name,
                       "\", which has none to start from, got none");
  config.model = found.name;
  // What depends on the data is the data's unless somebody says otherwise, and not the weights'.
  for (const char* option : {"num_classes", "in_channels", "image_size"})
    if (!config.model_options.contains(option)) found.options.erase(option);
  config.model_options = found.options;
  config.weights = found.file.string();
  return found;
}

/// One number for all channels.
std::vector<double> average(const std::vector<double>& numbers) {
  if (numbers.size() < 2) return numbers;
  const double sum = std::accumulate(numbers.begin(), numbers.end(), 0.0);
  return {sum / static_cast<double>(numbers.size())};
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
    // The first convolution is summed over its channels then.
    if (channels == 1) chosen = {average(chosen.mean), average(chosen.std)};
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

/// A training from its settings to its report, in the order of its members.
class Training {
 public:
  Training(const TrainConfig& given, const TrainingHooks& hooks,
           std::optional<Resumed> resumed = {});

  TrainingResult run();

 private:
  TrainingData load_data();
  models::ModelCard make_card() const;
  std::shared_ptr<nn::Module> make_model();
  void load_start(nn::Module& model) const;
  std::unique_ptr<Averaging> make_average() const;
  data::DataLoaderOptions train_options();
  std::unique_ptr<optim::Optimizer> make_tried_optimizer();
  data::DataLoader* validation();
  bool goes_on() const { return resumed_ && resumed_->checkpoint; }
  RunDirectory make_directory();
  void go_on(Checkpoint& checkpoint);
  std::int64_t total_steps() const;
  TrainerOptions trainer_options();
  nn::Module& judged() { return average_ ? average_->module() : *model_; }
  TrainingResult fit(const RunDirectory& directory, Recorder& recorder, PageRecorder& page,
                     const PatientWriter& writer);
  PageSources page_sources(const RunDirectory& directory, const RunLog& log);
  Report report_of(const Evaluation& evaluation, const RunDirectory& directory) const;
  Evaluation judge_best(const Recorder& recorder, const RunDirectory& directory);
  void write_pictures(const RunDirectory& directory, const Report& report);

  const TrainingHooks& hooks_;
  std::optional<Resumed> resumed_;
  TrainConfig config_;
  std::optional<models::FoundModel> start_;  // until its weights are read
  MachineScope machine_;
  TrainingData data_;
  models::ModelCard card_;
  std::shared_ptr<nn::Module> model_;
  FineTuning tuning_;
  data::DataLoader train_, test_;
  std::optional<data::DataLoader> val_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  std::unique_ptr<optim::Schedule> schedule_;
  std::unique_ptr<Averaging> average_;  // null: none is kept
  RunLog* log_ = nullptr;               // while it runs
  Trainer trainer_;
  Warnings warnings_;
};

Training::Training(const TrainConfig& given, const TrainingHooks& hooks,
                   std::optional<Resumed> resumed)
    : hooks_(hooks),
      resumed_(std::move(resumed)),
      config_(given),
      start_(find_start(config_, goes_on())),  // an unknown name is said before data
      machine_(config_),
      data_(load_data()),
      card_(make_card()),
      model_(make_model()),
      tuning_(*model_, config_),
      train_(data_.train, train_options()),
      test_(data_.test, loader_options(config_, card_)),
      optimizer_(make_tried_optimizer()),
      schedule_(make_schedule(config_, *optimizer_, total_steps(), tuning_.group_scales())),
      average_(make_average()),
      trainer_(*model_, *optimizer_, trainer_options(), schedule_.get()),
      warnings_(hooks.on_note) {
  if (data_.val && data_.val != data_.test) val_.emplace(data_.val, loader_options(config_, card_));
  const char* const key = config_.patience > 0                       ? "patience"
                          : config_.monitor != TrainConfig().monitor ? "monitor"
                                                                     : nullptr;
  check<ArgumentError>(key == nullptr || data_.val, "config: ", key == nullptr ? "" : key,
                       " expected with data to validate with (val_fraction, or a folder val), got "
                       "none");
}

TrainingData Training::load_data() {
  config_ = in_force(std::move(config_));
  manual_seed(static_cast<std::uint64_t>(config_.seed));
  TrainingData data = load_training_data(config_, hooks_);
  check_objective(config_, data.train->targets());
  return data;
}

models::ModelCard Training::make_card() const {
  const auto classes = static_cast<std::int64_t>(data_.classes().size());
  return {.model = config_.model,
          .options = fit_model_options(config_.model, config_.model_options, data_.image, classes,
                                       data_.train->targets()),
          .classes = data_.classes(),
          .input = data_.image,
          .normalize = choose_normalization(config_, start_->weights, data_.image[0]),
          .targets = data_.train->targets(),
          .fit = data_.fit,
          .held_out = data_.held_out,
          .ground = models::ground_of(*data_.train)};
}

std::shared_ptr<nn::Module> Training::make_model() {
  if (config_.normalize.empty()) config_.normalize = models::format_normalization(card_.normalize);
  std::shared_ptr<nn::Module> model = models::make_model(card_.model, card_.options);
  if (start_->weights) load_start(*model);
  start_.reset();  // the file is closed
  if (const auto* graph = dynamic_cast<const graph::GraphModule*>(model.get()))
    graph->check_trainable();
  model->to(Device(config_.device));
  return model;
}

/// Takes the weights to start from, the last layers excepted where they are for other classes.
void Training::load_start(nn::Module& model) const {
  try {
    std::vector<std::string> notes = start_->load_body_into(model, card_.options);
    const models::ModelCard& before = start_->weights->card;
    const bool of_others = before.classes != card_.classes || before.targets != card_.targets;
    if (of_others && before.classes.size() == card_.classes.size())
      notes.push_back(str("train: the last layer is kept, whose ", before.classes.size(),
                          " classes were others: \"", before.classes[0], "\" was where \"",
                          card_.classes[0], "\" is"));
    for (const std::string& note : notes)
      if (hooks_.on_note) hooks_.on_note(note);
  } catch (const ParseError& error) {
    const Shape& wanted = start_->weights->card.input;
    if (wanted.empty() || wanted == data_.image) throw;
    throw ShapeError(str(card_.model, ": images expected ", models::format_input(wanted),
                         " as the weights were trained on, got ", models::format_input(data_.image),
                         " (", error.what(), ")"));
  }
}

std::unique_ptr<Averaging> Training::make_average() const {
  if (config_.ema == 0) return nullptr;
  const Generator before = default_generator();  // what it draws is nothing to the training
  std::shared_ptr<nn::Module> average = models::make_model(card_.model, card_.options);
  default_generator() = before;
  average->to(Device(config_.device));
  return std::make_unique<Averaging>(*model_, std::move(average), config_.ema);
}

std::int64_t Training::total_steps() const {
  const std::int64_t batches = config_.accumulate;
  return config_.epochs * ((train_.size() + batches - 1) / batches);
}

/// How it trains. Weights of classes are numbers from then on, wherever they came from.
TrainerOptions Training::trainer_options() {
  const std::int64_t classes = std::stoll(card_.options.at("num_classes"));
  TrainerOptions options{.epochs = config_.epochs,
                         .classes = classes,
                         .label_smoothing = config_.label_smoothing,
                         .accumulate = config_.accumulate,
                         .clip_grad = config_.clip_grad,
                         .seconds = 60 * config_.minutes,
                         .judged = &judged(),
                         .prepare = [this](std::int64_t epoch) { tuning_.begin_epoch(epoch); },
                         .views = parse_views(config_.tta),
                         .stop = hooks_.stop};
  std::vector<double> weights =
      class_weights_of(config_.class_weights, *data_.train, data_.classes());
  if (!weights.empty()) {
    if (config_.class_weights != "balanced") config_.class_weights = format_class_weights(weights);
    weights.resize(static_cast<std::size_t>(classes), 1);  // of scores that no sample has
    options.class_weights = from_data(std::vector<float>(weights.begin(), weights.end()), {classes},
                                      Device(config_.device));
  }
  if (config_.patience > 0) {
    options.enough = [this](const EpochEvent&) { return is_enough(config_, log_->epochs()); };
  }
  return options;
}

data::DataLoaderOptions Training::train_options() {
  data::DataLoaderOptions options = loader_options(config_, card_);
  if (samples_balanced(config_)) {
    options.sampler = balanced_sampler(*data_.train, data_.classes(), options.seed);
  } else {
    options.shuffle = config_.shuffle;
  }
  options.drop_last = config_.drop_last;
  options.transform = make_augmentation(data_.augment, {data_.image[1], data_.image[2]},
                                        card_.normalize.transform());
  options.batch_transform = make_mixing(data_.augment, std::stoll(card_.options.at("num_classes")));
  return options;
}

/// The optimiser, once a step has been tried as it is in the last epoch, when most learns.
std::unique_ptr<optim::Optimizer> Training::make_tried_optimizer() {
  check_trains(*model_, card_, train_, config_.weights,
               [this] { tuning_.begin_epoch(config_.epochs); });
  if (const std::string note = tuning_.describe(); !note.empty() && hooks_.on_note)
    hooks_.on_note(note);
  return make_optimizer(config_, tuning_.groups());
}

/// What chooses the best weights; null where nothing does.
data::DataLoader* Training::validation() {
  if (val_) return &*val_;
  return data_.val ? &test_ : nullptr;
}

/// The run's directory with its settings in it.
RunDirectory Training::make_directory() {
  if (goes_on()) {
    check_environment(resumed_->directory.path(), environment_json(data_.checksums),
                      hooks_.on_note);
    resumed_->directory.go_on(to_toml(config_));  // others only where they may be
    return resumed_->directory;
  }
  RunDirectory directory =
      resumed_ ? resumed_->directory
               : RunDirectory(config_.project, config_.name,
                              config_.exist_ok ? Existing::kReuse : Existing::kNextName);
  if (resumed_) directory.start_over();
  directory.write("config.toml", to_toml(config_));
  directory.write("env.json", environment_json(data_.checksums));
  return directory;
}

/// Brings everything to where the run was left.
void Training::go_on(Checkpoint& checkpoint) {
  const std::string& run = resumed_->directory.path().native();
  const TrainPlan& plan = checkpoint.plan;
  const data::DataLoader* const val = validation();
  const auto same = [&](const char* what, std::int64_t before, std::int64_t now) {
    check<ParseError>(before == now, "train: ", what, " expected ", before,
                      " as when the run began, got ", now, " (", run, ")");
  };
  same("steps an epoch", plan.steps_per_epoch, total_steps() / config_.epochs);
  same("training samples", plan.train_samples, train_.samples());
  same("validation samples", plan.val_samples, val == nullptr ? 0 : val->samples());
  same("test samples", plan.test_samples, test_.samples());
  try {
    model_->load_state_dict(checkpoint.model);
    optimizer_->load_state_dict(checkpoint.optimizer);
    if (average_) average_->module().load_state_dict(checkpoint.average);
  } catch (const Error& error) {
    throw ParseError(str("checkpoint: state expected of this model and optimizer, got another: ",
                         error.what(), " (", run, ")"));
  }
  const TrainPosition& position = checkpoint.position;
  if (schedule_ && position.step < total_steps()) schedule_->set_position(position.step);
  default_generator().manual_seed(checkpoint.seed);
  default_generator().set_position(checkpoint.generator_position);
  trainer_.resume(position);
  checkpoint.model.clear();
  checkpoint.optimizer.clear();
  checkpoint.average.clear();
}

TrainingResult Training::run() {
  const RunDirectory directory = make_directory();
  Checkpoint from;
  if (goes_on()) {
    from = *std::move(resumed_->checkpoint);
    go_on(from);
  }
  if (hooks_.on_directory) hooks_.on_directory(directory.path());
  const PatientWriter writer(on_full_of(config_), hooks_.stop, hooks_.on_note);
  if (average_) trainer_.add_observer(*average_);
  const nn::Module* const average = average_ ? &average_->module() : nullptr;
  Recorder recorder(directory, writer,
                    {.model = model_.get(),
                     .average = average,
                     .card = card_,
                     .monitor = monitor_of(config_.monitor)},
                    {from.best_epoch, from.best_score});
  trainer_.add_observer(recorder);
  RunLog log(directory, warnings_, card_.model, config_.log_every, {from.epochs, from.logs});
  log_ = &log;
  trainer_.add_observer(log);
  std::optional<EventRecorder> events;
  if (has_events(config_)) {
    events.emplace(directory.path(), warnings_, *model_, card_.input, config_.log_every, from.logs,
                   from.position.step);
    trainer_.add_observer(*events);
  }
  const auto sync_logs = [&] {
    FileLengths lengths = log.sync();
    if (events) add_synced(events->file(), warnings_, lengths);
    return lengths;
  };
  Checkpointer checkpointer(CheckpointFolder(directory.state(), config_.keep_checkpoints), writer,
                            {.trainer = &trainer_,
                             .model = model_.get(),
                             .average = average,
                             .optimizer = optimizer_.get(),
                             .recorder = &recorder,
                             .epochs = &log.epochs(),
                             .sync_logs = sync_logs},
                            parse_save_every(config_.save_every));
  trainer_.add_observer(checkpointer);
  PageRecorder page(directory, warnings_, page_sources(directory, log));
  trainer_.add_observer(page);
  for (TrainObserver* observer : hooks_.observers) trainer_.add_observer(*observer);
  if (hooks_.on_model) hooks_.on_model(*model_, card_);

  try {
    return fit(directory, recorder, page, writer);
  } catch (...) {
    note_saved(directory, recorder.saved_step(), hooks_.on_note);
    throw;
  }
}

/// Trains, judges and reports.
TrainingResult Training::fit(const RunDirectory& directory, Recorder& recorder, PageRecorder& page,
                             const PatientWriter& writer) {
  TrainingResult result{.end = trainer_.fit(train_, validation(), &test_),
                        .directory = directory.path()};
  if (result.end != TrainEnd::kInterrupted) {
    result.report = report_of(judge_best(recorder, directory), directory);
    page.finish(*result.report);
    write_pictures(directory, *result.report);
    // The last: with it the run is finished.
    writer.write([&] { directory.write("report.json", to_json(*result.report)); });
  } else if (std::filesystem::is_directory(directory.state()))
    warnings_.tolerate("state", [&] { directory.mark_stopped(); });
  result.warnings = warnings_.lines();
  return result;
}

PageSources Training::page_sources(const RunDirectory& directory, const RunLog& log) {
  return {.config = &config_,
          .model = &judged(),
          .input = card_.input,
          .epochs = &log.epochs(),
          .test = data_.test.get(),
          .report = [this, &directory]() -> std::optional<Report> {
            if (!trainer_.last_test()) return {};
            return report_of(*trainer_.last_test(), directory);
          }};
}

Report Training::report_of(const Evaluation& evaluation, const RunDirectory& directory) const {
  return {.model = config_.model,
          .data = config_.data,
          .run_dir = directory.path().string(),
          .tta = config_.tta,
          .classes = test_.dataset().classes(),
          .evaluation = evaluation};
}

/// What weights/best make of the test data. When the last epoch was the best that is known.
Evaluation Training::judge_best(const Recorder& recorder, const RunDirectory& directory) {
  if (trainer_.last_test() && recorder.last_is_best()) return *trainer_.last_test();
  const std::filesystem::path best = directory.best_weights();
  models::load_weights(judged(), models::load_model_file(best).weights, config_.model, best);
  return evaluate(judged(), test_, std::stoll(card_.options.at("num_classes")),
                  parse_views(config_.tta));
}

/// What shows a report, beside itself.
void Training::write_pictures(const RunDirectory& directory, const Report& report) {
  const auto write = [&](const char* file, const auto& make) {
    warnings_.tolerate(file, [&] { directory.write(file, make()); });
  };
  if (report.evaluation.labels) {
    write("label_counts.csv", [&] { return label_counts_csv(report); });
  } else {
    write("confusion_matrix.csv", [&] { return confusion_csv(report); });
    write("confusion_matrix.svg", [&] { return draw_confusion(report).to_string(); });
  }
}

}  // namespace

TrainConfig run_config(const std::filesystem::path& run) {
  std::error_code error;
  check<IoError>(std::filesystem::is_directory(run, error),
                 "train: run directory expected, got none (", run.native(), ")");
  return read_config(run / "config.toml");
}

TrainingResult run_training(const TrainConfig& config, const TrainingHooks& hooks) {
  validate(config);
  return Training(config, hooks).run();
}

TrainingResult resume_training(const std::filesystem::path& run, const TrainConfig& config,
                               const TrainingHooks& hooks) {
  validate(config);
  const TrainConfig before = run_config(run);
  check_resumable(before, config);
  RunDirectory directory(run);
  const CheckpointFolder state(directory.state());
  if (state.files().empty() && !std::filesystem::exists(directory.last_weights())) {
    if (hooks.on_note)
      hooks.on_note("train: the run was left before its first checkpoint; it begins again");
    return Training(config, hooks, Resumed{std::move(directory), {}}).run();
  }
  Checkpoint checkpoint = state.load_newest(hooks.on_note);
  if (std::filesystem::exists(directory.report()) && is_finished(config, checkpoint))
    return {.directory = run, .was_finished = true};
  check<ArgumentError>(config.epochs >= checkpoint.position.epoch,
                       "config: epochs expected at least the ", checkpoint.position.epoch,
                       " that the run has begun, got ", config.epochs);
  return Training(config, hooks, Resumed{std::move(directory), std::move(checkpoint)}).run();
}

}  // namespace fovea::train
