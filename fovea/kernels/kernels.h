// The kernel table: everything that a device must be able to do, and the one place where operations
// reach it.
//
// Kernels take raw views and trust them: operations check shapes, dtypes and devices first, kernels
// only assert. Every view lies on the queue's device. A device may run a kernel later than it is
// launched, in the queue's order: it copies the arguments, and only then reads and writes elements.
// The plans (linear_plan, conv_plan, conv_block_plan) alone answer to the host, and at once: they
// read no elements. Views passed to kernels never overlap unless they are the same view. Where an
// entry says "channels-last", sizes are logical [n, c, spatial...] and memory is gapless with
// channels fastest.
#pragma once

#include <cstddef>
#include <string_view>

#include "fovea/core/device.h"
#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/kernels/backend.h"
#include "fovea/kernels/kernel_list.h"
#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels {

/// What something that a kernel makes of a weight is for.
enum class Purpose : std::uint8_t {
  /// Whoever multiplies by the weight as it is: its elements in their order, each one converted to
  /// the precision. Who changes the weight can write them in the same pass.
  kElements,
  kLinear,       ///< linear layers
  kConvolution,  ///< convolutions
};

/// What a kernel would make of a weight each time, and can be given instead. Purpose and precision
/// say which of a weight's values it is, layout and bytes which form that has.
struct PreparedPlan {
  Purpose purpose = Purpose::kElements;   ///< who can use it
  Precision precision = Precision::kF32;  ///< of what it holds
  std::int64_t bytes = 0;                 ///< how long it is; 0: nothing that would help
  std::uint64_t layout = 0;               ///< the device's: equal for equal layouts of the bytes
  friend bool operator==(const PreparedPlan&, const PreparedPlan&) = default;
};

/// What a linear layer reads. x [m, k], weight [n, k], both contiguous.
struct LinearInputs {
  ConstView x;              ///< the input
  ConstView weight;         ///< the matrix
  ConstView bias = {};      ///< [n]; may be absent
  ConstView prepared = {};  ///< what linear_prepare made of weight; may be absent
};

/// What a convolution reads. x channels-last, weight contiguous [k, c / groups, kernel...].
struct ConvInputs {
  ConstView x;              ///< the input
  ConstView weight;         ///< the kernels
  ConstView bias = {};      ///< [k]; may be absent
  ConstView residual = {};  ///< added to the result, whose layout it has; may be absent
  ConstView prepared = {};  ///< u8: what conv_prepare made of weight; may be absent
};

/// What a convolution block reads. x channels-last, weight as for conv_forward; bias and the norm's
/// scale and shift are [k] or absent.
struct ConvBlockInputs {
  ConstView x;              ///< the input
  ConstView weight;         ///< the kernels
  ConstView bias;           ///< of the convolution
  ConstView norm_weight;    ///< the norm's scale
  ConstView norm_bias;      ///< the norm's shift
  ConstView prepared = {};  ///< u8: what conv_prepare made of weight; may be absent
};

/// What a convolution block wants of its caller.
struct ConvBlockPlan {
  std::int64_t saved_bytes = 0;  ///< of ConvBlockResults::saved
  PreparedPlan prepared = {};    ///< of ConvBlockInputs::prepared
};

/// What a convolution block's forward leaves. y [n, k, h / window_h, w / window_w] channels-last.
struct ConvBlockResults {
  View y;          ///< what comes out of the block
  View positions;  ///< u8, y's layout: the winners, as norm_pool_forward counts; may be absent
  View mean;       ///< [k]; written for BlockNorm::kBatch, read for kConstant, absent for kNone
  View var;        ///< see mean
  View saved;      ///< u8: what backward needs beside; absent when there will be none
};

/// Gradients of a convolution block; absent where nobody wants them.
struct ConvBlockGradients {
  View dx;            ///< of the input
  View dweight;       ///< of the kernels
  View dbias;         ///< of the convolution's bias
  View dnorm_weight;  ///< of the norm's scale
  View dnorm_bias;    ///< of the norm's shift
};

