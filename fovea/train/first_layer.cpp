#include "fovea/train/first_layer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "fovea/tensor/ops.h"
#include "fovea/vision/weight_pictures.h"

namespace fovea::train {

namespace {

constexpr std::int64_t kMostFilters = 64;
constexpr std::int64_t kSide = 40;  // of a filter in the picture of all, at least
constexpr std::int64_t kGap = 2;    // pixels between filters

/// The first layer's weights as [filters, channels, height, width]; undefined when they are none.
Tensor first_filters(const nn::Module& model, const Shape& input) {
  const Tensors parameters = model.parameters();
  if (parameters.empty()) return {};
  Tensor weight = parameters.front().detach();
  if (weight.dim() == 2 && input.ndim() == 3 && weight.size(1) == input.numel())
    weight = weight.view({weight.size(0), input[0], input[1], input[2]});
  if (weight.dim() != 4 || weight.numel() == 0) return {};
  if (weight.size(1) != 1 && weight.size(1) != 3) return {};
  return weight.narrow(0, 0, std::min(kMostFilters, weight.size(0)));
}

}  // namespace

std::vector<io::Image> first_layer_pictures(const nn::Module& model, const Shape& input) {
  const Tensor filters = first_filters(model, input);
  if (!filters.defined()) return {};
  return vision::weight_pictures(filters);
}

std::optional<io::Image> draw_first_layer(const nn::Module& model, const Shape& input) {
  const std::vector<io::Image> pictures = first_layer_pictures(model, input);
  if (pictures.empty()) return std::nullopt;
  const auto count = static_cast<std::int64_t>(pictures.size());
  const std::int64_t height = pictures[0].size(1), width = pictures[0].size(2);
  const auto columns = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  const std::int64_t rows = (count + columns - 1) / columns;
  const std::int64_t scale = (kSide + std::max(height, width) - 1) / std::max(height, width);
  const std::int64_t cell_height = height * scale + kGap, cell_width = width * scale + kGap;
  const Shape sizes{3, rows * cell_height - kGap, columns * cell_width - kGap};
  std::vector<std::vector<std::uint8_t>> sources;
  sources.reserve(pictures.size());
  for (const io::Image& picture : pictures) sources.push_back(picture.to_vector<std::uint8_t>());
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(sizes.numel()), 255);
  for (std::int64_t channel = 0; channel < 3; ++channel) {
    for (std::int64_t y = 0; y < sizes[1]; ++y) {
      for (std::int64_t x = 0; x < sizes[2]; ++x) {
        const std::int64_t filter = y / cell_height * columns + x / cell_width;
        const std::int64_t row = y % cell_height / scale, column = x % cell_width / scale;
        if (filter >= count || row >= height || column >= width) continue;  // paper
        pixels[static_cast<std::size_t>((channel * sizes[1] + y) * sizes[2] + x)] =
            sources[static_cast<std::size_t>(filter)]
                   [static_cast<std::size_t>((channel * height + row) * width + column)];
      }
    }
  }
  return from_data(pixels, sizes, Device());
}

}  // namespace fovea::train
