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
ResampleLine<Real>::ResampleLine(const ScaledLine& line, Interpolation interpolation) {
  first_.reserve(static_cast<std::size_t>(line.wanted));
  begin_.reserve(static_cast<std::size_t>(line.wanted) + 1);
  if (interpolation == Interpolation::kNearest) {
    add_nearest(line);
  } else {
    add_bilinear(line);
  }
}

template <class Real>
void ResampleLine<Real>::add_nearest(const ScaledLine& line) {
  const auto [start, length, count, from, wanted] = line;
  weights_.assign(static_cast<std::size_t>(wanted), Real{1});
  for (std::int64_t i = from; i < from + wanted; ++i) {
    first_.push_back(start + std::min(length - 1, (2 * i + 1) * length / (2 * count)));
    begin_.push_back(begin_.back() + 1);
  }
}

template <class Real>
void ResampleLine<Real>::add_bilinear(const ScaledLine& line) {
  const auto [start, length, count, from, wanted] = line;
  const double scale = static_cast<double>(length) / static_cast<double>(count);
  const double support = std::max(scale, 1.0);  // half the width of the triangle, in old pixels
  std::vector<double> filter;
  for (std::int64_t i = from; i < from + wanted; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    auto first =
        std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(center - support + 0.5)));
    const auto last =
        std::min(length, static_cast<std::int64_t>(std::floor(center + support + 0.5)));
    filter.clear();
    double total = 0;
    for (std::int64_t j = first; j < last; ++j) {
      const double weight =
          std::max(0.0, 1.0 - std::abs(static_cast<double>(j) - center + 0.5) / support);
      // Pixels at the triangle's foot are left out: an infinite one would become NaN.
      if (weight == 0 && filter.empty()) {
        first = j + 1;
      } else {
        filter.push_back(weight);
        total += weight;
      }
    }
    while (filter.back() == 0) filter.pop_back();
    for (const double weight : filter) weights_.push_back(static_cast<Real>(weight / total));
    first_.push_back(start + first);
    begin_.push_back(weights_.size());
  }
}

template <class T>
Resampler<T>::Resampler(const ImagePart& part, ImageSize size, const ImagePart& window,
                        Interpolation interpolation)
    : rows_({.start = part.top,
             .length = part.size.height,
             .count = size.height,
             .from = window.top,
             .wanted = window.size.height},
            interpolation),
      columns_({.start = part.left,
                .length = part.size.width,
                .count = size.width,
                .from = window.left,
                .wanted = window.size.width},
               interpolation),
      left_(columns_.read_begin()),
      width_(columns_.read_end() - left_) {}

// Rows are added first: that loop is the one which a compiler vectorises, and it leaves fewer
// pixels to the other one when images shrink.
template <class T>
void Resampler<T>::apply(const T* plane, std::int64_t columns, T* out, Real* scratch) const {
  for (std::int64_t row = 0; row < rows_.size(); ++row) {
    add_rows(plane + rows_.first(row) * columns + left_, columns, rows_.weights(row), width_,
             scratch);
    for (std::int64_t column = 0; column < columns_.size(); ++column) {
      const Real* from = scratch + (columns_.first(column) - left_);
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
