#include "fovea/explain/model/operations/met_input.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fovea/explain/model/operations/values.h"
#include "fovea/tensor/ops.h"

namespace fovea::explain {

namespace {

/// Of those under the window the one that the output took over, or else the largest in size.
std::optional<MetInput> met_under_window(const Visit& visit) {
  const LayerRun& layer = visit.layer;
  const OperationWalk& walk = walk_of(layer);
  const Tensor& x = layer.inputs.at(0);
  const Shape spatial(std::span(x.sizes()).subspan(2));
  const WindowAt window =
      walk.windows != nullptr ? window_at(walk.windows(layer), visit.at()) : whole_window(spatial);
  std::int64_t first = visit.index[1], channels = 1;
  if (is_convolution(layer)) {
    const Tensor& weight = layer.inputs[1];
    const std::int64_t groups = x.size(1) / weight.size(1);
    channels = weight.size(1);
    first = visit.index[1] / (weight.size(0) / groups) * channels;
  }
  const Seen seen = read_window(x, visit.sample(), first, channels, window);
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < seen.values.size(); ++i) {
    if (!seen.inside[i]) continue;
    const bool taken = !is_convolution(layer) && seen.values[i] == visit.value;
    if (!best || taken || std::abs(seen.values[i]) > std::abs(seen.values[*best])) best = i;
    if (taken) break;
  }
  if (!best) return std::nullopt;  // it lies in the border altogether
  MetInput met{.index = visit.index, .element = window.begin};
  auto left = static_cast<std::int64_t>(*best);
  for (int i = window.cells.ndim() - 1; i >= 0; --i) {
    met.element[i] = left % window.cells[i];
    left /= window.cells[i];
    met.index[i + 2] = window.begin[i] + met.element[i] * window.step[i];
  }
  met.index[1] = first + left;
  return met;
}

/// Of a row of inputs the largest in size.
std::optional<MetInput> met_in_row(const Visit& visit) {
  const LayerRun& layer = visit.layer;
  const Tensor& x = layer.inputs.at(0);
  const graph::Node node = layer.node();
  const bool turned = graph::NodeReader(node, layer.opset).integer("transA", 0) != 0;
  const std::vector<double> row =
      x.detach().select(turned ? 1 : 0, visit.index[0]).to_vector<double>();
  const auto size = [](double value) { return std::abs(value); };
  const std::int64_t i = std::ranges::max_element(row, {}, size) - row.begin();
  return MetInput{.index = turned ? Shape{i, visit.index[0]} : Shape{visit.index[0], i},
                  .element = {}};
}

}  // namespace

bool is_convolution(const LayerRun& layer) { return layer.op == "Conv" && layer.inputs.size() > 1; }
bool is_product(const LayerRun& layer) { return layer.op == "Gemm"; }

std::optional<MetInput> met_input(const Visit& visit) {
  const LayerRun& layer = visit.layer;
  if (layer.inputs.empty() || !layer.inputs[0].defined()) return std::nullopt;
  if (is_product(layer)) return met_in_row(visit);
  const OperationWalk& walk = walk_of(layer);
  const bool global = walk.input_terms != nullptr && walk.reach == Reach::kAll;
  if (layer.inputs[0].dim() > 2 && (walk.windows != nullptr || global))
    return met_under_window(visit);
  if (layer.inputs[0].sizes() == layer.output().sizes())
    return MetInput{.index = visit.index, .element = {}};
  return std::nullopt;
}

Shape met_weight(const Visit& visit, const MetInput& met) {
  const LayerRun& layer = visit.layer;
  if (is_product(layer)) {
    const graph::Node node = layer.node();
    const graph::NodeReader reader(node, layer.opset);
    const std::int64_t input = met.index[reader.integer("transA", 0) != 0 ? 0 : 1];
    return reader.integer("transB", 0) != 0 ? Shape{visit.index[1], input}
                                            : Shape{input, visit.index[1]};
  }
  Shape index{visit.index[1], met.index[1] % layer.inputs[1].size(1)};
  for (const std::int64_t cell : met.element) index.push_back(cell);
  return index;
}

}  // namespace fovea::explain
