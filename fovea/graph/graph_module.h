// A graph as a module: an imported model that can be trained further.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "fovea/graph/program.h"
#include "fovea/nn/module.h"

namespace fovea::graph {

/// Runs a graph with one input and one output, recorded on the tape. Its weights are parameters
/// and buffers under the names that they have in the graph; dots in a name make children, as in a
/// state dict.
///
/// Parameters are the constants that layers learn: weights and biases of Conv, ConvTranspose, Gemm,
/// MatMul and of normalisations, slopes of PRelu, and vectors added or multiplied after MatMul.
/// Running statistics are buffers, and stay as they are: a graph is the inference form of its
/// model, so BatchNormalization uses them in training too, and Dropout does nothing.
class GraphModule final : public nn::Module {
 public:
  /// Throws   ArgumentError unless there is one input and one output, or when an operator between a
  ///          parameter and the output has no gradient, naming its node; ParseError as Program.
  explicit GraphModule(Graph graph);

  Tensor forward(const Tensor& x) override;
  std::string type_name() const override { return "GraphModule"; }

  /// The graph, whose initializers are this module's parameters and buffers.
  const Graph& graph() const { return graph_; }

 private:
  // A level of dotted names.
  class Level;

  void register_weights(const std::map<std::string, bool>& trainable);

  Graph graph_;
  std::unique_ptr<Program> program_;
};

}  // namespace fovea::graph
