// Batch norm in evaluation: by the running statistics.

#include <cmath>
#include <utility>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

Account walk_batch_norm(const Visit& visit) {
  const Tensors& in = visit.layer.inputs;
  const Shape channel{visit.index[visit.index.ndim() > 1 ? 1 : 0]};
  const double x = value_at(in.at(0), visit.index), weight = value_at(in.at(1), channel),
               bias = value_at(in.at(2), channel), mean = value_at(in.at(3), channel),
               var = value_at(in.at(4), channel);
  const graph::Node node = visit.layer.node();
  const double eps = graph::NodeReader(node, visit.layer.opset).real("epsilon", 1e-5);
  // The kernel multiplies by one number a channel: value = x scale - mean scale + bias.
  const double scale = weight / std::sqrt(var + eps);
  const std::vector<double> products = {x * scale, -mean * scale};
  const double standard = (x - mean) / std::sqrt(var + eps);
  Account account{
      .window = x,
      .weights = weight,
      .bias = bias,
      .products = tensor_from(products, {2}),
      .sum = sum_of(products),
      .more = {{"mean", mean}, {"var", var}, {"eps", eps}, {"normalized", standard}},
  };
  account.blocks.emplace_back(Note{
      Text("The channel's running mean is taken off and its running standard deviation divided "
           "by; then comes the learnt scale and shift: (x - mean) / sqrt(var + eps) x weight + "
           "bias.",
           "채널의 이동 평균을 빼고 이동 표준편차로 나눈 뒤, 학습된 배율을 곱하고 이동량을 "
           "더합니다: (x - mean) / sqrt(var + eps) x weight + bias.")});
  Table table{.title = {}, .headings = {Text("name", "이름"), Text("value", "값")}};
  const std::pair<Text, double> rows[] = {{"x", x},
                                          {Text("running mean", "이동 평균"), mean},
                                          {Text("running var", "이동 분산"), var},
                                          {"eps", eps},
                                          {Text("weight", "가중치"), weight},
                                          {Text("bias", "편향"), bias}};
  for (const auto& [name, value] : rows) table.rows.push_back({name, number_text(value)});
  account.blocks.emplace_back(std::move(table));
  const std::string terms =
      sum_text(std::vector<double>{standard * weight, bias}) + " = " + number_text(visit.value);
  account.blocks.emplace_back(Note{.text = "(" + number_text(x) + " - " + bracketed(mean) +
                                           ") / sqrt(" + number_text(var) + " + " +
                                           number_text(eps) + ") = " + number_text(standard),
                                   .look = Note::Look::kFormula});
  account.blocks.emplace_back(Note{.text = number_text(standard) + " x " + bracketed(weight) +
                                           " + " + bracketed(bias) + " = " + terms,
                                   .look = Note::Look::kFormula});
  return account;
}

constexpr OperationWalk kNormWalks[] = {
    {.name = "BatchNormalization", .walk = walk_batch_norm},
};

}  // namespace

std::span<const OperationWalk> norm_walks() { return kNormWalks; }

}  // namespace fovea::explain
