// Dropout: nothing in evaluation, and in training 0 or x / (1 - p).

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

Account walk_dropout(const Visit& visit) {
  const double x = value_at(visit.layer.inputs.at(0), visit.index);
  Account account{.window = x};
  const std::string numbers = number_text(x) + " -> " + number_text(visit.value);
  account.blocks.emplace_back(Note{
      visit.value == x
          ? Text("Dropout does nothing in evaluation: the value passes as it is.",
                 "드롭아웃은 평가할 때 아무 일도 하지 않습니다. 값이 그대로 지나갑니다.")
          : Text(
                "In training a value becomes 0 with probability p, and the others grow by 1 / (1 - "
                "p).",
                "학습할 때 값은 확률 p로 0이 되고, 나머지는 1 / (1 - p)배가 됩니다.")});
  account.blocks.emplace_back(Note{.text = numbers, .look = Note::Look::kFormula});
  return account;
}

Account walk_identity(const Visit& visit) {
  Account account{.window = visit.value};
  account.blocks.emplace_back(Note{Text("The value passes as it is.", "값이 그대로 지나갑니다.")});
  return account;
}

/// What passes as it is has the same gradient on both sides. In training it is 0 or 1 / (1 - p) of
/// it, as the value is.
std::vector<GradientTerm> passing_terms(const LayerRun& layer, const Shape& index,
                                        const Tensor& upstream) {
  const double x = value_at(layer.inputs.at(0), index), y = value_at(layer.output(), index);
  return {{.at = index, .activation = x == y ? 1 : y / x, .upstream = value_at(upstream, index)}};
}

constexpr OperationWalk kDropoutWalks[] = {
    {.name = "Dropout", .walk = walk_dropout, .input_terms = passing_terms},
    {.name = "Dropout1d", .walk = walk_dropout, .input_terms = passing_terms},
    {.name = "Dropout2d", .walk = walk_dropout, .input_terms = passing_terms},
    {.name = "Dropout3d", .walk = walk_dropout, .input_terms = passing_terms},
    {.name = "Identity", .walk = walk_identity, .input_terms = passing_terms},
};

}  // namespace

std::span<const OperationWalk> dropout_walks() { return kDropoutWalks; }

}  // namespace fovea::explain
