// The names of the kernels, once: KernelTable's entries in their order. What is made for each of
// them (its name, a device's table) is made from this list, so that no two can be mixed up.
#pragma once

// KERNEL(name) for each entry of KernelTable that a device must have, OPTIONAL(name) for those that
// only save time: where a device has none, operations do the same by others.
// clang-format off
#define FOVEA_KERNELS(KERNEL, OPTIONAL) \
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
  OPTIONAL(linear_plan) \
  OPTIONAL(linear_prepare) \
  OPTIONAL(linear_forward) \
  OPTIONAL(linear_backward) \
  KERNEL(index_select) \
  KERNEL(index_add) \
  KERNEL(gather) \
  KERNEL(scatter_add) \
  KERNEL(random) \
  KERNEL(dropout) \
  OPTIONAL(conv_plan) \
  OPTIONAL(conv_prepare) \
  KERNEL(conv_forward) \
  OPTIONAL(conv_add_clamp) \
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
  OPTIONAL(norm_pool_forward) \
  OPTIONAL(norm_pool_backward_sums) \
  OPTIONAL(norm_pool_backward_input) \
  OPTIONAL(conv_block_plan) \
  OPTIONAL(conv_block_forward) \
  OPTIONAL(conv_block_backward) \
  KERNEL(softmax) \
  KERNEL(softmax_backward) \
  KERNEL(cross_entropy_forward) \
  KERNEL(cross_entropy_backward) \
  KERNEL(crop_flip) \
  OPTIONAL(gather_images) \
  KERNEL(adam_step) \
  KERNEL(sgd_step)
// clang-format on
