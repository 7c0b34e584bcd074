// Philox in vector registers. reference/random.h says which word is whose.
#pragma once

#include <cstdint>

#include "fovea/core/rng.h"

namespace fovea::kernels::cpu {

/// The words of group `group`'s 64 elements.
void philox_group(const RngKey& key, std::int64_t group, std::uint32_t* words);

/// Dropout over whole groups [begin, end) of elements of dense arrays: y = x * scale where the
/// upper 24 bits of the element's word are >= threshold, else 0; with `relu` 0 where x < 0 too. x
/// may be y.
void dropout_groups(const RngKey& key, std::int64_t begin, std::int64_t end, std::int32_t threshold,
                    float scale, bool relu, const float* x, float* y);

}  // namespace fovea::kernels::cpu
