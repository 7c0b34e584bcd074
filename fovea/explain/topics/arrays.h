// Arrays: numbers in a row, the same numbers with another shape, and how one is found.
#pragma once

#include <cstdint>

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_arrays.
struct ArraysTopic {
  double start = 0;          ///< arange's first number
  double end = 100;          ///< below which it ends
  double step = 3;           ///< from each to the next
  std::int64_t rows = 6;     ///< that it is resized to
  std::int64_t columns = 4;  ///< that it is resized to
  std::int64_t row = 3;      ///< of the element that is looked up
  std::int64_t column = 3;   ///< of the element that is looked up
};

/// arange, resize_, a row and an element, as the operations give them.
///
/// Throws   ArgumentError, IndexError for options outside their range.
Walk walk_arrays(const ArraysTopic& topic = {});

}  // namespace fovea::explain
