#include "fovea/data/adjust_colors.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fovea/core/error.h"
#include "fovea/data/color_loop.h"

namespace fovea::data {

namespace {

constexpr std::int64_t kChunk = 512;  // pixels: three channels of them in f32 stay in the L1 cache

/// Some pixels of an image, a line a channel, on their way through the steps. Bytes are whole
/// numbers up to 255 in f32.
template <class T>
class Chunk {
 public:
  using Real = RealOf<T>;

  Chunk(std::int64_t channels, std::int64_t plane) : channels_(channels), plane_(plane) {}

  void load(const T* image, std::int64_t count) {
    count_ = count;
    for (std::int64_t c = 0; c < channels_; ++c) std::copy_n(image + c * plane_, count, line(c));
  }
  void store(T* image) const {
    for (std::int64_t c = 0; c < channels_; ++c) {
      const Real* from = values_.data() + c * kChunk;
      for (std::int64_t i = 0; i < count_; ++i) image[c * plane_ + i] = static_cast<T>(from[i]);
    }
  }

  /// `mean` is that of the image's greys, for contrast.
  void apply(const ColorStep& step, double mean) {
    const bool coloured = channels_ == 3;
    if (step.property == ColorProperty::kBrightness) blend(step.factor, 0);
    if (step.property == ColorProperty::kContrast) blend(step.factor, static_cast<Real>(mean));
    if (step.property == ColorProperty::kSaturation && coloured) saturate(step.factor);
    if (step.property == ColorProperty::kHue && coloured) turn_hue(static_cast<Real>(step.factor));
  }

  double sum_of_greys() {
    const Real* greys = line(0);
    if (channels_ == 3) {
      compute_greys();
      greys = greys_.data();
    }
    double sum = 0;
    for (std::int64_t i = 0; i < count_; ++i) sum += static_cast<double>(greys[i]);
    return sum;
  }

 private:
  static constexpr bool kBytes = std::is_same_v<T, std::uint8_t>;
  static constexpr Real kMost = kBytes ? 255 : 1;

  Real* line(std::int64_t channel) { return values_.data() + channel * kChunk; }

  /// Rounded down, if values are bytes. Requires value >= 0.
  static Real stored(Real value) {
    return kBytes ? static_cast<Real>(static_cast<std::int32_t>(value)) : value;
  }
  static Real clamped(Real value, Real most) { return std::min(std::max(value, Real{0}), most); }

  void blend(double factor, Real other) {
    const Real share = static_cast<Real>(factor), offset = static_cast<Real>(1 - factor) * other;
    for (std::int64_t c = 0; c < channels_; ++c) {
      Real* x = line(c);
      for (std::int64_t i = 0; i < count_; ++i)
        x[i] = stored(clamped(share * x[i] + offset, kMost));
    }
  }

  void compute_greys() {
    constexpr auto kRed = static_cast<Real>(0.2989), kGreen = static_cast<Real>(0.587),
                   kBlue = static_cast<Real>(0.114);
    const Real *r = line(0), *g = line(1), *b = line(2);
    for (std::int64_t i = 0; i < count_; ++i)
      greys_[static_cast<std::size_t>(i)] = stored(kRed * r[i] + kGreen * g[i] + kBlue * b[i]);
  }

  void saturate(double factor) {
    compute_greys();
    const Real share = static_cast<Real>(factor), rest = static_cast<Real>(1 - factor);
    for (std::int64_t c = 0; c < 3; ++c) {
      Real* x = line(c);
      for (std::int64_t i = 0; i < count_; ++i) {
        const Real other = rest * greys_[static_cast<std::size_t>(i)];
        x[i] = stored(clamped(share * x[i] + other, kMost));
      }
    }
  }

