// Is a Sequential, executed as it likes, the same as its children one by one?
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "fovea/core/shape.h"
#include "fovea/nn/containers.h"

namespace fovea::test {

/// Makes the network under test; each call the same structure, whatever the weights.
using MakeNetwork = std::function<std::shared_ptr<nn::Sequential>()>;

/// Compares a network's free execution (fused where Sequential knows how) with that of the same
/// layers one by one, which a hook on each child enforces, in training and evaluation, with
/// gradients and without: the output, the gradients of the input and of every parameter, and every
/// buffer. Fails the running test, with the seed and the network, where they differ by more than
/// rounding.
///
/// The yardstick is the same network in f64, one by one. With e the largest error of a tensor when
/// its layers run in f32 one by one, the free execution may err by 8 e + 32 eps k s: fusing changes
/// the order and number of roundings, not how far each one is carried. Here s is the largest value
/// of the tensor or, for a gradient, of all gradients; and k is what x * scale + shift loses of
/// (x - mean) * scale, the largest 1 + |mean| / deviation of any channel that is normalised.
///
/// Inputs are drawn from `seed` until no relu and no maximum is so close to turning over that f32
/// could decide otherwise than f64, and rounding moves nothing by more than 0.1 %.
void expect_fused_is_plain(const MakeNetwork& make, const Shape& input, std::uint64_t seed);

}  // namespace fovea::test
