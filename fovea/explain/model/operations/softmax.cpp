// Softmax and its logarithm.

#include <algorithm>
#include <cmath>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

Account walk_softmax(const Visit& visit) {
  const Tensor& x = visit.layer.inputs.at(0);
  const graph::Node node = visit.layer.node();
  const graph::NodeReader reader(node, visit.layer.opset);
  const int axis =
      wrap_dim(static_cast<int>(reader.integer("axis", visit.layer.opset >= 13 ? -1 : 1)), x.dim(),
               "explain");
  const bool flat = visit.layer.opset < 13;  // it went over all from the axis on
  std::vector<double> scores, powers;
  Tensor row = x.detach();
  for (int i = 0; i < axis; ++i) row = row.select(0, visit.index[i]);
  for (int i = axis + 1; i < x.dim() && !flat; ++i) row = row.select(1, visit.index[i]);
  scores = row.to_vector<double>();
  const double largest = *std::ranges::max_element(scores);
  powers.reserve(scores.size());
  for (const double score : scores) powers.push_back(std::exp(score - largest));
  const double sum = sum_of(powers), own = value_at(x, visit.index);
  const auto count = static_cast<std::int64_t>(scores.size());
  Account account{
      .window = tensor_from(scores, {count}),
      .sum = sum,
      .more = {{"largest", largest}, {"powers", tensor_from(powers, {count})}},
  };
  account.blocks.emplace_back(Note{
      Text("Each score's power of e, divided by the sum of all of them. The largest score is "
           "taken off first, which changes nothing but keeps the powers small.",
           "점수마다 e의 거듭제곱을 구해 그 합으로 나눕니다. 먼저 가장 큰 점수를 빼는데, 결과는 "
           "같고 거듭제곱이 너무 커지지 않습니다.")});
  account.blocks.emplace_back(
      Board{.grids = {number_grid({"scores", "점수"}, scores, {count}),
                      number_grid({"e^(score - largest)", "e^(점수 - 최댓값)"}, powers, {count})}});
  const bool log = visit.layer.op == "LogSoftmax";
  const std::string share =
      "e^(" + number_text(own) + " - " + number_text(largest) + ") / " + number_text(sum);
  account.blocks.emplace_back(
      Note{.text = (log ? "log(" + share + ")" : share) + " = " + number_text(visit.value),
           .look = Note::Look::kFormula});
  return account;
}

constexpr OperationWalk kSoftmaxWalks[] = {
    {.name = "Softmax", .walk = walk_softmax, .reach = Reach::kAll},
    {.name = "LogSoftmax", .walk = walk_softmax, .reach = Reach::kAll},
};

}  // namespace

std::span<const OperationWalk> softmax_walks() { return kSoftmaxWalks; }

}  // namespace fovea::explain
