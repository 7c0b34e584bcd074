#include "fovea/train/recipe.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/optim/adam.h"
#include "fovea/optim/sgd.h"

namespace fovea::train {

namespace {

/// One word of an augmentation.
data::Transform make_one(const std::string& word, data::ImageSize size) {
  if (word == "flip") return data::RandomHorizontalFlip();
  if (word == "crop") {
    const std::int64_t padding = std::max<std::int64_t>(1, std::min(size.height, size.width) / 8);
    return data::RandomCrop(size, {.padding = padding});
  }
  static const std::array<std::string, 3> known = {"none", "flip", "crop"};
  throw ArgumentError(
      str("config: augment expected \"none\", or \"flip\" and \"crop\" joined by +, got \"", word,
          "\"", did_you_mean(word, known)));
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
        optimizer, optim::OneCycleLROptions{.max_lr = config.lr, .total_steps = total_steps});
  }
  check<ArgumentError>(
      config.schedule == "none",
      "config: schedule expected \"none\", \"step\", \"cosine\", \"onecycle\", got \"",
      config.schedule, "\"");
  return nullptr;
}

data::Transform make_augmentation(std::string_view words, data::ImageSize size) {
  if (words == "none") return {};
  std::vector<data::Transform> transforms;
  for (std::size_t start = 0; start <= words.size();) {
    const std::size_t end = std::min(words.find('+', start), words.size());
    transforms.push_back(make_one(std::string(words.substr(start, end - start)), size));
    start = end + 1;
  }
  return data::Compose(std::move(transforms));
}

}  // namespace fovea::train
