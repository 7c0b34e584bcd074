// Arithmetic of whole numbers, which wraps as PyTorch's does: where a result does not fit into its
// type, it is the one modulo 2^n that does.
#pragma once

#include <cstdint>
#include <type_traits>

namespace fovea::kernels {

/// A whole number that holds the sums, products and negations of any two others.
__extension__ typedef __int128 Int128;  // NOLINT(modernize-use-using): an extension has no alias

/// What a function of T is computed in before it is cut to T again: floating point as it is, whole
/// numbers in a type that no sum, product or negation overflows, which would be undefined.
template <class T>
using Roomy = std::conditional_t<std::is_integral_v<T>,
                                 std::conditional_t<sizeof(T) <= 4, std::int64_t, Int128>, T>;

}  // namespace fovea::kernels
