// Poolings: the largest value of each window, or the mean; also over everything, and to a given
// size.

#include <algorithm>
#include <cmath>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/sizes_text.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

Shape spatial_part(const Tensor& x) { return Shape(std::span(x.sizes()).subspan(2)); }

graph::WindowPlaces pool_places(const LayerRun& layer) {
  const graph::Node node = layer.node();
  const graph::Windows windows{graph::NodeReader(node, layer.opset)};
  return windows.places(graph::Inputs(layer.inputs, layer.name), layer.inputs.at(0).sizes(),
                        windows.kernel().value());
}

/// The window of a pooling to a given size whose windows differ.
/// Source   PyTorch, AdaptiveAveragePooling: from floor(i in / out) to ceil((i + 1) in / out).
WindowAt adaptive_window(const LayerRun& layer, const Shape& at) {
  const Shape in = spatial_part(layer.inputs.at(0)), out = spatial_part(layer.output());
  WindowAt window = whole_window(in);
  for (int i = 0; i < in.ndim(); ++i) {
    window.begin[i] = at[i] * in[i] / out[i];
    window.cells[i] = ((at[i] + 1) * in[i] + out[i] - 1) / out[i] - window.begin[i];
  }
  return window;
}

/// What a pooling sees: the channel's map with its window, and the window's numbers.
struct PoolView {
  Seen seen;
  std::vector<double> inside;  // the values that count
  Board board;
};

PoolView look(const Visit& visit, const WindowAt& window) {
  const Tensor& x = visit.layer.inputs.at(0);
  PoolView view{
      .seen = read_window(x, visit.sample(), visit.index[1], 1, window), .inside = {}, .board = {}};
  for (std::size_t i = 0; i < view.seen.values.size(); ++i) {
    if (view.seen.inside[i]) view.inside.push_back(view.seen.values[i]);
  }
  const std::string number = std::to_string(visit.index[1]);
  MapView map = map_view({"input channel " + number, "입력 채널 " + number},
                         x.detach().select(0, visit.sample()).select(0, visit.index[1]), window);
  Stop stop{.title = {"The window", "창"}, .marks = {{Role::kRead, map.window}}};
  view.board = {.grids = {std::move(map.grid)}, .stops = {std::move(stop)}};
  if (view.seen.values.size() <= 400)
    view.board.grids.push_back(number_grid({"window", "창"}, view.seen.values, window.cells));
  return view;
}

Account account_of(const PoolView& view, const WindowAt& window) {
  Account account;
  account.window = list_with_gaps(view.seen.values, view.seen.inside, window.cells);
  return account;
}

/// Where in the window the value is first found; its end when it is not there.
std::size_t find_value(const Seen& seen, double value) {
  std::size_t i = 0;
  while (i < seen.values.size() && !(seen.inside[i] && seen.values[i] == value)) ++i;
  return i;
}

Account walk_extreme(const Visit& visit, const WindowAt& window, const char* word,
                     const Text& what) {
  PoolView view = look(visit, window);
  Account account = account_of(view, window);
  std::string list;
  for (std::size_t i = 0; i < view.inside.size() && i < 32; ++i)
    list += (i == 0 ? "" : ", ") + number_text(view.inside[i]);
  if (view.inside.size() > 32) list += ", ...";
  Stop& stop = view.board.stops[0];
  stop.lines = {std::string(word) + "(" + list + ") = " + number_text(visit.value)};
  const std::size_t found = find_value(view.seen, visit.value);
  if (found < view.seen.values.size()) {
    // From the place in the window to the place on the map.
    Cells chosen = stop.marks[0].cells;
    Shape place = window.begin;
    auto left = static_cast<std::int64_t>(found);
    for (int i = place.ndim() - 1; i >= 0; --i) {
      const std::int64_t cell = left % window.cells[i] * window.step[i];
      left /= window.cells[i];
      place[i] += cell;
      if (i == place.ndim() - 1) chosen.column += cell;
      if (i == place.ndim() - 2) chosen.row += cell;
      if (i == place.ndim() - 3) chosen.slice += cell;
    }
    chosen.rows = chosen.columns = chosen.slices = 1;
    stop.marks.push_back({Role::kChosen, chosen});
    account.more.emplace_back("chosen_at", list_of(place));
  }
  account.blocks.emplace_back(Note{what});
  account.blocks.emplace_back(std::move(view.board));
  return account;
}

Account walk_largest(const Visit& visit, const WindowAt& window) {
  return walk_extreme(visit, window, "max",
                      {"The largest value under the window; the border does not count.",
                       "창 아래에서 가장 큰 값입니다. 테두리는 세지 않습니다."});
}

Account walk_mean(const Visit& visit, const WindowAt& window, std::int64_t count) {
  PoolView view = look(visit, window);
  Account account = account_of(view, window);
  const double sum = sum_of(view.inside);
  account.sum = sum;
  account.more.emplace_back("count", count);
  const std::string of = " / " + std::to_string(count) + " = " + number_text(visit.value);
  const bool few = view.inside.size() <= 64;
  view.board.stops[0].lines = {(few ? "(" + sum_text(view.inside) + ")" : number_text(sum)) + of};
  account.blocks.emplace_back(
      Note{Text("The mean of the values under the window: their sum divided by their number.",
                "창 아래 값들의 평균: 합을 개수로 나눕니다.")});
  account.blocks.emplace_back(std::move(view.board));
  account.blocks.emplace_back(Note{.text = number_text(sum) + of, .look = Note::Look::kFormula});
  return account;
}

