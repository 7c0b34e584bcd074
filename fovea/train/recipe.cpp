#include "fovea/train/recipe.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/models/limits.h"
#include "fovea/optim/adam.h"
#include "fovea/optim/sgd.h"
#include "fovea/train/monitor.h"
#include "fovea/train/words.h"

namespace fovea::train {

namespace {

/// What `words` has between its plus signs.
std::vector<std::string> split(std::string_view words) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= words.size();) {
    const std::size_t end = std::min(words.find('+', start), words.size());
    parts.emplace_back(words.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

/// The N of `WORD:N`, or nothing when `text` has no colon.
std::optional<std::int64_t> read_number(const char* setting, const std::string& text,
                                        const char* unit, std::int64_t most) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {};
  const char* const end = text.data() + text.size();
  std::int64_t number = 0;
  const auto [after, error] = std::from_chars(text.data() + colon + 1, end, number);
  check<ArgumentError>(error == std::errc() && after == end && number >= 1 && number <= most,
                       "config: ", setting, " expected ", unit, " from 1 to ", most,
                       " behind the colon, got \"", text, "\"");
  return number;
}

std::optional<std::int64_t> read_pixels(const char* setting, const std::string& text) {
  return read_number(setting, text, "pixels", models::kMaxSide);
}

/// The N per cent of `WORD:N` as a share.
double read_share(const std::string& text, double otherwise) {
  const auto percent = read_number("augment", text, "per cent", 100);
  return percent ? static_cast<double>(*percent) / 100 : otherwise;
}

/// A part of the image's smaller side.
std::int64_t share_of(data::ImageSize size, std::int64_t parts) {
  return std::max<std::int64_t>(1, std::min(size.height, size.width) / parts);
}

/// Makes one transform, of `text`, for images of `size`.
using MakeTransform = data::Transform (*)(const std::string& text, data::ImageSize size);

/// A word of an augmentation.
struct Augmentation {
  MakeTransform make;  // null for "none", which stands alone
  bool takes_number;
};

constexpr Word<Augmentation> kAugmentations[] = {
    {"none", {nullptr, false}},
    {"flip",
     {[](const std::string&, data::ImageSize) -> data::Transform {
        return data::RandomHorizontalFlip();
      },
      false}},
    {"crop",
     {[](const std::string& text, data::ImageSize size) -> data::Transform {
        const std::int64_t padding = read_pixels("augment", text).value_or(share_of(size, 8));
        return data::RandomCrop(size, {.padding = padding});
      },
      true}},
    {"cutout",
     {[](const std::string& text, data::ImageSize size) -> data::Transform {
        return data::Cutout(read_pixels("augment", text).value_or(share_of(size, 4)));
      },
      true}},
    {"resizedcrop",
     {[](const std::string& text, data::ImageSize size) -> data::Transform {
        return data::RandomResizedCrop(size, {.scale = {.low = read_share(text, 0.08), .high = 1}});
      },
      true}},
    {"jitter",
     {[](const std::string&, data::ImageSize) -> data::Transform {
        return data::ColorJitter(
            {.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.1});
      },
      false}},
    {"erase",
     {[](const std::string& text, data::ImageSize) -> data::Transform {
        return data::RandomErasing({.p = read_share(text, 0.5)});
      },
      true}}};

/// `"none", or "a", "b" and "c" joined by +`, of words that begin with none.
std::string joined_by_plus(std::span<const std::string> words) {
  const std::span<const std::string> most = words.subspan(1, words.size() - 2);
  return str('"', words.front(), "\", or ", quoted_list(most), " and \"", words.back(),
             "\" joined by +");
}

/// One word of an augmentation.
data::Transform make_one(const std::string& text, data::ImageSize size) {
  const std::size_t colon = text.find(':');
  for (const auto& [word, augmentation] : kAugmentations) {
    if (text.substr(0, colon) != word || augmentation.make == nullptr) continue;
    if (colon == std::string::npos || augmentation.takes_number)
      return augmentation.make(text, size);
  }
  check<ArgumentError>(text != "none",
                       "config: augment expected \"none\" alone, got it with others");
  const std::vector<std::string> known = augment_words();
  throw ArgumentError(str("config: augment expected ", joined_by_plus(known), ", got \"", text,
                          "\"", did_you_mean(text, known)));
}

using OptimizerPtr = std::unique_ptr<optim::Optimizer>;
using SchedulePtr = std::unique_ptr<optim::Schedule>;

/// Makes one of complete settings (in_force).
using MakeOptimizer = OptimizerPtr (*)(const TrainConfig&, const Tensors& parameters);

constexpr Word<MakeOptimizer> kOptimizers[] = {
    {"adam",
     [](const TrainConfig& c, const Tensors& parameters) -> OptimizerPtr {
       return std::make_unique<optim::Adam>(
           parameters, optim::AdamOptions{.lr = c.lr, .weight_decay = *c.weight_decay});
     }},
    {"adamw",
     [](const TrainConfig& c, const Tensors& parameters) -> OptimizerPtr {
       return std::make_unique<optim::AdamW>(
           parameters, optim::AdamWOptions{.lr = c.lr, .weight_decay = *c.weight_decay});
     }},
    {"sgd", [](const TrainConfig& c, const Tensors& parameters) -> OptimizerPtr {
       return std::make_unique<optim::SGD>(
           parameters,
           optim::SGDOptions{.lr = c.lr, .momentum = *c.momentum, .weight_decay = *c.weight_decay});
     }}};

constexpr Word<optim::Anneal> kAnneals[] = {{"cosine", optim::Anneal::kCosine},
                                            {"linear", optim::Anneal::kLinear}};

constexpr Word<bool> kSwitches[] = {{"on", true}, {"off", false}};
constexpr Word<bool> kSampling[] = {{"all", false}, {"balanced", true}};
constexpr Word<OnFull> kOnFull[] = {{"stop", OnFull::kStop}, {"wait", OnFull::kWait}};

/// Likewise.
using MakeSchedule = SchedulePtr (*)(const TrainConfig&, optim::Optimizer&, std::int64_t steps);

constexpr Word<MakeSchedule> kSchedules[] = {
    {"none",
     [](const TrainConfig&, optim::Optimizer&, std::int64_t) -> SchedulePtr { return nullptr; }},
    {"step",
     [](const TrainConfig&, optim::Optimizer& optimizer, std::int64_t steps) -> SchedulePtr {
       return std::make_unique<optim::StepLR>(optimizer,
                                              optim::StepLROptions{.step_size = (steps + 2) / 3});
     }},
    {"cosine",
     [](const TrainConfig&, optim::Optimizer& optimizer, std::int64_t steps) -> SchedulePtr {
       return std::make_unique<optim::CosineAnnealingLR>(
           optimizer, optim::CosineAnnealingLROptions{.t_max = steps});
     }},
    {"onecycle",
     [](const TrainConfig& c, optim::Optimizer& optimizer, std::int64_t steps) -> SchedulePtr {
       return std::make_unique<optim::OneCycleLR>(
           optimizer, optim::OneCycleLROptions{.max_lr = c.lr,
                                               .total_steps = steps,
                                               .pct_start = *c.warmup,
                                               .anneal = meaning_of("anneal", kAnneals, c.anneal),
                                               .cycle_momentum = c.cycle_momentum});
     }}};

}  // namespace

std::vector<std::string> optimizer_words() { return words_of(kOptimizers); }
std::vector<std::string> schedule_words() { return words_of(kSchedules); }
std::vector<std::string> anneal_words() { return words_of(kAnneals); }
std::vector<std::string> augment_words() { return words_of(kAugmentations); }
std::vector<std::string> on_full_words() { return words_of(kOnFull); }
std::vector<std::string> switch_words() { return words_of(kSwitches); }
std::vector<std::string> sampling_words() { return words_of(kSampling); }
std::vector<std::string> view_words() { return {"none", "flip", "shift"}; }

void check_recipe_words(const TrainConfig& config) {
  (void)meaning_of("optimizer", kOptimizers, config.optimizer);
  (void)meaning_of("schedule", kSchedules, config.schedule);
  (void)meaning_of("anneal", kAnneals, config.anneal);
  (void)samples_balanced(config);
  (void)monitor_of(config.monitor);
  (void)on_full_of(config);
  (void)has_events(config);
}

bool has_events(const TrainConfig& config) {
  return meaning_of("tensorboard", kSwitches, config.tensorboard);
}

bool samples_balanced(const TrainConfig& config) {
  return meaning_of("sampling", kSampling, config.sampling);
}

OnFull on_full_of(const TrainConfig& config) {
  return meaning_of("on_full", kOnFull, config.on_full);
}

std::unique_ptr<optim::Optimizer> make_optimizer(const TrainConfig& config,
                                                 const Tensors& parameters) {
  return meaning_of("optimizer", kOptimizers, config.optimizer)(in_force(config), parameters);
}

std::unique_ptr<optim::Schedule> make_schedule(const TrainConfig& config,
                                               optim::Optimizer& optimizer,
                                               std::int64_t total_steps) {
  return meaning_of("schedule", kSchedules, config.schedule)(in_force(config), optimizer,
                                                             total_steps);
}

data::Transform make_augmentation(std::string_view words, data::ImageSize size,
                                  const data::Transform& normalize) {
  std::vector<data::Transform> transforms;
  if (words != "none") {
    for (const std::string& word : split(words)) transforms.push_back(make_one(word, size));
  }
  const auto erases = [](const data::Transform& transform) {
    const data::WindowTransform* window = transform.window();
    return window != nullptr && window->change() == data::WindowChange::kErase;
  };
  const auto erasing =
      std::stable_partition(transforms.begin(), transforms.end(), std::not_fn(erases));
  if (normalize) transforms.insert(erasing, normalize);
  if (transforms.empty()) return {};
  return data::Compose(std::move(transforms));
}

AugmentWords split_augmentation(std::string_view words) {
  AugmentWords parts{.picture = "none", .image = ""};
  for (const std::string& word : split(words)) {
    if (parts.picture == "none" && word.substr(0, word.find(':')) == "resizedcrop") {
      parts.picture = word;
    } else {
      parts.image += (parts.image.empty() ? "" : "+") + word;
    }
  }
  if (parts.image.empty()) parts.image = "none";
  return parts;
}

Views parse_views(std::string_view words) {
  Views views;
  if (words == "none") return views;
  for (const std::string& text : split(words)) {
    const std::string word = text.substr(0, text.find(':'));
    check<ArgumentError>(text == "flip" || word == "shift", "config: tta expected ",
                         joined_by_plus(view_words()), ", got \"", text, "\"",
                         did_you_mean(text, view_words()));
    if (text == "flip") views.flip = true;
    if (word == "shift") views.shift = read_pixels("tta", text).value_or(1);
  }
  return views;
}

}  // namespace fovea::train
