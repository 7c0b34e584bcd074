// What the fusing passes ask of nodes: whether Fovea's own operators can compute them. Nothing here
// depends on the values of weights.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fovea/graph/graph.h"

namespace fovea::graph {

/// True for a convolution that Fovea's own nodes can compute: of a constant weight, with numbers
/// for pads, in f32 or f64. Half precision, which Conv computes in f32, would have to be converted
/// twice anyway.
bool is_plain_conv(const Graph& graph, const Node& node);

/// The window of a max pooling by windows side by side; nothing for another node.
std::optional<std::vector<std::int64_t>> window_of(const Graph& graph, const Node& node);

/// True for a Relu.
bool is_relu(const Node& node);

/// Makes `before` a LinearRelu when it is a linear layer as exporters write it and `node` a Relu.
bool join_linear_relu(const Graph& graph, Node& before, const Node& node);

}  // namespace fovea::graph
