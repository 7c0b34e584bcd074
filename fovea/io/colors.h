// Colours for numbers, which people tell apart whatever cones they lack.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace fovea::io {

/// Red, green and blue.
using Rgb = std::array<std::uint8_t, 3>;

/// From pale (0) to deep blue (1) for a share; values outside are clamped, NaN counts as 0.
Rgb heat_color(double share);
/// From blue (-1) over white (0) to orange (1); likewise.
Rgb signed_color(double share);
/// "#rrggbb".
std::string hex_of(const Rgb& color);
/// "#ffffff" or "#1f2328", whichever is legible on the colour.
std::string ink_on(const Rgb& color);

}  // namespace fovea::io
