#include "fovea/data/warp_loop.h"

#include <algorithm>

#include "fovea/core/error.h"

namespace fovea::data {

namespace {

/// Zeros around the image, so that pixels are looked up without a question whether they are inside:
/// one before it, and two behind it, because a place on the edge itself has its neighbour beyond.
constexpr std::int64_t kBefore = 1, kBorder = 3;

/// Where the pixels of one new row come from, column by column.
template <class Real>
struct RowPlaces {
  RowPlaces(Real* room, std::int64_t width) : x(room), y(room + width), inside(room + 2 * width) {}
  Real *x, *y;   // the middle of pixel (i, j) is at (j, i); at most one pixel outside
  Real* inside;  // share of the pixels around that lie in the image
};

template <class Real>
void find_places(const Warp& warp, std::int64_t row, ImageSize size, const RowPlaces<Real>& to) {
  const double v = static_cast<double>(row) + 0.5;
  const auto a = static_cast<Real>(warp.a), d = static_cast<Real>(warp.d),
             g = static_cast<Real>(warp.g);
  const bool askew = warp.g != 0 || warp.h != 0;
  const double back = askew ? 0 : 0.5;  // from a place to the number of a pixel
  const auto x0 = static_cast<Real>(warp.b * v + warp.c - back),
             y0 = static_cast<Real>(warp.e * v + warp.f - back),
             w0 = static_cast<Real>(warp.h * v + 1);
  for (std::int64_t j = 0; j < size.width; ++j) {
    const Real u = static_cast<Real>(static_cast<std::int32_t>(j)) + Real{0.5};
    to.x[j] = a * u + x0;
    to.y[j] = d * u + y0;
  }
  for (std::int64_t j = 0; askew && j < size.width; ++j) {
    const Real divisor = g * (static_cast<Real>(static_cast<std::int32_t>(j)) + Real{0.5}) + w0;
    to.x[j] = to.x[j] / divisor - Real{0.5};
    to.y[j] = to.y[j] / divisor - Real{0.5};
  }
  // NaN, of a division by 0, counts as outside: max keeps its first argument then.
  const Real right = static_cast<Real>(size.width), bottom = static_cast<Real>(size.height);
  for (std::int64_t j = 0; j < size.width; ++j) {
    to.x[j] = std::min(std::max(Real{-1}, to.x[j]), right);
    to.y[j] = std::min(std::max(Real{-1}, to.y[j]), bottom);
  }
}

/// Images that zeros surround, and what is looked up in them.
template <class T>
class Surrounded {
 public:
  using Real = RealOf<T>;

  Surrounded(const ImageInPlace<T>& image, const WarpOptions& options)
      : image_(image),
        fill_(options.fill),
        stride_(image.width + kBorder),
        plane_(stride_ * (image.height + kBorder)) {
    std::fill_n(image.scratch, image.channels * plane_, Real{0});
    for (std::int64_t c = 0; c < image.channels; ++c) {
      for (std::int64_t i = 0; i < image.height; ++i) {
        std::copy_n(image.channel(c) + i * image.width, image.width,
                    image.scratch + c * plane_ + (i + kBefore) * stride_ + kBefore);
      }
    }
  }

  /// Numbers of scratch that it takes; a row's places come behind them.
  std::int64_t used() const { return image_.channels * plane_; }

  void nearest(std::int64_t row, const RowPlaces<Real>& from) const {
    // Adding and taking away rounds to a whole number, half to even.
    constexpr Real kRound = sizeof(Real) == 4 ? Real{0x1.8p23} : Real{0x1.8p52};
    const Real right = static_cast<Real>(image_.width), bottom = static_cast<Real>(image_.height);
    for (std::int64_t j = 0; j < image_.width; ++j) {
      const Real x = (from.x[j] + kRound) - kRound, y = (from.y[j] + kRound) - kRound;
      from.inside[j] = static_cast<Real>(static_cast<int>(x >= 0) & static_cast<int>(x < right) &
                                         static_cast<int>(y >= 0) & static_cast<int>(y < bottom));
      from.x[j] = x;
      from.y[j] = y;
    }
    for (std::int64_t c = 0; c < image_.channels; ++c) {
      const Real* const pixels = image_.scratch + c * plane_;
      const Real outside = fill_of(c);
      T* const to = image_.channel(c) + row * image_.width;
      for (std::int64_t j = 0; j < image_.width; ++j) {
        const Real value = pixels[offset(from.x[j], from.y[j])];
        to[j] = to_pixel<T>(from.inside[j] != 0 ? value : outside);
      }
    }
  }

