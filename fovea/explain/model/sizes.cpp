#include "fovea/explain/model/sizes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fovea/explain/model/operations.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

Shape without_batch(Shape sizes) {
  if (!sizes.empty()) sizes.erase(0);
  return sizes;
}

/// "1x28x28".
std::string sizes_text(const Shape& sizes) {
  std::string text;
  for (const std::int64_t size : sizes) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

bool all_alike(const Shape& sizes) {
  return std::ranges::all_of(sizes, [&](std::int64_t size) { return size == sizes[0]; });
}

/// "28 -> 28 -> 14": one number each where all sides are alike, else "11x9 -> 5x4". Of many those
/// that differ from the one before.
std::string chain_of(const std::vector<Shape>& sides) {
  constexpr std::size_t kMost = 12;
  const bool squares = std::ranges::all_of(sides, all_alike);
  std::string text;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    if (sides.size() > kMost && i > 0 && sides[i] == sides[i - 1]) continue;
    text += (text.empty() ? "" : " -> ") +
            (squares ? std::to_string(sides[i][0]) : sizes_text(sides[i]));
  }
  return text;
}

}  // namespace

Walk walk_sizes(nn::Module& module, const Shape& input) {
  const NoGrad no_grad;
  Shape batch = input;
  batch.insert(0, 1);
  const ModelRun run = evaluate_model(module, zeros(batch));
  Table table{.title = {},
              .headings = {Text("layer", "층"), Text("type", "종류"), Text("input", "입력"),
                           Text("output", "출력"), Text("formula", "공식")}};
  std::vector<Value> list;
  std::vector<Shape> sides;  // spatial ones
  if (input.ndim() > 1) sides.push_back(without_batch(input));
  for (const LayerRun& layer : run.layers) {
    const OperationWalk& walk = walk_of(layer);
    const Shape from = without_batch(layer.inputs.at(0).sizes()),
                to = without_batch(layer.output().sizes());
    const std::optional<std::string> formula =
        walk.formula != nullptr ? walk.formula(layer) : std::nullopt;
    if (walk.reach == Reach::kWindow && to.ndim() > 1) sides.push_back(without_batch(to));
    table.rows.push_back(
        {layer.name, layer.type, sizes_text(from), sizes_text(to), formula.value_or("")});
    list.emplace_back(Fields{{"layer", layer.name},
                             {"type", layer.type},
                             {"input", list_of(from)},
                             {"output", list_of(to)},
                             {"formula", formula ? Value(*formula) : Value()}});
  }
  Walk walk{.title = {"Sizes from layer to layer", "층마다의 크기"}};
  if (sides.size() > 1)
    walk.blocks.emplace_back(Note{.text = chain_of(sides), .look = Note::Look::kFormula});
  walk.blocks.emplace_back(Note{Text(
      "A window of size F that moves by S over W values with P more at each end stops at "
      "floor((W - F + 2P) / S) + 1 places.",
      "크기 F인 창이 양 끝에 P개씩 덧붙인 W개의 값 위를 S칸씩 움직이면 floor((W - F + 2P) / S) "
      "+ 1곳에 섭니다.")});
  walk.blocks.emplace_back(std::move(table));
  walk.document = std::move(list);
  return walk;
}

}  // namespace fovea::explain
