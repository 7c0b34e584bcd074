#include "fovea/data/transforms.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/image.h"

namespace fovea::data {

namespace {

/// Where crop_flip takes each image of a batch from: rows of (top, left, flip).
using Placement = std::vector<std::int64_t>;

void check_images(const Tensor& batch, const SampleKeys& keys, const char* transform) {
  check<ShapeError>(batch.dim() == 4, transform, ": batch expected [k, c, h, w], got ",
                    batch.sizes());
  check<ArgumentError>(static_cast<std::int64_t>(keys.indices.size()) == batch.size(0), transform,
                       ": keys expected for ", batch.size(0), " samples, got ",
                       keys.indices.size());
}

void check_size(ImageSize size, const char* transform) {
  check<ArgumentError>(size.height >= 1 && size.width >= 1, transform,
                       ": size expected at least 1x1, got ", size.height, "x", size.width);
}

Tensor place(const Tensor& batch, const Placement& placement, ImageSize size) {
  return crop_flip(batch, from_data(placement, {batch.size(0), 3}, batch.device()), size.height,
                   size.width);
}

/// The matrix [out, in] of Pillow's bilinear filter from `in` pixels to `out`.
/// Source   Pillow, src/libImaging/Resample.c, precompute_coeffs with bilinear_filter.
Tensor bilinear_matrix(std::int64_t in, std::int64_t out, DType dtype, Device device) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double support = std::max(scale, 1.0);  // half the width of the triangle, in input pixels
  std::vector<double> weights(static_cast<std::size_t>(in * out), 0.0);
  for (std::int64_t i = 0; i < out; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(center - support + 0.5));
    const auto last = std::min(in, static_cast<std::int64_t>(center + support + 0.5));
    double* row = weights.data() + i * in;
    double total = 0;
    for (std::int64_t j = first; j < last; ++j) {
      row[j] = std::max(0.0, 1.0 - std::abs(static_cast<double>(j) - center + 0.5) / support);
      total += row[j];
    }
    for (std::int64_t j = first; j < last; ++j) row[j] /= total;
  }
  return from_data(weights, {out, in}).to(dtype).to(device);
}

/// The input pixel under the centre of each of `out` pixels.
Tensor nearest_index(std::int64_t in, std::int64_t out, Device device) {
  std::vector<std::int64_t> index(static_cast<std::size_t>(out));
  for (std::int64_t i = 0; i < out; ++i) {
    index[static_cast<std::size_t>(i)] = std::min(in - 1, (2 * i + 1) * in / (2 * out));
  }
  return from_data(index, {out}, device);
}

}  // namespace

SampleKeys SampleKeys::nested(std::uint64_t position) const {
  return {Generator(seed).fork(position).seed(), epoch, indices};
}

std::array<std::uint32_t, 4> SampleKeys::draw(std::size_t i) const {
  return philox({seed, epoch}, static_cast<std::uint64_t>(indices[i]));
}

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

Tensor RandomHorizontalFlip::operator()(const Tensor& batch, const SampleKeys& keys) const {
  check_images(batch, keys, "RandomHorizontalFlip");
  Placement placement;
  placement.reserve(keys.indices.size() * 3);
  for (std::size_t i = 0; i < keys.indices.size(); ++i) {
    const auto words = keys.draw(i);
    placement.insert(placement.end(), {0, 0, to_unit_double(words[0], words[1]) < p_ ? 1 : 0});
  }
  return place(batch, placement, {batch.size(2), batch.size(3)});
}

RandomCrop::RandomCrop(ImageSize size, RandomCropOptions options)
    : size_(size), padding_(options.padding) {
  check_size(size, "RandomCrop");
  check<ArgumentError>(padding_ >= 0, "RandomCrop: padding expected at least 0, got ", padding_);
}

Tensor RandomCrop::operator()(const Tensor& batch, const SampleKeys& keys) const {
  check_images(batch, keys, "RandomCrop");
  const std::int64_t spare_rows = checked_add(batch.size(2), 2 * padding_) - size_.height;
  const std::int64_t spare_columns = checked_add(batch.size(3), 2 * padding_) - size_.width;
  check<ShapeError>(spare_rows >= 0 && spare_columns >= 0, "RandomCrop: image expected at least ",
                    size_.height, "x", size_.width, " with its border, got ", batch.sizes(),
                    " (padding ", padding_, ")");
  Placement placement;
  placement.reserve(keys.indices.size() * 3);
  for (std::size_t i = 0; i < keys.indices.size(); ++i) {
    const auto words = keys.draw(i);
    const auto place_in = [this](std::uint32_t high, std::uint32_t low, std::int64_t spare) {
      const auto choices = static_cast<std::uint64_t>(spare) + 1;
      return static_cast<std::int64_t>(to_below({high, low, 0, 0}, choices)) - padding_;
    };
    placement.insert(placement.end(), {place_in(words[0], words[1], spare_rows),
                                       place_in(words[2], words[3], spare_columns), 0});
  }
  return place(batch, placement, size_);
}

CenterCrop::CenterCrop(ImageSize size) : size_(size) { check_size(size, "CenterCrop"); }

Tensor CenterCrop::operator()(const Tensor& batch, const SampleKeys& /*keys*/) const {
  check<ShapeError>(batch.dim() == 4, "CenterCrop: batch expected [k, c, h, w], got ",
                    batch.sizes());
  // Rounded down, also below zero, so that a border is never wider before than after.
  const auto half = [](std::int64_t spare) { return spare >> 1; };
  const std::int64_t top = half(batch.size(2) - size_.height);
  const std::int64_t left = half(batch.size(3) - size_.width);
  Placement placement;
  for (std::int64_t i = 0; i < batch.size(0); ++i) {
    placement.insert(placement.end(), {top, left, 0});
  }
  return place(batch, placement, size_);
}

Resize::Resize(ImageSize size, Interpolation interpolation)
    : size_(size), interpolation_(interpolation) {
  check_size(size, "Resize");
}

Tensor Resize::operator()(const Tensor& batch, const SampleKeys& /*keys*/) const {
  const DType dtype = batch.dtype();
  check<ShapeError>(batch.dim() == 4 && batch.size(2) > 0 && batch.size(3) > 0,
                    "Resize: batch expected [k, c, h, w], got ", batch.sizes());
  check<DTypeError>(dtype == u8 || dtype == f32 || dtype == f64,
                    "Resize: dtype expected u8, f32 or f64, got ", dtype);
  const std::int64_t height = batch.size(2), width = batch.size(3);
  if (height == size_.height && width == size_.width) return batch;
  if (interpolation_ == Interpolation::kNearest) {
    const Tensor rows = index_select(batch, 2, nearest_index(height, size_.height, batch.device()));
    return index_select(rows, 3, nearest_index(width, size_.width, batch.device()));
  }
  const Tensor x = dtype == u8 ? batch.to(f32) : batch;
  const Tensor columns = bilinear_matrix(width, size_.width, x.dtype(), x.device());
  const Tensor rows = bilinear_matrix(height, size_.height, x.dtype(), x.device());
  const Tensor y = matmul(rows, matmul(x, columns.t()));
  return dtype == u8 ? clamp(round(y), 0, 255).to(u8) : y;
}

}  // namespace fovea::data
