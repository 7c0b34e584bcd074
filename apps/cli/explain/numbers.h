// Numbers on the command line: images and kernels typed as rows, positions, sizes a dimension.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/tensor/ops/spatial.h"
#include "fovea/tensor/tensor.h"

namespace fovea::cli {

/// Numbers as they are typed: with spaces or commas between them, rows with ";" and slices with
/// "|": "1 0; 0 1 | 2 0; 0 2".
///
/// Returns  f64 [slices, rows, columns].
/// Throws   UsageError naming `flag`: no number, one that is none or not finite, rows or slices of
///          different sizes, more than 65,536 numbers.
Tensor parse_numbers(std::string_view flag, const std::string& text);

/// Whole numbers with commas between them: "5,7". Throws UsageError naming `flag` where it is
/// something else, or not `least` to `most` of them.
Shape parse_integers(std::string_view flag, const std::string& text, int least, int most);

/// A number for all dimensions or one for each, of at most three: "2" or "2,1". Throws likewise.
PerDim parse_per_dim(std::string_view flag, const std::string& text);
/// The same, or "same" or "valid". Throws likewise.
Padding parse_padding(std::string_view flag, const std::string& text);

}  // namespace fovea::cli
