#include "fovea/explain/model/heat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/resize.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

std::uint8_t level_of(double share) {
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(share, 0.0, 1.0)));
}

/// Red, green and blue of a share in [0, 1]: each begins where the one before is full.
std::array<double, 3> heat_color(double share) {
  return {std::clamp(3 * share, 0.0, 1.0), std::clamp(3 * share - 1, 0.0, 1.0),
          std::clamp(3 * share - 2, 0.0, 1.0)};
}

/// The values as shares of the largest; 0 where none is above 0.
std::vector<double> shares_of(const Tensor& map) {
  std::vector<double> shares = map.detach().to_vector<double>();
  double largest = 0;
  for (const double value : shares) largest = std::max(largest, value);
  for (double& value : shares) value = largest > 0 ? std::max(value, 0.0) / largest : 0;
  return shares;
}

}  // namespace

io::Image grey_picture(const Tensor& values) {
  const std::vector<double> all = values.detach().to_vector<double>();
  const auto [least, largest] = std::ranges::minmax(all);
  std::vector<std::uint8_t> pixels;
  pixels.reserve(all.size());
  for (const double value : all)
    pixels.push_back(level_of(largest > least ? (value - least) / (largest - least) : 0));
  return from_data(pixels, values.sizes(), cpu);
}

io::Image heat_picture(const Tensor& map) {
  const std::vector<double> shares = shares_of(map);
  std::vector<std::uint8_t> pixels;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (const double share : shares) pixels.push_back(level_of(heat_color(share)[channel]));
  }
  return from_data(pixels, {3, map.size(0), map.size(1)}, cpu);
}

Text heat_caption(Text what, const Tensor& map) {
  const std::string largest = number_text(std::max(map.max().item(), 0.0), 3);
  what.english += ": black 0, white " + largest;
  what.korean += ": 검은색 0, 흰색 " + largest;
  return what;
}

io::Image heat_over(const io::Image& image, const Tensor& map) {
  check<ShapeError>(
      image.dim() == 3 && image.size(1) == map.size(0) && image.size(2) == map.size(1),
      "explain: map expected of the image's size, got ", map.sizes(), " (image ", image.sizes(),
      ")");
  const std::vector<double> shares = shares_of(map);
  const std::vector<double> under = image.to(f64).mean({0}).to_vector<double>();
  std::vector<std::uint8_t> pixels;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const double cover = 0.7 * std::sqrt(shares[i]);
      const double grey = 0.6 * under[i] / 255;
      pixels.push_back(level_of((1 - cover) * grey + cover * heat_color(shares[i])[channel]));
    }
  }
  return from_data(pixels, {3, map.size(0), map.size(1)}, cpu);
}

io::Image enlarged(const io::Image& image, std::int64_t side) {
  const NoGrad no_grad;
  const std::int64_t longer = std::max(image.size(1), image.size(2));
  const std::int64_t factor = (side + longer - 1) / longer;
  if (factor <= 1) return image;
  const std::int64_t channels = image.size(0), height = image.size(1), width = image.size(2);
  return image.contiguous()
      .view({channels, height, 1, width, 1})
      .expand({channels, height, factor, width, factor})
      .contiguous()
      .view({channels, height * factor, width * factor});
}

Tensor scaled_map(const Tensor& map, std::int64_t height, std::int64_t width) {
  const NoGrad no_grad;
  const Tensor batch = map.detach().contiguous().view({1, 1, map.size(0), map.size(1)});
  return data::Resize(data::ImageSize(height, width))(batch).view({height, width});
}

}  // namespace fovea::explain
