// A model's run, operation by operation: every layer with what went in and what came out, as the
// kernels left it.
//
// Layers are modules without children, by their dotted names ("layer1.0"; "pool", "pool_1" for one
// that runs twice), and operations that no such module does, by the names that graph::trace gives
// them ("add", "add_1"). Of an imported ONNX model they are its nodes, by their names. While
// somebody looks on nn::Sequential and graph::GraphModule join nothing: the run is unfused, and its
// numbers may differ from a fused one's in their last bits.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fovea/graph/graph.h"
#include "fovea/nn/module.h"
#include "fovea/tensor/trace.h"

namespace fovea::explain {

/// What LayerRun::sources calls the model's input.
inline constexpr const char* kInputName = "input";

/// A layer that ran.
struct LayerRun {
  std::string name;             ///< "layer1.0"; see the head of this file
  std::string type;             ///< the module's ("Conv2d"), or the ONNX operator
  std::string op;               ///< the ONNX operator; empty: it has no such form, or several parts
  Tensors inputs;               ///< as the operator takes them, weights too; undefined: left out
  Tensors outputs;              ///< what it gave; on the tape when grad mode is on
  Attributes attributes = {};   ///< the operator's
  int opset = kTracedOpset;     ///< the version of ONNX's operators
  std::vector<LayerRun> parts;  ///< what a module of several operations did: "act.sigmoid", ...
  /// Whose outputs it reads: names of layers, and kInputName for what the model was given, each
  /// once. What only moves a value on without being a layer is looked through. Of parts empty.
  std::vector<std::string> sources = {};
  /// From the end of the operation before it to its own end: the kernel and what calls it, without
  /// this recording. So the layers' sum is the run's time. A run on the tape is slower by what the
  /// tape saves, and a first run by what kernels prepare for its shapes.
  double milliseconds = 0;
  std::int64_t parameters = 0;  ///< values that are trained, counted with the first who uses them

  /// The first output.
  const Tensor& output() const { return outputs.at(0); }
  /// As a node of a graph, for who reads attributes (graph::NodeReader).
  graph::Node node() const;
};

/// A run.
struct ModelRun {
  Tensor input;                  ///< what the model was given
  Tensor output;                 ///< what it gave
  std::vector<LayerRun> layers;  ///< in the order in which they ran

  double milliseconds() const;  ///< of all layers
};

/// Runs `module` on `x` in the mode that it is in, recorded on the tape when grad mode is on. Of
/// layers those are kept whose output depends on x and has floating-point elements. `forward` is
/// called instead of module(x) where it is given (nn::training_scores), unless the module is a
/// graph, and returns the output.
/// A graph that takes a fixed number of samples at once is given zeros for those that are missing.
/// Throws   what the module throws.
ModelRun run_model(nn::Module& module, const Tensor& x,
                   const std::function<Tensor()>& forward = {});

/// Multiply-adds of a layer for one sample: of convolutions and fully connected layers; 0 for
/// others (models/model_cost.h).
std::int64_t multiply_adds_of(const LayerRun& layer);

/// run_model in evaluation mode, after which each part is in its own mode again.
ModelRun evaluate_model(nn::Module& module, const Tensor& x);

/// The layer called `name`, or a part of one.
/// Throws   ArgumentError, listing near ones, when there is none.
const LayerRun& find_layer(const ModelRun& run, const std::string& name);

/// Puts a module into a mode while it lives, and afterwards each of its parts back into its own.
class ModeScope {
 public:
  ModeScope(nn::Module& module, bool training);  ///< from now on
  ~ModeScope();
  ModeScope(const ModeScope&) = delete;
  ModeScope& operator=(const ModeScope&) = delete;

 private:
  std::vector<std::pair<nn::Module*, bool>> before_;
};

}  // namespace fovea::explain
