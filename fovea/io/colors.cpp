#include "fovea/io/colors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace fovea::io {

namespace {

using Color = std::array<double, 3>;

double share_in(double share, double least) {
  return std::isnan(share) ? 0.0 : std::clamp(share, least, 1.0);
}

/// On the straight line in sRGB between two colours.
Rgb between(const Color& from, const Color& to, double share) {
  Rgb color{};
  for (std::size_t c = 0; c < color.size(); ++c)
    color[c] = static_cast<std::uint8_t>(std::lround(from[c] + (to[c] - from[c]) * share));
  return color;
}

}  // namespace

Rgb heat_color(double share) {
  constexpr std::array<Color, 3> kStops = {{{247, 251, 255}, {107, 174, 214}, {8, 48, 107}}};
  const double at = share_in(share, 0) * 2;
  const std::size_t low = at < 1 ? 0 : 1;
  return between(kStops[low], kStops[low + 1], at - static_cast<double>(low));
}

Rgb signed_color(double share) {
  constexpr Color kBelow = {0, 95, 170}, kZero = {255, 255, 255}, kAbove = {200, 75, 0};
  const double at = share_in(share, -1);
  return between(kZero, at < 0 ? kBelow : kAbove, std::abs(at));
}

std::string hex_of(const Rgb& color) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = "#";
  for (const std::uint8_t byte : color) text += {kHex[byte >> 4], kHex[byte & 15]};
  return text;
}

std::string ink_on(const Rgb& color) {
  // Relative luminance (WCAG 2.1) with the gamma of 2.2; white and black are equally legible at
  // sqrt(1.05 * 0.05) - 0.05 = 0.179.
  const auto linear = [&](std::size_t c) { return std::pow(color[c] / 255.0, 2.2); };
  const double luminance = 0.2126 * linear(0) + 0.7152 * linear(1) + 0.0722 * linear(2);
  return luminance > 0.179 ? "#1f2328" : "#ffffff";
}

}  // namespace fovea::io
