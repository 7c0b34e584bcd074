#include "fovea/kernels/cpu/cpu.h"

#include <cstring>

#include "fovea/kernels/cpu/conv/block.h"
#include "fovea/kernels/cpu/conv/conv.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/elementwise/image.h"
#include "fovea/kernels/cpu/elementwise/index.h"
#include "fovea/kernels/cpu/elementwise/optimizer.h"
#include "fovea/kernels/cpu/loss/cross_entropy.h"
#include "fovea/kernels/cpu/loss/softmax.h"
#include "fovea/kernels/cpu/norm/batch_norm.h"
#include "fovea/kernels/cpu/norm/norm_pool.h"
#include "fovea/kernels/cpu/pool/pool.h"
#include "fovea/kernels/cpu/product/linear.h"
#include "fovea/kernels/cpu/product/matmul.h"
#include "fovea/kernels/cpu/random/random.h"

namespace fovea::kernels::cpu {

namespace {

void copy_bytes(Queue&, const void* from, void* to, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

constexpr KernelTable kTable = {
    .fill = fill,
    .copy = copy,
    .unary = unary,
    .unary_backward = unary_backward,
    .binary = binary,
    .where = where,
    .arange = arange,
    .reduce = reduce,
    .arg_extreme = arg_extreme,
    .matmul = matmul,
    .linear_forward = linear_forward,
    .linear_backward = linear_backward,
    .index_select = index_select,
    .index_add = index_add,
    .gather = gather,
    .scatter_add = scatter_add,
    .random = random,
    .dropout = dropout,
    .conv_plan = conv_plan,
    .conv_prepare = conv_prepare,
    .conv_forward = conv_forward,
    .conv_add_clamp = conv_forward,
    .conv_backward = conv_backward,
    .extreme_pool_forward = extreme_pool_forward,
    .extreme_pool_backward = extreme_pool_backward,
    .adaptive_extreme_pool_forward = adaptive_extreme_pool_forward,
    .avg_pool_forward = avg_pool_forward,
    .avg_pool_backward = avg_pool_backward,
    .adaptive_avg_pool_forward = adaptive_avg_pool_forward,
    .adaptive_avg_pool_backward = adaptive_avg_pool_backward,
    .batch_norm_stats = batch_norm_stats,
    .batch_norm_apply = batch_norm_apply,
    .batch_norm_backward_sums = batch_norm_backward_sums,
    .batch_norm_backward_input = batch_norm_backward_input,
    .norm_pool_forward = norm_pool_forward,
    .norm_pool_backward_sums = norm_pool_backward_sums,
    .norm_pool_backward_input = norm_pool_backward_input,
    .conv_block_plan = conv_block_plan,
    .conv_block_forward = conv_block_forward,
    .conv_block_backward = conv_block_backward,
    .softmax = softmax,
    .softmax_backward = softmax_backward,
    .cross_entropy_forward = cross_entropy_forward,
    .cross_entropy_backward = cross_entropy_backward,
    .crop_flip = crop_flip,
    .gather_images = gather_images,
    .adam_step = adam_step,
    .sgd_step = sgd_step,
};

constexpr Backend kBackend = {
    .name = "cpu", .kernels = &kTable, .upload = copy_bytes, .download = copy_bytes};

}  // namespace

const Backend& backend() { return kBackend; }

}  // namespace fovea::kernels::cpu
