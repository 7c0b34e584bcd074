// Gradients written out: the products that they are the sums of.
#pragma once

#include <string>
#include <vector>

#include "fovea/explain/model/operations.h"

namespace fovea::explain {

/// Their sum, exact.
double sum_of_terms(const std::vector<GradientTerm>& terms);
/// The sum of their sizes: what an error of rounding is measured by.
double size_of_terms(const std::vector<GradientTerm>& terms);

/// The largest products, and the sum of the others; `met` names the first factor.
Table terms_table(const std::vector<GradientTerm>& given, const Text& met);
/// The largest products for programs: "at", `met`, "upstream", "product".
Value largest_terms(const std::vector<GradientTerm>& given, const std::string& met);

}  // namespace fovea::explain
