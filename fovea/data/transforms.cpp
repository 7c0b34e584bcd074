#include "fovea/data/transforms.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/data/image_loop.h"
#include "fovea/tensor/ops.h"

namespace fovea::data {

namespace {

/// A whole number in [0, count) from two random words.
std::int64_t below(std::uint32_t high, std::uint32_t low, std::int64_t count) {
  return static_cast<std::int64_t>(to_below({high, low, 0, 0}, static_cast<std::uint64_t>(count)));
}

}  // namespace

Compose::Compose(std::vector<Transform> transforms) {
  for (Transform& transform : transforms) {
    if (transform) transforms_.push_back(std::move(transform));
  }
}

Tensor Compose::operator()(const Tensor& batch, const SampleKeys& keys) const {
  Tensor result = batch;
  for (std::size_t i = 0; i < transforms_.size(); ++i) {
    result = transforms_[i](result, keys.nested(i));
  }
  return result;
}

Tensor ToTensor::operator()(const Tensor& batch, const SampleKeys& /*keys*/) const {
  if (batch.dtype() == f32) return batch;
  check<DTypeError>(batch.dtype() == u8, "ToTensor: dtype expected u8 or f32, got ", batch.dtype());
  return batch.to(f32) / 255.0;  // divided, not multiplied: the same bits as PyTorch's
}

Normalize::Normalize(std::vector<double> mean, std::vector<double> std)
    : mean_(std::move(mean)), std_(std::move(std)) {
  check<ArgumentError>(!mean_.empty() && mean_.size() == std_.size(),
                       "Normalize: std expected as many values as mean and at least 1, got ",
                       std_.size(), " (mean has ", mean_.size(), ")");
  for (std::size_t i = 0; i < mean_.size(); ++i) {
    check<ArgumentError>(std::isfinite(mean_[i]), "Normalize: mean expected finite, got ", mean_[i],
                         " (channel ", i, ")");
    check<ArgumentError>(std::isfinite(std_[i]) && std_[i] > 0,
                         "Normalize: std expected finite and above 0, got ", std_[i], " (channel ",
                         i, ")");
  }
}

Tensor Normalize::operator()(const Tensor& batch, const SampleKeys& /*keys*/) const {
  check<DTypeError>(is_differentiable(batch.dtype()), "Normalize: dtype expected f32 or f64, got ",
                    batch.dtype());
  if (mean_.size() == 1) return (batch - mean_[0]) / std_[0];
  const auto channels = static_cast<std::int64_t>(mean_.size());
  check<ShapeError>(batch.dim() >= 2 && batch.size(1) == channels, "Normalize: batch expected ",
                    channels, " channels, got ", batch.sizes());
  Shape broadcast = Shape::filled(batch.dim(), 1);
  broadcast[1] = channels;
  const auto per_channel = [&](const std::vector<double>& values) {
    return from_data(values, broadcast).to(batch.dtype()).to(batch.device());
  };
  return (batch - per_channel(mean_)) / per_channel(std_);
}

RandomHorizontalFlip::RandomHorizontalFlip(double p) : p_(p) {
  check<ArgumentError>(p >= 0 && p <= 1, "RandomHorizontalFlip: p expected in [0, 1], got ", p);
}

void RandomHorizontalFlip::place(const SampleKeys& keys, std::size_t i,
                                 SampleWindow& window) const {
  const auto words = keys.draw(i);
  if (to_unit_double(words[0], words[1]) < p_) window.mirror();
}

RandomVerticalFlip::RandomVerticalFlip(double p) : p_(p) {
  check<ArgumentError>(p >= 0 && p <= 1, "RandomVerticalFlip: p expected in [0, 1], got ", p);
}

Tensor RandomVerticalFlip::operator()(const Tensor& batch, const SampleKeys& keys) const {
  check_pixels(batch, "RandomVerticalFlip");
  check_keys(batch, keys, "RandomVerticalFlip");
  return changed_images(batch, 0, [&](const auto& image, std::size_t i) {
    const auto words = keys.draw(i);
    if (to_unit_double(words[0], words[1]) >= p_) return;
    for (std::int64_t c = 0; c < image.channels; ++c) {
      auto* top = image.channel(c);
      auto* bottom = top + (image.height - 1) * image.width;
      for (; top < bottom; top += image.width, bottom -= image.width)
        std::swap_ranges(top, top + image.width, bottom);
    }
  });
}

RandomCrop::RandomCrop(ImageSize size, RandomCropOptions options)
    : size_(size), padding_(options.padding) {
  check_size(size, "RandomCrop");
  check<ArgumentError>(padding_ >= 0, "RandomCrop: padding expected at least 0, got ", padding_);
}

Shape RandomCrop::result(const Shape& batch) const {
  const bool fits = checked_add(batch[2], 2 * padding_) >= size_.height &&
                    checked_add(batch[3], 2 * padding_) >= size_.width;
  check<ShapeError>(fits, "RandomCrop: image expected at least ", size_.height, "x", size_.width,
                    " with its border, got ", batch, " (padding ", padding_, ")");
  return {batch[0], batch[1], size_.height, size_.width};
}

void RandomCrop::place(const SampleKeys& keys, std::size_t i, SampleWindow& window) const {
  const std::int64_t spare_rows = window.size().height + 2 * padding_ - size_.height;
  const std::int64_t spare_columns = window.size().width + 2 * padding_ - size_.width;
  const auto words = keys.draw(i);
  window.cut(below(words[0], words[1], spare_rows + 1) - padding_,
             below(words[2], words[3], spare_columns + 1) - padding_, size_);
}

CenterCrop::CenterCrop(ImageSize size) : size_(size) { check_size(size, "CenterCrop"); }

Shape CenterCrop::result(const Shape& batch) const {
  return {batch[0], batch[1], size_.height, size_.width};
}

ImagePart CenterCrop::part(ImageSize image) const {
  // Of cuts a half goes to the even neighbour, of borders towards the image, as in torchvision.
  const auto half = [](std::int64_t spare) {
    return spare > 0 && spare % 4 == 3 ? spare / 2 + 1 : spare / 2;
  };
  return {.top = half(image.height - size_.height),
          .left = half(image.width - size_.width),
          .size = size_};
}

void CenterCrop::place(const SampleKeys& /*keys*/, std::size_t /*i*/, SampleWindow& window) const {
  const ImagePart kept = part(window.size());
  window.cut(kept.top, kept.left, kept.size);
}

Tensor CenterCrop::operator()(const Tensor& batch, const SampleKeys& /*keys*/) const {
  const std::vector<std::int64_t> any(
      static_cast<std::size_t>(batch.dim() == 0 ? 0 : batch.size(0)));
  return WindowTransform::operator()(batch, {.indices = any});
}

Cutout::Cutout(ImageSize size) : size_(size) { check_size(size, "Cutout"); }

void Cutout::place(const SampleKeys& keys, std::size_t i, SampleWindow& window) const {
  const auto words = keys.draw(i);
  window.erase(below(words[0], words[1], window.size().height) - size_.height / 2,
               below(words[2], words[3], window.size().width) - size_.width / 2, size_);
}

}  // namespace fovea::data
