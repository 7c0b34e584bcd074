// Matrix products.

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/broadcast.h"
#include "fovea/graph/operators/dtypes.h"
#include "fovea/tensor/ops/linear.h"

namespace fovea::graph {

namespace {

/// The attributes of Gemm.
struct Gemm {
  double alpha, beta;
  bool transpose_a, transpose_b;
  bool broadcasts;  // whether C may have another shape than the result
};

/// alpha A B + beta C for the operands as they are multiplied; C may be undefined.
Tensor product(const Gemm& gemm, const Tensor& a, const Tensor& b, const Tensor& c) {
  const auto scaled = [](const Tensor& x, double factor) { return factor == 1 ? x : x * factor; };
  const Tensor y = scaled(matmul(a, b), gemm.alpha);
  return c.defined() && gemm.beta != 0 ? y + scaled(c, gemm.beta) : y;
}

Tensor run_gemm(const Gemm& gemm, const Inputs& in) {
  for (const std::size_t i : {0, 1})
    in.require(in[i].dim() == 2, "input ", i, " expected 2 dimensions, got shape ", in[i].sizes());
  const Tensor a = computable(gemm.transpose_a ? in[0].t() : in[0]);
  const Tensor b = computable(gemm.transpose_b ? in[1].t() : in[1]);
  in.require(a.size(1) == b.size(0), "operands expected to have one inner size, got shapes ",
             in[0].sizes(), " and ", in[1].sizes(), " (transA ", gemm.transpose_a, ", transB ",
             gemm.transpose_b, ")");
  const Shape sizes{a.size(0), b.size(1)};
  const Tensor c = in.has(2) ? computable(in[2]) : Tensor();
  if (c.defined()) {
    in.require(gemm.broadcasts ? broadcasts_to(c.sizes(), sizes) : c.sizes() == sizes,
               "C expected to broadcast to ", sizes, ", got ", c.sizes());
  }
  // A linear layer as exporters write it.
  const bool is_linear = gemm.transpose_b && gemm.alpha == 1 && gemm.beta == 1 &&
                         is_floating(a.dtype()) && (!c.defined() || c.sizes() == Shape{sizes[1]});
  return (is_linear ? linear(a, computable(in[1]), c) : product(gemm, a, b, c)).to(in[0].dtype());
}

Run bind_gemm(const NodeReader& node) {
  const Gemm gemm{
      .alpha = node.real("alpha", 1),
      .beta = node.real("beta", 1),
      .transpose_a = node.integer("transA", 0) != 0,
      .transpose_b = node.integer("transB", 0) != 0,
      .broadcasts = node.opset() >= 7 || node.integer("broadcast", 0) != 0,
  };
  return [gemm](const Inputs& in) -> Tensors { return {run_gemm(gemm, in)}; };
}

Run bind_matmul(const NodeReader&) {
  return [](const Inputs& in) -> Tensors {
    return {matmul(computable(in[0]), computable(in[1])).to(in[0].dtype())};
  };
}

constexpr Operator kMatrixOperators[] = {
    {.name = "Gemm", .bind = bind_gemm, .learnt = {0, 3}},
    {.name = "MatMul", .bind = bind_matmul, .learnt = {0, 2}},
};

}  // namespace

std::span<const Operator> matrix_operators() { return kMatrixOperators; }

}  // namespace fovea::graph