/// The kernels of a kind of device. A null entry means that the device cannot do it. Those that are
/// marked optional only save time: without them operations do the same by others.
struct KernelTable {
  // Memory and elements. Views may have any strides; inputs of unary, binary and where have the
  // output's sizes.
  void (*fill)(Queue&, double value, View y) = nullptr;  ///< every element of y becomes `value`
  /// Converts between any two dtypes as static_cast does.
  void (*copy)(Queue&, ConstView x, View y) = nullptr;
  void (*unary)(Queue&, UnaryOp, ConstView x, View y) = nullptr;  ///< y = op(x)
  /// dx = dy * f'(.), where `saved` is x or y by what the function's row reads; not read, and any
  /// view of dx's sizes and dtype, where that is nothing.
  void (*unary_backward)(Queue&, UnaryOp, ConstView dy, ConstView saved, View dx) = nullptr;
  void (*binary)(Queue&, Binary, ConstView a, ConstView b, View y) = nullptr;  ///< y = op(a, b)
  /// y = condition ? a : b.
  void (*where)(Queue&, ConstView condition, ConstView a, ConstView b, View y) = nullptr;
  /// y[i] = start + i step; y 1-D.
  void (*arange)(Queue&, double start, double step, View y) = nullptr;

  // Reductions. y has x's rank, with size 1 where it is reduced.
  void (*reduce)(Queue&, Reduce, ConstView x, View y) = nullptr;  ///< over those dimensions
  /// The extreme along `dim` and its first index (i64); NaN wins. Either output may be absent (null
  /// data).
  void (*arg_extreme)(Queue&, Extreme, ConstView x, int dim, View values, View indices) = nullptr;

  /// y = a b + bias. a [b, m, k], b [b, k, n], y [b, m, n], any strides (batch stride 0
  /// broadcasts); bias [n] may be absent.
  void (*matmul)(Queue&, ConstView a, ConstView b, ConstView bias, View y) = nullptr;

  // Optional: linear layers and what follows. dx [m, k], dweight [n, k], y, dy [m, n], dbias absent
  // or [n]; all contiguous.
  /// What forward and backward would make of the weight, by sizes alone.
  void (*linear_plan)(Queue&, const LinearSpec&, const LinearInputs&, PreparedPlan* plan) = nullptr;
  /// Makes it. It depends on the weight's elements and the plan alone.
  void (*linear_prepare)(Queue&, const LinearSpec&, const LinearInputs&, View prepared) = nullptr;
  /// y from x, weight and bias.
  void (*linear_forward)(Queue&, const LinearSpec&, const LinearInputs&, View y) = nullptr;
  /// The gradients whose views are there. y is read with relu only, bias never.
  void (*linear_backward)(Queue&, const LinearSpec&, const LinearInputs&, ConstView y, ConstView dy,
                          View dx, View dweight, View dbias) = nullptr;

  // Indexing. Indices are i64, already checked to lie inside.
  /// y[i] = x[index[i]] along dim; index 1-D.
  void (*index_select)(Queue&, ConstView x, int dim, ConstView index, View y) = nullptr;
  /// y[index[i]] += x[i] along dim; index 1-D.
  void (*index_add)(Queue&, int dim, ConstView index, ConstView x, View y) = nullptr;
  /// y[i][j] = x[i][index[i][j]] for dim 1, and so on; index has y's sizes.
  void (*gather)(Queue&, ConstView x, int dim, ConstView index, View y) = nullptr;
  /// y[i][index[i][j]] += x[i][j] for dim 1, and so on; index has x's sizes.
  void (*scatter_add)(Queue&, int dim, ConstView index, ConstView x, View y) = nullptr;

  // Random numbers: element i (logical index) depends on key and i alone.
  /// Draws every element of y from a distribution with parameters a and b.
  void (*random)(Queue&, Distribution, double a, double b, RngKey, View y) = nullptr;
  /// y = x / (1-p) where the stream's number is >= p, else 0. Backward is the same call on dy.
  void (*dropout)(Queue&, RngKey, double p, ConstView x, View y) = nullptr;

