// How Sequential runs its children: neighbours that belong together are one run, which may be one
// fused operation.
//
// A run is a producer and what is done to its result on the way to memory: normalised, activated,
// pooled, dropped, in this order, each at most once and any of them absent. What a run can be is
// described here once; there is no class for every combination. Fused or not, a run computes the
// same within rounding.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "fovea/nn/module.h"

namespace fovea::nn {

class BatchNorm2d;
class Conv2d;
class Dropout;
class Linear;
class MaxPool2d;
class ReLU;

/// Consecutive children of a Sequential that may run as one operation. What is absent is null; a
/// child of another kind, or with a hook, is a run of its own with every pointer null.
struct Run {
  std::size_t begin = 0;        ///< first child
  std::size_t end = 0;          ///< past the last child
  Conv2d* conv = nullptr;       ///< the producer, if it is a convolution
  Linear* linear = nullptr;     ///< the producer, if it is fully connected
  BatchNorm2d* norm = nullptr;  ///< normalisation
  ReLU* relu = nullptr;         ///< activation
  MaxPool2d* pool = nullptr;    ///< pooling
  Dropout* dropout = nullptr;   ///< dropout of elements
};

/// Cuts children into runs, each as long as it can be.
std::vector<Run> plan_runs(std::span<const std::shared_ptr<Module>> children);

/// The output of one run for the input `x`.
Tensor execute(const Run& run, std::span<const std::shared_ptr<Module>> children, const Tensor& x);

}  // namespace fovea::nn
