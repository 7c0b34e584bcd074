// Formulas of sizes with their numbers, as the textbook writes them.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/core/shape.h"
#include "fovea/graph/operators/windows.h"

namespace fovea::explain {

/// Whether a formula has a term for borders of 0.
enum class PaddingShown : std::uint8_t {
  kAlways,  ///< as a convolution's: "(28 - 3 + 2x0) / 1 + 1 = 26"
  kNonzero  ///< as a pooling's: "(28 - 2) / 2 + 1 = 14"
};

/// The sizes of what windows give: "(28 - 3 + 2x1) / 1 + 1 = 28", one formula for all dimensions
/// where they are alike, else one each. A division that leaves a rest is rounded: "floor(...)", and
/// "ceil(...)" where the result says so.
/// Shapes   input [n, c, spatial...], output likewise.
std::string window_formula(const graph::WindowPlaces& places, const Shape& input,
                           const Shape& output, PaddingShown padding);

/// "64x6x6 = 2304": sizes from dimension `from` on, multiplied.
std::string product_formula(const Shape& sizes, int from);

}  // namespace fovea::explain
