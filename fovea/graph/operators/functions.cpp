// Functions of one element: an operator for each row of kernels/functions.h that names one. Where
// the parameters are inputs, it is in another family.

#include <cmath>
#include <iterator>
#include <vector>

#include "fovea/graph/operators.h"
#include "fovea/graph/operators/dtypes.h"
#include "fovea/kernels/functions.h"
#include "fovea/tensor/ops/unary.h"

namespace fovea::graph {

namespace {

using kernels::Domain;
using kernels::Unary;

double read(const NodeReader& node, const kernels::OnnxParameter& parameter) {
  if (parameter.name == nullptr) return 0;
  const double value = node.real(parameter.name, parameter.standard);
  node.require(std::isfinite(value), "attribute \"", parameter.name,
               "\" expected a finite number, got ", value);
  return value;
}

template <Unary kind>
Run bind_row(const NodeReader& node) {
  constexpr const kernels::FunctionRow& row = kernels::row_of(kind);
  const kernels::UnaryOp op{kind, read(node, row.onnx.a), read(node, row.onnx.b)};
  if constexpr (row.domain == Domain::kTests || row.domain == Domain::kLogic)
    return [op](const Inputs& in) -> Tensors { return {unary(op, computable(in[0]))}; };
  return run_unary([op](const Tensor& x) { return unary(op, x); });
}

constexpr Operator operator_of_row(const kernels::FunctionRow& row,
                                   Run (*bind)(const NodeReader&)) {
  const bool answers = row.domain == Domain::kTests || row.domain == Domain::kLogic;
  return {.name = row.onnx.name,
          .bind = bind,
          .dtype = answers ? ResultDType{.dtype = boolean} : ResultDType{}};
}

constexpr Operator kRows[] = {
#define FOVEA_ROW(Word, ...) \
  operator_of_row(kernels::row_of(Unary::k##Word), bind_row<Unary::k##Word>),
    FOVEA_ROWS
#undef FOVEA_ROW
};

}  // namespace

std::span<const Operator> function_operators() {
  static const std::vector<Operator> operators = [] {
    std::vector<Operator> found;
    for (std::size_t row = 0; row < std::size(kRows); ++row) {
      const kernels::OnnxOperator& onnx = kernels::kFunctionRows[row].onnx;
      if (onnx.name[0] != '\0' && !onnx.by_inputs) found.push_back(kRows[row]);
    }
    return found;
  }();
  return operators;
}

}  // namespace fovea::graph
