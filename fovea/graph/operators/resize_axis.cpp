#include "fovea/graph/operators/resize_axis.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "fovea/tensor/ops.h"

namespace fovea::graph {

namespace {

using Ints = std::vector<std::int64_t>;

/// A position in the region of interest, where the size after is `size` / `part`.
double in_region(const ResizeAxis& axis, double x, double size, double part) {
  const auto last = static_cast<double>(axis.input - 1);
  if (size <= part) return last * (axis.begin + axis.end) / 2;
  return (axis.begin * (size - part) + x * (axis.end - axis.begin) * part) * last / (size - part);
}

/// The position of output x by sizes: one division of whole numbers, which below 2^53 gives a whole
/// number, or the middle between two, only where the fraction is that.
double by_sizes(Coordinates coordinates, const ResizeAxis& axis, double x) {
  const auto to = static_cast<double>(axis.to), from = static_cast<double>(axis.from);
  const auto last = static_cast<double>(axis.input - 1);
  // The size after, before it was made a whole number, is size / part.
  const std::int64_t common = std::gcd(axis.input, axis.from);
  const std::int64_t whole = axis.input / common, parts = axis.from / common;
  const double size = static_cast<double>(whole) * to;
  const auto part = static_cast<double>(parts);
  const double half_pixel = ((2 * x + 1) * from - to) / (2 * to);
  switch (coordinates) {
    case Coordinates::kHalfPixel:
      return half_pixel;
    case Coordinates::kHalfPixelSymmetric:
      // The output is shifted so that both centres meet.
      return (last * to + (2 * x + 1 - static_cast<double>(axis.output)) * from) / (2 * to);
    case Coordinates::kPytorchHalfPixel:
      return size > part ? half_pixel : 0;
    case Coordinates::kAlignCorners:
      return size > part ? x * last * part / (size - part) : 0;
    case Coordinates::kAsymmetric:
      return x * from / to;
    case Coordinates::kTfCropAndResize:
      return in_region(axis, x, size, part);
    case Coordinates::kTfHalfPixelForNn:
      return (2 * x + 1) * from / (2 * to);
  }
  return x;
}

/// The position of output x by a scale, which is a little off what was meant: a quotient that is
/// rounded to f32, as `narrow` asks for, is what was meant again where that is a whole number.
double by_scale(Coordinates coordinates, const ResizeAxis& axis, double x, bool narrow) {
  const auto quotient = [&](double value) {
    return narrow ? static_cast<double>(static_cast<float>(value) / axis.scale)
                  : value / static_cast<double>(axis.scale);
  };
  const auto last = static_cast<double>(axis.input - 1);
  // Before it was made a whole number.
  const auto size = static_cast<double>(static_cast<float>(axis.input) * axis.scale);
  const double half_pixel = quotient(x + 0.5) - 0.5;
  switch (coordinates) {
    case Coordinates::kHalfPixel:
      return half_pixel;
    case Coordinates::kHalfPixelSymmetric:
      return (last + 1) / 2 * (1 - static_cast<double>(axis.output) / size) + half_pixel;
    case Coordinates::kPytorchHalfPixel:
      return size > 1 ? half_pixel : 0;
    case Coordinates::kAlignCorners:
      return size > 1 ? x * last / (size - 1) : 0;
    case Coordinates::kAsymmetric:
      return quotient(x);
    case Coordinates::kTfCropAndResize:
      return in_region(axis, x, size, 1);
    case Coordinates::kTfHalfPixelForNn:
      return quotient(x + 0.5);
  }
  return x;
}

/// The position in the input, in elements, of output `at`.
double source_of(const ResizeRule& rule, const ResizeAxis& axis, std::int64_t at) {
  const auto x = static_cast<double>(at);
  if (axis.scale == 0) return by_sizes(rule.coordinates, axis, x);
  // Between elements nothing jumps; and f32 does not count further.
  const bool narrow = rule.interpolation == Interpolation::kNearest && axis.output < std::int64_t{1}
                                                                                         << 22;
  return by_scale(rule.coordinates, axis, x, narrow);
}

double round_to_element(Rounding rounding, double position, float scale) {
  switch (rounding) {
    case Rounding::kRoundPreferFloor:
      return std::ceil(position - 0.5);
    case Rounding::kRoundPreferCeil:
      return std::floor(position + 0.5);
    case Rounding::kFloor:
      return std::floor(position);
    case Rounding::kCeil:
      return std::ceil(position);
    case Rounding::kByScale:
      return scale < 1 ? std::ceil(position) : std::floor(position);
  }
  return position;
}

Tensor pick(const Tensor& x, int dim, const Ints& index) {
  return index_select(x, dim,
                      from_data(index, {static_cast<std::int64_t>(index.size())}, x.device()));
}

/// Values that go with the positions of dimension `dim` of x.
template <class T>
Tensor beside(const Tensor& x, int dim, const std::vector<T>& values) {
  Shape sizes = Shape::filled(x.dim(), 1);
  sizes[dim] = static_cast<std::int64_t>(values.size());
  return from_data(values, sizes, x.device());
}

}  // namespace

Tensor resize_along(const Tensor& x, const ResizeAxis& axis, const ResizeRule& rule) {
  const auto last = static_cast<double>(axis.input - 1);
  // Without std::clamp, so that a position that is NaN becomes 0.
  const auto inside = [last](double at) { return at > 0 ? std::min(at, last) : 0; };
  Ints low, high;
  std::vector<double> shares;  // of `high`
  std::vector<std::uint8_t> is_outside;
  // What is beyond all memory fails here, and not after filling it.
  const auto count = static_cast<std::size_t>(axis.output);
  low.reserve(count);
  is_outside.reserve(count);
  if (rule.interpolation == Interpolation::kLinear) {
    high.reserve(count);
    shares.reserve(count);
  }
  for (std::int64_t i = 0; i < axis.output; ++i) {
    const double at = source_of(rule, axis, i);
    is_outside.push_back(at < 0 || at > last);
    if (rule.interpolation == Interpolation::kNearest) {
      const double nearest = round_to_element(rule.rounding, at, axis.scale);
      low.push_back(static_cast<std::int64_t>(inside(nearest)));
    } else {
      const double cut = inside(at), below = std::floor(cut);
      low.push_back(static_cast<std::int64_t>(below));
      high.push_back(static_cast<std::int64_t>(inside(below + 1)));
      shares.push_back(cut - below);
    }
  }
  Tensor y = pick(x, axis.dim, low);
  if (rule.interpolation == Interpolation::kLinear) {
    const Tensor share = beside(x, axis.dim, shares).to(x.dtype());
    y = y + (pick(x, axis.dim, high) - y) * share;
  }
  if (rule.coordinates != Coordinates::kTfCropAndResize) return y;
  const Tensor mask = beside(x, axis.dim, is_outside).to(boolean);
  return where(mask, scalar(rule.outside, {.dtype = x.dtype(), .device = x.device()}), y);
}

}  // namespace fovea::graph
