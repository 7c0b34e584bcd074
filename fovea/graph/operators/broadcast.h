// How two operands of an elementwise operator meet: as in NumPy from operator set 7 on. Before it
// they had one shape, unless the attribute `broadcast` was set: then the second one's dimensions
// were those of the first from `axis` on, or its last ones.
#pragma once

#include <optional>
#include <utility>

#include "fovea/graph/node_reader.h"
#include "fovea/graph/operators/dtypes.h"

namespace fovea::graph {

/// True when a tensor of shape `from` can be repeated to shape `to`.
bool broadcasts_to(const Shape& from, const Shape& to);

/// See the head of this file.
class Broadcast {
 public:
  explicit Broadcast(const NodeReader& node);  ///< reads its attributes
  /// The second input, so that it broadcasts to the first as in NumPy.
  Tensor second(const Inputs& in) const;

 private:
  bool as_numpy_;
  bool allowed_;
  std::optional<std::int64_t> axis_;
};

/// The operands of a binary operator in a dtype that can be computed with.
class Operands {
 public:
  explicit Operands(const NodeReader& node) : broadcast_(node) {}  ///< reads its attributes
  /// Both inputs. Throws DTypeError when their dtypes differ.
  std::pair<Tensor, Tensor> get(const Inputs& in) const;

 private:
  Broadcast broadcast_;
};

/// An operator whose result has its operands' dtype.
template <Tensor (*f)(const Tensor&, const Tensor&)>
Run bind_binary(const NodeReader& node) {
  return [operands = Operands(node)](const Inputs& in) -> Tensors {
    const auto [a, b] = operands.get(in);
    return {f(a, b).to(in[0].dtype())};
  };
}

/// An operator whose result is bool.
template <Tensor (*f)(const Tensor&, const Tensor&)>
Run bind_test(const NodeReader& node) {
  return [operands = Operands(node)](const Inputs& in) -> Tensors {
    const auto [a, b] = operands.get(in);
    return {f(a, b)};
  };
}

}  // namespace fovea::graph
