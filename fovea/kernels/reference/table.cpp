#include "fovea/kernels/reference/table.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fovea/kernels/reference/batch_norm.h"
#include "fovea/kernels/reference/binary.h"
#include "fovea/kernels/reference/conv.h"
#include "fovea/kernels/reference/conv_block.h"
#include "fovea/kernels/reference/cross_entropy.h"
#include "fovea/kernels/reference/elementwise.h"
#include "fovea/kernels/reference/image.h"
#include "fovea/kernels/reference/index.h"
#include "fovea/kernels/reference/linear.h"
#include "fovea/kernels/reference/matmul.h"
#include "fovea/kernels/reference/norm_pool.h"
#include "fovea/kernels/reference/optimizer.h"
#include "fovea/kernels/reference/pool.h"
#include "fovea/kernels/reference/random.h"
#include "fovea/kernels/reference/reduce.h"
#include "fovea/kernels/reference/softmax.h"
#include "fovea/kernels/reference/unary.h"

namespace fovea::kernels::reference {

/// The entries of the table: the loops in the dtype of their arguments.
namespace entries {

/// Calls `f(T{})` with the type of a floating-point dtype.
template <class F>
void in_float(DType dtype, const F& f) {
  dispatch_float(dtype, "reference", [&](auto tag) { f(typename decltype(tag)::type{}); });
}

/// Calls `f(T{})` with an unsigned type of the dtype's size: for what only moves elements.
template <class F>
void in_size(DType dtype, const F& f) {
  switch (size_of(dtype)) {
    case 1:
      return f(std::uint8_t{});
    case 2:
      return f(std::uint16_t{});
    case 4:
      return f(std::uint32_t{});
    default:
      return f(std::uint64_t{});
  }
}

// --- Memory and elements -------------------------------------------------------------------------

void fill(Queue&, double value, View y) {
  dispatch_all(y.dtype, "fill",
               [&](auto tag) { reference::fill<typename decltype(tag)::type>(value, y); });
}

void copy(Queue&, ConstView x, View y) {
  dispatch_all(x.dtype, "copy", [&](auto from) {
    dispatch_all(y.dtype, "copy", [&](auto to) {
      reference::copy<typename decltype(from)::type, typename decltype(to)::type>(x, y);
    });
  });
}

void unary(Queue&, UnaryOp op, ConstView x, View y) {
  dispatch_compute(x.dtype, "unary",
                   [&](auto tag) { reference::unary<typename decltype(tag)::type>(op, x, y); });
}

void unary_backward(Queue&, UnaryOp op, ConstView dy, ConstView saved, View dx) {
  in_float(dx.dtype, [&]<class T>(T) { reference::unary_backward<T>(op, dy, saved, dx); });
}

void binary(Queue&, Binary op, ConstView a, ConstView b, View y) {
  if (op >= Binary::kEq) {
    return dispatch_compute(a.dtype, "binary", [&](auto tag) {
      binary_test<typename decltype(tag)::type>(op, a, b, y);
    });
  }
  dispatch_number(a.dtype, "binary",
                  [&](auto tag) { reference::binary<typename decltype(tag)::type>(op, a, b, y); });
}

void where(Queue&, ConstView condition, ConstView a, ConstView b, View y) {
  dispatch_all(y.dtype, "where", [&](auto tag) {
    reference::where<typename decltype(tag)::type>(condition, a, b, y);
  });
}

void arange(Queue&, double start, double step, View y) {
  dispatch_number(y.dtype, "arange", [&](auto tag) {
    reference::arange<typename decltype(tag)::type>(start, step, y);
  });
}

void reduce(Queue&, Reduce op, ConstView x, View y) {
  if (op == Reduce::kAny || op == Reduce::kAll) return truth(op == Reduce::kAll, x, y);
  if (op == Reduce::kMax || op == Reduce::kMin) {
    const Extreme which = op == Reduce::kMax ? Extreme::kMax : Extreme::kMin;
    return dispatch_number(x.dtype, "reduce",
                           [&](auto tag) { extreme<typename decltype(tag)::type>(which, x, y); });
  }
  dispatch_compute(x.dtype, "reduce", [&](auto tag) {
    accumulate<typename decltype(tag)::type>(op == Reduce::kProd, op == Reduce::kMean, x, y);
  });
}

void arg_extreme(Queue&, Extreme which, ConstView x, int dim, View values, View indices) {
  dispatch_number(x.dtype, "arg_extreme", [&](auto tag) {
    reference::arg_extreme<typename decltype(tag)::type>(which, x, dim, values, indices);
  });
}

// --- Products ------------------------------------------------------------------------------------

void matmul(Queue&, ConstView a, ConstView b, ConstView bias, View y) {
  dispatch_dtype<float, double, std::int64_t>(y.dtype, "matmul", [&](auto tag) {
    reference::matmul<typename decltype(tag)::type>(a, b, bias, y);
  });
}

/// Without rounding where the operands are not f32.
LinearSpec spec_for(LinearSpec spec, DType dtype) {
  if (dtype != f32) spec.precision = Precision::kF32;
  return spec;
}

/// Nothing of the weight helps a plain loop.
void linear_plan(Queue&, const LinearSpec&, const LinearInputs&, PreparedPlan* plan) { *plan = {}; }

void linear_prepare(Queue&, const LinearSpec&, const LinearInputs&, View) {}

void linear_forward(Queue&, const LinearSpec& spec, const LinearInputs& in, View y) {
  in_float(y.dtype, [&]<class T>(T) {
    reference::linear_forward<T>(spec_for(spec, y.dtype), in.x, in.weight, in.bias, y);
  });
}

void linear_backward(Queue&, const LinearSpec& spec, const LinearInputs& in, ConstView y,
                     ConstView dy, View dx, View dweight, View dbias) {
  in_float(dy.dtype, [&]<class T>(T) {
    reference::linear_backward<T>(spec_for(spec, dy.dtype), in.x, in.weight, y, dy, dx, dweight,
                                  dbias);
  });
}

// --- Indexing ------------------------------------------------------------------------------------

void index_select(Queue&, ConstView x, int dim, ConstView index, View y) {
  in_size(x.dtype, [&]<class T>(T) { pick<T>(x, dim, index, y); });
}

void index_add(Queue&, int dim, ConstView index, ConstView x, View y) {
  dispatch_dtype<float, double, std::int64_t>(x.dtype, "index_add", [&](auto tag) {
    add_at<typename decltype(tag)::type>(dim, index, x, y);
  });
}

void gather(Queue&, ConstView x, int dim, ConstView index, View y) {
  in_size(x.dtype, [&]<class T>(T) { pick<T>(x, dim, index, y); });
}

void scatter_add(Queue& queue, int dim, ConstView index, ConstView x, View y) {
  index_add(queue, dim, index, x, y);
}

// --- Random numbers ------------------------------------------------------------------------------

void random(Queue&, Distribution distribution, double a, double b, RngKey key, View y) {
  dispatch_number(y.dtype, "random", [&](auto tag) {
    reference::random<typename decltype(tag)::type>(distribution, a, b, key, y);
  });
}

void dropout(Queue&, RngKey key, double p, ConstView x, View y) {
  in_float(y.dtype, [&]<class T>(T) { reference::dropout<T>(key, p, x, y); });
}

// --- Convolution ---------------------------------------------------------------------------------

void conv_plan(Queue&, const ConvSpec&, const ConvInputs&, const Shape&, PreparedPlan* plan) {
  *plan = {};
}

void conv_prepare(Queue&, const ConvSpec&, const ConvInputs&, const Shape&, View) {}

void conv_forward(Queue&, const ConvSpec& spec, const ConvInputs& in, View y) {
  in_float(y.dtype,
           [&]<class T>(T) { reference::conv_forward<T>(spec, in.x, in.weight, in.bias, y); });
}

void conv_add_clamp(Queue& queue, const ConvSpec& spec, const ConvEpilogue& epilogue,
                    const ConvInputs& in, View y) {
  conv_forward(queue, spec, in, y);
  in_float(y.dtype, [&]<class T>(T) { conv_epilogue<T>(epilogue, in.residual, y); });
}

void conv_backward(Queue&, const ConvSpec& spec, ConstView x, ConstView weight, ConstView dy,
                   View dx, View dweight, View dbias) {
  in_float(dy.dtype, [&]<class T>(T) {
    if (dx.data) conv_backward_input<T>(spec, dy, weight, dx);
    if (dweight.data) conv_backward_weight<T>(spec, x, dy, dweight, dbias);
  });
}

void conv_block_plan(Queue&, const ConvBlockSpec& spec, const ConvInputs& in, ConvBlockPlan* plan) {
  *plan = reference::conv_block_plan(spec, in.x.dtype);
}

void conv_block_forward(Queue&, const ConvBlockSpec& spec, const ConvBlockInputs& in,
                        const ConvBlockResults& out) {
  in_float(out.y.dtype, [&]<class T>(T) { reference::conv_block_forward<T>(spec, in, out); });
}

void conv_block_backward(Queue&, const ConvBlockSpec& spec, const ConvBlockInputs& in,
                         const ConvBlockResults& out, ConstView dy, const ConvBlockGradients& d) {
  in_float(dy.dtype, [&]<class T>(T) { reference::conv_block_backward<T>(spec, in, out, dy, d); });
}

// --- Pooling -------------------------------------------------------------------------------------

void extreme_pool_forward(Queue&, Extreme which, const PoolSpec& spec, ConstView x, View y,
                          View indices) {
  in_float(y.dtype,
           [&]<class T>(T) { reference::extreme_pool_forward<T>(which, spec, x, y, indices); });
}

void extreme_pool_backward(Queue&, ConstView dy, ConstView indices, View dx) {
  in_float(dx.dtype, [&]<class T>(T) { reference::extreme_pool_backward<T>(dy, indices, dx); });
}

void adaptive_extreme_pool_forward(Queue&, Extreme which, ConstView x, View y, View indices) {
  in_float(y.dtype,
           [&]<class T>(T) { reference::adaptive_extreme_pool_forward<T>(which, x, y, indices); });
}

void avg_pool_forward(Queue&, const PoolSpec& spec, ConstView x, View y) {
  in_float(y.dtype, [&]<class T>(T) { reference::avg_pool_forward<T>(spec, x, y); });
}

void avg_pool_backward(Queue&, const PoolSpec& spec, ConstView dy, View dx) {
  in_float(dx.dtype, [&]<class T>(T) { reference::avg_pool_backward<T>(spec, dy, dx); });
}

void adaptive_avg_pool_forward(Queue&, ConstView x, View y) {
  in_float(y.dtype, [&]<class T>(T) { reference::adaptive_avg_pool_forward<T>(x, y); });
}

void adaptive_avg_pool_backward(Queue&, ConstView dy, View dx) {
  in_float(dx.dtype, [&]<class T>(T) { reference::adaptive_avg_pool_backward<T>(dy, dx); });
}

// --- Normalisation -------------------------------------------------------------------------------

void batch_norm_stats(Queue&, ConstView x, View mean, View var) {
  in_float(x.dtype, [&]<class T>(T) { reference::batch_norm_stats<T>(x, mean, var); });
}

void batch_norm_apply(Queue&, ConstView x, ConstView mean, ConstView var, double eps,
                      ConstView weight, ConstView bias, View y) {
  in_float(y.dtype,
           [&]<class T>(T) { reference::batch_norm_apply<T>(x, mean, var, eps, weight, bias, y); });
}

void batch_norm_backward_sums(Queue&, ConstView dy, ConstView x, ConstView mean, ConstView var,
                              double eps, View sum_dy, View sum_dy_xhat) {
  in_float(x.dtype, [&]<class T>(T) {
    reference::batch_norm_backward_sums<T>(dy, x, mean, var, eps, sum_dy, sum_dy_xhat);
  });
}

void batch_norm_backward_input(Queue&, ConstView dy, ConstView x, ConstView mean, ConstView var,
                               double eps, ConstView weight, ConstView sum_dy,
                               ConstView sum_dy_xhat, View dx) {
  in_float(dx.dtype, [&]<class T>(T) {
    reference::batch_norm_backward_input<T>(dy, x, mean, var, eps, weight, sum_dy, sum_dy_xhat, dx);
  });
}

void norm_pool_forward(Queue&, const BlockSpec& spec, ConstView x, ConstView mean, ConstView var,
                       double eps, ConstView weight, ConstView bias, View y, View positions) {
  in_float(y.dtype, [&]<class T>(T) {
    reference::norm_pool_forward<T>(spec, x, mean, var, eps, weight, bias, y, positions);
  });
}

void norm_pool_backward_sums(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                             ConstView positions, ConstView x, ConstView mean, ConstView var,
                             double eps, View sum_dz, View sum_dz_xhat) {
  in_float(dy.dtype, [&]<class T>(T) {
    reference::norm_pool_backward_sums<T>(spec, dy, y, positions, x, mean, var, eps, sum_dz,
                                          sum_dz_xhat);
  });
}

void norm_pool_backward_input(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                              ConstView positions, ConstView x, ConstView mean, ConstView var,
                              double eps, ConstView weight, ConstView sum_dz, ConstView sum_dz_xhat,
                              View dx) {
  in_float(dx.dtype, [&]<class T>(T) {
    reference::norm_pool_backward_input<T>(spec, dy, y, positions, x, mean, var, eps, weight,
                                           sum_dz, sum_dz_xhat, dx);
  });
}

// --- Losses --------------------------------------------------------------------------------------

std::int64_t rows_of(ConstView x, int dim) {
  return x.size(dim) == 0 ? 0 : x.numel() / x.size(dim);
}

void softmax(Queue&, bool log, ConstView x, int dim, View y) {
  in_float(y.dtype, [&]<class T>(T) { reference::softmax<T>(log, x, dim, y, 0, rows_of(x, dim)); });
}

void softmax_backward(Queue&, bool log, ConstView dy, ConstView y, int dim, View dx) {
  in_float(dx.dtype, [&]<class T>(T) {
    reference::softmax_backward<T>(log, dy, y, dim, dx, 0, rows_of(y, dim));
  });
}

void cross_entropy_forward(Queue&, const CrossEntropySpec& spec, ConstView x, ConstView target,
                           ConstView weight, View log_probs, View losses, View sample_weights) {
  in_float(x.dtype, [&]<class T>(T) {
    reference::softmax<T>(true, x, 1, log_probs, 0, target.numel());
    cross_entropy_losses<T>(spec, log_probs, target, weight, losses, sample_weights, 0,
                            target.numel());
  });
}

void cross_entropy_backward(Queue&, const CrossEntropySpec& spec, ConstView dlosses,
                            ConstView log_probs, ConstView target, ConstView weight, View dx) {
  in_float(dx.dtype, [&]<class T>(T) {
    reference::cross_entropy_backward<T>(spec, dlosses, log_probs, target, weight, dx, 0,
                                         target.numel());
  });
}

// --- Images --------------------------------------------------------------------------------------

void crop_flip(Queue&, ConstView x, ConstView placement, View y) {
  in_size(y.dtype, [&]<class T>(T) {
    reference::crop_flip<T>(static_cast<const T*>(x.data), placement.as<std::int64_t>(),
                            static_cast<T*>(y.data), x.sizes, y.sizes);
  });
}

void gather_images(Queue&, ConstView x, ConstView index, ConstView windows, ConstView values,
                   View y) {
  std::vector<std::int64_t> whole(windows.data ? 0 : static_cast<std::size_t>(7 * y.size(0)));
  std::vector<float> planes(static_cast<std::size_t>(y.numel()));
  std::vector<std::int64_t> places(static_cast<std::size_t>(index.size(0)));
  for (std::int64_t i = 0; i < index.size(0); ++i)
    places[static_cast<std::size_t>(i)] = index.as<std::int64_t>()[i * index.strides[0]];
  reference::gather_images(x.as<std::uint8_t>(), places.data(),
                           windows.data ? windows.as<std::int64_t>() : whole.data(),
                           values.as<float>(), planes.data(), x.sizes, y.sizes);
  const Shape dense = contiguous_strides(y.sizes);
  reference::copy<float, float>({planes.data(), f32, y.sizes, dense}, y);
}

// --- Optimiser steps -----------------------------------------------------------------------------

void adam_step(Queue&, const AdamSpec& spec, ConstView grad, View param, View exp_avg,
               View exp_avg_sq, View rounded) {
  in_float(param.dtype, [&]<class T>(T) {
    reference::adam_step(spec, grad.as<T>(), param.as<T>(), exp_avg.as<T>(), exp_avg_sq.as<T>(), 0,
                         param.numel());
    if (rounded.data)
      round_to_bf16(static_cast<const T*>(param.data), rounded.as<bf16_t>(), 0, param.numel());
  });
}

void sgd_step(Queue&, const SgdSpec& spec, ConstView grad, View param, View momentum_buffer,
              View rounded) {
  in_float(param.dtype, [&]<class T>(T) {
    T* const velocity = momentum_buffer.data ? momentum_buffer.as<T>() : nullptr;
    reference::sgd_step(spec, grad.as<T>(), param.as<T>(), velocity, 0, param.numel());
    if (rounded.data)
      round_to_bf16(static_cast<const T*>(param.data), rounded.as<bf16_t>(), 0, param.numel());
  });
}

}  // namespace entries

const KernelTable& table() {
#define FOVEA_ENTRY(name) .name = entries::name,
  static constexpr KernelTable kTable = {FOVEA_KERNELS(FOVEA_ENTRY, FOVEA_ENTRY)};
#undef FOVEA_ENTRY
  return kTable;
}

}  // namespace fovea::kernels::reference
