// The settings of a training run: what `fovea train` has as flags, a configuration file has as
// keys, and a run directory's config.toml records.
//
// Keys are the flags' names with underscores (`batch_size = 100`); the table [model_options] holds
// what --model-opt sets. Values are checked by validate(), whatever they come from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/io/pictures/image.h"
#include "fovea/models/models.h"
#include "fovea/train/machine.h"

namespace fovea::train {

/// The settings of a training run, those of the machine among them.
struct TrainConfig : MachineSettings {
  std::string model = "fashion-cnn";   ///< its name, or a file; empty: that of `weights`
  models::ModelOptions model_options;  ///< what the model offers: dropout, num_classes, ...
  std::string data = "fashion-mnist";  ///< a data set's name, or a folder of pictures
  std::string data_root;               ///< where data sets lie; empty: the usual places
  /// Pictures of a folder become squares of so many pixels a side; 0: they are all of one size.
  std::int64_t image_size = 0;
  std::string resize = "crop";  ///< how they get there, see models::PictureFit: crop, pad, stretch
  bool skip_corrupt = false;    ///< leave out pictures of a folder that cannot be read or decoded
  /// Pictures of a folder that have more pixels cannot be what they should be.
  std::int64_t max_pixels = io::kMaxImagePixels;

  std::int64_t epochs = 5;        ///< passes over the training data
  std::int64_t batch_size = 100;  ///< samples a step
  double lr = 0.001;  ///< learning rate: of the first step, or the peak of a one-cycle schedule
  std::string optimizer = "adam";  ///< see make_optimizer
  std::optional<double> momentum;  ///< of sgd, which takes 0.9 unless given; no other has it
  /// L2 term; of adamw the decoupled decay. Unset: 0.01 for adamw, else 0.
  std::optional<double> weight_decay;
  std::string schedule = "none";  ///< see make_schedule
  std::optional<double> warmup;   ///< of onecycle: share of the steps that rise, 0.3 unless given
  std::string anneal = "cosine";  ///< of onecycle: the way up and down, cosine or linear
  bool cycle_momentum = true;     ///< of onecycle: momentum falls while the rate rises
  std::string augment = "none";   ///< none, or words joined by +, see make_augmentation
  /// What is done to images in [0, 1]: none, a data set's name, or numbers, see
  /// models::parse_normalization. Empty: as the weights to start from had it, else none.
  std::string normalize;
  double label_smoothing = 0;  ///< share of the target spread over all classes
  /// What a class's samples count in the training loss: none, balanced, a number for each class
  /// ("1,2,0.5"), or a file, see class_weights_of.
  std::string class_weights = "none";
  std::string sampling =
      "all";                    ///< all, balanced: which samples an epoch shows, see sampling_words
  std::int64_t accumulate = 1;  ///< batches whose gradients make a step
  double clip_grad = 0;         ///< largest norm of a step's gradients; 0: any
  double ema = 0;  ///< decay of an average of the weights, see optim::ModelEma; 0: none is kept
  std::string tta = "none";  ///< views of an image when it is judged, see parse_views

  std::string weights;  ///< a file to start from; empty: drawn at random
  /// What does not learn, as patterns and numbers of stages joined by commas: see FineTuning.
  std::string freeze;
  std::int64_t unfreeze_at = 0;  ///< the epoch from whose beginning all learns; 0: none
  std::string lr_scale;          ///< PATTERN=X,...: parameters that learn X times as fast
  std::int64_t seed = 0;         ///< of everything that is drawn

  bool shuffle = true;     ///< a new order of the samples in each epoch
  bool drop_last = false;  ///< leave out an epoch's last batch when it is smaller
  /// Only so many samples of the training data: the first, or of a folder some of each class, see
  /// vision::limited_samples; 0: all.
  std::int64_t limit_train = 0;
  std::int64_t limit_test = 0;  ///< the same of the test data
  double val_fraction = 0;      ///< share of the training data held back for validation
  /// Share of the pictures held out to judge with, of data that comes in one piece
  /// (vision::is_one_piece), which alone has it. Unset: 0.2.
  std::optional<double> test_fraction;

