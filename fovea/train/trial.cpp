#include "fovea/train/trial.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/graph/graph_module.h"
#include "fovea/nn/auxiliary.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::train {

namespace {

/// Puts back at its end what a forward pass in training mode changes.
class Unchanged {
 public:
  explicit Unchanged(nn::Module& model)
      : model_(model), training_(model.is_training()), generator_(default_generator()) {
    for (const auto& [name, buffer] : model.named_buffers())
      buffers_.emplace_back(buffer, buffer.clone());
  }
  ~Unchanged() {
    for (auto& [buffer, value] : buffers_) buffer.copy_(value);
    model_.train(training_);
    default_generator() = generator_;
  }
  Unchanged(const Unchanged&) = delete;
  Unchanged& operator=(const Unchanged&) = delete;

 private:
  nn::Module& model_;
  bool training_;
  Generator generator_;
  std::vector<std::pair<Tensor, Tensor>> buffers_;
};

/// What is wrong with a step on `count` images; nothing when it can be done.
std::optional<std::string> defect_of_step(nn::Module& model, const Shape& image, std::int64_t count,
                                          const data::DataLoaderOptions& options,
                                          const std::function<void()>& prepare) {
  const NoGrad no_grad;
  const Unchanged unchanged(model);
  model.train();
  if (prepare) prepare();
  Shape sizes = image;
  sizes.insert(0, count);
  std::vector<std::int64_t> samples(static_cast<std::size_t>(count));
  std::iota(samples.begin(), samples.end(), 0);
  Tensor images = zeros(sizes, {.device = cpu});
  if (options.transform)
    images = options.transform(images, {.seed = options.seed, .epoch = 0, .indices = samples});
  try {
    (void)nn::training_scores(model, images.to(options.device));
  } catch (const ShapeError& error) {
    return error.what();
  }
  return {};
}

/// The images that a model's options are for; what they leave open is as `image` has it.
Shape wanted_image(const models::ModelCard& card) {
  Shape wanted = card.input;
  const auto set = [&](const char* option, std::initializer_list<int> dims) {
    const auto found = card.options.find(option);
    if (found == card.options.end()) return;
    for (const int dim : dims) wanted[dim] = std::stoll(found->second);
  };
  set("in_channels", {0});
  set("image_size", {1, 2});
  return wanted;
}

}  // namespace

void check_trains(nn::Module& model, const models::ModelCard& card, const data::DataLoader& train,
                  const std::string& weights, const std::function<void()>& prepare) {
  const std::int64_t batch = train.options().batch_size;
  const std::int64_t samples = train.dataset().size();
  check<ArgumentError>(train.size() > 0, "train: batches expected at least 1, got 0 (", samples,
                       " samples in batches of ", batch, ", without the last)");
  const auto defect_with = [&](std::int64_t images) {
    return defect_of_step(model, card.input, images, train.options(), prepare);
  };
  // A graph may know its batch size; any other model that takes two images takes more.
  const bool graph = dynamic_cast<const graph::GraphModule*>(&model) != nullptr;
  const std::int64_t images = graph ? std::min(batch, samples) : 2;
  if (const auto defect = defect_with(images)) {
    const Shape wanted = wanted_image(card);
    throw ShapeError(str(card.model, ": images expected ",
                         wanted == card.input ? "such as it takes" : models::format_input(wanted),
                         wanted == card.input ? "" : " as its options say",
                         weights.empty() ? "" : " (weights " + weights + ")", ", got ",
                         models::format_input(card.input), " (", *defect, ")"));
  }
  const std::int64_t last = train.samples() - (train.size() - 1) * batch;
  const bool fits = last != 1 || images == 1 || !defect_with(1);
  check<ShapeError>(fits, "train: ", train.size() == 1 || batch == 1 ? "batch" : "last batch",
                    " expected more than 1 sample for the batch norm of ", card.model, ", got 1 (",
                    samples, samples == 1 ? " sample" : " samples", " in batches of ", batch,
                    train.size() > 1 && batch > 1 ? "; drop_last leaves it out)" : ")");
}

}  // namespace fovea::train
