#include "fovea/kernels/cpu/bf16.h"

namespace fovea::kernels::cpu {

bool has_bf16_products() { return false; }

}  // namespace fovea::kernels::cpu