/// (|a|^p + |b|^p + ...)^(1/p).
Account walk_power_mean(const Visit& visit, const WindowAt& window) {
  const graph::Node node = visit.layer.node();
  const std::int64_t p = graph::NodeReader(node, visit.layer.opset).integer("p", 2);
  PoolView view = look(visit, window);
  Account account = account_of(view, window);
  std::vector<double> powers;
  std::string line;
  for (std::size_t i = 0; i < view.inside.size(); ++i) {
    powers.push_back(std::pow(std::abs(view.inside[i]), static_cast<double>(p)));
    if (i == 64) line += " + ...";
    if (i < 64) line += str(i == 0 ? "|" : " + |", number_text(view.inside[i]), "|^", p);
  }
  const double sum = sum_of(powers);
  account.products = tensor_from(powers, {static_cast<std::int64_t>(powers.size())});
  account.sum = sum;
  account.more = {{"p", p}};
  view.board.stops[0].lines = {line + " = " + number_text(sum)};
  account.blocks.emplace_back(
      Note{Text("The sizes of the values under the window to the power of p, added up, and the "
                "p-th root of the sum.",
                "창 아래 값들의 크기를 p제곱해 더하고, 그 합의 p제곱근을 구합니다.")});
  account.blocks.emplace_back(std::move(view.board));
  account.blocks.emplace_back(
      Note{.text = str(number_text(sum), "^(1/", p, ") = ", number_text(visit.value)),
           .look = Note::Look::kFormula});
  return account;
}

/// By how many a mean is divided: the input's cells, with the border's where that counts, but
/// nothing beyond the border.
std::int64_t divisor(const LayerRun& layer, const WindowAt& window, const Seen& seen,
                     const graph::WindowPlaces& places) {
  const graph::Node node = layer.node();
  const graph::NodeReader reader(node, layer.opset);
  if (reader.integer("count_include_pad", 0) == 0) return std::ranges::count(seen.inside, true);
  const Shape in = spatial_part(layer.inputs[0]);
  std::int64_t count = 1;
  for (int i = 0; i < in.ndim(); ++i) {
    std::int64_t cells = 0;
    for (std::int64_t k = 0; k < window.cells[i]; ++k)
      cells += window.begin[i] + k * window.step[i] < in[i] + places.end[i] ? 1 : 0;
    count *= cells;
  }
  return count;
}

Account walk_max_pool(const Visit& visit) {
  return walk_largest(visit, window_at(pool_places(visit.layer), visit.at()));
}

Account walk_average_pool(const Visit& visit) {
  const graph::WindowPlaces places = pool_places(visit.layer);
  const WindowAt window = window_at(places, visit.at());
  const Seen seen = read_window(visit.layer.inputs[0], visit.sample(), visit.index[1], 1, window);
  return walk_mean(visit, window, divisor(visit.layer, window, seen, places));
}

Account walk_lp_pool(const Visit& visit) {
  return walk_power_mean(visit, window_at(pool_places(visit.layer), visit.at()));
}

Account walk_global_lp(const Visit& visit) {
  return walk_power_mean(visit, whole_window(spatial_part(visit.layer.inputs.at(0))));
}

Account walk_global_max(const Visit& visit) {
  return walk_largest(visit, whole_window(spatial_part(visit.layer.inputs.at(0))));
}

Account walk_global_average(const Visit& visit) {
  const Shape all = spatial_part(visit.layer.inputs.at(0));
  return walk_mean(visit, whole_window(all), all.numel());
}

Account walk_adaptive_max(const Visit& visit) {
  return walk_largest(visit, adaptive_window(visit.layer, visit.at()));
}

Account walk_adaptive_average(const Visit& visit) {
  const WindowAt window = adaptive_window(visit.layer, visit.at());
  return walk_mean(visit, window, window.cells.numel());
}

/// Min pooling has no ONNX operator: it is the negative of the largest of negative values.
Account walk_min_pool(const Visit& visit) {
  const LayerRun& pool = visit.layer.parts.at(1);
  return walk_extreme(visit, window_at(pool_places(pool), visit.at()), "min",
                      {"The smallest value under the window; the border does not count.",
                       "창 아래에서 가장 작은 값입니다. 테두리는 세지 않습니다."});
}

graph::WindowPlaces min_pool_places(const LayerRun& layer) {
  return pool_places(layer.parts.at(1));
}

