#include "fovea/data/auto_augment.h"

#include <cmath>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/data/image_loop.h"

namespace fovea::data {

namespace {

/// The greatest magnitudes of a method.
struct MagnitudeSpace {
  double shear;         // pixels a row
  double across, down;  // pixels
  double degrees;       // of a rotation
  double factor;        // of brightness, colour, contrast and sharpness
  double bits;          // that posterizing takes away
};

/// The magnitude of a change at bin `bin` of `bins`, without a sign.
double magnitude_at(ImageChange change, std::int64_t bin, std::int64_t bins,
                    const MagnitudeSpace& space) {
  const auto at = static_cast<double>(bin), last = static_cast<double>(bins - 1);
  const auto share_of = [&](double most) { return most * at / last; };
  switch (change) {
    case ImageChange::kShearX:
    case ImageChange::kShearY:
      return share_of(space.shear);
    case ImageChange::kTranslateX:
      return share_of(space.across);
    case ImageChange::kTranslateY:
      return share_of(space.down);
    case ImageChange::kRotate:
      return share_of(space.degrees);
    case ImageChange::kBrightness:
    case ImageChange::kColor:
    case ImageChange::kContrast:
    case ImageChange::kSharpness:
      return share_of(space.factor);
    case ImageChange::kPosterize:
      return 8 - std::nearbyint(share_of(space.bits));
    case ImageChange::kSolarize:
      return 255 * (last - at) / last;
    case ImageChange::kIdentity:
    case ImageChange::kAutoContrast:
    case ImageChange::kEqualize:
      return 0;
  }
  no_case_for("image change", change);
}

bool has_sign(ImageChange change) {
  return change >= ImageChange::kShearX && change <= ImageChange::kSharpness;
}

/// A change, its sign and a bin for it, drawn from four words.
ImageStep draw_step(const std::array<std::uint32_t, 4>& words, std::int64_t bin, std::int64_t bins,
                    const MagnitudeSpace& space) {
  constexpr std::uint64_t kChanges = static_cast<std::uint64_t>(ImageChange::kEqualize) + 1;
  const auto change = static_cast<ImageChange>(to_below({words[0], 0, 0, 0}, kChanges));
  const double magnitude = magnitude_at(change, bin, bins, space);
  const bool negative = has_sign(change) && (words[1] & 1) != 0;
  return {change, negative ? -magnitude : magnitude};
}

}  // namespace

RandAugment::RandAugment(RandAugmentOptions options) : options_(std::move(options)) {
  const auto& [ops, magnitude, bins, warp] = options_;
  check<ArgumentError>(ops >= 0, "RandAugment: num_ops expected at least 0, got ", ops);
  check<ArgumentError>(bins >= 2, "RandAugment: num_magnitude_bins expected at least 2, got ",
                       bins);
  check<ArgumentError>(magnitude >= 0 && magnitude < bins,
                       "RandAugment: magnitude expected in [0, ", bins, "), got ", magnitude);
}

ImageSteps RandAugment::steps(const SampleKeys& keys, std::size_t i, ImageSize image) const {
  constexpr double kShare = 150.0 / 331.0;  // of a side: pixels of the paper's images
  const MagnitudeSpace space{.shear = 0.3,
                             .across = kShare * static_cast<double>(image.width),
                             .down = kShare * static_cast<double>(image.height),
                             .degrees = 30,
                             .factor = 0.9,
                             .bits = 4};
  ImageSteps steps;
  for (std::int64_t k = 0; k < options_.num_ops; ++k) {
    steps.push_back(draw_step(keys.nested(static_cast<std::uint64_t>(k)).draw(i),
                              options_.magnitude, options_.num_magnitude_bins, space));
  }
  return steps;
}

Tensor RandAugment::operator()(const Tensor& batch, const SampleKeys& keys) const {
  const auto draw = [&](std::size_t i, ImageSize image) { return steps(keys, i, image); };
  return apply_image_steps(batch, draw_for_each(batch, keys, "RandAugment", draw), options_.warp);
}

TrivialAugmentWide::TrivialAugmentWide(TrivialAugmentOptions options)
    : options_(std::move(options)) {
  check<ArgumentError>(options_.num_magnitude_bins >= 2,
                       "TrivialAugmentWide: num_magnitude_bins expected at least 2, got ",
                       options_.num_magnitude_bins);
}

ImageSteps TrivialAugmentWide::steps(const SampleKeys& keys, std::size_t i) const {
  constexpr MagnitudeSpace kSpace{
      .shear = 0.99, .across = 32, .down = 32, .degrees = 135, .factor = 0.99, .bits = 6};
  const auto words = keys.draw(i);
  const std::int64_t bins = options_.num_magnitude_bins;
  const auto bin = to_below({words[2], 0, 0, 0}, static_cast<std::uint64_t>(bins));
  return {draw_step(words, static_cast<std::int64_t>(bin), bins, kSpace)};
}

Tensor TrivialAugmentWide::operator()(const Tensor& batch, const SampleKeys& keys) const {
  const auto draw = [&](std::size_t i, ImageSize /*image*/) { return steps(keys, i); };
  return apply_image_steps(batch, draw_for_each(batch, keys, "TrivialAugmentWide", draw),
                           options_.warp);
}

}  // namespace fovea::data
