// Descriptions of the problems that kernels solve: which function, which geometry. Shared by
// operations, reference kernels, tests and benchmarks.
#pragma once

#include <cstdint>
#include <limits>

#include "fovea/core/rng.h"
#include "fovea/core/shape.h"
#include "fovea/kernels/functions.h"

namespace fovea::kernels {

/// Functions of two elements. From kEq on the result is boolean. Whole-number divisors are not 0.
enum class Binary : std::uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kPow,
  kMaximum,
  kMinimum,
  kTruncDiv,   ///< a / b rounded towards 0
  kFmod,       ///< a - b trunc(a / b): a's sign
  kRemainder,  ///< a - b floor(a / b): b's sign
  kPRelu,      ///< a > 0 ? a : b a
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kAnd,
  kOr,
  kXor
};

/// Reductions. Sums and means of f32 accumulate so that the error does not grow with the length.
enum class Reduce : std::uint8_t { kSum, kMean, kProd, kMax, kMin, kAny, kAll };

/// Which of two values wins.
enum class Extreme : std::uint8_t { kMax, kMin };

/// Distributions for random fills.
enum class Distribution : std::uint8_t {
  kUniform,    ///< in [a, b)
  kNormal,     ///< mean a, standard deviation b
  kInteger,    ///< whole numbers in [a, b)
  kBernoulli,  ///< 1 with probability a, else 0
};

/// How f32 convolutions are computed.
enum class ConvAlgorithm : std::uint8_t {
  /// Winograd's method where a fixed cost model expects it to be faster, else the direct one.
  kAuto,
  kDirect,    ///< the direct method, always
  kWinograd,  ///< Winograd's wherever it can do the convolution, whatever it costs
};

/// Geometry of a convolution with `spatial` = 1, 2 or 3 spatial dimensions (lists have that
/// length).
///
/// Shapes   x [n, c, in...], weight [k, c / groups, kernel...], y [n, k, out...].
/// Formula  out = floor((in + padding_begin + padding_end - dilation (kernel - 1) - 1) / stride)
///          + 1.
struct ConvSpec {
  int spatial = 2;                                 ///< spatial dimensions
  Shape stride;                                    ///< step of the kernel
  Shape padding_begin;                             ///< zeros before the first element
  Shape padding_end;                               ///< zeros after the last element
  Shape dilation;                                  ///< distance between kernel elements
  std::int64_t groups = 1;                         ///< channel groups that do not mix
  ConvAlgorithm algorithm = ConvAlgorithm::kAuto;  ///< how f32 is computed
  bool weight_kept = false;  ///< the weight stays: what is made of it alone is made once
};

/// What a convolution's result becomes before it is written: min(max(. + residual, low), high), the
/// residual where there is one; NaN stays NaN.
struct ConvEpilogue {
  double low = -std::numeric_limits<double>::infinity();  ///< 0 with relu
  double high = std::numeric_limits<double>::infinity();  ///< 6 with relu6
  /// Whether there is anything to clamp.
  bool clamps() const {
    return low > -std::numeric_limits<double>::infinity() ||
           high < std::numeric_limits<double>::infinity();
  }
};

/// Geometry of a pooling with `spatial` dimensions. Output sizes come with the view of the output.
struct PoolSpec {
  int spatial = 2;  ///< spatial dimensions
  Shape kernel;     ///< window
  Shape stride;     ///< step of the window
  /// Implicit border before the first element: never wins a maximum, counts as 0 in an average.
  Shape padding_begin;
  Shape padding_end;                  ///< implicit border after the last element
  Shape dilation;                     ///< distance between window elements
  bool count_include_pad = true;      ///< whether an average divides by border elements too
  std::int64_t divisor_override = 0;  ///< divisor of an average; 0: the number of elements counted
};

/// What follows in a fused block: an activation, then max pooling by windows that do not overlap.
struct BlockSpec {
  bool relu = true;  ///< max(., 0)
  /// Height of a window and step between windows; 1 with window_w 1: no pooling.
  std::int64_t window_h = 1;
  /// Width of a window and step between windows; windows have at most 256 elements.
  std::int64_t window_w = 1;
  std::int64_t window() const { return window_h * window_w; }  ///< elements of a window
};

/// How f32 operands are multiplied.
enum class Precision : std::uint8_t {
  kF32,   ///< in f32
  kBf16,  ///< operands rounded to bf16, their products summed in f32
};

/// A fully connected layer and what follows it: y = dropout(relu(x W^T + bias)).
struct LinearSpec {
  Precision precision = Precision::kF32;  ///< of the products when all is f32
  bool relu = false;                      ///< max(., 0), NaN stays NaN
  double dropout = 0;                     ///< probability that an element becomes 0; 0: no dropout
  RngKey key = {};  ///< dropout's stream: elements fall as in the kernel table's `dropout`
};

/// How a fused block normalises.
enum class BlockNorm : std::uint8_t {
  kNone,      ///< not at all
  kConstant,  ///< by statistics that are given: batch normalisation in evaluation
  kBatch,     ///< by the batch's statistics
};

/// A convolution block: y = max_pool(act(norm(conv(x)))), in two spatial dimensions.
struct ConvBlockSpec {
  ConvSpec conv;                      ///< the producer
  Shape conv_sizes;                   ///< of its result, [n, k, h, w]
  BlockNorm norm = BlockNorm::kNone;  ///< what normalises it
  double eps = 0;                     ///< added to the variance
  BlockSpec epilogue = {};            ///< what follows
  bool input_gradient = true;         ///< whether backward may be asked for dx
};

/// Parameters of the cross entropy of [n, c, s] scores against [n, s] class indices.
struct CrossEntropySpec {
  double label_smoothing = 0;        ///< share of the target that is spread evenly over all classes
  std::int64_t ignore_index = -100;  ///< targets with this value do not count
};

/// One step of Adam or AdamW. Bias corrections are 1 - beta^t.
/// Source   Kingma and Ba 2015; Loshchilov and Hutter 2019 (decoupled decay).
struct AdamSpec {
  double lr = 1e-3;             ///< step size
  double beta1 = 0.9;           ///< decay of the first moment
  double beta2 = 0.999;         ///< decay of the second moment
  double eps = 1e-8;            ///< added to the root of the second moment
  double weight_decay = 0;      ///< L2 term (Adam) or decay per lr (AdamW)
  bool decoupled = false;       ///< AdamW
  double bias_correction1 = 1;  ///< 1 - beta1^t
  double bias_correction2 = 1;  ///< 1 - beta2^t
};

/// One step of stochastic gradient descent, as in PyTorch.
struct SgdSpec {
  double lr = 1e-3;         ///< step size
  double momentum = 0;      ///< decay of the velocity
  double dampening = 0;     ///< share of the gradient that does not enter the velocity
  double weight_decay = 0;  ///< L2 term
  bool nesterov = false;    ///< look ahead along the velocity
  bool first_step = false;  ///< the velocity starts as the gradient
};

}  // namespace fovea::kernels
