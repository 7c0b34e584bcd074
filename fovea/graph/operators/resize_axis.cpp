#include "fovea/graph/operators/resize_axis.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fovea/tensor/ops.h"

namespace fovea::graph {

namespace {

using Ints = std::vector<std::int64_t>;

/// The position in the input, in elements, of output `at`.
double source_of(Coordinates coordinates, const ResizeAxis& axis, std::int64_t at) {
  const auto x = static_cast<double>(at);
  const auto last = static_cast<double>(axis.input - 1), input = last + 1;
  const double resized = axis.resized();
  const double half_pixel = (x + 0.5) / axis.scale - 0.5;
  switch (coordinates) {
    case Coordinates::kHalfPixel:
      return half_pixel;
    case Coordinates::kHalfPixelSymmetric:
      // Sizes are whole, scales are not: the output is shifted so that both centres meet.
      return input / 2 * (1 - static_cast<double>(axis.output) / resized) + half_pixel;
    case Coordinates::kPytorchHalfPixel:
      return resized > 1 ? half_pixel : 0;
    case Coordinates::kAlignCorners:
      return resized > 1 ? x * last / (resized - 1) : 0;
    case Coordinates::kAsymmetric:
      return x / axis.scale;
    case Coordinates::kTfCropAndResize:
      return resized > 1 ? last * (axis.begin + x * (axis.end - axis.begin) / (resized - 1))
                         : last * (axis.begin + axis.end) / 2;
    case Coordinates::kTfHalfPixelForNn:
      return (x + 0.5) / axis.scale;
  }
  return x;
}

double round_to_element(Rounding rounding, double position, double scale) {
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
    const double at = source_of(rule.coordinates, axis, i);
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
