// How a board's picture moves: keyframes of style sheets, all of one loop.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "fovea/io/svg.h"

namespace fovea::explain {

/// The loop of a board with `stops` stops: each has a slot of time, in which the window arrives,
/// the arithmetic is read and the result flies to its place; after the last there is a pause. A
/// rule is O(1) text a stop, and without motion none is in force.
class SvgMotion {
 public:
  /// `prefix` begins the names of all rules; without motion the stop `rest` is seen.
  SvgMotion(std::string prefix, std::size_t stops, std::size_t rest);

  /// A class for what is at one of these places in each stop, or not there; it glides from one to
  /// the next. It must be drawn at that of rest.
  std::string add_window(const std::vector<std::optional<io::SvgPoint>>& places);
  /// A class for what is written at a stop: it comes flying from so far.
  std::string add_result(std::size_t stop, io::SvgPoint from);
  /// A class for what is written while stops are left out: it comes before `stop`.
  std::string add_sudden(std::size_t stop);
  /// A group that is seen while a stop lasts; without motion that of rest is.
  io::SvgGroup seen_during(std::size_t stop) const;
  /// A class for a bar that grows from its left to its full length.
  std::string add_progress();

  /// All rules, for SvgCanvas::add_style.
  std::string rules() const;

 private:
  /// The share of the loop at which `part` of a stop's slot is over, as a percentage.
  std::string at(std::size_t stop, double part) const;
  std::string add(const std::string& keyframes, const char* timing);

  std::string prefix_;
  std::size_t stops_, rest_;
  double slot_, loop_;  // seconds
  std::size_t names_ = 0;
  std::string rules_;
};

}  // namespace fovea::explain
