// A graph as a module: an imported model that can be trained further.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "fovea/graph/program.h"
#include "fovea/nn/module.h"

namespace fovea::graph {

/// Runs a graph with one input and one output, recorded on the tape. Its floating-point constants,
/// initializers and what Constant nodes give, are parameters and buffers, in the order in which
/// nodes use them, under the names that they have in the graph; dots in a name make children, as in
/// a state dict. Half precision becomes f32. What is read for its numbers (the scales of a Resize,
/// limits of a Clip) is neither.
///
/// Parameters are the initializers that layers learn, also where a Transpose or another change of
/// shape stands between: weights and biases of Conv, ConvTranspose, Gemm, MatMul and of
/// normalisations, slopes of PRelu, and what is added or multiplied, unless it is one number.
/// Others are buffers, running statistics among them, and stay as they are: a graph is the
/// inference form of its model, so BatchNormalization uses them in training too, and Dropout does
/// nothing.
///
/// A graph whose batch size is fixed takes other batches too, so many at a time.
///
/// Neighbours run as one operation, as in nn::Sequential and with the same gradients, but for who
/// listens to a run in order to write the graph again.
///
/// Threads: as Module, but the first run on another device than the one before must be alone.
class GraphModule final : public nn::Module {
 public:
  /// `names` are those of the initializers that are weights; nothing: see above.
  /// Throws   ArgumentError unless there is one input and one output, and when names of weights
  ///          cannot be those of a state dict; ParseError as Program.
  explicit GraphModule(Graph graph, const std::optional<std::set<std::string>>& names = {});

  /// Throws   ParseError in training mode as check_trainable, and what the operators throw.
  Tensor forward(const Tensor& x) override;
  std::string type_name() const override { return "GraphModule"; }

  /// Throws ParseError when an operator between a parameter and the output has no gradient,
  /// naming its node.
  void check_trainable() const;

  /// The graph, whose initializers are this module's parameters and buffers.
  const Graph& graph() const { return graph_; }
  /// How many samples the graph takes at once; 0: any number.
  std::int64_t batch_size() const;
  /// What runs it node by node.
  const Program& program() const { return *program_; }

 private:
  // A level of dotted names.
  class Level;

  void register_weights(const std::map<std::string, Tensor>& weights);
  Tensor add(const std::string& name, const Tensor& value, bool learnt,
             std::map<std::string, std::shared_ptr<Level>>& levels);

  void make_programs();
  void move_constants(Device device);

  Graph graph_;
  std::set<std::string> constants_;   // initializers that are no weights
  Device device_ = default_device();  // where those are
  std::unique_ptr<Program> program_;
  std::unique_ptr<Program> fused_;  // the same, with neighbours joined
  std::string no_gradient_;         // the first node that stops training; empty: none does
};

}  // namespace fovea::graph
