#include "fovea/graph/operators/broadcast.h"

namespace fovea::graph {

bool broadcasts_to(const Shape& from, const Shape& to) {
  const int more = to.ndim() - from.ndim();
  if (more < 0) return false;
  for (int d = 0; d < from.ndim(); ++d) {
    if (from[d] != 1 && from[d] != to[d + more]) return false;
  }
  return true;
}

Broadcast::Broadcast(const NodeReader& node)
    : as_numpy_(node.opset() >= 7), allowed_(!as_numpy_ && node.integer("broadcast", 0) != 0) {
  if (!as_numpy_ && node.has("axis")) axis_ = node.integer("axis");
}

Tensor Broadcast::second(const Inputs& in) const {
  const Tensor &a = in[0], &b = in[1];
  if (as_numpy_) return b;
  if (!allowed_) {
    in.require(a.sizes() == b.sizes(), "operands expected of one shape, got ", a.sizes(), " and ",
               b.sizes(), " (attribute \"broadcast\" is 0)");
    return b;
  }
  const int most = a.dim() - b.dim();
  const std::int64_t axis = axis_ ? (*axis_ < 0 ? *axis_ + a.dim() : *axis_) : most;
  in.require(axis >= 0 && axis <= most, "axis expected to leave room for shape ", b.sizes(), " in ",
             a.sizes(), ", got ", axis);
  Shape sizes = b.sizes();
  while (axis + sizes.ndim() < a.dim()) sizes.push_back(1);
  in.require(broadcasts_to(sizes, a.sizes()),
             "second operand expected to broadcast to the first, got ", b.sizes(), " and ",
             a.sizes());
  return b.view(sizes);
}

std::pair<Tensor, Tensor> Operands::get(const Inputs& in) const {
  const Tensor &a = in[0], b = broadcast_.second(in);
  check<DTypeError>(a.dtype() == b.dtype(), in.where(), ": inputs expected of one dtype, got ",
                    a.dtype(), " and ", b.dtype());
  return {computable(a), computable(b)};
}

}  // namespace fovea::graph
