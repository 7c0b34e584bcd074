// Which of a graph's constants are weights: what layers learn, or normalise by. Others are numbers
// of the network itself, such as the scales of a Resize, without which nobody can say what comes
// out.
#pragma once

#include <map>
#include <set>
#include <string>

#include "fovea/graph/graph.h"

namespace fovea::graph {

/// Makes initializers of the Constant nodes whose values may be weights: floating-point ones of
/// which no numbers are read, and that are more than one number or are learnt.
/// Throws ParseError as bind_node.
void hoist_weights(Graph& graph);

/// Names of values that are read for their numbers, as shapes, scales, axes and limits are, and of
/// those that such values are computed from.
std::set<std::string> numbers_of(const Graph& graph);

/// Names of values that layers learn, activations among them, also where a change of shape or of
/// type stands between: see GraphModule. Single numbers that are added or multiplied, parts of
/// formulas, are not.
std::set<std::string> learnt_values(const Graph& graph);

/// True for a name that a state dict can have: no part between dots is empty.
bool is_weight_name(const std::string& name);

/// Names of the floating-point initializers, but for those that `numbers_of` names.
std::set<std::string> weights_of(const Graph& graph);

/// Makes the initializers `names` inputs after the graph's own, and returns them by name: what is
/// left is the network without its weights.
std::map<std::string, Tensor> take_weights(Graph& graph, const std::set<std::string>& names);

/// The opposite: inputs that `weights` has become initializers.
void give_weights(Graph& graph, const std::map<std::string, Tensor>& weights);

}  // namespace fovea::graph
