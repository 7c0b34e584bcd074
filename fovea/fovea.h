// The whole library: `#include <fovea/fovea.h>`.
#pragma once

#include "fovea/core/version.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/tensor.h"
