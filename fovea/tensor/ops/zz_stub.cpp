#include "fovea/tensor/ops.h"
namespace fovea { __attribute__((weak)) Tensor matmul(const Tensor& a, const Tensor&) { return a; } }
