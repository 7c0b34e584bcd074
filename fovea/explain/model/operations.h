// What a value of a layer was made of: a walk for each kind of operation.
//
// To add an operation: a file in operations/ with a walk and a table of the names that it is for,
// and the table's line in FOVEA_OPERATION_WALKS. Nothing else: neither renderers nor who calls them
// know operations.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/explain/model/run.h"
#include "fovea/explain/walk.h"
#include "fovea/graph/operators/windows.h"

namespace fovea::explain {

/// A value of a layer's output.
struct Visit {
  const LayerRun& layer;  ///< what ran
  Shape index;            ///< of the value in the first output, a number a dimension
  double value;           ///< what the kernel computed

  /// Which input sample it belongs to.
  std::int64_t sample() const { return index.empty() ? 0 : index[0]; }
  /// Its place behind sample and channel.
  Shape at() const;
};

/// Throws IndexError unless `at` is empty or has a number for each dimension of the layer's output
/// behind sample and channel.
void check_place_count(const LayerRun& layer, const Shape& at);

/// How the value came about. What has no meaning stays null.
struct Account {
  Value window = {};               ///< what was read
  Value weights = {};              ///< what it was multiplied by
  Value bias = {};                 ///< what was added at last
  Value products = {};             ///< of window and weights, exact
  Value sum = {};                  ///< of the products, exact; without the bias
  Fields more = {};                ///< what else this kind of operation has
  std::vector<Block> blocks = {};  ///< for people
};

/// How far an operation looks, for receptive fields.
enum class Reach : std::uint8_t {
  kPlace,   ///< an output pixel sees the input's pixel at the same place, of any channels
  kWindow,  ///< it sees a window: OperationWalk::windows
  kAll,     ///< it sees everything, or there are no places any more
};

/// A product of those that the gradient of a weight, or of an input value, is the sum of.
struct GradientTerm {
  Shape at;               ///< of the output's gradient: sample, channel, place
  double activation = 0;  ///< what met the weight there; of an input value what it was weighed by
  double upstream = 0;    ///< gradient of the loss with respect to the output there
};

/// An operation that can be walked over.
struct OperationWalk {
  std::string_view name;          ///< the ONNX operator, or the type of a module that has none
  Account (*walk)(const Visit&);  ///< how a value came about
  Reach reach = Reach::kPlace;    ///< how far it looks
  /// Where its windows lie; null unless they lie in rows, all alike.
  graph::WindowPlaces (*windows)(const LayerRun&) = nullptr;
  /// The formula of the output's size with its numbers; null: there is none.
  std::optional<std::string> (*formula)(const LayerRun&) = nullptr;
  /// The terms of the gradient of element `index` of input `input`, a weight, given that of the
  /// output; null: not written out.
  std::vector<GradientTerm> (*terms)(const LayerRun&, std::size_t input, const Shape& index,
                                     const Tensor& upstream) = nullptr;
  /// The terms of the gradient of element `index` of its first input, given that of the output: one
  /// for each output value that reads the element. Null: not written out.
  std::vector<GradientTerm> (*input_terms)(const LayerRun&, const Shape& index,
                                           const Tensor& upstream) = nullptr;
};

/// The walk over a layer's operation. One that nobody has written says what went in and came out.
const OperationWalk& walk_of(const LayerRun& layer);

/// The tables: operations/NAME.cpp.
#define FOVEA_OPERATION_WALKS(ROW) \
  ROW(convolution)                 \
  ROW(conv_transpose)              \
  ROW(pool)                        \
  ROW(norm)                        \
  ROW(lrn)                         \
  ROW(linear)                      \
  ROW(softmax)                     \
  ROW(reduce)                      \
  ROW(resize)                      \
  ROW(two_operands)                \
  ROW(moved)                       \
  ROW(dropout)                     \
  ROW(function)
#define FOVEA_DECLARE_WALKS(name) std::span<const OperationWalk> name##_walks();
FOVEA_OPERATION_WALKS(FOVEA_DECLARE_WALKS)
#undef FOVEA_DECLARE_WALKS

}  // namespace fovea::explain
