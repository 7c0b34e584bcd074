// The functional forms: pure functions to which weights are passed, beside the layers that hold
// their own.
//
//     namespace F = fovea::nn::functional;
//     Tensor y = F::conv2d(x, weight, bias, {.padding = 1});
//
// They are the operations of namespace fovea under the name that users of PyTorch look for.
#pragma once

#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/conv_transpose.h"
#include "fovea/tensor/ops/dropout.h"
#include "fovea/tensor/ops/layer_norm.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/ops/norm.h"
#include "fovea/tensor/ops/pad.h"
#include "fovea/tensor/ops/pool.h"
#include "fovea/tensor/ops/softmax.h"

namespace fovea::nn::functional {

using fovea::conv1d;
using fovea::conv2d;
using fovea::conv3d;
using fovea::conv_transpose1d;
using fovea::conv_transpose2d;
using fovea::conv_transpose3d;
using fovea::linear;

using fovea::adaptive_avg_pool1d;
using fovea::adaptive_avg_pool2d;
using fovea::adaptive_avg_pool3d;
using fovea::adaptive_max_pool1d;
using fovea::adaptive_max_pool1d_with_indices;
using fovea::adaptive_max_pool2d;
using fovea::adaptive_max_pool2d_with_indices;
using fovea::adaptive_max_pool3d;
using fovea::adaptive_max_pool3d_with_indices;
using fovea::avg_pool1d;
using fovea::avg_pool2d;
using fovea::avg_pool3d;
using fovea::global_avg_pool;
using fovea::global_max_pool;
using fovea::max_pool1d;
using fovea::max_pool1d_with_indices;
using fovea::max_pool2d;
using fovea::max_pool2d_with_indices;
using fovea::max_pool3d;
using fovea::max_pool3d_with_indices;
using fovea::min_pool1d;
using fovea::min_pool1d_with_indices;
using fovea::min_pool2d;
using fovea::min_pool2d_with_indices;
using fovea::min_pool3d;
using fovea::min_pool3d_with_indices;

using fovea::batch_norm;
using fovea::group_norm;
using fovea::instance_norm;
using fovea::layer_norm;
using fovea::local_response_norm;
using fovea::pad;

#define FOVEA_USING(Class, Word, name, ...) using fovea::name;
#define FOVEA_OMIT(...)
FOVEA_FUNCTIONS(FOVEA_OMIT, FOVEA_USING, FOVEA_OMIT)
#undef FOVEA_OMIT
#undef FOVEA_USING
using fovea::celu;
using fovea::elu;
using fovea::gelu;
using fovea::hardsigmoid;
using fovea::hardtanh;
using fovea::leaky_relu;
using fovea::log_softmax;
using fovea::prelu;
using fovea::relu6;
using fovea::selu;
using fovea::softmax;
using fovea::softplus;
using fovea::threshold;

using fovea::dropout;
using fovea::dropout1d;
using fovea::dropout2d;
using fovea::dropout3d;

using fovea::binary_cross_entropy_with_logits;
using fovea::cross_entropy;
using fovea::l1_loss;
using fovea::mse_loss;
using fovea::nll_loss;

}  // namespace fovea::nn::functional