  void bilinear(std::int64_t row, const RowPlaces<Real>& from) const {
    if (!fill_.empty()) weigh(from);
    for (std::int64_t c = 0; c < image_.channels; ++c) {
      const Real* const pixels = image_.scratch + c * plane_;
      T* const to = image_.channel(c) + row * image_.width;
      const Real outside = fill_of(c);
      for (std::int64_t j = 0; j < image_.width; ++j) {
        const std::int32_t at = offset(from.x[j], from.y[j]);
        const Real right = from.x[j] - floor_of(from.x[j]), down = from.y[j] - floor_of(from.y[j]);
        const Real* const above = pixels + at;
        const Real* const below = above + stride_;
        Real value = above[0] * ((1 - right) * (1 - down)) + above[1] * (right * (1 - down)) +
                     below[0] * ((1 - right) * down) + below[1] * (right * down);
        if (!fill_.empty()) value = value * from.inside[j] + (1 - from.inside[j]) * outside;
        to[j] = to_pixel<T>(value);
      }
    }
  }

 private:
  /// Of a place that is at least -1, without a call.
  static Real floor_of(Real place) {
    return static_cast<Real>(static_cast<std::int32_t>(place + 1) - 1);
  }
  /// Of the pixel at or left above a place.
  std::int32_t offset(Real x, Real y) const {
    const auto column = static_cast<std::int32_t>(x + 1), row = static_cast<std::int32_t>(y + 1);
    return row * static_cast<std::int32_t>(stride_) + column;
  }
  Real fill_of(std::int64_t c) const {
    if (fill_.empty()) return 0;
    return static_cast<Real>(fill_[fill_.size() == 1 ? 0 : static_cast<std::size_t>(c)]);
  }
  /// What the weights of the pixels in the image add up to: less than 1 up to a pixel outside.
  void weigh(const RowPlaces<Real>& from) const {
    const Real right = static_cast<Real>(image_.width), bottom = static_cast<Real>(image_.height);
    for (std::int64_t j = 0; j < image_.width; ++j) {
      const Real along = std::min(std::min(from.x[j] + 1, right - from.x[j]), Real{1});
      const Real across = std::min(std::min(from.y[j] + 1, bottom - from.y[j]), Real{1});
      from.inside[j] = along * across;
    }
  }

  const ImageInPlace<T>& image_;
  const std::vector<double>& fill_;
  std::int64_t stride_, plane_;
};

}  // namespace

void check_fill(const WarpOptions& options, std::int64_t channels, const char* transform) {
  const auto values = static_cast<std::int64_t>(options.fill.size());
  check<ArgumentError>(values <= 1 || values == channels, transform, ": fill expected 0, 1 or ",
                       channels, " values, got ", values);
}

std::int64_t warp_scratch(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return channels * (height + kBorder) * (width + kBorder) + 3 * width;
}

template <class T>
void warp_image(const ImageInPlace<T>& image, const Warp& warp, const WarpOptions& options) {
  const Surrounded<T> old(image, options);
  const RowPlaces<RealOf<T>> places(image.scratch + old.used(), image.width);
  for (std::int64_t row = 0; row < image.height; ++row) {
    find_places(warp, row, {image.height, image.width}, places);
    if (options.interpolation == Interpolation::kNearest) {
      old.nearest(row, places);
    } else {
      old.bilinear(row, places);
    }
  }
}

template void warp_image(const ImageInPlace<std::uint8_t>&, const Warp&, const WarpOptions&);
template void warp_image(const ImageInPlace<float>&, const Warp&, const WarpOptions&);
template void warp_image(const ImageInPlace<double>&, const Warp&, const WarpOptions&);

}  // namespace fovea::data
