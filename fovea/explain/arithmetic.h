// Numbers and sums as people read them, the way textbooks print them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace fovea::explain {

/// A number: a whole one without a point, another with at most `digits` significant digits and no
/// trailing zeros. "nan", "inf", "-inf".
std::string number_text(double value, int digits = 4);

/// Products and their sum, a pair of brackets a product and a wider gap between rows:
/// `(1x1)+(0x0)+(0x1) + (0x0)+(1x1)+(0x0)`. Rows have `columns` products. A negative second factor
/// stands in brackets of its own.
/// Requires as many weights as values.
std::string products_text(std::span<const double> values, std::span<const double> weights,
                          std::int64_t columns);

/// Numbers with plus signs between them, negative ones in brackets: `3 + (-1) + (-3) + 1`.
std::string sum_text(std::span<const double> terms);

}  // namespace fovea::explain
