// f32 convolutions and matrix products by oneDNN: the only door to that library.
//
// A problem's primitive (its generated code, its memory objects, its reorders) is made once a
// thread and kept, found again by the problem's numbers: sizes, strides, options, threads. Scratch
// memory comes from Fovea's caching allocator, so that a step whose problems have been met before
// allocates nothing from the system. Any thread may call. Results are the same bits for the same
// binary, CPU and number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu::onednn {

// Convolutions: contracts as in KernelTable, all f32, nothing empty. Always the direct algorithm:
// "auto" would pick Winograd silently, with other rounding.

/// What convolution_forward would make of the weight: its elements in the order that the primitive
/// wants.
PreparedPlan convolution_plan(const ConvSpec& spec, const ConvInputs& in, const Shape& y);
/// Makes it.
void convolution_prepare(const ConvSpec& spec, const ConvInputs& in, const Shape& y,
                         void* prepared);
/// y from x, weight (or what was made of it) and bias; the residual is left out.
void convolution_forward(const ConvSpec& spec, const ConvInputs& in, const View& y);
/// dx from dy and weight.
void convolution_backward_input(const ConvSpec& spec, const ConstView& dy, const ConstView& weight,
                                const View& dx);
/// dweight and dbias (or no dbias: null data) from x and dy.
void convolution_backward_weight(const ConvSpec& spec, const ConstView& x, const ConstView& dy,
                                 const View& dweight, const View& dbias);

/// A batch of matrix products y[i] = a[i] b[i] + bias. Strides count elements.
struct Product {
  std::int64_t batch = 1, m = 1, n = 1,
               k = 1;           ///< y [batch, m, n], a [batch, m, k], b [batch, k, n]; none is 0
  const float* a = nullptr;     ///< first element of a
  const float* b = nullptr;     ///< first element of b
  const float* bias = nullptr;  ///< n gapless values, or null
  float* y = nullptr;           ///< first element of y
  std::int64_t a_batch = 0, a_row = 0,
               a_column = 0;  ///< strides of a: a_batch 0 repeats one matrix, and the smaller of
                              ///< a_row, a_column is 1
  std::int64_t b_batch = 0, b_row = 0, b_column = 0;  ///< strides of b, likewise
  std::int64_t y_batch = 0, y_row = 0;                ///< strides of y, whose rows are gapless
};

/// Runs the product.
void matmul(const Product& product);

/// Primitives that the calling thread keeps; for tests.
std::size_t cached_primitives();
/// The most primitives that a thread keeps; the least recently used go.
inline constexpr std::size_t kMaxCachedPrimitives = 512;

}  // namespace fovea::kernels::cpu::onednn
