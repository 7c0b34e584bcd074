// Padding with a constant or with values of the tensor itself, and cropping.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea {

/// What pad writes around a tensor. `1 2 3 4`, padded by two at both ends:
enum class PadMode : std::uint8_t {
  kConstant,   ///< 0 0 1 2 3 4 0 0
  kReflect,    ///< 3 2 1 2 3 4 3 2: mirrored, without the edge, there and back again
  kReplicate,  ///< 1 1 1 2 3 4 4 4: the edge again and again
  kCircular,   ///< 3 4 1 2 3 4 1 2: from the other end, again and again
};

/// Pads the last dimensions of a tensor.
///
/// Shapes   pads = {before, after} of the last dimension, then of the one before it, and so on, as
///          in PyTorch. A negative number crops (kConstant only).
/// Throws   ArgumentError when pads are odd in number or negative in another mode than kConstant;
///          ShapeError when they are more than x has dimensions, crop more than there is, or pad an
///          empty dimension in another mode than kConstant.
/// Source   ONNX Pad, opset 18 (constant, reflect, edge), opset 19 (wrap).
Tensor pad(const Tensor& x, const std::vector<std::int64_t>& pads,
           PadMode mode = PadMode::kConstant, double value = 0);

/// Pads with the one element of `value`, which has x's dtype and gets no gradient: every digit of a
/// whole number that a double would round. Throws   DTypeError for another dtype, ShapeError for
/// more elements, and as pad.
Tensor pad(const Tensor& x, const std::vector<std::int64_t>& pads, const Tensor& value);

}  // namespace fovea
