#include "fovea/explain/model/run.h"

#include <algorithm>

#include "fovea/core/language.h"
#include "fovea/core/suggest.h"
#include "fovea/explain/model/recorder.h"
#include "fovea/models/model_cost.h"
#include "fovea/tensor/prepared.h"

namespace fovea::explain {

namespace {

/// What somebody may have meant: the layers inside what was named, or the nearest ones.
Text near_names(const std::vector<std::string>& all, const std::string& name) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> near;
  for (const std::string& one : all) {
    if (one.starts_with(name + ".")) near.push_back(one);
  }
  Text meant;
  if (near.empty()) meant = meant_word(name, all);
  if (near.empty()) {
    near = all;
    std::ranges::stable_sort(near, {},
                             [&](const std::string& one) { return edit_distance(name, one); });
  }
  const bool more = near.size() > kMost;
  if (more) near.resize(kMost);
  const std::string list = join_words(near) + (more ? ", ..." : "");
  return {meant.english + " (layers: " + list + ")", meant.korean + " (층: " + list + ")"};
}

}  // namespace

graph::Node LayerRun::node() const {
  return {.name = name, .op = op, .inputs = {}, .outputs = {}, .attributes = attributes};
}

double ModelRun::milliseconds() const {
  double sum = 0;
  for (const LayerRun& layer : layers) sum += layer.milliseconds;
  return sum;
}

std::int64_t multiply_adds_of(const LayerRun& layer) {
  std::int64_t sum = 0;
  for (const LayerRun& part : layer.parts) sum += multiply_adds_of(part);
  if (layer.op.empty() || !layer.parts.empty()) return sum;
  std::vector<Shape> sizes;
  for (const Tensor& input : layer.inputs)
    sizes.push_back(input.defined() ? input.sizes() : Shape());
  const std::int64_t samples = std::max<std::int64_t>(layer.output().size(0), 1);
  return models::multiply_adds_of(layer.node(), layer.opset, sizes, layer.output().sizes()) /
         samples;
}

ModelRun run_model(nn::Module& module, const Tensor& x, const std::function<Tensor()>& forward) {
  const RunOnceScope once;
  if (const auto* graph = dynamic_cast<const graph::GraphModule*>(&module))
    return run_graph(*graph, x);
  return run_modules(module, x, forward);
}

ModelRun evaluate_model(nn::Module& module, const Tensor& x) {
  const ModeScope evaluation(module, false);
  return run_model(module, x);
}

const LayerRun& find_layer(const ModelRun& run, const std::string& name) {
  std::vector<std::string> names;
  for (const LayerRun& layer : run.layers) {
    if (layer.name == name) return layer;
    names.push_back(layer.name);
    for (const LayerRun& part : layer.parts)
      if (part.name == name) return part;
  }
  const Text near = near_names(names, name);
  throw InBoth<ArgumentError>(
      {str("explain: layer expected to be one that runs, got \"", name, "\"", near.english),
       str("explain: 실행되는 층의 이름이어야 하는데 \"", name, "\"입니다", near.korean)});
}

ModeScope::ModeScope(nn::Module& module, bool training) {
  for (const auto& [name, part] : module.named_modules())
    before_.emplace_back(part, part->is_training());
  module.train(training);
}

ModeScope::~ModeScope() {
  // Parents first, so that each part ends in its own mode.
  for (const auto& [part, training] : before_) part->train(training);
}

}  // namespace fovea::explain