  // Convolution. x, y, dx, dy channels-last; weight and dw contiguous [k, c/groups, kernel...];
  // bias, dbias absent or [k].
  /// Optional, as conv_prepare: what conv_forward to a y of these sizes would make of the weight,
  /// by sizes alone.
  void (*conv_plan)(Queue&, const ConvSpec&, const ConvInputs&, const Shape& y,
                    PreparedPlan* plan) = nullptr;
  /// Makes it. It depends on the weight's elements and the plan alone.
  void (*conv_prepare)(Queue&, const ConvSpec&, const ConvInputs&, const Shape& y,
                       View prepared) = nullptr;
  /// y = the convolution of x plus bias. No residual.
  void (*conv_forward)(Queue&, const ConvSpec&, const ConvInputs&, View y) = nullptr;
  /// Optional: y = the epilogue of that.
  void (*conv_add_clamp)(Queue&, const ConvSpec&, const ConvEpilogue&, const ConvInputs&,
                         View y) = nullptr;
  /// The gradients whose views are there; dbias only with dweight.
  void (*conv_backward)(Queue&, const ConvSpec&, ConstView x, ConstView weight, ConstView dy,
                        View dx, View dweight, View dbias) = nullptr;

  // Pooling. x, y, dx, dy channels-last. Indices (i64, absent or y's layout) are flat positions in
  // the spatial dimensions of x, as in PyTorch.
  /// The largest, or smallest, of each window, and where it was.
  void (*extreme_pool_forward)(Queue&, Extreme, const PoolSpec&, ConstView x, View y,
                               View indices) = nullptr;
  /// dx from dy: each of its values goes to where its window's winner was.
  void (*extreme_pool_backward)(Queue&, ConstView dy, ConstView indices, View dx) = nullptr;
  /// As extreme_pool_forward, with the windows of adaptive_avg_pool_forward.
  void (*adaptive_extreme_pool_forward)(Queue&, Extreme, ConstView x, View y,
                                        View indices) = nullptr;
  /// The mean of each window.
  void (*avg_pool_forward)(Queue&, const PoolSpec&, ConstView x, View y) = nullptr;
  /// dx from dy: each of its values goes to its window in equal shares.
  void (*avg_pool_backward)(Queue&, const PoolSpec&, ConstView dy, View dx) = nullptr;
  /// As avg_pool_forward, with the windows that give y's sizes.
  void (*adaptive_avg_pool_forward)(Queue&, ConstView x, View y) = nullptr;
  /// As avg_pool_backward, with those windows.
  void (*adaptive_avg_pool_backward)(Queue&, ConstView dy, View dx) = nullptr;

  // Batch normalisation, in phases. x, y, dx, dy channels-last (or [n, c] contiguous); all else
  // [c], of x's dtype.
  /// Mean and variance of each channel; `var` divides by the count.
  void (*batch_norm_stats)(Queue&, ConstView x, View mean, View var) = nullptr;
  /// y = (x - mean) * rsqrt(var + eps) * weight + bias; weight and bias may be absent.
  void (*batch_norm_apply)(Queue&, ConstView x, ConstView mean, ConstView var, double eps,
                           ConstView weight, ConstView bias, View y) = nullptr;
  /// sum_dy = sum dy; sum_dy_xhat = sum dy * (x - mean) * rsqrt(var + eps).
  void (*batch_norm_backward_sums)(Queue&, ConstView dy, ConstView x, ConstView mean, ConstView var,
                                   double eps, View sum_dy, View sum_dy_xhat) = nullptr;
  /// dx = weight * rsqrt(var + eps) * (dy - sum_dy / count - xhat * sum_dy_xhat / count).
  void (*batch_norm_backward_input)(Queue&, ConstView dy, ConstView x, ConstView mean,
                                    ConstView var, double eps, ConstView weight, ConstView sum_dy,
                                    ConstView sum_dy_xhat, View dx) = nullptr;

