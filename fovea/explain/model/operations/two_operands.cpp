// Operations on two values, or several, at the same place: the sum of a residual block, above all.

#include <algorithm>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

std::vector<double> operands(const Visit& visit) {
  std::vector<double> values;
  values.reserve(visit.layer.inputs.size());
  for (const Tensor& input : visit.layer.inputs)
    values.push_back(value_at(input, broadcast_index(visit.index, input.sizes())));
  return values;
}

Account account_of_operands(const Visit& visit, const std::vector<double>& values, const Text& note,
                            const std::string& line) {
  Account account{.window = tensor_from(values, {static_cast<std::int64_t>(values.size())})};
  account.blocks.emplace_back(Note{note});
  account.blocks.emplace_back(
      Note{.text = line + " = " + number_text(visit.value), .look = Note::Look::kFormula});
  return account;
}

Account walk_sum(const Visit& visit) {
  const std::vector<double> values = operands(visit);
  Account account = account_of_operands(
      visit, values,
      {"The values of the branches at the same place, added: what a residual block does.",
       "같은 자리에 있는 가지들의 값을 더합니다. 잔차 블록이 하는 일입니다."},
      sum_text(values));
  account.products = tensor_from(values, {static_cast<std::int64_t>(values.size())});
  account.sum = sum_of(values);
  return account;
}

Account walk_product(const Visit& visit) {
  const std::vector<double> values = operands(visit);
  Account account = account_of_operands(
      visit, values,
      {"The values at the same place, multiplied.", "같은 자리에 있는 값을 곱합니다."},
      products_text(std::span(values).first(1), std::span(values).subspan(1, 1), 1));
  account.sum = values[0] * values[1];
  return account;
}

/// An operation that is written between its operands.
Account walk_between(const Visit& visit) {
  const std::vector<double> values = operands(visit);
  const std::string& op = visit.layer.op;
  const std::string sign = op == "Sub" ? " - " : op == "Div" ? " / " : "^";
  return account_of_operands(visit, values,
                             {"The two values at the same place.", "같은 자리에 있는 두 값입니다."},
                             bracketed(values[0]) + sign + bracketed(values[1]));
}

Account walk_choice(const Visit& visit) {
  const std::vector<double> values = operands(visit);
  std::string list;
  for (const double value : values) list += (list.empty() ? "" : ", ") + number_text(value);
  const bool largest = visit.layer.op == "Max";
  return account_of_operands(visit, values,
                             largest ? Text("The largest of the values at the same place.",
                                            "같은 자리에 있는 값 가운데 가장 큰 것입니다.")
                                     : Text("The smallest of the values at the same place.",
                                            "같은 자리에 있는 값 가운데 가장 작은 것입니다."),
                             (largest ? "max(" : "min(") + list + ")");
}

/// A sum hands its gradient to each branch as it is.
std::vector<GradientTerm> sum_terms(const LayerRun& layer, const Shape& index,
                                    const Tensor& upstream) {
  if (layer.inputs.at(0).sizes() != layer.output().sizes()) return {};
  return {{.at = index, .activation = 1, .upstream = value_at(upstream, index)}};
}

constexpr OperationWalk kTwoOperandWalks[] = {
    {.name = "Add", .walk = walk_sum, .input_terms = sum_terms},
    {.name = "Sum", .walk = walk_sum, .input_terms = sum_terms},
    {.name = "Mul", .walk = walk_product},
    {.name = "Sub", .walk = walk_between},
    {.name = "Div", .walk = walk_between},
    {.name = "Pow", .walk = walk_between},
    {.name = "Max", .walk = walk_choice},
    {.name = "Min", .walk = walk_choice},
};

}  // namespace

std::span<const OperationWalk> two_operands_walks() { return kTwoOperandWalks; }

}  // namespace fovea::explain
