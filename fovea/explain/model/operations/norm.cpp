// Batch norm in evaluation, by the running statistics; and norms within a sample, by its own.

#include <cmath>
#include <utility>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"
#include "fovea/tensor/ops.h"

namespace fovea::explain {

namespace {

/// A value, the statistics that it is brought to 0 and 1 by, and what comes then.
struct Normed {
  double x, mean, var, eps, weight, bias;
  Text name_of_mean, name_of_var;
};

Account account_of_normed(const Visit& visit, const Normed& norm, const Text& note) {
  const auto& [x, mean, var, eps, weight, bias, name_of_mean, name_of_var] = norm;
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
  account.blocks.emplace_back(Note{note});
  Table table{.title = {}, .headings = {Text("name", "이름"), Text("value", "값")}};
  const std::pair<Text, double> rows[] = {{"x", x},
                                          {name_of_mean, mean},
                                          {name_of_var, var},
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

double read_eps(const LayerRun& layer) {
  const graph::Node node = layer.node();
  return graph::NodeReader(node, layer.opset).real("epsilon", 1e-5);
}

Account walk_batch_norm(const Visit& visit) {
  const Tensors& in = visit.layer.inputs;
  const Shape channel{visit.index[visit.index.ndim() > 1 ? 1 : 0]};
  return account_of_normed(
      visit,
      {.x = value_at(in.at(0), visit.index),
       .mean = value_at(in.at(3), channel),
       .var = value_at(in.at(4), channel),
       .eps = read_eps(visit.layer),
       .weight = value_at(in.at(1), channel),
       .bias = value_at(in.at(2), channel),
       .name_of_mean = {"running mean", "이동 평균"},
       .name_of_var = {"running var", "이동 분산"}},
      {"The channel's running mean is taken off and its running standard deviation divided "
       "by; then comes the learnt scale and shift: (x - mean) / sqrt(var + eps) x weight + "
       "bias.",
       "채널의 이동 평균을 빼고 이동 표준편차로 나눈 뒤, 학습된 배율을 곱하고 이동량을 "
       "더합니다: (x - mean) / sqrt(var + eps) x weight + bias."});
}

/// By the statistics of `part`, which the value at visit.index is one of: a map, a group of
/// channels, a row. Weight and bias, undefined for none, have the value's number at `at`.
Account account_of_part(const Visit& visit, const Tensor& part, const Tensor& weight,
                        const Tensor& bias, const Shape& at, const Text& note) {
  const Tensor values = part.to(f64);
  Account account = account_of_normed(visit,
                                      {.x = value_at(visit.layer.inputs[0], visit.index),
                                       .mean = mean(values).item(),
                                       .var = var(values, {}, false, 0).item(),
                                       .eps = read_eps(visit.layer),
                                       .weight = weight.defined() ? value_at(weight, at) : 1,
                                       .bias = bias.defined() ? value_at(bias, at) : 0,
                                       .name_of_mean = {"mean", "평균"},
                                       .name_of_var = {"var", "분산"}},
                                      note);
  account.more.emplace_back("normed_over", list_of(part.sizes()));
  if (part.dim() > 3) return account;
  MapView view =
      map_view({"normalised together", "함께 정규화하는 값"}, part, whole_window(part.sizes()));
  account.blocks.insert(account.blocks.begin() + 1, Board{.grids = {std::move(view.grid)}});
  return account;
}

Account walk_instance_norm(const Visit& visit) {
  const Tensors& in = visit.layer.inputs;
  return account_of_part(
      visit, in.at(0).detach().select(0, visit.sample()).select(0, visit.index[1]), in.at(1),
      in.at(2), {visit.index[1]},
      {"The mean of the sample's channel is taken off and its standard deviation divided by; then "
       "comes the learnt scale and shift.",
       "이 샘플의 채널 평균을 빼고 표준편차로 나눈 뒤, 학습된 배율을 곱하고 이동량을 더합니다."});
}

Account walk_group_norm(const Visit& visit) {
  const Tensors& in = visit.layer.inputs;
  const graph::Node node = visit.layer.node();
  const std::int64_t groups = graph::NodeReader(node, visit.layer.opset).integer("num_groups");
  const std::int64_t each = in.at(0).size(1) / groups, group = visit.index[1] / each;
  const std::int64_t place = visit.layer.opset >= 21 ? visit.index[1] : group;
  return account_of_part(
      visit, in.at(0).detach().select(0, visit.sample()).narrow(0, group * each, each), in.at(1),
      in.at(2), {place},
      {"The mean of the sample's group of channels is taken off and its standard deviation divided "
       "by; then comes the learnt scale and shift.",
       "이 샘플의 채널 묶음 평균을 빼고 표준편차로 나눈 뒤, 학습된 배율을 곱하고 이동량을 "
       "더합니다."});
}

Account walk_layer_norm(const Visit& visit) {
  const Tensors& in = visit.layer.inputs;
  const graph::Node node = visit.layer.node();
  const int axis =
      wrap_dim(static_cast<int>(graph::NodeReader(node, visit.layer.opset).integer("axis", -1)),
               in.at(0).dim(), "explain");
  Tensor part = in[0].detach();
  for (int i = 0; i < axis; ++i) part = part.select(0, visit.index[i]);
  return account_of_part(
      visit, part, in.at(1), in.size() > 2 ? in[2] : Tensor(),
      broadcast_index(visit.index, in[1].sizes()),
      {"The mean of the sample's last dimensions is taken off and their standard deviation divided "
       "by; then comes the learnt scale and shift.",
       "이 샘플의 마지막 차원들에 걸친 평균을 빼고 표준편차로 나눈 뒤, 학습된 배율을 곱하고 "
       "이동량을 더합니다."});
}

/// In evaluation the channel's scale is all that a value meets.
std::vector<GradientTerm> batch_norm_terms(const LayerRun& layer, const Shape& index,
                                           const Tensor& upstream) {
  const Shape channel{index[index.ndim() > 1 ? 1 : 0]};
  const double scale = value_at(layer.inputs.at(1), channel) /
                       std::sqrt(value_at(layer.inputs.at(4), channel) + read_eps(layer));
  return {{.at = index, .activation = scale, .upstream = value_at(upstream, index)}};
}

constexpr OperationWalk kNormWalks[] = {
    {.name = "BatchNormalization", .walk = walk_batch_norm, .input_terms = batch_norm_terms},
    {.name = "InstanceNormalization", .walk = walk_instance_norm, .reach = Reach::kAll},
    {.name = "GroupNormalization", .walk = walk_group_norm, .reach = Reach::kAll},
    {.name = "LayerNormalization", .walk = walk_layer_norm, .reach = Reach::kAll},
};

}  // namespace

std::span<const OperationWalk> norm_walks() { return kNormWalks; }

}  // namespace fovea::explain
