#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "fovea/train/event_recorder.h"

namespace fovea::train {

namespace {

constexpr std::int64_t kMostFilters = 64;
constexpr std::int64_t kSide = 40;  // of a filter in the picture, at least
constexpr std::int64_t kGap = 2;    // pixels between filters
constexpr float kGrey = 127.5F;

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

std::optional<io::Image> draw_first_layer(const nn::Module& model, const Shape& input) {
  const Tensor filters = first_filters(model, input);
  if (!filters.defined()) return std::nullopt;
  const std::int64_t count = filters.size(0), channels = filters.size(1);
  const std::int64_t height = filters.size(2), width = filters.size(3);
  const std::vector<float> values = filters.to_vector<float>();
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));

  const auto columns = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  const std::int64_t rows = (count + columns - 1) / columns;
  const std::int64_t scale = (kSide + std::max(height, width) - 1) / std::max(height, width);
  const std::int64_t cell_height = height * scale + kGap, cell_width = width * scale + kGap;
  const Shape sizes{channels, rows * cell_height - kGap, columns * cell_width - kGap};
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(sizes.numel()), 255);
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    for (std::int64_t y = 0; y < sizes[1]; ++y) {
      for (std::int64_t x = 0; x < sizes[2]; ++x) {
        const std::int64_t filter = y / cell_height * columns + x / cell_width;
        const std::int64_t row = y % cell_height / scale, column = x % cell_width / scale;
        if (filter >= count || row >= height || column >= width) continue;  // paper
        const std::int64_t at = ((filter * channels + channel) * height + row) * width + column;
        const float value = values[static_cast<std::size_t>(at)];
        const float level = largest > 0 ? kGrey + kGrey * value / largest : kGrey;
        pixels[static_cast<std::size_t>((channel * sizes[1] + y) * sizes[2] + x)] =
            static_cast<std::uint8_t>(std::lround(level));
      }
    }
  }
  return from_data(pixels, sizes, Device());
}

}  // namespace fovea::train
