#include "fovea/data/random_erasing.h"

#include <cmath>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"

namespace fovea::data {

RandomErasing::RandomErasing(RandomErasingOptions options) : options_(std::move(options)) {
  check<ArgumentError>(options_.p >= 0 && options_.p <= 1,
                       "RandomErasing: p expected in [0, 1], got ", options_.p);
  check_ranges(options_.scale, options_.ratio, "RandomErasing");
  check<ArgumentError>(!options_.value.empty(),
                       "RandomErasing: value expected at least 1 number, got 0");
  for (const double value : options_.value)
    check<ArgumentError>(std::isfinite(value), "RandomErasing: value expected finite, got ", value);
}

Shape RandomErasing::result(const Shape& batch) const {
  const auto values = static_cast<std::int64_t>(options_.value.size());
  check<ShapeError>(values == 1 || values == batch[1], "RandomErasing: batch expected ", values,
                    " channels, as many as values, got ", batch);
  return batch;
}

std::optional<ImagePart> RandomErasing::part(const SampleKeys& keys, std::size_t i,
                                             ImageSize image) const {
  const auto words = keys.draw(i);
  if (to_unit_double(words[0], words[1]) >= options_.p) return std::nullopt;
  // The ratio is height / width here, and its inverse there. Whole sides are never taken.
  return draw_part(keys, i, image,
                   {.scale = options_.scale,
                    .ratio = {.low = 1 / options_.ratio.high, .high = 1 / options_.ratio.low},
                    .least = 0,
                    .most = {image.height - 1, image.width - 1}});
}

void RandomErasing::place(const SampleKeys& keys, std::size_t i, SampleWindow& window) const {
  if (const auto lost = part(keys, i, window.size()))
    window.erase(lost->top, lost->left, lost->size);
}

}  // namespace fovea::data
