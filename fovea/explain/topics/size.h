// How large the output of a window that slides is: the formula with its numbers put in.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/explain/walk.h"
#include "fovea/tensor/ops/spatial.h"

namespace fovea::explain {

/// A window's way along one dimension.
struct WindowWay {
  std::int64_t input;              ///< numbers there are
  std::int64_t kernel;             ///< numbers in the window
  std::int64_t stride = 1;         ///< step of the window
  std::int64_t padding_begin = 0;  ///< zeros before the first
  std::int64_t padding_end = 0;    ///< zeros after the last
  std::int64_t dilation = 1;       ///< distance of neighbours in the window
};

/// What stands in the formula for a padding of 0.
enum class NoPadding : std::uint8_t {
  kWritten,  ///< " + 2x0", as for convolutions
  kLeftOut,  ///< nothing, as for pooling
};

/// The size formula with its numbers: "(6 - 3 + 2x0) / 1 + 1 = 4", and where it does not divide
/// "floor((7 - 2 + 2x0) / 2) + 1 = 3". A dilated kernel is as long as it reaches:
/// "(6 - (2x(3 - 1) + 1) + 2x0) / 1 + 1 = 2".
/// Throws   ArgumentError when a number is below what it can be; ShapeError on overflow and when
///          the window does not fit.
std::string size_formula(const WindowWay& way, NoPadding none = NoPadding::kWritten);

/// What dimension number `dimension` of `dims` is called: "depth", "height", "width", or "length"
/// where there is only one.
/// Requires 0 <= dimension < dims <= 3.
Text dimension_name(int dimension, int dims);

/// Options of walk_size.
struct SizeTopic {
  PerDim input = {6, 6};     ///< sizes, a dimension each
  PerDim kernel_size = 3;    ///< of the window
  PerDim stride = 1;         ///< step of the window
  Padding padding = 0;       ///< numbers, "same" or "valid"
  PerDim dilation = 1;       ///< distance of neighbours in the window
  std::int64_t filters = 1;  ///< of a convolution; 0: pooling, which leaves the channels
};

/// The sizes of a convolution's or a pooling's output, and how padding "same" comes about.
///
/// Throws   ArgumentError, ShapeError for options that no window has.
Walk walk_size(const SizeTopic& topic = {});

}  // namespace fovea::explain
