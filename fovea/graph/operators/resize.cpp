// Resize and its ancestor Upsample: nearest and linear. Both are separable: one dimension after the
// other is picked, or interpolated between two picks, so gradients are those of picking.

#include <algorithm>
#include <cmath>
#include <optional>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/arguments.h"
#include "fovea/graph/operators/resize_axis.h"
#include "fovea/tensor/ops.h"

namespace fovea::graph {

namespace {

using Ints = std::vector<std::int64_t>;

enum class AspectRatio : std::uint8_t { kStretch, kNotLarger, kNotSmaller };

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

template <class T, std::size_t N>
T read_choice(const NodeReader& node, std::string_view attribute, std::string_view otherwise,
              const Choice<T> (&choices)[N]) {
  const std::string text = node.text(attribute, otherwise);
  std::string names;
  for (const auto& choice : choices) {
    if (choice.name == text) return choice.value;
    names += str(names.empty() ? "" : ", ", choice.name);
  }
  throw ParseError(
      str(node.where(), ": ", attribute, " expected one of ", names, ", got \"", text, "\""));
}

constexpr Choice<Interpolation> kInterpolations[] = {{"nearest", Interpolation::kNearest},
                                                     {"linear", Interpolation::kLinear}};
constexpr Choice<Coordinates> kCoordinates[] = {
    {"half_pixel", Coordinates::kHalfPixel},
    {"half_pixel_symmetric", Coordinates::kHalfPixelSymmetric},
    {"pytorch_half_pixel", Coordinates::kPytorchHalfPixel},
    {"align_corners", Coordinates::kAlignCorners},
    {"asymmetric", Coordinates::kAsymmetric},
    {"tf_crop_and_resize", Coordinates::kTfCropAndResize},
    {"tf_half_pixel_for_nn", Coordinates::kTfHalfPixelForNn}};
constexpr Choice<Rounding> kRoundings[] = {{"round_prefer_floor", Rounding::kRoundPreferFloor},
                                           {"round_prefer_ceil", Rounding::kRoundPreferCeil},
                                           {"floor", Rounding::kFloor},
                                           {"ceil", Rounding::kCeil}};
constexpr Choice<AspectRatio> kAspectRatios[] = {{"stretch", AspectRatio::kStretch},
                                                 {"not_larger", AspectRatio::kNotLarger},
                                                 {"not_smaller", AspectRatio::kNotSmaller}};

/// A node's attributes.
struct Resize {
  ResizeRule rule;
  AspectRatio aspect_ratio = AspectRatio::kStretch;
  std::optional<Ints> axes;
};

/// The dimensions that the lists of sizes, scales and regions are about.
Ints axes_of(const Inputs& in, const std::optional<Ints>& axes) {
  Ints result;
  const int ndim = in[0].dim();
  for (int i = 0; i < ndim && !axes; ++i) result.push_back(i);
  for (const std::int64_t axis : axes.value_or(Ints())) {
    result.push_back(wrap_axis(in, axis, ndim));
  }
  return result;
}

/// Nothing is as large, and conversions of larger numbers would not be defined.
void require_size(const Inputs& in, const char* by, double size) {
  in.require(size < 0x1p40, by, " expected to give a size below 2^40, got ", size);
}

/// The dimensions with their sizes after, where scales are given.
std::vector<ResizeAxis> scaled_axes(const Inputs& in, const Ints& dims,
                                    const std::vector<float>& scales) {
  in.require(scales.size() == dims.size(), "scales expected ", dims.size(), " numbers, got ",
             scales.size());
  std::vector<ResizeAxis> result;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto dim = static_cast<int>(dims[i]);
    in.require(scales[i] > 0, "scales expected above 0, got ", scales[i]);
    const std::int64_t size = in[0].size(dim);
    // The product is rounded to f32, which makes 10 * 0.7 the 7 that was meant.
    const float output = std::floor(static_cast<float>(size) * scales[i]);
    require_size(in, "scales", static_cast<double>(output));
    result.push_back({.dim = dim,
                      .input = size,
                      .output = static_cast<std::int64_t>(output),
                      .scale = scales[i]});
  }
  return result;
}

/// Stretches all dimensions as the one that is stretched least, or most.
void keep_aspect_ratio(const Inputs& in, std::vector<ResizeAxis>& axes, AspectRatio aspect_ratio) {
  const auto less = [](const ResizeAxis& a, const ResizeAxis& b) {
    return static_cast<double>(a.to) * static_cast<double>(b.from) <
           static_cast<double>(b.to) * static_cast<double>(a.from);
  };
  const auto [least, most] = std::ranges::minmax_element(axes, less);
  if (least == axes.end()) return;
  const ResizeAxis chosen = aspect_ratio == AspectRatio::kNotLarger ? *least : *most;
  for (ResizeAxis& axis : axes) {
    axis.to = chosen.to;
    axis.from = chosen.from;
    // Halves go up.
    const auto to = static_cast<double>(axis.to), from = static_cast<double>(axis.from);
    const double output =
        std::floor((2 * static_cast<double>(axis.input) * to + from) / (2 * from));
    require_size(in, "sizes", output);
    axis.output = static_cast<std::int64_t>(output);
  }
}

/// The dimensions with the sizes that are given, or with what the aspect ratio leaves of them.
std::vector<ResizeAxis> sized_axes(const Inputs& in, const Ints& dims, const Ints& sizes,
                                   AspectRatio aspect_ratio) {
  in.require(sizes.size() == dims.size(), "sizes expected ", dims.size(), " numbers, got ",
             sizes.size());
  std::vector<ResizeAxis> result;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto dim = static_cast<int>(dims[i]);
    const std::int64_t size = in[0].size(dim);
    in.require(sizes[i] >= 0, "sizes expected at least 0, got ", sizes[i]);
    require_size(in, "sizes", static_cast<double>(sizes[i]));
    ResizeAxis axis{.dim = dim, .input = size, .output = sizes[i]};
    // Nothing stretches to something: run_resized refuses that.
    if (size > 0) axis.to = sizes[i], axis.from = size;
    result.push_back(axis);
  }
  if (aspect_ratio != AspectRatio::kStretch) keep_aspect_ratio(in, result, aspect_ratio);
  return result;
}

