// The graph form of a model: a list of operations named and defined as in ONNX, with the values
// that flow between them. It is for inference and exchange: what a Session runs, what passes make
// smaller and faster, what ONNX files hold.
//
// Invariants of a graph that `check_graph` accepts: every value has one source (an input of the
// graph, an initializer, or a node's output), nodes stand after those whose results they use, and
// the graph's outputs exist, each once.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/tensor/trace.h"

namespace fovea::graph {

/// The operator set of graphs that Fovea makes itself.
inline constexpr int kOpset = kTracedOpset;
/// A size that is not known, or that is free.
inline constexpr std::int64_t kFree = -1;

/// What is known of a value.
struct Value {
  std::string name;                      ///< unique in its graph
  DType dtype = f32;                     ///< element type
  std::vector<std::int64_t> sizes = {};  ///< elements a dimension; kFree where any number will do
  bool has_sizes = true;                 ///< false: not even the number of dimensions is known
};

/// An operation of a graph.
struct Node {
  std::string name;                  ///< for people; may be empty
  std::string op;                    ///< the operator: "Conv"
  std::vector<std::string> inputs;   ///< names of values, "" for one that is left out
  std::vector<std::string> outputs;  ///< names of values, "" for one that nobody wants
  Attributes attributes = {};        ///< as the operator's definition says
  std::string domain = {};           ///< "" for ONNX's own operators, "fovea" for fused ones
};

/// A model. See the head of this file.
struct Graph {
  std::string name = "model";                        ///< for people
  int opset = kOpset;                                ///< version of ONNX's operators in `nodes`
  std::vector<Value> inputs = {};                    ///< what a run must be given, in order
  std::vector<Value> outputs = {};                   ///< what a run gives, in order
  std::vector<Value> defaults = {};                  ///< initializers that give_input may replace
  std::vector<Node> nodes = {};                      ///< in an order in which they can run
  std::map<std::string, Tensor> initializers = {};   ///< constant values by name: weights
  std::map<std::string, Value> values = {};          ///< what is known of the nodes' results
  std::map<std::string, std::string> metadata = {};  ///< strings by name, kept in ONNX files
  std::string file = {};  ///< what it was read from, for messages; empty: made here
};

/// Throws ParseError, naming the node and the value, unless the graph keeps the invariants.
void check_graph(const Graph& graph);

/// The graph as a table: a node a line, with shapes where they are known.
std::string to_string(const Graph& graph);

/// How many nodes use each value; the graph's outputs count once more.
std::map<std::string, int> count_uses(const Graph& graph);

/// For messages: `Conv "conv1"`, or `Conv -> "y"` when the node has no name.
std::string describe(const Node& node);

/// The name of input `i` of a node, "" when it is left out or not there at all.
std::string_view input_of(const Node& node, std::size_t i);

/// Throws DTypeError or ShapeError unless `value` is what is said of `expected`; the message begins
/// with `operation`.
void check_fits(std::string_view operation, const Value& expected, const Tensor& value);

/// Gives the initializer `name`, the default of an input, another value.
/// Throws   ArgumentError when it is none of the graph's defaults, and as check_fits.
void give_input(Graph& graph, const std::string& name, const Tensor& value);

/// Puts nodes behind those whose results they use, changing as little as that takes. What uses its
/// own result, or one that nobody makes, stays where it is, for check_graph to refuse.
void sort_nodes(Graph& graph);

/// "[N, 3, 28, 28]".
std::string sizes_to_string(const Value& value);

}  // namespace fovea::graph
