// Named tensors: what a module's state, a weights file and an optimiser's state have in common.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea {

/// Tensors with their names, in an order that means something: that of registration, or of a file.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The values of a model: dotted names ("layer1.0.weight") and tensors, in the order of
/// registration.
using StateDict = NamedTensors;

/// The tensor called `name`; null when there is none.
inline const Tensor* find(const NamedTensors& tensors, std::string_view name) {
  for (const auto& [key, tensor] : tensors) {
    if (key == name) return &tensor;
  }
  return nullptr;
}

}  // namespace fovea