/// Sets the regions of interest: all beginnings, then all ends.
void set_regions(const Inputs& in, std::vector<ResizeAxis>& axes, const Tensor& roi) {
  const std::vector<double> values = roi.to_vector<double>();
  in.require(values.size() == 2 * axes.size(), "roi expected ", 2 * axes.size(), " numbers, got ",
             values.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    axes[i].begin = values[i];
    axes[i].end = values[i + axes.size()];
  }
}

Tensor run_resized(const Inputs& in, const Resize& resize, const std::vector<ResizeAxis>& axes) {
  const bool computes = resize.rule.interpolation == Interpolation::kLinear;
  const bool moves = resize.rule.coordinates == Coordinates::kTfCropAndResize ||
                     resize.rule.coordinates == Coordinates::kTfHalfPixelForNn;
  Tensor y = computes ? to_real(in[0]) : in[0];
  for (const ResizeAxis& axis : axes) {
    in.require(axis.input > 0 || axis.output == 0, "input expected elements to resize, got ",
               in[0].sizes());
    // Where nothing is stretched each element has its own place, but for two ways of counting.
    const bool stays = axis.input == axis.output && axis.stays() && !moves;
    if (!stays) y = resize_along(y, axis, resize.rule);
  }
  return y.to(in[0].dtype());
}

Run bind_resize_10(const NodeReader& node) {
  Resize resize;
  resize.rule.interpolation = read_choice(node, "mode", "nearest", kInterpolations);
  return [resize](const Inputs& in) -> Tensors {
    const auto scales = in[1].to_vector<float>();
    return {run_resized(in, resize, scaled_axes(in, axes_of(in, {}), scales))};
  };
}

Resize read_resize(const NodeReader& node) {
  Resize resize;
  resize.rule.interpolation = read_choice(node, "mode", "nearest", kInterpolations);
  resize.rule.coordinates =
      read_choice(node, "coordinate_transformation_mode", "half_pixel", kCoordinates);
  resize.rule.rounding = read_choice(node, "nearest_mode", "round_prefer_floor", kRoundings);
  resize.aspect_ratio = read_choice(node, "keep_aspect_ratio_policy", "stretch", kAspectRatios);
  resize.rule.outside = node.real("extrapolation_value", 0);
  // Of cubic interpolation; and of neighbours outside, of which linear interpolation has none.
  node.pass_over({"cubic_coeff_a", "exclude_outside"});
  if (node.has("axes")) resize.axes = node.ints("axes");
  node.require(node.integer("antialias", 0) == 0, "antialias expected 0, got 1");
  return resize;
}

Run bind_resize(const NodeReader& node) {
  if (node.opset() < 11) return bind_resize_10(node);
  return [resize = read_resize(node)](const Inputs& in) -> Tensors {
    const Ints dims = axes_of(in, resize.axes);
    // Below opset 13 an empty tensor stands for an input that is not there.
    const auto given = [&](std::size_t i) { return in.has(i) && in[i].numel() > 0; };
    in.require(given(2) != given(3), "scales or sizes expected, got ",
               given(2) ? "both" : "neither");
    std::vector<ResizeAxis> axes = given(3) ? sized_axes(in, dims, in.ints(3), resize.aspect_ratio)
                                            : scaled_axes(in, dims, in[2].to_vector<float>());
    if (resize.rule.coordinates == Coordinates::kTfCropAndResize) set_regions(in, axes, in[1]);
    return {run_resized(in, resize, axes)};
  };
}

Run bind_upsample(const NodeReader& node) {
  if (node.opset() >= 9) return bind_resize_10(node);
  Resize resize;
  resize.rule.interpolation = read_choice(node, "mode", "nearest", kInterpolations);
  std::vector<float> scales;
  for (const double scale : node.reals("scales")) scales.push_back(static_cast<float>(scale));
  return [resize, scales](const Inputs& in) -> Tensors {
    return {run_resized(in, resize, scaled_axes(in, axes_of(in, {}), scales))};
  };
}

constexpr Operator kResizeOperators[] = {
    {.name = "Resize", .bind = bind_resize, .numbers = {1, 4}},
    {.name = "Upsample", .bind = bind_upsample, .numbers = {1, 2}},
};

}  // namespace

std::span<const Operator> resize_operators() { return kResizeOperators; }

}  // namespace fovea::graph
