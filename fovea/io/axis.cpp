#include "fovea/io/axis.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace fovea::io {

namespace {

/// The smallest of 1, 2, 5, 10, 20, ... times a power of ten that cuts `span` into at most `most`
/// intervals.
double round_step(double span, int most) {
  const double raw = span / most;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

Axis::Axis(double low, double high, double from, double to, int most_ticks, Ends ends,
           double smallest_step)
    : low_(low), high_(high), from_(from), to_(to) {
  if (!(high_ > low_)) {
    const double room = std::max(std::abs(low), 1.0) / 2;
    low_ = low - room;
    high_ = high + room;
  }
  step_ = std::max(round_step(high_ - low_, most_ticks), smallest_step);
  if (ends == Ends::kRound) {
    low_ = std::floor(low_ / step_ + 1e-9) * step_;
    high_ = std::ceil(high_ / step_ - 1e-9) * step_;
  }
}

std::vector<double> Axis::ticks() const {
  std::vector<double> values;
  const auto first = static_cast<std::int64_t>(std::ceil(low_ / step_ - 1e-9));
  const auto last = static_cast<std::int64_t>(std::floor(high_ / step_ + 1e-9));
  for (std::int64_t i = first; i <= last; ++i) values.push_back(static_cast<double>(i) * step_);
  return values;
}

std::string Axis::label(double tick) const {
  const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(step_) - 1e-9)));
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, tick);
  return text;
}

}  // namespace fovea::io
