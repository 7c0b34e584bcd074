#include "fovea/train/training_data.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>

#include "fovea/core/error.h"
#include "fovea/train/recipe.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/open_data.h"

namespace fovea::train {

namespace {

using DatasetPtr = std::shared_ptr<const data::Dataset>;

void note(const TrainingHooks& hooks, const std::string& text) {
  if (hooks.on_note) hooks.on_note(text);
}

DatasetPtr limited(const DatasetPtr& dataset, std::int64_t limit) {
  if (limit == 0) return dataset;
  return std::make_shared<data::Subset>(vision::limited_samples(dataset, limit));
}

/// Cuts the validation share off `data.train`, by its numbers of samples that are judged.
void hold_back(TrainingData& data, const DatasetPtr& judged, const TrainConfig& config) {
  const std::int64_t total = data.train->size();
  const auto share =
      static_cast<std::int64_t>(std::llround(config.val_fraction * static_cast<double>(total)));
  check<ArgumentError>(share >= 1 && share < total,
                       "config: val_fraction expected to leave samples on both sides, got ",
                       config.val_fraction, " of ", total, " samples");
  Generator generator(static_cast<std::uint64_t>(config.seed));
  std::vector<data::Subset> parts =
      data::random_split(data.train, {total - share, share}, generator);
  data.train = std::make_shared<data::Subset>(std::move(parts[0]));
  data.val = std::make_shared<data::Subset>(judged, parts[1].indices());
}

models::PictureFit fit_of(const TrainConfig& config) {
  return models::parse_picture_fit(config.resize).value();  // validate() has seen to it
}

/// What is held out of the data where it comes in one piece.
std::optional<models::HeldOut> held_out_of(const TrainConfig& config) {
  const bool one_piece = vision::names_folder(config.data) && vision::is_one_piece(config.data);
  check<ArgumentError>(one_piece || !config.test_fraction,
                       "config: test_fraction expected with data in one piece only, got it with \"",
                       config.data, "\", which brings its own images to judge with");
  if (!one_piece) return {};
  return models::HeldOut{.share = config.test_fraction.value_or(0.2), .seed = config.seed};
}

/// How the pictures of a folder are read.
vision::PictureSetOptions folder_options(const TrainConfig& config, const TrainingHooks& hooks) {
  vision::PictureSetOptions options{.max_pixels = static_cast<std::uint64_t>(config.max_pixels),
                                    .skip_corrupt = config.skip_corrupt,
                                    .progress = hooks.on_check};
  if (config.image_size > 0)
    options.image_transform = models::picture_transform(fit_of(config), config.image_size);
  options.on_corrupt = [&hooks](const vision::CorruptImage& corrupt) {
    note(hooks, "left out: " + corrupt.message);
  };
  // A model that is told its channels gets pictures that have them.
  const auto channels = config.model_options.find("in_channels");
  if (channels != config.model_options.end() && channels->second == "1") options.channels = 1;
  if (channels != config.model_options.end() && channels->second == "3") options.channels = 3;
  return options;
}

/// [channels, height, width] of the images. Looks at several: what is wrong with a folder's
/// pictures is better known before there is a run directory.
Shape image_of(const data::Dataset& dataset) {
  constexpr std::int64_t kLooks = 64;
  const std::int64_t looks = std::min(kLooks, dataset.size());
  std::vector<std::int64_t> samples;
  for (std::int64_t i = 0; i < looks; ++i) samples.push_back(i * dataset.size() / looks);
  Shape image = dataset.get_batch(samples).data.sizes();
  image.erase(0);
  return image;
}

/// Has random parts of a folder's pictures cut out of them as they are stored, where the
/// augmentation asks for it: from images that are scaled already there would be less to see.
void augment_pictures(TrainingData& data, const TrainConfig& config) {
  const auto* pictures = dynamic_cast<const vision::PictureSet*>(data.train.get());
  const AugmentWords words = split_augmentation(config.augment);
  if (pictures == nullptr || words.picture == "none") return;
  data.augment = words.image;
  data.train = pictures->with_image_transform(make_augmentation(words.picture, config.image_size));
}

/// A split of the data, its pictures' folder in words, and what was found in it.
struct OpenSplit {
  DatasetPtr dataset;
  Shape image;
};

OpenSplit open_split(const vision::DataChoice& choice, TrainingData& data,
                     const TrainingHooks& hooks) {
  OpenSplit split{.dataset = vision::open_data(choice), .image = {}};
  if (const auto* files = dynamic_cast<const vision::FileBacked*>(split.dataset.get())) {
    for (auto& sum : files->checksums()) data.checksums.push_back(std::move(sum));
  }
  if (const auto* pictures = dynamic_cast<const vision::PictureSet*>(split.dataset.get())) {
    const auto folder = vision::split_folder(choice.data, choice.split);
    for (const std::string& line : pictures->left_out())
      note(hooks, str("left out: ", line, " (", folder->native(), ")"));
  }
  split.image = image_of(*split.dataset);
  return split;
}

/// Where a folder's own validation data lies; nothing when it has none or is not asked for it.
std::optional<std::filesystem::path> validation_folder(const TrainConfig& config,
                                                       const TrainingHooks& hooks) {
  if (!vision::names_folder(config.data)) return {};
  auto val = vision::split_folder(config.data, vision::Split::kVal);
  const auto test = vision::split_folder(config.data, vision::Split::kTest);
  for (const auto& unused : vision::unused_folders(config.data))
    note(hooks, str("not used: the folder ", unused.native()));
  if (val && config.val_fraction > 0) {
    if (val != test)
      note(hooks, str("not used: the folder ", val->native(), ", because of val_fraction ",
                      config.val_fraction));
    return {};
  }
  if (val && val == test)
    note(hooks, str(val->native(), " both chooses the best weights and judges them: no test in ",
                    config.data));
  return val;
}

}  // namespace

TrainingData load_training_data(const TrainConfig& config, const TrainingHooks& hooks) {
  const bool folder = vision::names_folder(config.data);
  const std::vector<std::string> known = vision::data_set_names();
  const bool is_known = std::find(known.begin(), known.end(), config.data) != known.end();
  check<ArgumentError>(config.image_size == 0 || !is_known, "config: image_size expected 0 for \"",
                       config.data, "\", which is no folder of pictures, got ", config.image_size);
  check<ArgumentError>(config.resize == TrainConfig().resize || !is_known,
                       "config: resize expected ", TrainConfig().resize, " for \"", config.data,
                       "\", which is no folder of pictures, got ", config.resize);
  TrainingData data{.train = {}, .test = {}, .augment = config.augment};
  data.held_out = held_out_of(config);
  vision::DataChoice choice{.data = config.data,
                            .root = config.data_root,
                            .split = vision::Split::kTrain,
                            .folder = folder_options(config, hooks),
                            .held_out = data.held_out};
  const OpenSplit judged = open_split(choice, data, hooks);
  data.train = judged.dataset;
  data.image = judged.image;
  // As the pictures of a folder are judged, whether or not all had this size from the beginning.
  if (folder) data.fit = fit_of(config);
  if (config.image_size > 0) augment_pictures(data, config);
  choice.folder.classes = judged.dataset->classes();
  choice.folder.channels = data.image[0];
  const auto open_other = [&](vision::Split split, const char* images) {
    choice.split = split;
    const OpenSplit other = open_split(choice, data, hooks);
    check<ShapeError>(other.image == data.image, config.data, ": ", images, " images expected ",
                      data.image, " as those of the training, got ", other.image);
    const data::Targets expected = judged.dataset->targets(), got = other.dataset->targets();
    check<ParseError>(got == expected, config.data, ": ", images, " targets expected ",
                      word_of(expected), " as those of the training, got ", word_of(got));
    return other.dataset;
  };
  const DatasetPtr test = open_other(vision::Split::kTest, "test");
  if (data.held_out) {
    note(hooks, str("split: ", test->size(), " of ", test->size() + judged.dataset->size(),
                    " pictures judge, ", judged.dataset->size(), " are learned from: ", config.data,
                    " comes in one piece (test_fraction ", data.held_out->share, ", seed ",
                    data.held_out->seed, ")"));
  }
  data.test = limited(test, config.limit_test);
  if (const auto val = validation_folder(config, hooks)) {
    const bool judges = val == vision::split_folder(config.data, vision::Split::kTest);
    data.val = judges ? data.test : open_other(vision::Split::kVal, "validation");
  }
  const DatasetPtr all = judged.dataset;
  data.train = limited(data.train, config.limit_train);
  if (config.val_fraction > 0) hold_back(data, limited(all, config.limit_train), config);
  return data;
}

}  // namespace fovea::train
