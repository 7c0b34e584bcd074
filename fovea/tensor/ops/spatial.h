// Options that hold one number a spatial dimension, and the arithmetic of sliding windows: shared
// by convolution and pooling in 1, 2 and 3 dimensions.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>

#include "fovea/core/shape.h"

namespace fovea {

/// One number a spatial dimension, or one number for all: `{.stride = 2}`, `{.stride = {2, 1}}`.
class PerDim {
 public:
  /// Not given: empty() is true.
  PerDim() = default;
  /// The same number for every dimension.
  template <std::integral T>
  PerDim(T value) : values_{static_cast<std::int64_t>(value)} {}
  /// One number a dimension, first to last; a single one means all. Throws ShapeError beyond
  /// kMaxDims.
  PerDim(std::initializer_list<std::int64_t> values) : values_(values) {}
  /// The numbers of a Shape.
  PerDim(const Shape& values) : values_(values) {}

  /// True when no number was given.
  bool empty() const { return values_.empty(); }
  /// The numbers as they were given.
  const Shape& values() const { return values_; }
  /// One number for each of `spatial` dimensions. Throws ArgumentError naming `operation` and the
  /// option `name` when there are neither 1 nor `spatial` numbers, or one is below `least`.
  Shape expand(int spatial, const char* operation, const char* name, std::int64_t least) const;
  bool operator==(const PerDim&) const = default;  ///< given alike

 private:
  Shape values_;
};

/// Prints "3" or "[2, 1]", as given.
std::ostream& operator<<(std::ostream& out, const PerDim& value);

/// Padding of a convolution: numbers (`1`, `{1, 0}`: as many zeros at both ends), "same" or
/// "valid".
class Padding {
 public:
  /// The zeros before and after each spatial dimension.
  struct Amounts {
    Shape begin;  ///< before the first element
    Shape end;    ///< after the last element
  };

  /// No padding.
  Padding() = default;
  /// As much at both ends of every dimension.
  template <std::integral T>
  Padding(T value) : begin_(value), end_(value) {}
  /// As much at both ends, a dimension each.
  Padding(std::initializer_list<std::int64_t> values) : begin_(values), end_(values) {}
  /// As much at both ends.
  Padding(const PerDim& values) : begin_(values), end_(values) {}
  /// As much at both ends.
  Padding(const Shape& values) : begin_(values), end_(values) {}
  /// Other amounts before than after, as ONNX allows.
  Padding(const PerDim& begin, const PerDim& end) : begin_(begin), end_(end) {}
  /// "same": the output is as large as the input (stride 1 only; an odd zero comes last). "valid":
  /// none. Other modes are refused by resolve.
  Padding(const char* mode) : mode_(mode) {}
  /// See the constructor from a literal.
  Padding(const std::string& mode) : mode_(mode) {}

  /// "same" or "valid"; empty when numbers were given.
  const std::string& mode() const { return mode_; }
  /// The amounts for a kernel of the given geometry (all of one length). Throws ArgumentError
  /// naming `operation` when the mode is unknown, "same" meets a stride, or an amount is negative.
  Amounts resolve(const char* operation, const Shape& kernel_size, const Shape& stride,
                  const Shape& dilation) const;

 private:
  PerDim begin_ = 0;
  PerDim end_ = 0;
  std::string mode_;
};

/// Output size of a window that slides along one dimension.
///
/// Formula  floor((input + padding - dilation (kernel - 1) - 1) / stride) + 1, `padding` being the
///          sum of both ends.
/// Returns  0 when the window does not fit.
/// Throws   ShapeError on overflow.
std::int64_t sliding_output_size(std::int64_t input, std::int64_t kernel, std::int64_t stride,
                                 std::int64_t padding, std::int64_t dilation);

}  // namespace fovea
