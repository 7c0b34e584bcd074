// What operators see: a node's attributes, checked as they are read, and the inputs of a run.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/graph/graph.h"

namespace fovea::graph {

/// Reads the attributes of a node. Reading throws ParseError when an attribute is missing that has
/// no default, or is of another kind than asked for.
class NodeReader {
 public:
  /// `opset` is the version of the operators that the node was written for, `file` what its graph
  /// was read from, if it was.
  NodeReader(const Node& node, int opset, std::string_view file = {})
      : node_(node), opset_(opset), file_(file) {}

  const Node& node() const { return node_; }  ///< the node
  int opset() const { return opset_; }        ///< its operator set
  /// For messages: `Conv "conv1" (opset 17)`, or `Conv "conv1" (opset 17, model.onnx)`.
  std::string where() const;

  /// True when the attribute is there.
  bool has(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;  ///< an int that must be there
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;  ///< an int
  double real(std::string_view name, double otherwise) const;                 ///< a float
  std::string text(std::string_view name, std::string_view otherwise) const;  ///< a string
  std::vector<std::int64_t> ints(std::string_view name) const;  ///< ints that must be there
  /// Ints, or `otherwise`.
  std::vector<std::int64_t> ints(std::string_view name, std::vector<std::int64_t> otherwise) const;
  std::vector<double> reals(std::string_view name) const;  ///< floats that must be there
  Tensor tensor(std::string_view name) const;              ///< a tensor that must be there

  /// Names attributes that the operator has and that change nothing here.
  void pass_over(std::initializer_list<std::string_view> names) const;
  /// Throws ParseError when the node has an attribute that nobody has asked for or passed over: its
  /// operator does not have it. Names that begin with two underscores are the exporter's own, as to
  /// ONNX's checker.
  void require_no_others() const;

  /// Throws ParseError, naming the node, unless `ok`.
  template <class... Parts>
  void require(bool ok, const Parts&... parts) const {
    check<ParseError>(ok, where(), ": ", parts...);
  }

 private:
  template <class T>
  const T* find(std::string_view name, std::string_view kind) const;

  const Node& node_;
  int opset_;
  std::string_view file_;
  mutable std::set<std::string, std::less<>> known_;  // names that were asked for
};

/// The inputs of an operation in a run. `where` names the node in messages.
class Inputs {
 public:
  /// `values` hold an undefined tensor for an input that was left out.
  Inputs(std::span<const Tensor> values, std::string_view where) : values_(values), where_(where) {}

  std::size_t size() const { return values_.size(); }  ///< how many, left out ones included
  /// True when input `i` is there.
  bool has(std::size_t i) const { return i < values_.size() && values_[i].defined(); }
  /// Input `i`. Throws ParseError when it is not there.
  const Tensor& operator[](std::size_t i) const;
  /// Input `i`, or an undefined tensor.
  Tensor optional(std::size_t i) const { return has(i) ? values_[i] : Tensor(); }
  /// The whole numbers in input `i`, which must be there.
  std::vector<std::int64_t> ints(std::size_t i) const;
  std::span<const Tensor> all() const { return values_; }  ///< every input
  std::string_view where() const { return where_; }        ///< the node, for messages

  /// Throws ShapeError, naming the node, unless `ok`.
  template <class... Parts>
  void require(bool ok, const Parts&... parts) const {
    check<ShapeError>(ok, where_, ": ", parts...);
  }

 private:
  std::span<const Tensor> values_;
  std::string_view where_;
};

/// Computes a node's outputs. It may be called by several threads at once.
using Run = std::function<Tensors(const Inputs&)>;

/// Numbers that an operator takes as an attribute in older operator sets and as an input in newer
/// ones, such as the axes of a reduction: from input `i` if it is there, else from the attribute.
/// Nothing when neither is.
class AttributeOrInput {
 public:
  /// Reads the attribute. Throws ParseError when it is of another kind.
  AttributeOrInput(const NodeReader& node, std::string_view attribute, std::size_t input);
  /// The numbers in this run.
  std::optional<std::vector<std::int64_t>> get(const Inputs& in) const;

 private:
  std::optional<std::vector<std::int64_t>> attribute_;
  std::size_t input_;
};

}  // namespace fovea::graph
