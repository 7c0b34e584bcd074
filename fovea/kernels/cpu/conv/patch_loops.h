// Vector loops over the patches of a few rows of pixels, a row for each element of a patch,
// compiled once for each instruction set.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// Elements of a patch are handled in groups of this many.
inline constexpr std::int64_t kPatchGroup = 3;

/// Copies `rows` runs of `columns` floats, `from_step` apart, to one gapless row.
void patch_gather_row(const float* from, std::int64_t from_step, std::int64_t rows,
                      std::int64_t columns, float* to);
/// Adds products of rows, and the rows themselves, to sums that are kept a vector lane each: row i
/// times row j to sums[(i * count + j) * lanes], for all pairs of groups i <= j, and row i to
/// sums[(count * count + i) * lanes]. `count` is a multiple of kPatchGroup, and `length`, that of
/// the rows, one of the lanes.
void patch_add_products(const float* rows, std::int64_t length, std::int64_t count, float* sums);
/// totals[i] += the sum of the lanes of sums [size, lanes].
void patch_add_lanes(const float* sums, std::int64_t size, double* totals);

}  // namespace fovea::kernels::cpu
