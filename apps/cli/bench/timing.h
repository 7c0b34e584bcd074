// Timing pieces of work fairly: in rounds that take turns, so that a machine that slows down slows
// all of them, and by the median, so that a disturbance does not count.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace fovea::cli {

/// A piece of work and how long it takes.
struct Timed {
  std::string name;            ///< for people
  std::function<void()> work;  ///< does it once
  double operations = 0;       ///< floating-point operations of it, direct convolution counted
  std::vector<double> seconds = {};  ///< of one run, a value a round
};

/// Times each piece in `rounds` rounds, in each for about `seconds_a_round`; `between` is called
/// before each round.
void time_in_turns(std::vector<Timed>& pieces, int rounds, double seconds_a_round,
                   const std::function<void()>& between);

/// The middle of the values; requires at least one.
double median(std::vector<double> values);

}  // namespace fovea::cli
