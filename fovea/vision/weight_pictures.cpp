#include "fovea/vision/weight_pictures.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "fovea/core/error.h"
#include "fovea/io/colors.h"

namespace fovea::vision {

namespace {

/// The picture of a filter's weights [channels, height, width].
io::Image picture_of_weights(std::span<const float> weights, const Shape& sizes) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  const auto count = static_cast<std::size_t>(sizes[1] * sizes[2]);
  std::vector<std::uint8_t> pixels;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t i = 0; i < count; ++i) {
      const float weight = weights[sizes[0] == 3 ? channel * count + i : i];
      const float share = largest > 0 ? weight / largest : 0;
      pixels.push_back(sizes[0] == 3
                           ? static_cast<std::uint8_t>(std::lround(127.5F + 127.5F * share))
                           : io::signed_color(share)[channel]);
    }
  }
  return from_data(pixels, {3, sizes[1], sizes[2]}, Device());
}

}  // namespace

std::vector<io::Image> weight_pictures(const Tensor& filters) {
  const bool ok = filters.dim() == 4 && (filters.size(1) == 1 || filters.size(1) == 3);
  check<ShapeError>(ok, "weight_pictures: filters expected [k, 1, h, w] or [k, 3, h, w], got ",
                    filters.sizes());
  const std::vector<float> values = filters.to_vector<float>();
  const Shape sizes{filters.size(1), filters.size(2), filters.size(3)};
  const auto count = static_cast<std::size_t>(sizes.numel());
  std::vector<io::Image> pictures;
  for (std::size_t at = 0; at < values.size(); at += count)
    pictures.push_back(picture_of_weights({&values[at], count}, sizes));
  return pictures;
}

}  // namespace fovea::vision
