#include "fovea/io/pixels.h"

#include <array>
#include <type_traits>
#include <vector>

namespace fovea::io {

namespace {

std::uint8_t grey_of(const std::array<std::uint8_t, 3>& rgb) {
  return static_cast<std::uint8_t>((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u) >>
                                   16);
}

/// `value`, of opacity `alpha`, laid over white.
std::uint8_t on_white(std::uint8_t value, unsigned alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

/// Calls `f(pixel, colours)` for each pixel; grey ones have one colour, thrice.
template <int kColours, bool kAlpha, class F>
void for_each_pixel(const PixelView& pixels, const F& f) {
  const std::int64_t count = pixels.height * pixels.width;
  const std::uint8_t* pixel = pixels.values;
  for (std::int64_t i = 0; i < count; ++i, pixel += pixels.next_pixel) {
    std::array<std::uint8_t, 3> colours{};
    for (int c = 0; c < 3; ++c) {
      const std::uint8_t value = pixel[kColours == 1 ? 0 : c * pixels.next_channel];
      colours[c] = kAlpha ? on_white(value, pixel[kColours * pixels.next_channel]) : value;
    }
    f(i, colours);
  }
}

template <class F>
void for_each_pixel(const PixelView& pixels, const F& f) {
  switch (pixels.channels) {
    case 1:
      return for_each_pixel<1, false>(pixels, f);
    case 2:
      return for_each_pixel<1, true>(pixels, f);
    case 3:
      return for_each_pixel<3, false>(pixels, f);
    default:
      return for_each_pixel<3, true>(pixels, f);
  }
}

}  // namespace

Tensor to_image(const PixelView& pixels, Channels channels) {
  const bool is_grey = pixels.channels <= 2;
  const std::int64_t count = pixels.height * pixels.width;
  const std::int64_t planes =
      channels == Channels::kGrey || (channels == Channels::kAsStored && is_grey) ? 1 : 3;
  std::vector<std::uint8_t> values(static_cast<std::size_t>(planes * count));
  if (planes == 3) {
    for_each_pixel(pixels, [&](std::int64_t i, const std::array<std::uint8_t, 3>& colours) {
      for (std::int64_t c = 0; c < 3; ++c) values[c * count + i] = colours[c];
    });
  } else if (is_grey) {
    for_each_pixel(pixels, [&](std::int64_t i, const auto& colours) { values[i] = colours[0]; });
  } else {
    for_each_pixel(pixels,
                   [&](std::int64_t i, const auto& colours) { values[i] = grey_of(colours); });
  }
  return from_data(values, {planes, pixels.height, pixels.width});
}

}  // namespace fovea::io
