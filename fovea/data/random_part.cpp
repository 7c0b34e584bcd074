#include "fovea/data/random_part.h"

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"

namespace fovea::data {

namespace {

double between(std::uint32_t word, double low, double high) {
  return low + (high - low) * (static_cast<double>(word) * 0x1p-32);
}

/// A whole number in [0, count).
std::int64_t below(std::uint32_t word, std::int64_t count) {
  return static_cast<std::int64_t>(to_below({word, 0, 0, 0}, static_cast<std::uint64_t>(count)));
}

bool within(ImageSize size, ImageSize least, ImageSize most) {
  return size.height >= least.height && size.height <= most.height && size.width >= least.width &&
         size.width <= most.width;
}

}  // namespace

void check_ranges(const Range& scale, const Range& ratio, const char* transform) {
  check<ArgumentError>(scale.low >= 0 && scale.low <= scale.high && scale.high <= 1, transform,
                       ": scale expected a range within [0, 1], got [", scale.low, ", ", scale.high,
                       "]");
  check<ArgumentError>(ratio.low > 0 && ratio.low <= ratio.high && std::isfinite(ratio.high),
                       transform, ": ratio expected a finite range above 0, got [", ratio.low, ", ",
                       ratio.high, "]");
}

std::optional<ImagePart> draw_part(const SampleKeys& keys, std::size_t i, ImageSize image,
                                   const PartLimits& limits) {
  constexpr std::uint64_t kTries = 10;
  const double area = static_cast<double>(image.height) * static_cast<double>(image.width);
  for (std::uint64_t attempt = 0; attempt < kTries; ++attempt) {
    const auto words = keys.nested(attempt).draw(i);
    const double part = area * between(words[0], limits.scale.low, limits.scale.high);
    const double ratio =
        std::exp(between(words[1], std::log(limits.ratio.low), std::log(limits.ratio.high)));
    const ImageSize size(std::lrint(std::sqrt(part / ratio)), std::lrint(std::sqrt(part * ratio)));
    if (!within(size, limits.least, limits.most)) continue;
    return ImagePart{.top = below(words[2], image.height - size.height + 1),
                     .left = below(words[3], image.width - size.width + 1),
                     .size = size};
  }
  return std::nullopt;
}

}  // namespace fovea::data
