// Scores of classes as options of a walk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// The most classes that a walk shows.
inline constexpr std::int64_t kMostClasses = 1000;

/// Scores and the names of their classes.
struct ClassScores {
  Tensor scores;                          ///< [classes], f64 on the CPU
  std::vector<std::string> classes = {};  ///< as many names
};

/// What was given, or scores of 2, 1 and 0.1, and the classes' numbers for names. Throws
/// ShapeError, ArgumentError in the name of `topic` where they do not fit each other.
ClassScores check_class_scores(const char* topic, const Tensor& scores,
                               const std::vector<std::string>& classes);

}  // namespace fovea::explain
