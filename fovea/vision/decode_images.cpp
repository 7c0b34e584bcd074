#include "fovea/vision/decode_images.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/data/transforms.h"

namespace fovea::vision {

namespace {

/// The error of the lowest index that several threads met.
class FirstError {
 public:
  void keep(std::size_t index, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (error_ != nullptr && index_ < index) return;
    index_ = index;
    error_ = std::move(error);
  }
  void rethrow() const {
    if (error_ != nullptr) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::size_t index_ = 0;
  std::exception_ptr error_;
};

/// The shortest short side of an image of size `image`, in its proportions, that covers `size`.
std::int64_t covering_side(data::ImageSize image, data::ImageSize size) {
  const bool upright = image.width <= image.height;
  const auto [shorter, longer] =
      upright ? std::pair(image.width, image.height) : std::pair(image.height, image.width);
  const auto [across, along] =
      upright ? std::pair(size.width, size.height) : std::pair(size.height, size.width);
  return std::max(across, (along * shorter + longer - 1) / longer);
}

/// A picture [1, c, h, w] of the size that `fit` says.
Tensor fitted(const Tensor& image, const ImageFit& fit) {
  if (fit.fit == Fit::kStretch) return data::Resize(fit.size)(image);
  const data::ImageSize size(image.size(2), image.size(3));
  const std::int64_t side = fit.short_side > 0 ? fit.short_side : covering_side(size, fit.size);
  return data::CenterCrop(fit.size)(data::Resize::short_side(side)(image));
}

}  // namespace

void check_fit(const ImageFit& fit, const char* operation) {
  constexpr std::int64_t kMost = io::kMaxImageSide;
  const auto side_ok = [](std::int64_t side) { return side >= 1 && side <= kMost; };
  check<ArgumentError>(side_ok(fit.size.height) && side_ok(fit.size.width), operation,
                       ": size expected from 1x1 to ", kMost, "x", kMost, ", got ", fit.size.height,
                       "x", fit.size.width);
  check<ArgumentError>(fit.short_side == 0 || side_ok(fit.short_side), operation,
                       ": short_side expected from 0 to ", kMost, ", got ", fit.short_side);
  check<ArgumentError>(fit.channels != io::Channels::kAsStored, operation,
                       ": channels expected kGrey or kRgb, got kAsStored");
}

void for_each_image(std::size_t count, const std::function<void(std::size_t)>& f) {
  FirstError error;
  parallel_for(static_cast<std::int64_t>(count), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      try {
        f(i);
      } catch (...) {
        error.keep(i, std::current_exception());
      }
    }
  });
  error.rethrow();
}

Tensor fit_images(std::size_t count, const ImageReader& read, const ImageFit& fit) {
  check_fit(fit, "fit_images");
  const std::int64_t channels = fit.channel_count();
  const Tensor batch =
      empty({static_cast<std::int64_t>(count), channels, fit.size.height, fit.size.width},
            {.dtype = u8, .device = cpu});
  const auto bytes = static_cast<std::size_t>(channels * fit.size.height * fit.size.width);
  std::uint8_t* const out = batch.data<std::uint8_t>();
  for_each_image(count, [&](std::size_t i) {
    const io::Image image = read(i);
    check<ShapeError>(image.dim() == 3 && image.size(0) == channels, "fit_images: image expected [",
                      channels, ", h, w], got ", image.sizes(), " (picture ", i, ")");
    const Tensor done = fitted(image.unsqueeze(0), fit).to(cpu).contiguous();
    std::copy_n(done.data<std::uint8_t>(), bytes, out + i * bytes);
  });
  return batch.to(default_device());
}

Tensor decode_images(std::span<const EncodedImage> images, const ImageFit& fit) {
  const ImageReader read = [&](std::size_t i) {
    return io::decode_image(images[i].content, images[i].name, fit.channels);
  };
  return fit_images(images.size(), read, fit);
}

}  // namespace fovea::vision
