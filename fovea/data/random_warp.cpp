#include "fovea/data/random_warp.h"

#include <cmath>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/data/image_loop.h"

namespace fovea::data {

namespace {

void check_range(const Range& range, const char* what) {
  check<ArgumentError>(
      range.low <= range.high && std::isfinite(range.low) && std::isfinite(range.high), what,
      " expected a finite range, got [", range.low, ", ", range.high, "]");
}

double drawn(std::uint32_t word, const Range& range) {
  return range.low + (range.high - range.low) * (static_cast<double>(word) * 0x1p-32);
}

/// The corners of an image as they are: the middles of its outermost pixels but for half a pixel,
/// as torchvision counts them.
Corners corners_of(ImageSize image) {
  const double right = static_cast<double>(image.width - 1),
               bottom = static_cast<double>(image.height - 1);
  return {Place{0, 0}, {right, 0}, {right, bottom}, {0, bottom}};
}

}  // namespace

RandomRotation::RandomRotation(Range degrees, WarpOptions options)
    : degrees_(degrees), options_(std::move(options)) {
  check_range(degrees, "RandomRotation: degrees");
}

RandomRotation::RandomRotation(double degrees, WarpOptions options)
    : RandomRotation(Range{-degrees, degrees}, std::move(options)) {}

Warp RandomRotation::warp(const SampleKeys& keys, std::size_t i, ImageSize image) const {
  return Warp::rotation(image, drawn(keys.draw(i)[0], degrees_));
}

Tensor RandomRotation::operator()(const Tensor& batch, const SampleKeys& keys) const {
  const auto draw = [&](std::size_t i, ImageSize image) { return warp(keys, i, image); };
  return warp_images(batch, draw_for_each(batch, keys, "RandomRotation", draw), options_);
}

RandomAffine::RandomAffine(RandomAffineOptions options) : options_(std::move(options)) {
  check_range(options_.degrees, "RandomAffine: degrees");
  check_range(options_.scale, "RandomAffine: scale");
  check_range(options_.shear_x, "RandomAffine: shear_x");
  check_range(options_.shear_y, "RandomAffine: shear_y");
  check<ArgumentError>(options_.scale.low > 0, "RandomAffine: scale expected above 0, got ",
                       options_.scale.low);
  const auto [x, y] = options_.translate;
  check<ArgumentError>(x >= 0 && x <= 1 && y >= 0 && y <= 1,
                       "RandomAffine: translate expected in [0, 1], got ", x, " and ", y);
}

AffineChange RandomAffine::change(const SampleKeys& keys, std::size_t i, ImageSize image) const {
  const auto places = keys.nested(0).draw(i);
  const auto shears = keys.nested(1).draw(i);
  const auto move = [](std::uint32_t word, double share, std::int64_t side) {
    const double most = share * static_cast<double>(side);
    return std::nearbyint(drawn(word, {-most, most}));
  };
  return {.degrees = drawn(places[0], options_.degrees),
          .move = {move(places[1], options_.translate.x, image.width),
                   move(places[2], options_.translate.y, image.height)},
          .scale = drawn(places[3], options_.scale),
          .shear_x = drawn(shears[0], options_.shear_x),
          .shear_y = drawn(shears[1], options_.shear_y)};
}

Tensor RandomAffine::operator()(const Tensor& batch, const SampleKeys& keys) const {
  const auto draw = [&](std::size_t i, ImageSize image) {
    return Warp::affine(image, change(keys, i, image));
  };
  return warp_images(batch, draw_for_each(batch, keys, "RandomAffine", draw), options_.warp);
}

RandomPerspective::RandomPerspective(RandomPerspectiveOptions options)
    : options_(std::move(options)) {
  const auto [scale, p, warp] = options_;
  check<ArgumentError>(scale >= 0 && scale <= 1,
                       "RandomPerspective: distortion_scale expected in [0, 1], got ", scale);
  check<ArgumentError>(p >= 0 && p <= 1, "RandomPerspective: p expected in [0, 1], got ", p);
}

Corners RandomPerspective::corners(const SampleKeys& keys, std::size_t i, ImageSize image) const {
  Corners corners = corners_of(image);
  const auto chance = keys.nested(0).draw(i);
  if (to_unit_double(chance[0], chance[1]) >= options_.p) return corners;
  const auto inwards = [&](std::uint32_t word, std::int64_t side) {
    const std::int64_t half = side / 2;  // in whole pixels, as torchvision draws them
    const auto most =
        static_cast<std::uint64_t>(options_.distortion_scale * static_cast<double>(half));
    return static_cast<double>(to_below({word, 0, 0, 0}, most + 1));
  };
  const auto x = keys.nested(1).draw(i), y = keys.nested(2).draw(i);
  for (std::size_t k = 0; k < corners.size(); ++k) {
    const bool right = k == 1 || k == 2, below = k >= 2;
    corners[k].x += (right ? -1 : 1) * inwards(x[k], image.width);
    corners[k].y += (below ? -1 : 1) * inwards(y[k], image.height);
  }
  return corners;
}

Tensor RandomPerspective::operator()(const Tensor& batch, const SampleKeys& keys) const {
  const auto draw = [&](std::size_t i, ImageSize image) {
    const Corners from = corners_of(image), to = corners(keys, i, image);
    return from == to ? Warp() : Warp::perspective(from, to);
  };
  return warp_images(batch, draw_for_each(batch, keys, "RandomPerspective", draw), options_.warp);
}

}  // namespace fovea::data
