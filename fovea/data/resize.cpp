#include "fovea/data/resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"

namespace fovea::data {

namespace {

void check_images(const Tensor& batch, const char* transform) {
  check<ShapeError>(batch.dim() == 4 && batch.size(2) > 0 && batch.size(3) > 0, transform,
                    ": batch expected [k, c, h, w], got ", batch.sizes());
  const DType dtype = batch.dtype();
  check<DTypeError>(dtype == u8 || dtype == f32 || dtype == f64, transform,
                    ": dtype expected u8, f32 or f64, got ", dtype);
}

using Parts = std::span<const ImagePart>;

/// `what` it is that a message says.
void check_inside(const ImagePart& part, ImageSize image, const char* what) {
  const bool inside = part.top >= 0 && part.left >= 0 && part.size.height >= 1 &&
                      part.size.width >= 1 && part.size.height <= image.height - part.top &&
                      part.size.width <= image.width - part.left;
  check<IndexError>(inside, what, " expected inside ", image.height, "x", image.width, ", got ",
                    part.size.height, "x", part.size.width, " at (", part.top, ", ", part.left,
                    ")");
}

/// What is made of each part.
struct Target {
  ImageSize size;    // that it is scaled to
  ImagePart window;  // of that
  Interpolation interpolation;
};

template <class T>
Tensor scaled(const Tensor& batch, Parts parts, const Target& target) {
  using Real = typename Resampler<T>::Real;
  const Tensor x = batch.to(cpu).contiguous();
  const ImageSize result = target.window.size;
  const Tensor y = empty({x.size(0), x.size(1), result.height, result.width},
                         {.dtype = x.dtype(), .device = cpu});
  std::vector<Resampler<T>> resamplers;
  resamplers.reserve(parts.size());
  std::int64_t scratch_size = 0;
  for (const ImagePart& part : parts) {
    resamplers.emplace_back(part, target.size, target.window, target.interpolation);
    scratch_size = std::max(scratch_size, resamplers.back().scratch_size());
  }
  const std::int64_t channels = x.size(1), planes = x.size(0) * channels;
  const std::int64_t width = x.size(3), in = x.size(2) * width, out = result.height * result.width;
  const int threads =
      static_cast<int>(std::min<std::int64_t>(num_threads(), std::max<std::int64_t>(planes, 1)));
  std::vector<Real> scratch(static_cast<std::size_t>(threads * scratch_size));
  const T* const from = x.data<T>();
  T* const to = y.data<T>();
  parallel_parts(planes, threads, [&](int thread, std::int64_t begin, std::int64_t end) {
    for (std::int64_t plane = begin; plane < end; ++plane) {
      const std::int64_t image = resamplers.size() == 1 ? 0 : plane / channels;
      resamplers[static_cast<std::size_t>(image)].apply(from + plane * in, width, to + plane * out,
                                                        scratch.data() + thread * scratch_size);
    }
  });
  return y.to(batch.device());
}

Tensor scaled_of_dtype(const Tensor& batch, Parts parts, const Target& target) {
  if (batch.dtype() == u8) return scaled<std::uint8_t>(batch, parts, target);
  if (batch.dtype() == f32) return scaled<float>(batch, parts, target);
  return scaled<double>(batch, parts, target);
}

}  // namespace

Tensor resized_crop(const Tensor& batch, Parts parts, ImageSize size, Interpolation interpolation) {
  check_images(batch, "resized_crop");
  check_size(size, "resized_crop");
  const std::int64_t images = batch.size(0);
  check<ArgumentError>(static_cast<std::int64_t>(parts.size()) == images || parts.size() == 1,
                       "resized_crop: parts expected for ", images, " images, got ", parts.size());
  for (const ImagePart& part : parts)
    check_inside(part, {batch.size(2), batch.size(3)}, "resized_crop: part");
  return scaled_of_dtype(batch, parts,
                         {.size = size, .window = {.size = size}, .interpolation = interpolation});
}

Tensor resized_window(const Tensor& batch, ImageSize size, const ImagePart& window,
                      Interpolation interpolation) {
  check_images(batch, "resized_window");
  check_size(size, "resized_window");
  check_inside(window, size, "resized_window: window");
  const ImagePart whole{.size = {batch.size(2), batch.size(3)}};
  return scaled_of_dtype(batch, {&whole, 1},
                         {.size = size, .window = window, .interpolation = interpolation});
}

Resize::Resize(ImageSize size, Interpolation interpolation)
    : size_(size), interpolation_(interpolation) {
  check_size(size, "Resize");
}

Resize Resize::short_side(std::int64_t side, Interpolation interpolation) {
  check<ArgumentError>(side >= 1, "Resize: short_side expected at least 1, got ", side);
  Resize resize(side, interpolation);
  resize.short_side_ = side;
  return resize;
}

ImageSize Resize::result(ImageSize image) const {
  check<ShapeError>(image.height >= 1 && image.width >= 1,
                    "Resize: image expected at least 1x1, got ", image.height, "x", image.width);
  if (!short_side_) return size_;
  const auto longer = [&](std::int64_t shorter, std::int64_t other) {
    return checked_mul(*short_side_, other) / shorter;
  };
  return image.width <= image.height ? ImageSize(longer(image.width, image.height), *short_side_)
                                     : ImageSize(*short_side_, longer(image.height, image.width));
}

Tensor Resize::operator()(const Tensor& batch, const SampleKeys& /*keys*/) const {
  check_images(batch, "Resize");
  const ImageSize image(batch.size(2), batch.size(3)), size = result(image);
  if (image == size) return batch;
  const ImagePart whole{.size = image};
  return resized_crop(batch, {&whole, 1}, size, interpolation_);
}

RandomResizedCrop::RandomResizedCrop(ImageSize size, RandomResizedCropOptions options)
    : size_(size), options_(options) {
  check_size(size, "RandomResizedCrop");
  check_ranges(options.scale, options.ratio, "RandomResizedCrop");
}

ImagePart RandomResizedCrop::part(const SampleKeys& keys, std::size_t i, ImageSize image) const {
  const auto drawn =
      draw_part(keys, i, image,
                {.scale = options_.scale, .ratio = options_.ratio, .least = 1, .most = image});
  if (drawn) return *drawn;
  const double ratio =
      std::clamp(static_cast<double>(image.width) / static_cast<double>(image.height),
                 options_.ratio.low, options_.ratio.high);
  ImageSize size = image;
  // One of the two is the image's own; rounding may make the other one a pixel too long.
  const auto rounded = [](double length, std::int64_t most) {
    return std::clamp<std::int64_t>(std::lrint(length), 1, most);
  };
  size.height = rounded(static_cast<double>(image.width) / ratio, image.height);
  size.width = rounded(static_cast<double>(image.height) * ratio, image.width);
  return {.top = (image.height - size.height) / 2,
          .left = (image.width - size.width) / 2,
          .size = size};
}

Tensor RandomResizedCrop::operator()(const Tensor& batch, const SampleKeys& keys) const {
  check_images(batch, "RandomResizedCrop");
  check<ArgumentError>(static_cast<std::int64_t>(keys.indices.size()) == batch.size(0),
                       "RandomResizedCrop: keys expected for ", batch.size(0), " samples, got ",
                       keys.indices.size());
  std::vector<ImagePart> parts;
  parts.reserve(keys.indices.size());
  for (std::size_t i = 0; i < keys.indices.size(); ++i)
    parts.push_back(part(keys, i, {batch.size(2), batch.size(3)}));
  return resized_crop(batch, parts, size_, options_.interpolation);
}

}  // namespace fovea::data
