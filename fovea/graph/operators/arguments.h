// What operators make of their arguments: axes and shapes, checked in the node's name, and dtypes.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/graph/node_reader.h"

namespace fovea::graph {

/// The dimension that `axis` (possibly negative) means among `ndim`. Throws ShapeError.
int wrap_axis(const Inputs& in, std::int64_t axis, int ndim);
/// The axes as dimensions among `ndim` in ascending order. Throws ShapeError when one comes twice.
std::vector<std::int64_t> sorted_axes(const Inputs& in, std::vector<std::int64_t> axes, int ndim);
/// `sizes` as a shape. Throws ShapeError when they are more than a tensor can have.
Shape to_shape(const Inputs& in, const std::vector<std::int64_t>& sizes);

/// x as [n, c, rest]: of [n, c, d1, d2, ...] with all that follows in one dimension, of [n, c] with
/// one element in it, of [n] as one channel. For what treats the elements of a channel alike.
Tensor channels_and_rest(const Tensor& x);

/// x in floating point that layers compute in: itself if it is f64, else in f32, which holds every
/// value of half precision and of whole numbers up to 2^24.
Tensor to_real(const Tensor& x);

}  // namespace fovea::graph