  // Optional: fused block after a convolution: y = max_pool(act(batch_norm(x))) in one pass. x,
  // dx [n, c, h, w] and y, dy [n, c, h / window_h, w / window_w] channels-last; positions (u8, y's
  // layout; absent without pooling) count row by row inside a window. Statistics as for
  // batch_norm_*; without mean and var nothing is normalised. z is the result of the normalisation.
  /// y, and the positions that won.
  void (*norm_pool_forward)(Queue&, const BlockSpec&, ConstView x, ConstView mean, ConstView var,
                            double eps, ConstView weight, ConstView bias, View y,
                            View positions) = nullptr;
  /// sum_dz = sum dz; sum_dz_xhat = sum dz * xhat, over the positions that won.
  void (*norm_pool_backward_sums)(Queue&, const BlockSpec&, ConstView dy, ConstView y,
                                  ConstView positions, ConstView x, ConstView mean, ConstView var,
                                  double eps, View sum_dz, View sum_dz_xhat) = nullptr;
  /// As batch_norm_backward_input; absent sums mean constant statistics: dx = weight * rsqrt(var +
  /// eps) * dz.
  void (*norm_pool_backward_input)(Queue&, const BlockSpec&, ConstView dy, ConstView y,
                                   ConstView positions, ConstView x, ConstView mean, ConstView var,
                                   double eps, ConstView weight, ConstView sum_dz,
                                   ConstView sum_dz_xhat, View dx) = nullptr;

  // Optional: a convolution and what follows it as one operation. How it is cut into
  // passes, and what is kept in between, is the device's affair.
  /// What the block wants. What it makes of the weight, conv_prepare makes.
  void (*conv_block_plan)(Queue&, const ConvBlockSpec&, const ConvInputs&,
                          ConvBlockPlan* plan) = nullptr;
  /// y and what backward needs. Without `positions` and `saved` there will be no backward.
  void (*conv_block_forward)(Queue&, const ConvBlockSpec&, const ConvBlockInputs&,
                             const ConvBlockResults&) = nullptr;
  /// The gradients that are there, from dy and what forward left.
  void (*conv_block_backward)(Queue&, const ConvBlockSpec&, const ConvBlockInputs&,
                              const ConvBlockResults&, ConstView dy,
                              const ConvBlockGradients&) = nullptr;

  // Softmax over `dim`, or its logarithm; and losses.
  void (*softmax)(Queue&, bool log, ConstView x, int dim, View y) = nullptr;  ///< y from x
  /// dx from dy and y.
  void (*softmax_backward)(Queue&, bool log, ConstView dy, ConstView y, int dim, View dx) = nullptr;
  /// Contiguous x [n, c, s], target i64 [n, s], weight absent or [c]. Writes log_probs (x's sizes),
  /// losses [n, s], and sample_weights [n, s]: the target class's weight (1 without), 0 where
  /// ignored.
  void (*cross_entropy_forward)(Queue&, const CrossEntropySpec&, ConstView x, ConstView target,
                                ConstView weight, View log_probs, View losses,
                                View sample_weights) = nullptr;
  /// dx from the gradient of `losses`.
  void (*cross_entropy_backward)(Queue&, const CrossEntropySpec&, ConstView dlosses,
                                 ConstView log_probs, ConstView target, ConstView weight,
                                 View dx) = nullptr;

