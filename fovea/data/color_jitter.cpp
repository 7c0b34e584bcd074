#include "fovea/data/color_jitter.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"

namespace fovea::data {

namespace {

const char* name_of(ColorProperty property) {
  constexpr const char* kNames[] = {"brightness", "contrast", "saturation", "hue"};
  return kNames[static_cast<std::size_t>(property)];
}

}  // namespace

ColorJitter::ColorJitter(const ColorJitterOptions& options) {
  add(ColorProperty::kBrightness, options.brightness);
  add(ColorProperty::kContrast, options.contrast);
  add(ColorProperty::kSaturation, options.saturation);
  add(ColorProperty::kHue, options.hue);
}

void ColorJitter::add(ColorProperty property, const JitterAmount& amount) {
  const bool is_hue = property == ColorProperty::kHue;
  const double center = is_hue ? 0 : 1;
  Range range;
  if (const double* by = std::get_if<double>(&amount)) {
    check<ArgumentError>(*by >= 0, "ColorJitter: ", name_of(property), " expected at least 0, got ",
                         *by);
    range = {.low = center - *by, .high = center + *by};
    if (!is_hue) range.low = std::max(range.low, 0.0);
  } else {
    range = std::get<Range>(amount);
  }
  const bool ok =
      is_hue ? range.low >= -0.5 && range.high <= 0.5 : range.low >= 0 && std::isfinite(range.high);
  check<ArgumentError>(ok && range.low <= range.high, "ColorJitter: ", name_of(property),
                       " expected a range within ", is_hue ? "[-0.5, 0.5]" : "[0, inf)", ", got [",
                       range.low, ", ", range.high, "]");
  if (range.low != center || range.high != center) draws_.push_back({property, range});
}

ColorSteps ColorJitter::steps(const SampleKeys& keys, std::size_t i) const {
  const auto factors = keys.nested(0).draw(i);
  const auto places = keys.nested(1).draw(i);
  ColorSteps steps;
  for (std::size_t k = 0; k < draws_.size(); ++k) {
    const auto& [property, range] = draws_[k];
    const double share = static_cast<double>(factors[k]) * 0x1p-32;
    steps.push_back({property, range.low + (range.high - range.low) * share});
  }
  // Fisher and Yates: every order is as likely.
  for (std::size_t k = steps.size(); k > 1; --k)
    std::swap(steps[k - 1], steps[to_below({places[k - 1], 0, 0, 0}, k)]);
  return steps;
}

Tensor ColorJitter::operator()(const Tensor& batch, const SampleKeys& keys) const {
  std::vector<ColorSteps> all;
  all.reserve(keys.indices.size());
  for (std::size_t i = 0; i < keys.indices.size(); ++i) all.push_back(steps(keys, i));
  check<ArgumentError>(batch.dim() == 0 || static_cast<std::int64_t>(all.size()) == batch.size(0),
                       "ColorJitter: keys expected for ", batch.sizes(), ", got ", all.size());
  return adjust_colors(batch, all);
}

}  // namespace fovea::data
