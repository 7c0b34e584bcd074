// Reads the arguments of a layer in a list: their kinds are checked, and none may be left over.
// Library internal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/shape.h"
#include "fovea/models/layer_list.h"
#include "fovea/tensor/ops/spatial.h"

namespace fovea::models {

/// The arguments of one layer. Each method reads one, so that finish() knows which the layer has.
/// Throws   ParseError, naming layer, argument and line, from every method when the argument is of
///          another kind, or missing and has no fallback.
class LayerReader {
 public:
  /// `table` must outlive the reader; `input` has no batch.
  LayerReader(const LayerTable& table, const Shape& input, std::int64_t num_classes)
      : table_(table), input_(input), num_classes_(num_classes) {}

  const Shape& input() const { return input_; }  ///< sizes of what the layer sees
  /// A whole number.
  std::int64_t integer(const char* name, std::optional<std::int64_t> fallback = {});
  /// A number.
  double number(const char* name, double fallback);
  /// True or false.
  bool flag(const char* name, bool fallback);
  /// A whole number, or a list of one for each dimension.
  PerDim per_dim(const char* name, std::optional<PerDim> fallback = {});
  /// As per_dim, or "same" or "valid".
  Padding padding();
  /// A whole number, or "num_classes".
  std::int64_t outputs(const char* name);
  /// What follows from the input. Throws ShapeError when it is given and is another number.
  std::int64_t inferred(const char* name, std::int64_t value);
  /// Throws ShapeError, with `advice`, unless the input has `dims` dimensions.
  void expect_dims(int dims, const std::string& advice);
  /// Throws ParseError when there is an argument that nobody has read.
  void finish() const;

 private:
  template <class T>
  std::optional<T> find(const char* name, const char* kind);
  [[noreturn]] void fail(const char* name, const char* kind, const std::string& got) const;
  template <class T>
  T required(const char* name, const char* kind, std::optional<T> value) const;

  const LayerTable& table_;
  Shape input_;
  std::int64_t num_classes_;
  std::vector<std::string> known_ = {"type", "name"};
};

}  // namespace fovea::models
