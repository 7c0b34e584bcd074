// An axis of a chart: a range that ends at round numbers, and its ticks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fovea::io {

/// A straight map from values to pixels, with ticks at round numbers: 1, 2 or 5 times a power of
/// ten apart.
class Axis {
 public:
  /// Whether an axis may end at numbers that do not occur.
  enum class Ends : std::uint8_t {
    kRound,  ///< at the ticks around the values
    kExact,  ///< at the values
  };

  /// An axis over [low, high], drawn from pixel `from` to pixel `to`, with at most `most_ticks`
  /// intervals no smaller than `smallest_step`. Equal ends are set apart.
  Axis(double low, double high, double from, double to, int most_ticks, Ends ends,
       double smallest_step = 0);

  /// The pixel of a value.
  double at(double value) const { return from_ + (value - low_) / (high_ - low_) * (to_ - from_); }
  /// Values of the ticks, in order.
  std::vector<double> ticks() const;
  /// A tick's text, with as many digits as tell the ticks apart.
  std::string label(double tick) const;

 private:
  double low_, high_, from_, to_, step_;
};

}  // namespace fovea::io