  // Images.
  /// x [n, c, h, w], y [n, c, h', w'], placement i64 [n, 3] with rows (top, left, flip); all
  /// contiguous, x any dtype and y the same. Window i of y starts at (top, left) of image i, is 0
  /// outside, and is mirrored if flip.
  void (*crop_flip)(Queue&, ConstView x, ConstView placement, View y) = nullptr;
  /// Optional: a batch from bytes in one pass. x u8 [m, c, h, w] contiguous, index i64 [k], windows
  /// i64 [k, 7] contiguous or absent (whole images as they are), values f32 [c, 5] contiguous, y
  /// f32 [k, c, h', w'] channels-last. Row i of windows is (top, left, flip; and in y's coordinates
  /// the top, left, height and width of a part inside it), row c of values (divisor, mean, std,
  /// outside, erased). The window is cut from image index[i] as by crop_flip; a byte v becomes (v /
  /// divisor - mean) / std, what lies outside the image `outside`, and that part of the window
  /// `erased`.
  void (*gather_images)(Queue&, ConstView x, ConstView index, ConstView windows, ConstView values,
                        View y) = nullptr;

  // Optimiser steps over contiguous buffers of one length. `rounded`, absent unless param is f32,
  // receives param's new values in bf16: Purpose::kElements in Precision::kBf16.
  /// A step of Adam or AdamW: param and both moments change.
  void (*adam_step)(Queue&, const AdamSpec&, ConstView grad, View param, View exp_avg,
                    View exp_avg_sq, View rounded) = nullptr;
  /// A step of SGD: param and, with momentum, its buffer change.
  void (*sgd_step)(Queue&, const SgdSpec&, ConstView grad, View param, View momentum_buffer,
                   View rounded) = nullptr;
};

/// Calls `f(name, entry)` for each kernel in order, as in f("fill", &KernelTable::fill).
template <class F>
constexpr void for_each_kernel(const F& f) {
#define FOVEA_VISIT(name) f(std::string_view(#name), &KernelTable::name);
  FOVEA_KERNELS(FOVEA_VISIT, FOVEA_VISIT)
#undef FOVEA_VISIT
}

/// Whether `device` has all of these, as in has_kernel(cpu, &KernelTable::conv_add_clamp): what it
/// does not have, operations do by others.
template <class... Kernels>
bool has_kernel(Device device, Kernels KernelTable::*... entries) {
  const KernelTable& table = *backend_of(device).kernels;
  return ((table.*entries != nullptr) && ...);
}

/// Is told of every kernel that runs.
class LaunchObserver {
 public:
  virtual ~LaunchObserver() = default;
  /// Before the kernel that is `entry` of the table: its place, counted in entries.
  virtual void before(std::size_t entry) = 0;
  /// After it, when it is done on the device too. Not called when it threw.
  virtual void after() = 0;
};

/// Tells `observer` (null: nobody) of this thread's kernels from now on, and returns who was told.
LaunchObserver* observe_launches(LaunchObserver* observer);
/// Who is told of this thread's kernels; null: nobody.
LaunchObserver* launch_observer();
/// The name of an entry of the table: "conv_forward". Throws IndexError when there is none.
std::string_view kernel_name(std::size_t entry);

/// Runs one kernel of `device`: the only way from operations to kernels.
/// Throws DeviceError when the device does not have the kernel.
template <class... Parameters, class... Arguments>
void launch(Device device, void (*KernelTable::*entry)(Queue&, Parameters...),
            const Arguments&... arguments) {
  const Backend& backend = backend_of(device);
  const auto kernel = backend.kernels->*entry;
  const auto place = [&] {
    const auto* const first = reinterpret_cast<const char*>(backend.kernels);
    const auto* const own = reinterpret_cast<const char*>(&(backend.kernels->*entry));
    return static_cast<std::size_t>(own - first) / sizeof(kernel);
  };
  if (kernel == nullptr) {
    throw DeviceError(str("launch: kernel expected to exist on ", device, ", got none (",
                          kernel_name(place()), ")"));
  }
  Queue& queue = *backend.queues[static_cast<std::size_t>(device.index())];
  LaunchObserver* const observer = launch_observer();
  if (observer != nullptr) observer->before(place());
  {
    const Entered entered(backend, queue);
    kernel(queue, arguments...);
  }
  if (observer == nullptr) return;
  if (backend.synchronize != nullptr) backend.synchronize(queue);
  observer->after();
}

}  // namespace fovea::kernels
