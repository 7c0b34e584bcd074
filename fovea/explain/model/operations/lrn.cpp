// Local response normalisation: a value is divided by a power of its neighbour channels' energy.
// Source   Krizhevsky, Sutskever and Hinton 2012, section 3.3; ONNX LRN.

#include <algorithm>
#include <cmath>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

Account walk_lrn(const Visit& visit) {
  const Tensor& x = visit.layer.inputs.at(0);
  const graph::Node node = visit.layer.node();
  const graph::NodeReader reader(node, visit.layer.opset);
  const std::int64_t size = reader.integer("size");
  const double alpha = reader.real("alpha", 1e-4), beta = reader.real("beta", 0.75),
               k = reader.real("bias", 1), own = value_at(x, visit.index);
  const std::int64_t channel = visit.index[1];
  const std::int64_t first = std::max<std::int64_t>(channel - (size - 1) / 2, 0);
  const std::int64_t last = std::min(channel + size / 2, x.size(1) - 1);
  std::vector<double> values, squares;
  Shape index = visit.index;
  for (index[1] = first; index[1] <= last; ++index[1]) {
    values.push_back(value_at(x, index));
    squares.push_back(values.back() * values.back());
  }
  const double energy = sum_of(squares);
  Account account{
      .window = tensor_from(values, {static_cast<std::int64_t>(values.size())}),
      .products = tensor_from(squares, {static_cast<std::int64_t>(squares.size())}),
      .sum = energy,
      .more = {{"x", own},
               {"first_channel", first},
               {"size", size},
               {"alpha", alpha},
               {"beta", beta},
               {"k", k}},
  };
  account.blocks.emplace_back(Note{
      Text("The value is divided by (k + alpha x (sum of the neighbour channels' squares) / "
           "size)^beta: strong neighbours quieten it.",
           "값을 (k + alpha x (이웃 채널 제곱의 합) / size)^beta로 나눕니다. 이웃이 강하면 값이 "
           "작아집니다.")});
  account.blocks.emplace_back(Board{
      .grids = {number_grid({"channels " + std::to_string(first) + " to " + std::to_string(last),
                             "채널 " + std::to_string(first) + "~" + std::to_string(last)},
                            values, {static_cast<std::int64_t>(values.size())})}});
  account.blocks.emplace_back(Note{.text = number_text(own) + " / (" + number_text(k) + " + " +
                                           number_text(alpha) + " x " + number_text(energy) +
                                           " / " + std::to_string(size) + ")^" + number_text(beta) +
                                           " = " + number_text(visit.value),
                                   .look = Note::Look::kFormula});
  return account;
}

constexpr OperationWalk kLrnWalks[] = {{.name = "LRN", .walk = walk_lrn}};

}  // namespace

std::span<const OperationWalk> lrn_walks() { return kLrnWalks; }

}  // namespace fovea::explain
