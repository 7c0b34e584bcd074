#include "apps/serve/api/served_model.h"

#include <algorithm>
#include <utility>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::serve {

namespace {

constexpr std::size_t kKeptRuns = 4;

models::LoadedModel frozen(models::LoadedModel model) {
  for (Tensor parameter : model.module->parameters()) parameter.set_requires_grad(false);
  return model;
}

/// Whoever interrupts a layer of a quick run makes up most of its time: the least of a few counts.
void take_least_times(nn::Module& module, const Tensor& x, explain::ModelRun& run) {
  constexpr double kQuick = 20;  // milliseconds
  constexpr int kRuns = 3;
  for (int i = 1; i < kRuns && run.milliseconds() < kQuick; ++i) {
    const explain::ModelRun again = explain::evaluate_model(module, x);
    for (std::size_t k = 0; k < std::min(run.layers.size(), again.layers.size()); ++k)
      run.layers[k].milliseconds =
          std::min(run.layers[k].milliseconds, again.layers[k].milliseconds);
  }
}

}  // namespace

ServedModel::ServedModel(std::string id, models::LoadedModel model, cli::DataFlags data)
    : id_(std::move(id)),
      classifier_(frozen(std::move(model))),
      data_(std::move(data)),
      runs_(kKeptRuns) {}

explain::Subject ServedModel::subject(const ServedImage& image) const {
  return explain::subject_of(classifier_, image.x);
}

std::shared_ptr<const ServedRun> ServedModel::run(const ServedImage& image,
                                                  const std::optional<std::int64_t>& index,
                                                  bool gradients) {
  const RunKey key(image.id, index.value_or(-1), gradients);
  if (const auto* const kept = runs_.find(key)) return *kept;
  nn::Module& module = *classifier_.model().module;
  // Times of a first run would be those of its preparations.
  if (!std::exchange(warm_, true)) {
    const NoGrad no_grad;
    explain::evaluate_model(module, image.x);
  }
  const GradMode mode(gradients);
  auto made = std::make_shared<ServedRun>();
  made->run = gradients ? explain::differentiable_run(module, image.x)
                        : explain::evaluate_model(module, image.x);
  if (!gradients) take_least_times(module, image.x, made->run);
  // A graph of a fixed batch gives more rows than the one that was asked for.
  const Tensor scores = made->run.output.detach().narrow(0, 0, 1);
  made->answer = explain::answer_of(subject(image), scores, index);
  if (gradients) {
    made->gradients = explain::layer_gradients(made->run, made->answer.index);
    made->gradients.name = made->answer.name;
  }
  return runs_.put(key, std::move(made));
}

std::shared_ptr<const ServedRun> ServedModel::run_on_zeros() {
  Shape sizes = classifier_.card().input;
  sizes.insert(0, 1);
  return run({.id = "zeros", .label = {}, .x = zeros(sizes)}, {}, false);
}

}  // namespace fovea::serve
