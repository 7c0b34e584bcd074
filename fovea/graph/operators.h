// The operators that graphs may hold. Each is a function that reads a node's attributes once and
// returns what computes its outputs, by operations on tensors: so gradients, layouts and devices
// are theirs.
//
// To add one: a function and a row in the table of its family's file in operators/; nothing else.
// A function of one element is there as soon as its row in kernels/functions.h names the operator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fovea/graph/node_reader.h"

namespace fovea::graph {

/// Where the dtype of an operator's first result comes from.
struct ResultDType {
  std::size_t input = 0;            ///< it is that of this input,
  std::optional<DType> dtype = {};  ///< unless this says which it is,
  /// or a node has this attribute, which is a tensor of it or its number in ONNX. Null: there is no
  /// such attribute; the input is not asked where there is one.
  const char* attribute = nullptr;
};

/// Inputs of an operator.
struct InputRange {
  std::size_t first = 0;  ///< the first of them
  std::size_t end = 0;    ///< one behind the last
  /// True for one of them.
  constexpr bool has(std::size_t input) const { return input >= first && input < end; }
};

/// What an operator's results hold.
enum class Results : std::uint8_t {
  kComputed,  ///< what is computed from its inputs
  kReshaped,  ///< the elements of its first input, in another shape or dtype
  kOfShape,   ///< something of its inputs' shapes, whatever their elements are
};

/// An operator.
struct Operator {
  std::string_view name;  ///< as in ONNX: "Conv"
  /// Reads a node. Throws ParseError when the node cannot be what the operator's definition says.
  Run (*bind)(const NodeReader& node);
  /// True when gradients flow from its outputs to its floating-point inputs.
  bool differentiable = true;
  /// False when equal inputs may give different outputs: it draws random numbers.
  bool deterministic = true;
  ResultDType dtype = {};   ///< of the first result
  InputRange numbers = {};  ///< inputs read for their numbers, as shapes, axes and limits are
  InputRange learnt = {};   ///< inputs that layers learn, or may learn
  Results results = Results::kComputed;  ///< what they hold
};

/// The operator of a node of this domain and name; null when Fovea does not have it.
const Operator* find_operator(std::string_view domain, std::string_view op);
/// Names of all operators of ONNX that Fovea has, sorted.
std::vector<std::string_view> operator_names();

/// What runs `node` of a graph that was read from `file`, if it was; its errors name all of them.
///
/// Throws   ParseError when Fovea does not have the operator, or when attributes are not what its
///          definition says. What the result throws: ShapeError, DTypeError or IndexError for
///          inputs that do not go with the node, ParseError for everything else, since arguments of
///          an operation that are no inputs are the graph's.
Run bind_node(const Node& node, int opset, std::string_view file = {});

// The families: operators/NAME.cpp.
std::span<const Operator> activation_operators();   ///< Relu, Softmax, Dropout, ...
std::span<const Operator> arithmetic_operators();   ///< Add, Pow, Clip, Cast, ...
std::span<const Operator> constant_operators();     ///< Constant, Range, Shape, ...
std::span<const Operator> convolution_operators();  ///< Conv, ConvTranspose
std::span<const Operator> fused_operators();        ///< Fovea's own: what the fusing pass makes
std::span<const Operator> function_operators();     ///< Exp, Sigmoid, ...: functions of one element
std::span<const Operator> indexing_operators();     ///< Slice, Gather, Split, Pad, ...
std::span<const Operator> logic_operators();        ///< Equal, And, Where, ...
std::span<const Operator> matrix_operators();       ///< Gemm, MatMul
std::span<const Operator> norm_operators();         ///< BatchNormalization, LRN, ...
std::span<const Operator> pool_operators();         ///< MaxPool, GlobalAveragePool, ...
std::span<const Operator> reduce_operators();       ///< ReduceMean, ArgMax, ...
std::span<const Operator> resize_operators();       ///< Resize
std::span<const Operator> shape_operators();        ///< Reshape, Transpose, Concat, ...

}  // namespace fovea::graph
