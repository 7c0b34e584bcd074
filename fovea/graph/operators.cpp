#include "fovea/graph/operators.h"

#include <algorithm>

namespace fovea::graph {

namespace {

using Family = std::span<const Operator> (*)();

// The first that has an operator is asked: Relu, which takes whole numbers, is one of a family
// before it is a function's row.
constexpr Family kFamilies[] = {
    activation_operators, arithmetic_operators, constant_operators, convolution_operators,
    indexing_operators,   logic_operators,      matrix_operators,   norm_operators,
    pool_operators,       reduce_operators,     resize_operators,   shape_operators,
    function_operators,
};

const Operator* find_in(std::span<const Operator> family, std::string_view op) {
  const auto found = std::ranges::find(family, op, &Operator::name);
  return found == family.end() ? nullptr : &*found;
}

/// Throws `error` again as a Thrown that names the node `where`.
template <class Thrown>
[[noreturn]] void rethrow(std::string_view where, const Error& error) {
  const std::string_view text = error.what();
  throw Thrown(text.starts_with(where) ? std::string(text) : str(where, ": ", text));
}

/// f(). Operators are made of tensor operations, whose errors know nothing of nodes. To them an
/// attribute is an argument of the caller's; here it is the graph's.
Tensors call(std::string_view where, const auto& f) {
  try {
    return f();
  } catch (const DTypeError& error) {
    rethrow<DTypeError>(where, error);
  } catch (const IndexError& error) {
    rethrow<IndexError>(where, error);
  } catch (const ShapeError& error) {
    rethrow<ShapeError>(where, error);
  } catch (const DeviceError& error) {
    rethrow<DeviceError>(where, error);
  } catch (const NumericError& error) {
    rethrow<NumericError>(where, error);
  } catch (const Error& error) {
    rethrow<ParseError>(where, error);
  }
}

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
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Run bind_node(const Node& node, int opset, std::string_view file) {
  const NodeReader reader(node, opset, file);
  const Operator* entry = find_operator(node.domain, node.op);
  reader.require(entry != nullptr, "operator expected to be one that Fovea has, got ",
                 node.domain.empty() ? node.op : node.domain + "." + node.op);
  Run run = entry->bind(reader);
  if (node.domain.empty()) reader.require_no_others();
  // Those that have no name are not there.
  std::size_t outputs = node.outputs.size();
  while (outputs > 0 && node.outputs[outputs - 1].empty()) --outputs;
  return [run = std::move(run), outputs](const Inputs& in) {
    Tensors results = call(in.where(), [&] { return run(in); });
    check<ParseError>(results.size() >= outputs, in.where(), ": outputs expected at most ",
                      results.size(), ", got ", outputs);
    return results;
  };
}

}  // namespace fovea::graph
