#include "fovea/models/ground.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "fovea/core/error.h"

namespace fovea::models {

std::vector<double> edge_brightness(const Tensor& images) {
  check<DTypeError>(images.dtype() == u8, "edge_brightness: images expected u8, got ",
                    images.dtype());
  check<ShapeError>(images.dim() == 4 && (images.size(0) == 0 || images.numel() > 0),
                    "edge_brightness: images expected [n, c, h, w] with pixels, got ",
                    images.sizes());
  const std::int64_t channels = images.size(1), height = images.size(2), width = images.size(3);
  const std::vector<std::uint8_t> pixels = images.to_vector<std::uint8_t>();
  std::vector<double> edges;
  for (std::int64_t image = 0; image < images.size(0); ++image) {
    std::int64_t sum = 0, count = 0;
    for (std::int64_t row = 0; row < channels * height; ++row) {
      const std::int64_t y = row % height;
      const std::int64_t step =
          y == 0 || y == height - 1 ? 1 : std::max<std::int64_t>(width - 1, 1);
      for (std::int64_t x = 0; x < width; x += step, ++count) {
        const std::int64_t at = (image * channels * height + row) * width + x;
        sum += pixels[static_cast<std::size_t>(at)];
      }
    }
    edges.push_back(static_cast<double>(sum) / static_cast<double>(count) / 255);
  }
  return edges;
}

Ground ground_of(const Tensor& images) {
  const std::vector<double> edges = edge_brightness(images);
  check<ShapeError>(!edges.empty(), "ground_of: images expected at least 1, got 0");
  const auto count = static_cast<double>(edges.size());
  Ground ground;
  for (const double edge : edges) ground.mean += edge / count;
  double squares = 0;
  for (const double edge : edges) squares += (edge - ground.mean) * (edge - ground.mean);
  ground.std = std::sqrt(squares / count);
  return ground;
}

std::optional<Ground> ground_of(const data::Dataset& dataset) {
  constexpr std::int64_t kLooks = 64;
  const std::int64_t size = dataset.size(), looks = std::min(kLooks, size);
  if (looks == 0) return {};
  std::vector<std::int64_t> samples;
  for (std::int64_t i = 0; i < looks; ++i) samples.push_back(i * size / looks);
  Tensor images;
  try {
    images = dataset.get_batch(samples).data;
  } catch (const Error&) {
    return {};
  }
  if (images.dtype() != u8 || images.dim() != 4 || images.numel() == 0) return {};
  return ground_of(images);
}

bool looks_swapped(double edge, const Ground& ground) {
  // No set of pictures is so even that a twentieth of the way from black to white means nothing.
  constexpr double kLeast = 0.05;
  const double distance = std::abs(edge - ground.mean);
  return distance > 4 * std::max(ground.std, kLeast) &&
         std::abs(1 - edge - ground.mean) <= distance / 2;
}

}  // namespace fovea::models
