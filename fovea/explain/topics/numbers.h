// What the walks of topics have in common: numbers as they take and give them, and words.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "fovea/explain/walk.h"
#include "fovea/tensor/ops/spatial.h"

namespace fovea::explain {

/// The most stops that a walk may have.
inline constexpr std::int64_t kMostStops = 65536;
/// The most numbers that one tensor of a walk, or its windows together, may have.
inline constexpr std::int64_t kMostNumbers = 1 << 22;

/// New tensors of walks: f64, so that sums of small whole numbers are exact, on the CPU.
inline constexpr TensorOptions kExact{.dtype = f64, .device = cpu};

/// `x` as walks compute with it: a copy as kExact says, gapless and off the tape.
/// Throws   ArgumentError, naming `topic` and `name`, when it is undefined, empty or larger than
///          kMostNumbers.
Tensor exact(const Tensor& x, const char* topic, const char* name);
/// A list of numbers, as kExact says.
Tensor exact_list(std::span<const double> values);

/// Throws ArgumentError in the name of `topic` when there are more than kMostStops, or their
/// windows of `window` numbers hold more than kMostNumbers together.
void check_stops(const char* topic, std::int64_t stops, std::int64_t window);

/// A sentence or more.
Note say(std::string english, std::string korean);
/// A line of arithmetic.
Note say_formula(Text text);
/// Size formulas, a line each, with the dimensions' names where there are several.
void say_sizes(const std::vector<std::string>& formulas, std::vector<Block>& blocks);
/// Lines as they are.
Note say_code(std::string text);

/// "Step 3: row 0, column 2"; with `what` before the place: "Step 3: filter 1, row 0, column 2".
Text stop_title(std::int64_t step, const Shape& at, const Text& what = {});
/// "3x3".
std::string by_text(const Shape& sizes);
/// One number where all are equal, else their list.
Value one_or_list(const Shape& numbers);
/// A list of texts.
Value list_of_texts(const std::vector<std::string>& texts);
/// "4" or "-0.5", with at most `digits` significant digits, for tables.
Text cell(double value, int digits = 4);

}  // namespace fovea::explain
