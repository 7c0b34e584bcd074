// Operations that move values and compute none: reshaping, joining, cutting, padding. Where a value
// comes from is found by the operation itself: it is run on the places' numbers instead of values.

#include <algorithm>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/sizes_text.h"
#include "fovea/explain/model/operations/values.h"
#include "fovea/graph/operators.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// How many of an operator's inputs are values that it moves.
std::size_t moved_inputs(const LayerRun& layer) {
  return layer.op == "Concat" ? layer.inputs.size() : 1;
}

/// The operation's first output for places' numbers, counted from 1 through all moved inputs; 0 is
/// what a border is filled with.
Tensor moved_numbers(const LayerRun& layer) {
  const NoGrad no_grad;
  Tensors inputs = layer.inputs;
  double next = 1;
  for (std::size_t i = 0; i < moved_inputs(layer); ++i) {
    const auto count = static_cast<double>(inputs[i].numel());
    inputs[i] = arange(next, next + count, 1, {.dtype = i64}).view(inputs[i].sizes());
    next += count;
  }
  if (layer.op == "Pad" && inputs.size() > 2 && inputs[2].defined())
    inputs[2] = scalar(0, {.dtype = i64});
  graph::Node node = layer.node();
  for (std::size_t i = 0; i < layer.outputs.size(); ++i) node.outputs.push_back(std::to_string(i));
  return graph::bind_node(node, layer.opset)(graph::Inputs(inputs, layer.name)).at(0);
}

/// The index of element `number` of `sizes` in logical order.
Shape index_of(std::int64_t number, const Shape& sizes) {
  Shape index = sizes;
  for (int i = sizes.ndim() - 1; i >= 0; --i) {
    index[i] = number % sizes[i];
    number /= sizes[i];
  }
  return index;
}

Account walk_moved(const Visit& visit) {
  Account account{.window = visit.value};
  auto left = static_cast<std::int64_t>(value_at(moved_numbers(visit.layer), visit.index)) - 1;
  if (left < 0) {
    account.blocks.emplace_back(Note{Text("A value of the border.", "테두리의 값입니다.")});
    return account;
  }
  std::size_t input = 0;
  while (left >= visit.layer.inputs[input].numel()) left -= visit.layer.inputs[input++].numel();
  const Shape from = index_of(left, visit.layer.inputs[input].sizes());
  account.more = {{"input", static_cast<std::int64_t>(input)}, {"from", list_of(from)}};
  const bool joined = moved_inputs(visit.layer) > 1;
  const std::string branch = std::to_string(input + 1);
  account.blocks.emplace_back(Note{
      joined ? Text("Nothing is computed: the value comes from branch " + branch + " of " +
                        std::to_string(moved_inputs(visit.layer)) + ".",
                    "계산은 없습니다. 이 값은 가지 " + std::to_string(moved_inputs(visit.layer)) +
                        "개 가운데 " + branch + "번째에서 옵니다.")
             : Text("Nothing is computed: the value moves from one place to another.",
                    "계산은 없습니다. 값의 자리만 바뀝니다.")});
  account.blocks.emplace_back(Note{
      .text = from.to_string() + " -> " + visit.index.to_string() + ": " + number_text(visit.value),
      .look = Note::Look::kFormula});
  return account;
}

std::optional<std::string> flat_formula(const LayerRun& layer) {
  const Shape &in = layer.inputs[0].sizes(), &out = layer.output().sizes();
  if (out.ndim() != 2 || in.ndim() <= 2 || in.numel() != out.numel()) return std::nullopt;
  return product_formula(in, 1);
}

/// "64 + 128 + 32 = 224" channels.
std::optional<std::string> joined_formula(const LayerRun& layer) {
  const Shape& out = layer.output().sizes();
  for (int i = 1; i < out.ndim(); ++i) {
    std::string text;
    std::int64_t sum = 0;
    for (const Tensor& input : layer.inputs) {
      text += (text.empty() ? "" : " + ") + std::to_string(input.size(i));
      sum += input.size(i);
    }
    if (sum == out[i]) return text + " = " + std::to_string(sum);
  }
  return std::nullopt;
}

constexpr OperationWalk flattening(std::string_view name) {
  return {.name = name, .walk = walk_moved, .reach = Reach::kAll, .formula = flat_formula};
}

constexpr OperationWalk moving(std::string_view name) {
  return {.name = name, .walk = walk_moved, .reach = Reach::kAll};
}

constexpr OperationWalk kMovedWalks[] = {
    flattening("Flatten"),
    flattening("Reshape"),
    moving("Squeeze"),
    moving("Unsqueeze"),
    moving("Transpose"),
    moving("Slice"),
    moving("Gather"),
    moving("Expand"),
    moving("Tile"),
    moving("Pad"),
    moving("DepthToSpace"),
    moving("SpaceToDepth"),
    {.name = "Concat", .walk = walk_moved, .formula = joined_formula},
};

}  // namespace

std::span<const OperationWalk> moved_walks() { return kMovedWalks; }

}  // namespace fovea::explain
