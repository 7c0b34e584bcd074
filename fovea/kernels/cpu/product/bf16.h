// What this processor can do with bf16.
#pragma once

namespace fovea::kernels::cpu {

/// True when the processor has bf16 dot products (AVX512_BF16) that sum in f32, and the kernels to
/// use them were compiled in.
bool has_bf16_products();

}  // namespace fovea::kernels::cpu
