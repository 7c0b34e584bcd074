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

/// A number for all `dims` dimensions, or one for each: "2" or "2,1". Throws likewise, and unless
/// each is at least `least`, and no more than a size can be.
PerDim parse_per_dim(std::string_view flag, const std::string& text, int dims, std::int64_t least);
/// The same, or "same", which wants a stride of 1, or "valid". Throws likewise.
Padding parse_padding(std::string_view flag, const std::string& text, int dims,
                      const PerDim& stride);

/// Throws UsageError unless `value`, a learning rate, is a finite number of at least 0.
void check_rate(std::string_view flag, double value);
/// Throws UsageError unless `value`, the decay of a mean, is at least 0 and below 1.
void check_decay(std::string_view flag, double value);

}  // namespace fovea::cli
