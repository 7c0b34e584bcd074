// Pieces of the page of a run: text in its two languages, numbers, pictures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/io/pictures/image.h"

namespace fovea::train {

/// A text in the page's two languages, of which the style sheet shows one. Both are HTML.
std::string both(std::string_view english, std::string_view korean);
/// A class's name, a path, a setting: text that may hold anything, as HTML.
std::string escaped(std::string_view text);

/// "10,000".
std::string with_commas(std::int64_t number);
/// "90.32 %", whose parts stay on one line, as HTML.
std::string percent_text(double share, int digits = 2);
/// "0.2765": four digits after the point.
std::string four_digits(double number);
/// "45 s", "2 min 13 s", "3 h 5 min", for each language.
std::string duration(double seconds);

/// An `img` element with the picture in it. One of few pixels is drawn as squares.
/// Throws   DTypeError, ShapeError unless it is [1 or 3, h, w] u8.
std::string inline_image(const io::Image& image, std::string_view description);

}  // namespace fovea::train
