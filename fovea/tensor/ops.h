// Operations on tensors that are no layers: arithmetic, reductions, products, joining, indexing,
// conversion. Layers' operations are in ops/: conv.h, pool.h, norm.h, activation.h, loss.h, ...
//
// Elementwise operations broadcast as NumPy does. Operands must have one dtype and one device: no
// silent promotion.
#pragma once

#include <tuple>

#include "fovea/kernels/functions.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

// --- Two operands --------------------------------------------------------------------------------
// Arithmetic takes f32, f64, i64, u8 (division only f32, f64); comparisons take bool too.
Tensor add(const Tensor& a, const Tensor& b);  ///< a + b
Tensor sub(const Tensor& a, const Tensor& b);  ///< a - b
Tensor mul(const Tensor& a, const Tensor& b);  ///< a * b, elementwise
Tensor div(const Tensor& a, const Tensor& b);  ///< a / b; f32 and f64 only
Tensor pow(const Tensor& a, const Tensor& b);  ///< a^b; f32 and f64 only
/// a / b rounded towards 0; gradient 0. Whole numbers by 0: ArgumentError, also for the next two.
Tensor trunc_div(const Tensor& a, const Tensor& b);
Tensor fmod(const Tensor& a, const Tensor& b);       ///< a - b trunc(a / b): has a's sign
Tensor remainder(const Tensor& a, const Tensor& b);  ///< a - b floor(a / b): has b's sign
/// The larger; NaN wins; ties share the gradient.
Tensor maximum(const Tensor& a, const Tensor& b);
/// The smaller; NaN wins; ties share the gradient.
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor eq(const Tensor& a, const Tensor& b);           ///< a == b, bool
Tensor ne(const Tensor& a, const Tensor& b);           ///< a != b, bool
Tensor lt(const Tensor& a, const Tensor& b);           ///< a < b, bool
Tensor le(const Tensor& a, const Tensor& b);           ///< a <= b, bool
Tensor gt(const Tensor& a, const Tensor& b);           ///< a > b, bool
Tensor ge(const Tensor& a, const Tensor& b);           ///< a >= b, bool
Tensor logical_and(const Tensor& a, const Tensor& b);  ///< both; bool only
Tensor logical_or(const Tensor& a, const Tensor& b);   ///< either; bool only
Tensor logical_xor(const Tensor& a, const Tensor& b);  ///< exactly one; bool only
/// `a` where condition (bool) holds, else `b`; all three broadcast.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

// clang-format off
#define FOVEA_DECLARE_OPERATOR(op, name)                                        \
  inline Tensor operator op(const Tensor& a, const Tensor& b) { return name(a, b); } \
  Tensor operator op(const Tensor& a, double b);                                 \
  Tensor operator op(double a, const Tensor& b);
FOVEA_DECLARE_OPERATOR(+, add)
FOVEA_DECLARE_OPERATOR(-, sub)
FOVEA_DECLARE_OPERATOR(*, mul)
FOVEA_DECLARE_OPERATOR(/, div)
FOVEA_DECLARE_OPERATOR(==, eq)
FOVEA_DECLARE_OPERATOR(!=, ne)
FOVEA_DECLARE_OPERATOR(<, lt)
FOVEA_DECLARE_OPERATOR(<=, le)
FOVEA_DECLARE_OPERATOR(>, gt)
FOVEA_DECLARE_OPERATOR(>=, ge)
#undef FOVEA_DECLARE_OPERATOR
// clang-format on

// --- One operand: f32 and f64, and what they say -------------------------------------------------
// Functions of one element are the rows of kernels/functions.h; those that are layers too are in
// ops/activation.h.
#define FOVEA_DECLARE(Word, name, ...) Tensor name(const Tensor& x);
#define FOVEA_OMIT(...)
FOVEA_FUNCTIONS(FOVEA_DECLARE, FOVEA_OMIT, FOVEA_OMIT)
#undef FOVEA_OMIT
#undef FOVEA_DECLARE
Tensor pow(const Tensor& x, double exponent);  ///< x^exponent
/// Cut to [low, high]; whole numbers too.
Tensor clamp(const Tensor& x, double low, double high);

// --- Reductions. `dims` empty means all; keepdim leaves size 1 -----------------------------------
/// i64 for u8 and bool.
Tensor sum(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
Tensor mean(const Tensor& x, const Shape& dims = {}, bool keepdim = false);  ///< f32 and f64
/// Product; i64 for u8 and bool.
Tensor prod(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
/// Variance; divides by count - correction.
Tensor var(const Tensor& x, const Shape& dims = {}, bool keepdim = false, double correction = 1);
/// Standard deviation; divides by count - correction.
Tensor std(const Tensor& x, const Shape& dims = {}, bool keepdim = false, double correction = 1);
Tensor max(const Tensor& x);  ///< largest; NaN wins; the first of equals takes the gradient
Tensor min(const Tensor& x);  ///< smallest; NaN wins; the first of equals takes the gradient
/// Largest along dims; NaN wins; equals share the gradient. Throws ShapeError when there is none.
Tensor amax(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
/// Smallest along dims; NaN wins; equals share the gradient. Throws ShapeError when there is none.
Tensor amin(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
/// Largest value and its first index (i64) along dim. Throws ShapeError when dim has size 0.
std::tuple<Tensor, Tensor> max(const Tensor& x, int dim, bool keepdim = false);
/// Smallest value and its first index (i64) along dim. Throws ShapeError when dim has size 0.
std::tuple<Tensor, Tensor> min(const Tensor& x, int dim, bool keepdim = false);
Tensor argmax(const Tensor& x, int dim, bool keepdim = false);  ///< first index of the largest, i64
/// First index of the smallest, i64.
Tensor argmin(const Tensor& x, int dim, bool keepdim = false);
/// Of all elements of a bool tensor.
Tensor any(const Tensor& x);
/// Of all elements of a bool tensor.
Tensor all(const Tensor& x);

// --- Products: f32, f64 and i64 ------------------------------------------------------------------
/// Matrix product as in NumPy: 1-D operands are vectors, leading dimensions broadcast.
/// Shapes   [m, k] x [k, n] -> [m, n]; [..., m, k] x [..., k, n] -> [..., m, n].
Tensor matmul(const Tensor& a, const Tensor& b);

// --- Joining and indexing, any dtype -------------------------------------------------------------
/// One after the other along dim; channels-last when the first tensor is.
Tensor cat(const Tensors& tensors, int dim = 0);
/// One after the other along a new dim.
Tensor stack(const Tensors& tensors, int dim = 0);
/// Positions `index` (1-D, i64) along dim. Throws IndexError.
Tensor index_select(const Tensor& x, int dim, const Tensor& index);
/// y[i][j] = x[i][index[i][j]] for dim 1, and so on. Throws IndexError.
Tensor gather(const Tensor& x, int dim, const Tensor& index);
/// Rows of identity: [..., classes] from i64 labels. Throws IndexError.
Tensor one_hot(const Tensor& labels, std::int64_t classes);

// --- Comparing, for tests and users --------------------------------------------------------------
/// Same sizes, dtype and values (NaN unequal).
bool equal(const Tensor& a, const Tensor& b);
/// |a - b| <= atol + rtol |b| for all elements, sizes and dtype equal.
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8);

}  // namespace fovea