  /// Without branches, so that it is vectorised. Source of the way back: Wikipedia, "HSL and HSV",
  /// HSV to RGB alternative.
  void turn_hue(Real turn) {
    Real *red = line(0), *green = line(1), *blue = line(2);
    // Bytes are spread evenly over [0, 256) on the way back: only 1 exactly would be 255 otherwise.
    constexpr auto kBack = kBytes ? static_cast<Real>(255.999) : Real{1};
    for (std::int64_t i = 0; i < count_; ++i) {
      const Real r = red[i] / kMost, g = green[i] / kMost, b = blue[i] / kMost;
      const Real value = std::max(std::max(r, g), b), least = std::min(std::min(r, g), b);
      const Real range = value - least;
      // A grey has no hue: its range and saturation are 0.
      const Real divisor = range == 0 ? Real{1} : range, whole = range == 0 ? Real{1} : value;
      const Real saturation = range / whole;
      const Real from_r = (value - r) / divisor, from_g = (value - g) / divisor,
                 from_b = (value - b) / divisor;
      const Real at_red = from_b - from_g, at_green = 2 + from_r - from_b,
                 at_blue = 4 + from_g - from_r;
      const Real not_red = value == g ? at_green : at_blue;
      const Real hue = (value == r ? at_red : not_red) / 6 + 1;  // in [5/6, 11/6]
      const Real turned = hue - (hue >= 1 ? Real{1} : Real{0}) + turn;
      const Real below = turned < 0 ? Real{-1} : Real{0};
      const Real place = (turned - (turned >= 1 ? Real{1} : below)) * 6;
      // A channel falls from value to least and comes back, a third of the circle after another.
      const auto at = [=](Real start) {
        const Real along = start + place, within = along - (along >= 6 ? Real{6} : Real{0});
        const Real fall = clamped(std::min(within, 4 - within), 1);
        return stored(kBack * std::max(value * (1 - saturation * fall), Real{0}));
      };
      red[i] = at(5);
      green[i] = at(3);
      blue[i] = at(1);
    }
  }

  std::int64_t channels_, plane_, count_ = 0;
  std::array<Real, 3 * kChunk> values_{};
  std::array<Real, kChunk> greys_{};
};

}  // namespace

/// In one pass over its pixels, and one more for a contrast, which needs the mean of the greys that
/// come before it.
template <class T>
void adjust_image(const ImageInPlace<T>& image, std::span<const ColorStep> steps) {
  const auto is_contrast = [](const ColorStep& step) {
    return step.property == ColorProperty::kContrast;
  };
  const std::int64_t plane = image.plane();
  Chunk<T> chunk(image.channels, plane);
  double mean = 0;
  auto next = steps.begin();
  auto end = std::find_if(next, steps.end(), is_contrast);
  for (;;) {
    double sum = 0;
    for (std::int64_t begin = 0; begin < plane; begin += kChunk) {
      chunk.load(image.data + begin, std::min(kChunk, plane - begin));
      for (auto step = next; step != end; ++step) chunk.apply(*step, mean);
      if (end != steps.end()) sum += chunk.sum_of_greys();
      chunk.store(image.data + begin);
    }
    if (end == steps.end()) return;
    mean = sum / static_cast<double>(plane);
    next = end;
    end = std::find_if(next + 1, steps.end(), is_contrast);
  }
}

template void adjust_image(const ImageInPlace<std::uint8_t>&, std::span<const ColorStep>);
template void adjust_image(const ImageInPlace<float>&, std::span<const ColorStep>);
template void adjust_image(const ImageInPlace<double>&, std::span<const ColorStep>);

namespace {

void check_factor(const ColorStep& step) {
  if (step.property == ColorProperty::kHue) {
    check<ArgumentError>(step.factor >= -0.5 && step.factor <= 0.5,
                         "adjust_colors: hue expected in [-0.5, 0.5], got ", step.factor);
  } else {
    check<ArgumentError>(step.factor >= 0 && std::isfinite(step.factor),
                         "adjust_colors: factor expected finite and at least 0, got ", step.factor);
  }
}

}  // namespace

Tensor adjust_colors(const Tensor& batch, std::span<const ColorSteps> steps) {
  check<ShapeError>(batch.dim() == 4 && (batch.size(1) == 1 || batch.size(1) == 3),
                    "adjust_colors: batch expected [k, 1, h, w] or [k, 3, h, w], got ",
                    batch.sizes());
  const DType dtype = batch.dtype();
  check<DTypeError>(dtype == u8 || dtype == f32 || dtype == f64,
                    "adjust_colors: dtype expected u8, f32 or f64, got ", dtype);
  check<ArgumentError>(static_cast<std::int64_t>(steps.size()) == batch.size(0),
                       "adjust_colors: steps expected for ", batch.size(0), " images, got ",
                       steps.size());
  for (const ColorSteps& of_image : steps) {
    for (const ColorStep& step : of_image) check_factor(step);
  }
  return changed_images(batch, 0, [&](const auto& image, std::size_t i) {
    if (!steps[i].empty()) adjust_image(image, steps[i]);
  });
}

}  // namespace fovea::data
