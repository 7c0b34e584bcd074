#include "fovea/data/resample.h"

#include <algorithm>
#include <cmath>

namespace fovea::data {

namespace {

template <class T, class Real>
T rounded(Real value) {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    return static_cast<std::uint8_t>(std::clamp<long>(std::lrint(value), 0, 255));
  } else {
    return value;
  }
}

/// sums[j] = the weighted sum of the rows from `row` on, of which each has `columns` values.
template <class T, class Real>
void add_rows(const T* row, std::int64_t columns, std::span<const Real> weights, std::int64_t count,
              Real* __restrict sums) {
  for (std::int64_t j = 0; j < count; ++j) sums[j] = weights[0] * static_cast<Real>(row[j]);
  for (const Real weight : weights.subspan(1)) {
    row += columns;
    for (std::int64_t j = 0; j < count; ++j) sums[j] += weight * static_cast<Real>(row[j]);
  }
}

}  // namespace

template <class Real>
ResampleLine<Real>::ResampleLine(std::int64_t start, std::int64_t length, std::int64_t count,
                                 Interpolation interpolation) {
  first_.reserve(static_cast<std::size_t>(count));
  begin_.reserve(static_cast<std::size_t>(count) + 1);
  if (interpolation == Interpolation::kNearest) {
    add_nearest(start, length, count);
  } else {
    add_bilinear(start, length, count);
  }
}

template <class Real>
void ResampleLine<Real>::add_nearest(std::int64_t start, std::int64_t length, std::int64_t count) {
  weights_.assign(static_cast<std::size_t>(count), Real{1});
  for (std::int64_t i = 0; i < count; ++i) {
    first_.push_back(start + std::min(length - 1, (2 * i + 1) * length / (2 * count)));
    begin_.push_back(begin_.back() + 1);
  }
}

template <class Real>
void ResampleLine<Real>::add_bilinear(std::int64_t start, std::int64_t length, std::int64_t count) {
  const double scale = static_cast<double>(length) / static_cast<double>(count);
  const double support = std::max(scale, 1.0);  // half the width of the triangle, in old pixels
  std::vector<double> line;
  for (std::int64_t i = 0; i < count; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(center - support + 0.5));
    const auto last = std::min(length, static_cast<std::int64_t>(center + support + 0.5));
    line.clear();
    double total = 0;
    for (std::int64_t j = first; j < last; ++j) {
      const double weight =
          std::max(0.0, 1.0 - std::abs(static_cast<double>(j) - center + 0.5) / support);
      // Pixels at the triangle's foot are left out: an infinite one would become NaN.
      if (weight == 0 && line.empty()) {
        first = j + 1;
      } else {
        line.push_back(weight);
        total += weight;
      }
    }
    while (line.back() == 0) line.pop_back();
    for (const double weight : line) weights_.push_back(static_cast<Real>(weight / total));
    first_.push_back(start + first);
    begin_.push_back(weights_.size());
  }
}

template <class T>
Resampler<T>::Resampler(const ImagePart& part, ImageSize size, Interpolation interpolation)
    : rows_(part.top, part.size.height, size.height, interpolation),
      columns_(0, part.size.width, size.width, interpolation),
      left_(part.left),
      width_(part.size.width) {}

// Rows are added first: that loop is the one which a compiler vectorises, and it leaves fewer pixels
// to the other one when images shrink.
template <class T>
void Resampler<T>::apply(const T* plane, std::int64_t columns, T* out, Real* scratch) const {
  for (std::int64_t row = 0; row < rows_.size(); ++row) {
    add_rows(plane + rows_.first(row) * columns + left_, columns, rows_.weights(row), width_,
             scratch);
    for (std::int64_t column = 0; column < columns_.size(); ++column) {
      const Real* from = scratch + columns_.first(column);
      Real sum = 0;
      for (const Real weight : columns_.weights(column)) sum += weight * *from++;
      *out++ = rounded<T>(sum);
    }
  }
}

template class ResampleLine<float>;
template class ResampleLine<double>;
template class Resampler<std::uint8_t>;
template class Resampler<float>;
template class Resampler<double>;

}  // namespace fovea::data
