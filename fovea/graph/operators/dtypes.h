// Dtypes in operators. Fovea stores more dtypes than it computes with: an operator on one of the
// others converts its inputs to one that holds their values, computes there, and converts the
// result back.
#pragma once

#include <functional>
#include <string_view>

#include "fovea/graph/node_reader.h"
#include "fovea/tensor/ops.h"

namespace fovea::graph {

/// The dtype in which values of `dtype` are computed with: f32 for half precision, i64 for whole
/// numbers, `dtype` itself where that can be computed with.
DType compute_dtype(DType dtype);

/// x in its compute_dtype. Throws DTypeError when a u64 lies beyond i64.
Tensor computable(const Tensor& x);

/// `f` of x, in x's dtype, computed in its compute_dtype.
template <class F>
Tensor computed(const F& f, const Tensor& x) {
  return f(computable(x)).to(x.dtype());
}

/// `f` of x, in x's dtype, computed in floating point: whole numbers in f64, whose 53 bits they
/// must fit.
template <class F>
Tensor computed_real(const F& f, const Tensor& x) {
  return f(is_floating(x.dtype()) ? computable(x) : x.to(f64)).to(x.dtype());
}

/// The dtype that an attribute names by its number in ONNX. Throws ParseError for none that Fovea
/// has.
DType dtype_attribute(const NodeReader& node, std::string_view name);

/// An operator that computes `f` for each tensor by itself: the node's first input.
Run run_unary(std::function<Tensor(const Tensor&)> f);

/// run_unary for an operator without attributes.
template <Tensor (*f)(const Tensor&)>
Run bind_unary(const NodeReader&) {
  return run_unary(f);
}

}  // namespace fovea::graph