/// The terms of input value `index`: one for each output of its channel whose window holds it, as
/// the window weighs it.
template <class Weigh>
std::vector<GradientTerm> window_terms(const LayerRun& layer, const graph::WindowPlaces& places,
                                       const Shape& index, const Tensor& upstream,
                                       const Weigh& weigh) {
  Shape first, counts;
  for (int i = 0; i < places.kernel.ndim(); ++i) {
    const OutputRange range = outputs_that_see(places, i, index[i + 2], upstream.size(i + 2));
    first.push_back(range.first);
    counts.push_back(range.count);
  }
  std::vector<GradientTerm> terms;
  for_each_index(counts, [&](const Shape& step) {
    Shape at = first, output{index[0], index[1]};
    for (int i = 0; i < at.ndim(); ++i) output.push_back(at[i] += step[i]);
    const WindowAt window = window_at(places, at);
    std::int64_t element = 0;  // the value's place in the window
    for (int i = 0; i < at.ndim(); ++i) {
      const std::int64_t way = index[i + 2] - window.begin[i];
      if (way % window.step[i] != 0) return;
      element = element * window.cells[i] + way / window.step[i];
    }
    const Seen seen = read_window(layer.inputs[0], index[0], index[1], 1, window);
    terms.push_back({.at = output,
                     .activation = weigh(seen, window, output, static_cast<std::size_t>(element)),
                     .upstream = value_at(upstream, output)});
  });
  return terms;
}

/// The largest value of a window, the first of several, gets all of its gradient.
std::vector<GradientTerm> max_pool_terms(const LayerRun& layer, const Shape& index,
                                         const Tensor& upstream) {
  return window_terms(layer, pool_places(layer), index, upstream,
                      [&](const Seen& seen, const WindowAt&, const Shape& output, std::size_t at) {
                        return find_value(seen, value_at(layer.output(), output)) == at ? 1.0 : 0.0;
                      });
}

/// All values of a window get the same share.
std::vector<GradientTerm> average_pool_terms(const LayerRun& layer, const Shape& index,
                                             const Tensor& upstream) {
  const graph::WindowPlaces places = pool_places(layer);
  return window_terms(layer, places, index, upstream,
                      [&](const Seen& seen, const WindowAt& window, const Shape&, std::size_t) {
                        return 1 / static_cast<double>(divisor(layer, window, seen, places));
                      });
}

/// The one output of the channel is the mean of all its values.
std::vector<GradientTerm> global_average_terms(const LayerRun& layer, const Shape& index,
                                               const Tensor& upstream) {
  Shape output = Shape::filled(index.ndim(), 0);
  output[0] = index[0];
  output[1] = index[1];
  const auto count = static_cast<double>(spatial_part(layer.inputs[0]).numel());
  return {{.at = output, .activation = 1 / count, .upstream = value_at(upstream, output)}};
}

std::optional<std::string> pool_formula(const LayerRun& layer) {
  return window_formula(pool_places(layer), layer.inputs[0].sizes(), layer.output().sizes(),
                        PaddingShown::kNonzero);
}

std::optional<std::string> min_pool_formula(const LayerRun& layer) {
  return window_formula(min_pool_places(layer), layer.inputs[0].sizes(), layer.output().sizes(),
                        PaddingShown::kNonzero);
}

constexpr OperationWalk windowed(std::string_view name, Account (*walk)(const Visit&),
                                 decltype(OperationWalk::input_terms) input_terms = nullptr) {
  return {.name = name,
          .walk = walk,
          .reach = Reach::kWindow,
          .windows = pool_places,
          .formula = pool_formula,
          .input_terms = input_terms};
}

constexpr OperationWalk min_pool(std::string_view name) {
  return {.name = name,
          .walk = walk_min_pool,
          .reach = Reach::kWindow,
          .windows = min_pool_places,
          .formula = min_pool_formula};
}

constexpr OperationWalk kPoolWalks[] = {
    windowed("MaxPool", walk_max_pool, max_pool_terms),
    windowed("AveragePool", walk_average_pool, average_pool_terms),
    windowed("LpPool", walk_lp_pool),
    {.name = "GlobalLpPool", .walk = walk_global_lp, .reach = Reach::kAll},
    {.name = "GlobalMaxPool", .walk = walk_global_max, .reach = Reach::kAll},
    {.name = "GlobalAveragePool",
     .walk = walk_global_average,
     .reach = Reach::kAll,
     .input_terms = global_average_terms},
    // Modules that have no operator in ONNX where their windows differ.
    {.name = "AdaptiveMaxPool1d", .walk = walk_adaptive_max, .reach = Reach::kAll},
    {.name = "AdaptiveMaxPool2d", .walk = walk_adaptive_max, .reach = Reach::kAll},
    {.name = "AdaptiveMaxPool3d", .walk = walk_adaptive_max, .reach = Reach::kAll},
    {.name = "AdaptiveAvgPool1d", .walk = walk_adaptive_average, .reach = Reach::kAll},
    {.name = "AdaptiveAvgPool2d", .walk = walk_adaptive_average, .reach = Reach::kAll},
    {.name = "AdaptiveAvgPool3d", .walk = walk_adaptive_average, .reach = Reach::kAll},
    min_pool("MinPool1d"),
    min_pool("MinPool2d"),
    min_pool("MinPool3d"),
};

}  // namespace

std::span<const OperationWalk> pool_walks() { return kPoolWalks; }

}  // namespace fovea::explain
