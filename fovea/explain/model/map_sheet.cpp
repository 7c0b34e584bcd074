#include "fovea/explain/model/map_sheet.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/colors.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

std::uint8_t byte_of(double share) {
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(share, 0.0, 1.0)));
}

/// Which value is drawn how: shares of the range, or of the largest size.
class Scale {
 public:
  Scale(const std::vector<double>& values, MapSheetOptions::Look look) : look_(look) {
    double least = std::numeric_limits<double>::infinity(), largest = -least;
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      least = std::min(least, value);
      largest = std::max(largest, value);
    }
    if (look == MapSheetOptions::Look::kSigns) {
      largest = std::max(std::abs(least), std::abs(largest));
      least = 0;
    }
    if (!(largest > least) || !std::isfinite(largest - least)) return;
    least_ = least;
    range_ = largest - least;
  }
  io::Rgb colour(double value) const {
    if (!std::isfinite(value)) return {0, 0, 0};
    const double share = range_ > 0 ? (value - least_) / range_ : 0;
    if (look_ == MapSheetOptions::Look::kSigns) return io::signed_color(share);
    const std::uint8_t grey = byte_of(share);
    return {grey, grey, grey};
  }

 private:
  MapSheetOptions::Look look_;
  double least_ = 0, range_ = 0;
};

/// A map with blocks of cells averaged, so that no side is longer than `side`.
Tensor shrunk(const Tensor& map, std::int64_t side) {
  const std::int64_t height = map.size(0), width = map.size(1);
  const std::int64_t factor = (std::max(height, width) + side - 1) / side;
  if (factor <= 1) return map;
  // Whole blocks: a rest at the ends, less than one block, is left out.
  const std::int64_t rows = std::max<std::int64_t>(height / factor, 1);
  const std::int64_t columns = std::max<std::int64_t>(width / factor, 1);
  const std::int64_t tall = std::min(factor, height), wide = std::min(factor, width);
  return map.narrow(0, 0, rows * tall)
      .narrow(1, 0, columns * wide)
      .contiguous()
      .view({rows, tall, columns, wide})
      .mean({1, 3});
}

}  // namespace

MapSheet map_sheet(const Tensor& maps, const MapSheetOptions& options) {
  const NoGrad no_grad;
  check<ShapeError>(maps.dim() == 3 && maps.numel() > 0,
                    "explain: maps expected [maps, height, width], got ", maps.sizes());
  check<ArgumentError>(options.from >= 0 && options.from < maps.size(0),
                       "explain: first map expected in 0 to ", maps.size(0) - 1, ", got ",
                       options.from);
  check<ArgumentError>(options.count >= 1, "explain: maps expected at least 1, got ",
                       options.count);
  check<ArgumentError>(options.side >= 1, "explain: side of a map expected at least 1, got ",
                       options.side);
  MapSheet sheet{.image = {}, .count = std::min(options.count, maps.size(0) - options.from)};
  sheet.columns = std::min<std::int64_t>(
      sheet.count,
      static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(sheet.count)))));
  sheet.rows = (sheet.count + sheet.columns - 1) / sheet.columns;
  const Tensor first = shrunk(maps.select(0, options.from), options.side);
  sheet.height = first.size(0);
  sheet.width = first.size(1);
  const std::size_t channels = options.look == MapSheetOptions::Look::kSigns ? 3 : 1;
  const std::int64_t stride = sheet.columns * sheet.width;
  const auto plane = static_cast<std::size_t>(sheet.rows * sheet.height * stride);
  std::vector<std::uint8_t> pixels(channels * plane, 0);
  for (std::int64_t i = 0; i < sheet.count; ++i) {
    const std::vector<double> values =
        shrunk(maps.detach().select(0, options.from + i), options.side).to_vector<double>();
    const Scale scale(values, options.look);
    const std::int64_t top = i / sheet.columns * sheet.height;
    const std::int64_t left = i % sheet.columns * sheet.width;
    for (std::int64_t k = 0; k < sheet.height * sheet.width; ++k) {
      const io::Rgb colour = scale.colour(values[static_cast<std::size_t>(k)]);
      const auto at =
          static_cast<std::size_t>((top + k / sheet.width) * stride + left + k % sheet.width);
      for (std::size_t c = 0; c < channels; ++c) pixels[c * plane + at] = colour[c];
    }
  }
  sheet.image = from_data(
      pixels, {static_cast<std::int64_t>(channels), sheet.rows * sheet.height, stride}, cpu);
  return sheet;
}

}  // namespace fovea::explain
