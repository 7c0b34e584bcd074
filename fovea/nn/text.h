// How PyTorch writes options when it prints a module. Library internal.
#pragma once

#include <string>

#include "fovea/core/shape.h"
#include "fovea/tensor/ops/spatial.h"

namespace fovea::nn::text {

/// "True" or "False".
inline std::string flag(bool value) { return value ? "True" : "False"; }
/// The shortest decimal that reads back as `value`, as Python's repr writes it: "0.1", "1e-05",
/// "2.0".
std::string number(double value);
/// "(3, 3)", "(3,)", "()".
std::string tuple(const Shape& values);
/// "3" where one number stands for all dimensions, else a tuple.
std::string per_dim(const PerDim& values);

}  // namespace fovea::nn::text
