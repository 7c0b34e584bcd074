// Inference: a graph made fast and run again and again.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fovea/graph/graph.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/linear.h"

namespace fovea::graph {

/// How a session runs, and computes constants when it is made.
struct SessionOptions {
  int threads = 0;       ///< of each run; 0: as many as parallel loops have elsewhere
  bool optimize = true;  ///< run the passes of passes.h first
  int shapes = 8;        ///< of how many shapes of inputs the memory is kept, those last run
  std::optional<Precision> precision = {};  ///< of each run; absent: the caller's PrecisionScope
  /// Of each run; absent: the caller's ConvAlgorithmScope.
  std::optional<ConvAlgorithm> conv_algorithm = {};
};

/// What a session knows of its memory.
struct SessionMemory {
  std::size_t arena_bytes = 0;     ///< planned arenas, one for each shape kept and run at once
  std::size_t unshared_bytes = 0;  ///< what they would be if no two values shared memory
  /// Blocks that runs of known shapes asked for and that had no place in an arena, outputs aside.
  std::size_t unplanned_blocks = 0;
};

/// Runs a graph for inference: nothing is recorded on the tape. The batch size is free where the
/// graph says so. Once a shape has been run, runs of it allocate nothing but their outputs, which
/// come from the caching allocator.
///
/// Memory   planned for each of the shapes run last, as many as the options say; the one that was
///          not run for longest gives its memory back for a new one. A shape is all inputs' sizes
///          and strides, with precision and algorithm. Each has as many arenas as there were runs
///          of it at once.
///
/// Threads: `run` may be called by several threads at once; each has memory of its own.
class Session {
 public:
  /// Throws ParseError when the graph breaks its invariants or has an operator that Fovea lacks,
  /// ArgumentError for options outside their ranges.
  explicit Session(Graph graph, const SessionOptions& options = {});
  ~Session();
  Session(Session&&) noexcept;             ///< the other one may only be destroyed or assigned to
  Session& operator=(Session&&) noexcept;  ///< as the constructor

  /// The outputs for `inputs`, both in the graph's order.
  /// Throws   ArgumentError, DTypeError or ShapeError for inputs that the graph does not take.
  std::vector<Tensor> run(const std::vector<Tensor>& inputs) const;
  /// The only output for the only input.
  Tensor operator()(const Tensor& input) const;
  /// The outputs by name, for inputs by name. Throws ArgumentError for names that the graph does
  /// not have, and for missing ones.
  std::map<std::string, Tensor> run(const std::map<std::string, Tensor>& named) const;

  const std::vector<Value>& inputs() const;   ///< what run takes
  const std::vector<Value>& outputs() const;  ///< what run gives
  const Graph& graph() const;                 ///< the graph that runs, after the passes
  SessionMemory memory() const;               ///< arenas at this moment

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea::graph
