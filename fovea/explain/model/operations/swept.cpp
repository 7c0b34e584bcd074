#include "fovea/explain/model/operations/swept.h"

#include <algorithm>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"

namespace fovea::explain {

namespace {

/// The filter of an output channel, [channels, rows, columns], and the input channel of its first
/// slice; undefined where the layer is no convolution.
std::pair<Tensor, std::int64_t> filter_of_channel(const LayerRun& layer, std::int64_t channel) {
  if (layer.op != "Conv" || layer.inputs.at(1).dim() != 4) return {Tensor(), 0};
  const Tensor& weight = layer.inputs[1];
  const std::int64_t groups = layer.inputs[0].size(1) / weight.size(1);
  return {weight.detach().select(0, channel), channel / (weight.size(0) / groups) * weight.size(1)};
}

}  // namespace

bool can_sweep(const LayerRun& layer) {
  const OperationWalk& walk = walk_of(layer);
  const bool moves = walk.windows != nullptr || walk.reach == Reach::kPlace;
  return moves && !layer.inputs.empty() && layer.inputs[0].defined() &&
         layer.inputs[0].dim() == 4 && layer.output().dim() == 4;
}

const LayerRun& layer_to_sweep(const ModelRun& run, const std::string& name) {
  if (name.empty()) {
    const auto windows = [](const LayerRun& layer) {
      return can_sweep(layer) && walk_of(layer).windows != nullptr;
    };
    auto found = std::ranges::find_if(run.layers, windows);
    if (found == run.layers.end()) found = std::ranges::find_if(run.layers, can_sweep);
    check_in_both<ArgumentError>(found != run.layers.end(), [] {
      return Text("explain: layer expected that reads and gives maps, got a network of none",
                  "explain: 맵을 읽어 맵을 내는 층이 있어야 하는데 이 신경망에는 없습니다");
    });
    return *found;
  }
  const LayerRun& layer = find_layer(run, name);
  check_in_both<ArgumentError>(can_sweep(layer), [&] {
    const Shape& sizes = layer.output().sizes();
    return Text(
        str("explain: layer expected to read and give maps of two dimensions, got ", layer.name,
            " (", layer.type, ", output ", sizes, "), of which one value at a time can be shown"),
        str("explain: 2차원 맵을 읽고 내는 층이어야 하는데 ", layer.name, " (", layer.type,
            ", 출력 ", sizes, ")입니다. 이 층은 값 하나씩만 보일 수 있습니다"));
  });
  return layer;
}

graph::WindowPlaces places_of(const LayerRun& layer) {
  const OperationWalk& walk = walk_of(layer);
  if (walk.windows != nullptr) return walk.windows(layer);
  return {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}, .begin = {0, 0}, .end = {0, 0}};
}

ShownChannel choose_channel(const LayerRun& layer, std::int64_t channel) {
  const auto [filter, first] = filter_of_channel(layer, channel);
  if (!filter.defined()) return {.channel = std::min(channel, layer.inputs[0].size(1) - 1)};
  const std::int64_t strongest = argmax(sum(abs(filter.flatten(1)), {1}), 0).item<std::int64_t>();
  return {.channel = first + strongest, .slice = filter.select(0, strongest)};
}

}  // namespace fovea::explain
