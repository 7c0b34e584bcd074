// The names of the kernels, once: KernelTable's entries in their order. What is made for each of
// them (its name, a device's table) is made from this list, so that no two can be mixed up.
#pragma once

// KERNEL(name) for each entry of KernelTable.
// clang-format off
#define FOVEA_KERNELS(KERNEL) \
  KERNEL(fill) \
  KERNEL(copy) \
  KERNEL(unary) \
  KERNEL(unary_backward) \
  KERNEL(binary) \
  KERNEL(where) \
  KERNEL(arange) \
  KERNEL(reduce) \
  KERNEL(arg_extreme) \
  KERNEL(matmul) \
  KERNEL(linear_plan) \
  KERNEL(linear_prepare) \
  KERNEL(linear_forward) \
  KERNEL(linear_backward) \
  KERNEL(index_select) \
  KERNEL(index_add) \
  KERNEL(gather) \
  KERNEL(scatter_add) \
  KERNEL(random) \
  KERNEL(dropout) \
  KERNEL(conv_plan) \
  KERNEL(conv_prepare) \
  KERNEL(conv_forward) \
  KERNEL(conv_add_clamp) \
  KERNEL(conv_backward) \
  KERNEL(extreme_pool_forward) \
  KERNEL(extreme_pool_backward) \
  KERNEL(adaptive_extreme_pool_forward) \
  KERNEL(avg_pool_forward) \
  KERNEL(avg_pool_backward) \
  KERNEL(adaptive_avg_pool_forward) \
  KERNEL(adaptive_avg_pool_backward) \
  KERNEL(batch_norm_stats) \
  KERNEL(batch_norm_apply) \
  KERNEL(batch_norm_backward_sums) \
  KERNEL(batch_norm_backward_input) \
  KERNEL(norm_pool_forward) \
  KERNEL(norm_pool_backward_sums) \
  KERNEL(norm_pool_backward_input) \
  KERNEL(conv_block_plan) \
  KERNEL(conv_block_forward) \
  KERNEL(conv_block_backward) \
  KERNEL(softmax) \
  KERNEL(softmax_backward) \
  KERNEL(cross_entropy_forward) \
  KERNEL(cross_entropy_backward) \
  KERNEL(crop_flip) \
  KERNEL(gather_images) \
  KERNEL(adam_step) \
  KERNEL(sgd_step)

// KERNEL(name) for those that only save time: where a device has none, operations do the same by
// others.
#define FOVEA_OPTIONAL_KERNELS(KERNEL) \
  KERNEL(linear_plan) \
  KERNEL(linear_prepare) \
  KERNEL(linear_forward) \
  KERNEL(linear_backward) \
  KERNEL(conv_plan) \
  KERNEL(conv_prepare) \
  KERNEL(conv_add_clamp) \
  KERNEL(norm_pool_forward) \
  KERNEL(norm_pool_backward_sums) \
  KERNEL(norm_pool_backward_input) \
  KERNEL(conv_block_plan) \
  KERNEL(conv_block_forward) \
  KERNEL(conv_block_backward) \
  KERNEL(gather_images)
// clang-format on
