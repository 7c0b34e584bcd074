// The tape: the operations done on tensors that require grad, so that backward can walk them back.
//
// An operation calls `record` with its result, its inputs, what backward will need, and backward
// itself. Recording happens only while the thread's grad mode is on and an input requires grad;
// otherwise the result is returned as it is and nothing is kept. Backward frees each operation's
// saved values as soon as it is done with them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea {

/// True while operations of this thread are recorded.
bool grad_enabled();

/// True while backward walks this thread's tape: what runs then computes gradients.
bool in_backward();

/// Sets this thread's grad mode while it lives.
class GradMode {
 public:
  explicit GradMode(bool enabled);  ///< recording on, or off
  ~GradMode();
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool before_;
};

/// Nothing is recorded while it lives: `NoGrad no_grad;`.
class NoGrad : public GradMode {
 public:
  NoGrad() : GradMode(false) {}
};

/// What an operation's backward sees.
class Backward {
 public:
  /// What the backward of the recorded operation `node` sees. The tape's business.
  Backward(const Node& node, Tensor grad) : node_(node), grad_(std::move(grad)) {}
  /// Gradient of the result, of the result's sizes, with any strides.
  const Tensor& grad() const { return grad_; }
  /// Saved value `i`. Throws StateError when it was changed in place since.
  Tensor saved(std::size_t i) const;
  /// True when input `i` wants a gradient.
  bool needs(std::size_t i) const;
  /// Memory to write input `i`'s gradient to: its place in the leaf's buffer when nothing is there
  /// yet, else new. Contiguous, of the input's sizes.
  Tensor buffer(std::size_t i) const;

 private:
  const Node& node_;
  Tensor grad_;
};

/// Computes the gradients of an operation's inputs, in order; an undefined tensor where none is
/// wanted.
using BackwardFunction = std::function<Tensors(const Backward&)>;

/// Puts an operation on the tape and returns `output`, or just returns `output` when nothing needs
/// recording. `output` must be fresh (nobody else's handle), or a new view. The output itself may
/// be among `saved`.
Tensor record(std::string_view operation, Tensor output, const Tensors& inputs,
              const Tensors& saved, BackwardFunction backward);
/// True when record would keep something for these inputs.
bool is_recording(std::initializer_list<std::reference_wrapper<const Tensor>> inputs);

/// Gradients of `output` with respect to `inputs`, which keep their own grad as it is. An undefined
/// tensor for an input that output does not depend on. `gradient` may be left out when output has
/// one element.
Tensors grad(const Tensor& output, const Tensors& inputs, const Tensor& gradient = {},
             bool retain_graph = false);

/// One recorded operation, as a learner sees it.
struct TapeEntry {
  std::string operation;            ///< name
  Shape output;                     ///< sizes of the result
  std::vector<std::string> inputs;  ///< "leaf [3, 4]" or "#2 [3, 4]", the entry that made it
  std::vector<std::string> saved;   ///< "f32 [3, 4]": what backward will need
};
/// The operations behind `output`, first to last.
std::vector<TapeEntry> tape(const Tensor& output);
/// The tape as a table, an operation a line.
std::string tape_to_string(const Tensor& output);

/// Sums `gradient` over the dimensions along which a tensor of `sizes` was broadcast.
Tensor sum_to_size(const Tensor& gradient, const Shape& sizes);

/// Outcome of a gradient check.
struct GradCheck {
  bool ok = true;        ///< every derivative within tolerance
  double max_error = 0;  ///< largest |analytic - numeric|
  std::string message;   ///< the first failure, for people
};
/// Compares backward with central differences for every element of every input, for the scalar
/// sum(f(inputs) * r) with fixed random r. Inputs must be f64 leaves.
/// Numerics differences of step `step` err by O(step^2); tolerance: |a - n| <= atol + rtol |n|.
GradCheck check_gradients(const std::function<Tensor(const Tensors&)>& f, const Tensors& inputs,
                          double step = 1e-6, double atol = 1e-6, double rtol = 1e-5);

}  // namespace fovea
