// Normalisation within a sample: of layers, of groups of channels, of single channels.
//
// Made of other operations, on f32 or f64 in any layout. Values are centred before they are
// squared, so the variance is as accurate as the values, whatever their mean.
#pragma once

#include <cstdint>

#include "fovea/tensor/tensor.h"

namespace fovea {

/// A tensor with mean 0 and variance 1 along some dimensions, and what made it so.
struct Standardized {
  Tensor y;     ///< (x - mean) * rstd
  Tensor mean;  ///< size 1 along those dimensions
  Tensor rstd;  ///< 1 / sqrt(var + eps), likewise; var divides by the count
};

/// x standardized along `dims`.
///
/// Throws   ArgumentError when eps is negative or NaN; IndexError for dims that x does not have;
///          DTypeError unless f32 or f64.
Standardized standardize(const Tensor& x, const Shape& dims, double eps = 1e-5);

/// Layer normalisation: over the last dimensions of each sample.
///
/// Formula  y = standardize(x, the last dimensions) * weight + bias.
/// Shapes   x [..., normalized_shape...] -> y likewise; weight and bias normalized_shape, or
///          undefined.
/// Throws   ShapeError for other shapes; otherwise as standardize.
/// Source   Ba, Kiros and Hinton 2016; ONNX LayerNormalization, opset 17.
Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

/// Group normalisation: over each of `num_groups` groups of neighbouring channels of each sample,
/// then scale and shift a channel.
///
/// Shapes   x [n, c, ...] -> y likewise; weight and bias [c], or undefined.
/// Throws   ShapeError when c is no multiple of num_groups, and for other shapes; ArgumentError
///          when num_groups is below 1; otherwise as standardize.
/// Source   Wu and He 2018; ONNX GroupNormalization, opset 21.
Tensor group_norm(const Tensor& x, std::int64_t num_groups, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

/// Instance normalisation: over each channel of each sample, then scale and shift a channel.
///
/// Shapes   x [n, c, spatial...] -> y likewise; weight and bias [c], or undefined.
/// Throws   ShapeError for other shapes; otherwise as standardize.
/// Source   Ulyanov et al. 2016; ONNX InstanceNormalization, opset 6.
Tensor instance_norm(const Tensor& x, const Tensor& weight = {}, const Tensor& bias = {},
                     double eps = 1e-5);

}  // namespace fovea
