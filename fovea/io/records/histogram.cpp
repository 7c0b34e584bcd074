#include <algorithm>
#include <cmath>
#include <limits>

#include "fovea/core/error.h"
#include "fovea/io/records/event_file.h"
#include "fovea/tensor/tape.h"

namespace fovea::io {

namespace {

// Calls `visit` with every finite value, a piece of the tensor at a time.
template <class Visit>
void each_value(const Tensor& values, const Visit& visit) {
  constexpr std::int64_t kPiece = std::int64_t{1} << 16;
  const std::int64_t count = values.numel();
  const Tensor flat = values.detach().view({count});
  for (std::int64_t first = 0; first < count; first += kPiece) {
    for (const double value :
         flat.narrow(0, first, std::min(kPiece, count - first)).to_vector<double>())
      if (std::isfinite(value)) visit(value);
  }
}

}  // namespace

Histogram histogram_of(const Tensor& values, int buckets) {
  check<ArgumentError>(buckets >= 1, "histogram: buckets expected at least 1, got ", buckets);
  Histogram histogram{.min = std::numeric_limits<double>::infinity(),
                      .max = -std::numeric_limits<double>::infinity()};
  each_value(values, [&](double value) {
    histogram.min = std::min(histogram.min, value);
    histogram.max = std::max(histogram.max, value);
    histogram.count += 1;
    histogram.sum += value;
    histogram.sum_squares += value * value;
  });
  if (histogram.count == 0) return {};
  // Halves, because the difference of two finite numbers may be infinite.
  const double half_width = histogram.max / 2 - histogram.min / 2;
  const int used = half_width > 0 ? buckets : 1;
  const auto last = static_cast<std::size_t>(used - 1);
  for (int i = 1; i < used; ++i) {
    const double share = static_cast<double>(i) / used;
    histogram.limits.push_back(histogram.min + 2 * (share * half_width));
  }
  histogram.limits.push_back(histogram.max);
  histogram.counts.resize(histogram.limits.size());
  each_value(values, [&](double value) {
    const double share = used > 1 ? (value / 2 - histogram.min / 2) / half_width : 0;
    histogram.counts[std::min(static_cast<std::size_t>(share * used), last)] += 1;
  });
  return histogram;
}

}  // namespace fovea::io
