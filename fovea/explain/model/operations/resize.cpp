// Resize and Upsample: nearest and linear. By how much each input value counts is the gradient of
// the operation itself, which is linear.

#include <algorithm>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"
#include "fovea/graph/operators.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// The input values that count.
struct Sources {
  std::vector<Shape> places;
  std::vector<double> values, shares;
};

Sources sources_of(const Visit& visit) {
  const GradMode recording(true);
  const Tensor& x = visit.layer.inputs.at(0);
  Tensor leaf = zeros(x.sizes(), {.dtype = f64, .device = x.device()});
  leaf.set_requires_grad();
  Tensors inputs = visit.layer.inputs;
  inputs[0] = leaf;
  graph::Node node = visit.layer.node();
  node.outputs = {"y"};
  Tensor y = graph::bind_node(node, visit.layer.opset)(graph::Inputs(inputs, visit.layer.name))[0];
  for (const std::int64_t i : visit.index) y = y.select(0, i);
  Sources sources;
  if (!y.requires_grad()) return sources;
  const std::vector<double> shares = grad(y, {leaf})[0].to_vector<double>();
  std::size_t k = 0;
  for_each_index(x.sizes(), [&](const Shape& place) {
    const double share = shares[k++];
    if (share == 0) return;
    sources.places.push_back(place);
    sources.shares.push_back(share);
    sources.values.push_back(value_at(x, place));
  });
  return sources;
}

/// The smallest window that all of them lie in; nothing where they are of several channels.
std::optional<WindowAt> window_around(const std::vector<Shape>& places) {
  const Shape& first = places.at(0);
  if (first.ndim() < 3 || first.ndim() > 5) return std::nullopt;
  Shape least, most;
  for (int i = 0; i < first.ndim(); ++i) {
    const auto [a, b] =
        std::ranges::minmax(places, {}, [i](const Shape& place) { return place[i]; });
    if (i < 2 && a[i] != b[i]) return std::nullopt;
    if (i < 2) continue;
    least.push_back(a[i]);
    most.push_back(b[i] - a[i] + 1);
  }
  WindowAt window = whole_window(most);
  window.begin = least;
  return window;
}

Text words_of(const Sources& sources) {
  if (sources.places.empty())
    return {"This place lies outside of the input, where there is a given value.",
            "이 자리는 입력의 바깥이며, 거기에는 정해진 값이 있습니다."};
  if (sources.places.size() == 1)
    return {"The nearest input value is taken: nothing is computed.",
            "가장 가까운 입력 값을 그대로 씁니다. 계산은 없습니다."};
  return {
      "The input values around this place, each times its share: the nearer it is, the more it "
      "counts.",
      "이 자리를 둘러싼 입력 값에 저마다의 몫을 곱해 더합니다. 가까울수록 몫이 큽니다."};
}

Account walk_resize(const Visit& visit) {
  const Sources sources = sources_of(visit);
  const auto count = static_cast<std::int64_t>(sources.values.size());
  std::vector<double> products;
  std::vector<Value> from;
  for (std::size_t i = 0; i < sources.values.size(); ++i) {
    products.push_back(sources.values[i] * sources.shares[i]);
    from.push_back(list_of(sources.places[i]));
  }
  Account account{.window = tensor_from(sources.values, {count}),
                  .weights = tensor_from(sources.shares, {count}),
                  .products = tensor_from(products, {count}),
                  .sum = sum_of(products),
                  .more = {{"from", std::move(from)}}};
  account.blocks.emplace_back(Note{words_of(sources)});
  if (count == 0) return account;
  if (const std::optional<WindowAt> window = window_around(sources.places)) {
    const std::string number = std::to_string(sources.places[0][1]);
    const Tensor map = visit.layer.inputs[0]
                           .detach()
                           .select(0, sources.places[0][0])
                           .select(0, sources.places[0][1]);
    MapView view = map_view({"input channel " + number, "입력 채널 " + number}, map, *window);
    account.blocks.emplace_back(Board{.grids = {std::move(view.grid)},
                                      .stops = {{.title = {"The values around", "둘러싼 값"},
                                                 .marks = {{Role::kRead, view.window}}}}});
  }
  account.blocks.emplace_back(Note{
      .text = products_text(sources.values, sources.shares, std::max<std::int64_t>(count / 2, 1)) +
              " = " + number_text(visit.value),
      .look = Note::Look::kFormula});
  return account;
}

constexpr OperationWalk kResizeWalks[] = {
    {.name = "Resize", .walk = walk_resize, .reach = Reach::kAll},
    {.name = "Upsample", .walk = walk_resize, .reach = Reach::kAll},
};

}  // namespace

std::span<const OperationWalk> resize_walks() { return kResizeWalks; }

}  // namespace fovea::explain
