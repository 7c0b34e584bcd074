#include "fovea/graph/operators.h"

#include <algorithm>

namespace fovea::graph {

namespace {

using Family = std::span<const Operator> (*)();

constexpr Family kFamilies[] = {
    activation_operators, arithmetic_operators, constant_operators, convolution_operators,
    indexing_operators,   logic_operators,      matrix_operators,   norm_operators,
    pool_operators,       reduce_operators,     resize_operators,   shape_operators,
};

const Operator* find_in(std::span<const Operator> family, std::string_view op) {
  const auto found = std::ranges::find(family, op, &Operator::name);
  return found == family.end() ? nullptr : &*found;
}

/// f(). Operators are made of tensor operations, whose errors know nothing of nodes: those of the
/// types Es are thrown again in the name of the node `where`.
template <class... Es>
struct Naming {
  static Tensors call(std::string_view, const auto& f) { return f(); }
};

template <class E, class... Rest>
struct Naming<E, Rest...> {
  static Tensors call(std::string_view where, const auto& f) {
    try {
      return Naming<Rest...>::call(where, f);
    } catch (const E& error) {
      if (std::string_view(error.what()).starts_with(where)) throw;
      throw E(str(where, ": ", error.what()));
    }
  }
};

using NamingErrors =
    Naming<ArgumentError, DeviceError, DTypeError, IndexError, ShapeError, StateError>;

}  // namespace

const Operator* find_operator(std::string_view domain, std::string_view op) {
  if (domain == "fovea") return find_in(fused_operators(), op);
  if (!domain.empty() && domain != "ai.onnx") return nullptr;
  for (const Family family : kFamilies) {
    if (const Operator* found = find_in(family(), op)) return found;
  }
  return nullptr;
}

std::vector<std::string_view> operator_names() {
  std::vector<std::string_view> names;
  for (const Family family : kFamilies) {
    for (const Operator& entry : family()) names.push_back(entry.name);
  }
  std::ranges::sort(names);
  return names;
}

Run bind(const Node& node, int opset) {
  const NodeReader reader(node, opset);
  const Operator* entry = find_operator(node.domain, node.op);
  reader.require(entry != nullptr, "operator expected to be one that Fovea has, got ",
                 node.domain.empty() ? node.op : node.domain + "." + node.op);
  return [run = entry->bind(reader)](const Inputs& in) {
    return NamingErrors::call(in.where(), [&] { return run(in); });
  };
}

}  // namespace fovea::graph