  std::string monitor = "val_accuracy";  ///< what the best weights are best by, see monitor_words
  /// Ends the training after so many epochs that were no better than the best; 0: never.
  std::int64_t patience = 0;
  double minutes = 0;  ///< ends the training once it has run so long; 0: never

  std::string project = "runs/train";  ///< folder of run directories
  std::string name = "exp";            ///< of the run directory: exp, exp2, ...
  bool exist_ok = false;               ///< write into an existing directory of that name
  std::int64_t log_every = 10;         ///< steps between rows of steps.csv; 0: none
  std::string tensorboard = "on";      ///< on, off: write an event file
  std::string save_every = "1epoch";   ///< how often checkpoints are written, see parse_save_every
  std::int64_t keep_checkpoints = 2;   ///< the newest of them stay, at least 2
  std::string on_full = "stop";        ///< when one cannot be written: stop or wait, see OnFull
};

/// Calls `f(key, value)` for every setting but model_options, in the order of config.toml. `value`
/// is a reference to a string, a whole number, a double (some of them optional) or a bool.
template <class Config, class F>
void visit_settings(Config& config, F&& f) {
  f("model", config.model);
  f("data", config.data);
  f("data_root", config.data_root);
  f("image_size", config.image_size);
  f("resize", config.resize);
  f("skip_corrupt", config.skip_corrupt);
  f("max_pixels", config.max_pixels);
  f("epochs", config.epochs);
  f("batch_size", config.batch_size);
  f("lr", config.lr);
  f("optimizer", config.optimizer);
  f("momentum", config.momentum);
  f("weight_decay", config.weight_decay);
  f("schedule", config.schedule);
  f("warmup", config.warmup);
  f("anneal", config.anneal);
  f("cycle_momentum", config.cycle_momentum);
  f("augment", config.augment);
  f("normalize", config.normalize);
  f("label_smoothing", config.label_smoothing);
  f("class_weights", config.class_weights);
  f("sampling", config.sampling);
  f("accumulate", config.accumulate);
  f("clip_grad", config.clip_grad);
  f("ema", config.ema);
  f("tta", config.tta);
  f("weights", config.weights);
  f("freeze", config.freeze);
  f("unfreeze_at", config.unfreeze_at);
  f("lr_scale", config.lr_scale);
  f("seed", config.seed);
  f("threads", config.threads);
  f("precision", config.precision);
  f("conv", config.conv);
  f("device", config.device);
  f("shuffle", config.shuffle);
  f("drop_last", config.drop_last);
  f("limit_train", config.limit_train);
  f("limit_test", config.limit_test);
  f("val_fraction", config.val_fraction);
  f("test_fraction", config.test_fraction);
  f("monitor", config.monitor);
  f("patience", config.patience);
  f("minutes", config.minutes);
  f("project", config.project);
  f("name", config.name);
  f("exist_ok", config.exist_ok);
  f("log_every", config.log_every);
  f("tensorboard", config.tensorboard);
  f("save_every", config.save_every);
  f("keep_checkpoints", config.keep_checkpoints);
  f("on_full", config.on_full);
}

/// What the setting `key` may be, where that is one of a few words: optimizer, schedule, device.
/// Empty for others.
std::vector<std::string> setting_words(std::string_view key);

/// Throws ArgumentError, naming setting and value, unless every setting can be used. That the
/// model, the data set and the weights exist is for those who open them to say.
void validate(const TrainConfig& config);

/// The settings with those filled in that have been left to Fovea: momentum, weight_decay, warmup,
/// threads.
TrainConfig in_force(TrainConfig config);

/// The settings in `text` (TOML), over those of `defaults`. `source` names the text in messages.
/// Throws   ParseError with line and column: not TOML, an unknown key (naming the nearest), a value
///          of a wrong type.
TrainConfig parse_config(std::string_view text, std::string_view source, TrainConfig defaults = {});
/// parse_config of a file. Throws IoError when it cannot be read or is no file of settings by its
/// size.
TrainConfig read_config(const std::filesystem::path& path, TrainConfig defaults = {});
/// Every setting that has a value as TOML, which parse_config reads back.
std::string to_toml(const TrainConfig& config);

}  // namespace fovea::train
