#include "fovea/data/window_transform.h"

#include <algorithm>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"

namespace fovea::data {

namespace {

void check_images(const Tensor& batch, const SampleKeys& keys, const char* transform) {
  check<ShapeError>(batch.dim() == 4, transform, ": batch expected [k, c, h, w], got ",
                    batch.sizes());
  check<ArgumentError>(static_cast<std::int64_t>(keys.indices.size()) == batch.size(0), transform,
                       ": keys expected for ", batch.size(0), " samples, got ",
                       keys.indices.size());
}

/// The batch with `fill`, one value or one a channel, where windows say that it is erased.
Tensor erased(const Tensor& batch, const std::vector<SampleWindow>& windows,
              const std::vector<double>& fill) {
  const std::int64_t height = batch.size(2), width = batch.size(3);
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(batch.size(0) * height * width), 0);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const ImageWindow& w = windows[i].in_image();
    std::uint8_t* image = mask.data() + static_cast<std::int64_t>(i) * height * width;
    for (std::int64_t row = w.erased_top; row < w.erased_top + w.erased_height; ++row) {
      std::fill_n(image + row * width + w.erased_left, w.erased_width, std::uint8_t{1});
    }
  }
  const Tensor condition =
      from_data(mask, {batch.size(0), 1, height, width}, batch.device()).to(boolean);
  const auto values = static_cast<std::int64_t>(fill.size());
  return where(condition, from_data(fill, {1, values, 1, 1}).to(batch.dtype()).to(batch.device()),
               batch);
}

/// The windows of the batch, cut and mirrored.
Tensor cut_out(const Tensor& batch, const std::vector<SampleWindow>& windows, const Shape& result) {
  std::vector<std::int64_t> placement;
  placement.reserve(windows.size() * 3);
  for (const SampleWindow& window : windows) {
    const ImageWindow& w = window.in_image();
    placement.insert(placement.end(), {w.top, w.left, w.flip});
  }
  return crop_flip(batch, from_data(placement, {batch.size(0), 3}, batch.device()), result[2],
                   result[3]);
}

}  // namespace

void check_size(ImageSize size, const char* transform) {
  check<ArgumentError>(size.height >= 1 && size.width >= 1, transform,
                       ": size expected at least 1x1, got ", size.height, "x", size.width);
}

void SampleWindow::mirror() {
  in_image_.flip ^= 1;
  if (in_image_.erased_height > 0) {
    in_image_.erased_left = size_.width - in_image_.erased_left - in_image_.erased_width;
  }
}

void SampleWindow::cut(std::int64_t top, std::int64_t left, ImageSize size) {
  const ImageWindow before = in_image_;
  in_image_.top += top;
  // A mirrored window counts its columns from the other end.
  in_image_.left += before.flip != 0 ? size_.width - left - size.width : left;
  size_ = size;
  if (before.erased_height > 0) {
    erase(before.erased_top - top, before.erased_left - left,
          {before.erased_height, before.erased_width});
  }
}

void SampleWindow::erase(std::int64_t top, std::int64_t left, ImageSize size) {
  in_image_.erased_top = std::clamp<std::int64_t>(top, 0, size_.height);
  in_image_.erased_left = std::clamp<std::int64_t>(left, 0, size_.width);
  in_image_.erased_height =
      std::clamp<std::int64_t>(top + size.height, 0, size_.height) - in_image_.erased_top;
  in_image_.erased_width =
      std::clamp<std::int64_t>(left + size.width, 0, size_.width) - in_image_.erased_left;
}

const std::vector<double>& WindowTransform::fill() const {
  static const std::vector<double> zero = {0};
  return zero;
}

Tensor WindowTransform::operator()(const Tensor& batch, const SampleKeys& keys) const {
  check_images(batch, keys, name());
  const Shape sizes = result(batch.sizes());
  std::vector<SampleWindow> windows(keys.indices.size(),
                                    SampleWindow({batch.size(2), batch.size(3)}));
  for (std::size_t i = 0; i < windows.size(); ++i) place(keys, i, windows[i]);
  return change() == WindowChange::kErase ? erased(batch, windows, fill())
                                          : cut_out(batch, windows, sizes);
}

}  // namespace fovea::data
