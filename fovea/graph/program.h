// A graph made ready to run: names turned into numbers, attributes read, and for each step the
// values that nobody wants after it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fovea/graph/operators.h"

namespace fovea::graph {

/// Runs a graph. `run` is const and may be called by several threads at once.
class Program {
 public:
  /// Throws ParseError when the graph breaks its invariants or has an operator that Fovea lacks.
  explicit Program(const Graph& graph);

  /// The outputs for `inputs`, both in the graph's order. A value is freed as soon as its last
  /// reader is done. Recorded on the tape when grad mode is on and something requires grad.
  /// Throws   ArgumentError for another number of inputs, DTypeError and ShapeError for inputs that
  ///          are not what the graph says, and what the operators throw, see `bind_node`.
  Tensors run(const Tensors& inputs) const;

  const std::vector<Value>& inputs() const { return inputs_; }    ///< what run takes
  const std::vector<Value>& outputs() const { return outputs_; }  ///< what run gives

  /// Is called with the node's place and outputs after each step of run_observed.
  using Observer = std::function<void(std::size_t node, const Tensors& outputs)>;
  /// run, telling `observer` of every node's outputs.
  Tensors run_observed(const Tensors& inputs, const Observer& observer) const;

 private:
  struct Step {
    Run run;
    std::string where;
    std::vector<std::size_t> inputs, outputs;  // slots; 0 is the absent value
    std::vector<std::size_t> last_uses;        // slots to be freed after it
  };

  void check_inputs(const Tensors& inputs) const;

  std::vector<Value> inputs_, outputs_;
  std::vector<Step> steps_;
  Tensors start_;  // a slot each: constants; undefined what a run computes
  std::vector<std::size_t> input_slots_, output_slots_;
};

}  // namespace fovea::graph
