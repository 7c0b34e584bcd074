#include "fovea/train/recipe.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/optim/adam.h"
#include "fovea/optim/sgd.h"

namespace fovea::train {

namespace {

constexpr std::int64_t kLargestPixels = 4096;  // more than any image's side

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
  return read_number(setting, text, "pixels", kLargestPixels);
}

/// The N per cent of `WORD:N` as a share.
double read_share(const std::string& text, double otherwise) {
  const auto percent = read_number("augment", text, "per cent", 100);
  return percent ? static_cast<double>(*percent) / 100 : otherwise;
}

/// One word of an augmentation.
data::Transform make_one(const std::string& text, data::ImageSize size) {
  const std::string word = text.substr(0, text.find(':'));
  const auto share = [&](std::int64_t parts) {
    return std::max<std::int64_t>(1, std::min(size.height, size.width) / parts);
  };
  if (text == "flip") return data::RandomHorizontalFlip();
  if (word == "crop") {
    return data::RandomCrop(size, {.padding = read_pixels("augment", text).value_or(share(8))});
  }
  if (word == "cutout") return data::Cutout(read_pixels("augment", text).value_or(share(4)));
  if (word == "resizedcrop")
    return data::RandomResizedCrop(size, {.scale = {.low = read_share(text, 0.08), .high = 1}});
  if (text == "jitter") {
    return data::ColorJitter({.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.1});
  }
  if (word == "erase") return data::RandomErasing({.p = read_share(text, 0.5)});
  static const std::array<std::string, 7> known = {"none",        "flip",   "crop", "cutout",
                                                   "resizedcrop", "jitter", "erase"};
  throw ArgumentError(
      str("config: augment expected \"none\", or \"flip\", \"crop\", \"cutout\", "
          "\"resizedcrop\", \"jitter\" and \"erase\" joined by +, got \"",
          text, "\"", did_you_mean(text, known)));
}

}  // namespace

std::unique_ptr<optim::Optimizer> make_optimizer(const TrainConfig& config,
                                                 const Tensors& parameters) {
  const TrainConfig given = in_force(config);
  const double decay = *given.weight_decay;
  if (config.optimizer == "sgd") {
    return std::make_unique<optim::SGD>(
        parameters,
        optim::SGDOptions{.lr = config.lr, .momentum = *given.momentum, .weight_decay = decay});
  }
  if (config.optimizer == "adamw") {
    return std::make_unique<optim::AdamW>(
        parameters, optim::AdamWOptions{.lr = config.lr, .weight_decay = decay});
  }
  check<ArgumentError>(config.optimizer == "adam",
                       "config: optimizer expected \"adam\", \"adamw\", \"sgd\", got \"",
                       config.optimizer, "\"");
  return std::make_unique<optim::Adam>(parameters,
                                       optim::AdamOptions{.lr = config.lr, .weight_decay = decay});
}

std::unique_ptr<optim::Schedule> make_schedule(const TrainConfig& config,
                                               optim::Optimizer& optimizer,
                                               std::int64_t total_steps) {
  if (config.schedule == "step") {
    return std::make_unique<optim::StepLR>(
        optimizer, optim::StepLROptions{.step_size = (total_steps + 2) / 3});
  }
  if (config.schedule == "cosine") {
    return std::make_unique<optim::CosineAnnealingLR>(
        optimizer, optim::CosineAnnealingLROptions{.t_max = total_steps});
  }
  if (config.schedule == "onecycle") {
    return std::make_unique<optim::OneCycleLR>(
        optimizer,
        optim::OneCycleLROptions{
            .max_lr = config.lr,
            .total_steps = total_steps,
            .pct_start = *in_force(config).warmup,
            .anneal = config.anneal == "linear" ? optim::Anneal::kLinear : optim::Anneal::kCosine,
            .cycle_momentum = config.cycle_momentum});
  }
  check<ArgumentError>(
      config.schedule == "none",
      "config: schedule expected \"none\", \"step\", \"cosine\", \"onecycle\", got \"",
      config.schedule, "\"");
  return nullptr;
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
    static const std::array<std::string, 3> known = {"none", "flip", "shift"};
    check<ArgumentError>(
        text == "flip" || word == "shift",
        "config: tta expected \"none\", or \"flip\" and \"shift\" joined by +, got \"", text, "\"",
        did_you_mean(text, known));
    if (text == "flip") views.flip = true;
    if (word == "shift") views.shift = read_pixels("tta", text).value_or(1);
  }
  return views;
}

}  // namespace fovea::train
