#include "fovea/data/image_steps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "fovea/core/error.h"
#include "fovea/data/color_loop.h"
#include "fovea/data/image_loop.h"
#include "fovea/data/warp_loop.h"

namespace fovea::data {

namespace {

/// Rows of an image that sharpening needs as they were.
constexpr std::int64_t kSharpRows = 2;

/// A number in [0, 1] as the byte that torchvision's convert_image_dtype makes of it.
template <class T>
std::uint8_t byte_of(T value) {
  if constexpr (std::is_same_v<T, std::uint8_t>) return value;
  const T bounded = std::min(std::max(value, T{0}), T{1});
  return static_cast<std::uint8_t>(bounded * static_cast<T>(255.999));
}

/// Each value becomes what `table` has for it as a byte.
template <class T>
void look_up(const std::array<std::uint8_t, 256>& table, std::int64_t count, T* values) {
  std::array<T, 256> results;
  for (std::size_t i = 0; i < 256; ++i) {
    if constexpr (std::is_same_v<T, std::uint8_t>) {
      results[i] = table[i];
    } else {
      results[i] = static_cast<T>(table[i]) / 255;
    }
  }
  for (std::int64_t i = 0; i < count; ++i) values[i] = results[byte_of(values[i])];
}

template <class T>
void posterize(const ImageInPlace<T>& image, double bits) {
  const auto dropped = static_cast<unsigned>(8 - bits);
  std::array<std::uint8_t, 256> table;
  for (unsigned i = 0; i < 256; ++i) table[i] = static_cast<std::uint8_t>(i >> dropped << dropped);
  look_up(table, image.channels * image.plane(), image.data);
}

template <class T>
void equalize(const ImageInPlace<T>& image) {
  const std::int64_t count = image.plane();
  for (std::int64_t c = 0; c < image.channels; ++c) {
    T* const values = image.channel(c);
    std::array<std::int64_t, 256> histogram{};
    for (std::int64_t i = 0; i < count; ++i) ++histogram[byte_of(values[i])];
    const auto last = std::find_if(histogram.rbegin(), histogram.rend(),
                                   [](std::int64_t frequency) { return frequency > 0; });
    const std::int64_t step = last == histogram.rend() ? 0 : (count - *last) / 255;
    std::array<std::uint8_t, 256> table;
    std::int64_t below = step / 2;
    for (std::size_t i = 0; i < 256; ++i) {
      // Of so few pixels, or of one value, nothing is to be spread.
      table[i] = static_cast<std::uint8_t>(step == 0 ? static_cast<std::int64_t>(i)
                                                     : std::min<std::int64_t>(below / step, 255));
      below += histogram[i];
    }
    look_up(table, count, values);
  }
}

template <class T>
void solarize(const ImageInPlace<T>& image, double threshold) {
  const std::int64_t count = image.channels * image.plane();
  if constexpr (ImageInPlace<T>::kBytes) {
    std::array<std::uint8_t, 256> table;
    for (unsigned i = 0; i < 256; ++i)
      table[i] = static_cast<std::uint8_t>(static_cast<double>(i) >= threshold ? 255 - i : i);
    look_up(table, count, image.data);
  } else {
    const T least = static_cast<T>(threshold / 255);
    for (std::int64_t i = 0; i < count; ++i) {
      const T value = image.data[i];
      image.data[i] = value >= least ? 1 - value : value;
    }
  }
}

template <class T>
void stretch_contrast(const ImageInPlace<T>& image) {
  using Real = RealOf<T>;
  constexpr Real kMost = ImageInPlace<T>::kMost;
  for (std::int64_t c = 0; c < image.channels; ++c) {
    T* const values = image.channel(c);
    T least = values[0], most = values[0];
    for (std::int64_t i = 1; i < image.plane(); ++i) {
      least = std::min(least, values[i]);
      most = std::max(most, values[i]);
    }
    if (least == most) continue;
    // As PyTorch divides a number by a tensor: a byte may be one less than by dividing.
    const Real low = static_cast<Real>(least), scale = 1 / (static_cast<Real>(most) - low) * kMost;
    for (std::int64_t i = 0; i < image.plane(); ++i) {
      const Real value = (static_cast<Real>(values[i]) - low) * scale;
      values[i] = static_cast<T>(std::min(std::max(value, Real{0}), kMost));
    }
  }
}

/// A row blended with its means over 3x3 pixels; `above` and `here` are rows as they were, `below`
/// is one yet to come.
template <class T>
void sharpen_row(const T* above, const T* here, const T* below, std::int64_t width, double factor,
                 T* out) {
  using Real = RealOf<T>;
  constexpr Real kMost = ImageInPlace<T>::kMost;
  const Real share = static_cast<Real>(factor), rest = static_cast<Real>(1 - factor);
  const auto at = [](const T* row, std::int64_t j) { return static_cast<Real>(row[j]); };
  const auto blended = [&](Real value, Real mean) {
    return static_cast<T>(std::min(std::max(share * value + rest * mean, Real{0}), kMost));
  };
  const bool edge = above == nullptr || below == nullptr;
  for (std::int64_t j = 1; !edge && j < width - 1; ++j) {
    const Real around = at(above, j - 1) + at(above, j) + at(above, j + 1) + at(here, j - 1) +
                        at(here, j + 1) + at(below, j - 1) + at(below, j) + at(below, j + 1);
    const Real mean = (around + 5 * at(here, j)) / 13;
    out[j] = blended(at(here, j), static_cast<Real>(to_pixel<T>(mean)));
  }
  // Pixels on the edge are blended with themselves, which may round a byte down.
  for (std::int64_t j = 0; j < width; j += edge ? 1 : width - 1)
    out[j] = blended(at(here, j), at(here, j));
}

template <class T>
void sharpen(const ImageInPlace<T>& image, double factor) {
  const std::int64_t width = image.width, height = image.height;
  if (width <= 2 || height <= 2) return;
  // Rows fit: scratch has numbers of a type that is at least as wide.
  T* above = reinterpret_cast<T*>(image.scratch);
  T* here = above + width;
  for (std::int64_t c = 0; c < image.channels; ++c) {
    T* const pixels = image.channel(c);
    for (std::int64_t i = 0; i < height; ++i) {
      T* const row = pixels + i * width;
      std::swap(above, here);
      std::copy_n(row, width, here);
      sharpen_row<T>(i == 0 ? nullptr : above, here, i == height - 1 ? nullptr : row + width, width,
                     factor, row);
    }
  }
}

double degrees_of_slope(double slope) { return std::atan(slope) * (180 / std::numbers::pi); }

/// The warp of a step that is one. Nothing for others.
std::optional<Warp> warp_of(const ImageStep& step, ImageSize image) {
  const double magnitude = step.magnitude;
  const Place corner{0, 0};
  switch (step.change) {
    case ImageChange::kShearX:
      return Warp::affine(image, {.shear_x = degrees_of_slope(magnitude), .center = corner});
    case ImageChange::kShearY:
      return Warp::affine(image, {.shear_y = degrees_of_slope(magnitude), .center = corner});
    case ImageChange::kTranslateX:
      return Warp::affine(image, {.move = {std::trunc(magnitude), 0}});
    case ImageChange::kTranslateY:
      return Warp::affine(image, {.move = {0, std::trunc(magnitude)}});
    case ImageChange::kRotate:
      return Warp::rotation(image, magnitude);
    case ImageChange::kIdentity:
    case ImageChange::kBrightness:
    case ImageChange::kColor:
    case ImageChange::kContrast:
    case ImageChange::kSharpness:
    case ImageChange::kPosterize:
    case ImageChange::kSolarize:
    case ImageChange::kAutoContrast:
    case ImageChange::kEqualize:
      return {};
  }
  no_case_for("image change", step.change);
}

/// The colour that a step changes. Requires that it is such a step.
ColorStep color_step_of(const ImageStep& step) {
  const ColorProperty property = step.change == ImageChange::kBrightness
                                     ? ColorProperty::kBrightness
                                 : step.change == ImageChange::kColor ? ColorProperty::kSaturation
                                                                      : ColorProperty::kContrast;
  return {property, 1 + step.magnitude};
}

template <class T>
void apply_step(const ImageInPlace<T>& image, const ImageStep& step, const WarpOptions& options) {
  if (const auto warp = warp_of(step, {image.height, image.width}))
    return warp_image(image, *warp, options);
  switch (step.change) {
    case ImageChange::kBrightness:
    case ImageChange::kColor:
    case ImageChange::kContrast: {
      const ColorStep colors = color_step_of(step);
      return adjust_image(image, {&colors, 1});
    }
    case ImageChange::kSharpness:
      return sharpen(image, 1 + step.magnitude);
    case ImageChange::kPosterize:
      return posterize(image, step.magnitude);
    case ImageChange::kSolarize:
      return solarize(image, step.magnitude);
    case ImageChange::kAutoContrast:
      return stretch_contrast(image);
    case ImageChange::kEqualize:
      return equalize(image);
    case ImageChange::kIdentity:
    case ImageChange::kShearX:
    case ImageChange::kShearY:
    case ImageChange::kTranslateX:
    case ImageChange::kTranslateY:
    case ImageChange::kRotate:
      return;
  }
}

void check_step(const ImageStep& step) {
  const double x = step.magnitude;
  const auto fail_unless = [&](bool fits, const char* expected) {
    check<ArgumentError>(fits, "apply_image_steps: magnitude of ", to_string(step.change),
                         " expected ", expected, ", got ", x);
  };
  switch (step.change) {
    case ImageChange::kBrightness:
    case ImageChange::kColor:
    case ImageChange::kContrast:
    case ImageChange::kSharpness:
      return fail_unless(x >= -1 && std::isfinite(x), "at least -1");
    case ImageChange::kPosterize:
      return fail_unless(x >= 0 && x <= 8 && x == std::trunc(x), "a whole number up to 8");
    case ImageChange::kSolarize:
      return fail_unless(x >= 0 && x <= 255, "in [0, 255]");
    case ImageChange::kShearX:
    case ImageChange::kShearY:
    case ImageChange::kTranslateX:
    case ImageChange::kTranslateY:
    case ImageChange::kRotate:
      return fail_unless(std::isfinite(x), "a finite number");
    case ImageChange::kIdentity:
    case ImageChange::kAutoContrast:
    case ImageChange::kEqualize:
      return;
  }
}

}  // namespace

std::string to_string(ImageChange change) {
  constexpr const char* kNames[] = {
      "Identity", "ShearX",   "ShearY",    "TranslateX", "TranslateY", "Rotate",       "Brightness",
      "Color",    "Contrast", "Sharpness", "Posterize",  "Solarize",   "AutoContrast", "Equalize"};
  return kNames[static_cast<std::size_t>(change)];
}

Tensor apply_image_steps(const Tensor& batch, std::span<const ImageSteps> steps,
                         const WarpOptions& options) {
  check_pixels(batch, "apply_image_steps");
  check<ShapeError>(batch.size(1) == 1 || batch.size(1) == 3,
                    "apply_image_steps: batch expected 1 or 3 channels, got ", batch.sizes());
  check<ArgumentError>(static_cast<std::int64_t>(steps.size()) == batch.size(0),
                       "apply_image_steps: steps expected for ", batch.size(0), " images, got ",
                       steps.size());
  for (const ImageSteps& of_image : steps) {
    for (const ImageStep& step : of_image) check_step(step);
  }
  check_fill(options, batch.size(1), "apply_image_steps");
  const std::int64_t width = batch.size(3);
  const std::int64_t scratch =
      std::max(warp_scratch(batch.size(1), batch.size(2), width), kSharpRows * width);
  return changed_images(batch, scratch, [&](const auto& image, std::size_t i) {
    for (const ImageStep& step : steps[i]) apply_step(image, step, options);
  });
}

}  // namespace fovea::data
