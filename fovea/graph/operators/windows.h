// How kernels and windows move: the attributes that ONNX's convolutions and poolings share.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/graph/node_reader.h"

namespace fovea::graph {

/// Who chooses the borders.
enum class AutoPad : std::uint8_t {
  kNone,       ///< the attribute `pads`
  kSameUpper,  ///< as many outputs as strides fit the input; an odd element of border at the end
  kSameLower,  ///< the same; an odd element of border at the beginning
  kValid,      ///< no borders
};

/// Where windows lie, a number a spatial dimension.
struct WindowPlaces {
  Shape kernel;    ///< elements of a window
  Shape stride;    ///< from one window to the next
  Shape dilation;  ///< between the elements of a window
  Shape begin;     ///< border before the first element
  Shape end;       ///< border after the last element
  /// From a window's first element past its last one.
  std::int64_t reach(int dim) const { return dilation[dim] * (kernel[dim] - 1) + 1; }
};

/// The attributes kernel_shape, strides, dilations, pads and auto_pad of a node.
class Windows {
 public:
  /// Throws ParseError when an attribute has another length than the others, or a number out of
  /// range.
  explicit Windows(const NodeReader& node);

  const std::optional<Shape>& kernel() const { return kernel_; }  ///< the attribute kernel_shape
  AutoPad auto_pad() const { return auto_pad_; }                  ///< the attribute auto_pad

  /// The places for an input of these sizes [n, c, spatial...], with the borders that auto_pad
  /// means. Throws ShapeError when the sizes have another number of dimensions.
  WindowPlaces places(const Inputs& in, const Shape& input, const Shape& kernel) const;
  /// The same, with the borders as the attribute gives them: none with auto_pad.
  WindowPlaces given_places(const Inputs& in, const Shape& input, const Shape& kernel) const;

 private:
  std::optional<Shape> kernel_, stride_, dilation_, begin_, end_;
  AutoPad auto_pad_ = AutoPad::kNone;
};

/// Throws ParseError unless the values of attribute `name` are at least `least` and below 2^31, so
/// that products of two of them do not overflow.
void check_range(const NodeReader& node, std::string_view name,
                 std::span<const std::int64_t> values, std::int64_t least);

/// Cuts `total` in two: for SAME_UPPER the larger half is the second one, else the first.
void split_border(std::int64_t total, AutoPad auto_pad, std::int64_t& begin, std::int64_t& end);

/// The spatial sizes of [n, c, spatial...]. Throws ShapeError unless there are 1 to 3 of them.
Shape spatial_sizes(const Inputs& in, const Tensor& x);

}  // namespace fovea::graph
