// Functions of one element: every row of kernels/functions.h, by its ONNX operator or its layer.

#include <cctype>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"
#include "fovea/kernels/functions.h"

namespace fovea::explain {

namespace {

/// What people write for an operator: "max" of Relu. Of most it is the operator in small letters.
std::string formula_of_function(const Visit& visit, double x) {
  const std::string& op = visit.layer.op.empty() ? visit.layer.type : visit.layer.op;
  const std::string number = number_text(x);
  if (op == "Relu") return "max(" + number + ", 0)";
  if (op == "Neg") return "-(" + number + ")";
  if (op == "Abs") return "|" + number + "|";
  if (op == "Exp") return "e^" + (x < 0 ? "(" + number + ")" : number);
  if (op == "Reciprocal") return "1 / " + number;
  std::string name = op;
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  // Parameters that are inputs of their own: limits, slopes.
  std::string parameters;
  for (std::size_t i = 1; i < visit.layer.inputs.size(); ++i) {
    const Tensor& input = visit.layer.inputs[i];
    if (input.defined())
      parameters +=
          ", " + number_text(value_at(input, broadcast_index(visit.index, input.sizes())));
  }
  return name + "(" + number + parameters + ")";
}

Account walk_function(const Visit& visit) {
  const double x = value_at(visit.layer.inputs.at(0), visit.index);
  Account account{.window = x};
  account.blocks.emplace_back(
      Note{Text("A function of each value by itself.", "값 하나하나에 따로 적용하는 함수입니다.")});
  account.blocks.emplace_back(
      Note{.text = formula_of_function(visit, x) + " = " + number_text(visit.value),
           .look = Note::Look::kFormula});
  return account;
}

/// A value above 0 lets the gradient through, another one does not.
std::vector<GradientTerm> relu_terms(const LayerRun& layer, const Shape& index,
                                     const Tensor& upstream) {
  const bool open = value_at(layer.inputs.at(0), index) > 0;
  return {{.at = index, .activation = open ? 1.0 : 0.0, .upstream = value_at(upstream, index)}};
}

constexpr decltype(OperationWalk::input_terms) terms_of_function(std::string_view onnx) {
  return onnx == "Relu" ? relu_terms : nullptr;
}

constexpr OperationWalk kFunctionWalks[] = {
#define FOVEA_ROW(Word, function, domain, value, reads, slope, onnx, ...) \
  {.name = onnx, .walk = walk_function, .input_terms = terms_of_function(onnx)},
    FOVEA_ROWS
#undef FOVEA_ROW
    {.name = "PRelu", .walk = walk_function},
};

}  // namespace

std::span<const OperationWalk> function_walks() { return kFunctionWalks; }

}  // namespace fovea::explain
