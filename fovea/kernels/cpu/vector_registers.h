// How many vector registers the instruction set has that a foreach_target file is compiled for.
#pragma once

#include "hwy/detect_targets.h"

/// True with 32 of them, as AVX-512 and 64-bit Arm have; false with 16. A macro, since HWY_TARGET
/// changes within a file. Better targets have smaller numbers.
#define FOVEA_MANY_VECTOR_REGISTERS (HWY_ARCH_X86 ? HWY_TARGET <= HWY_AVX3 : HWY_ARCH_ARM_A64)
