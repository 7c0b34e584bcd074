// Transposed convolutions: each input value is spread over a window of the output, so a value of
// the output is the sum of those whose windows reach it.

#include <algorithm>
#include <utility>

#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/channels.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

/// Where the windows lie in the output, with the borders that follow from its size.
graph::WindowPlaces spread_places(const LayerRun& layer) {
  const Tensor &x = layer.inputs.at(0), &weight = layer.inputs.at(1);
  const graph::Node node = layer.node();
  const graph::NodeReader reader(node, layer.opset);
  const graph::Windows windows(reader);
  graph::WindowPlaces places =
      windows.given_places(graph::Inputs(layer.inputs, layer.name), x.sizes(),
                           Shape(std::span(weight.sizes()).subspan(2)));
  const bool same = windows.auto_pad() == graph::AutoPad::kSameUpper ||
                    windows.auto_pad() == graph::AutoPad::kSameLower;
  if (!same && !reader.has("output_shape")) return places;
  const std::vector<std::int64_t> more = reader.ints("output_padding", {});
  const std::size_t skipped = more.size() > static_cast<std::size_t>(places.kernel.ndim()) ? 2 : 0;
  for (int i = 0; i < places.kernel.ndim(); ++i) {
    const std::int64_t all = (x.size(i + 2) - 1) * places.stride[i] + places.reach(i) +
                             (more.empty() ? 0 : more[skipped + static_cast<std::size_t>(i)]);
    graph::split_border(std::max<std::int64_t>(all - layer.output().size(i + 2), 0),
                        windows.auto_pad(), places.begin[i], places.end[i]);
  }
  return places;
}

/// In one dimension, the input's cells whose windows reach a place, rising, and which of the
/// kernel's elements each of them meets there.
struct Reaching {
  std::vector<std::int64_t> cells, elements;
};

Reaching cells_that_reach(const graph::WindowPlaces& places, int i, std::int64_t at,
                          std::int64_t size) {
  Reaching found;
  for (std::int64_t k = places.kernel[i]; k-- > 0;) {
    const std::int64_t from = at + places.begin[i] - k * places.dilation[i];
    if (from < 0 || from % places.stride[i] != 0 || from / places.stride[i] >= size) continue;
    found.cells.push_back(from / places.stride[i]);
    found.elements.push_back(k);
  }
  return found;
}

Account walk_conv_transpose(const Visit& visit) {
  const Tensor &x = visit.layer.inputs.at(0), &weight = visit.layer.inputs.at(1);
  const graph::WindowPlaces places = spread_places(visit.layer);
  const Shape at = visit.at();
  // They lie as a window does: equally far apart.
  WindowAt window = whole_window(at);
  std::vector<Reaching> reaching;
  for (int i = 0; i < at.ndim(); ++i) {
    reaching.push_back(cells_that_reach(places, i, at[i], x.size(i + 2)));
    const std::vector<std::int64_t>& cells = reaching.back().cells;
    window.cells[i] = static_cast<std::int64_t>(cells.size());
    if (!cells.empty()) window.begin[i] = cells[0];
    if (cells.size() > 1) window.step[i] = cells[1] - cells[0];
  }
  const graph::Node node = visit.layer.node();
  const std::int64_t groups = graph::NodeReader(node, visit.layer.opset).integer("group", 1);
  const std::int64_t inputs = x.size(1) / groups, filter = visit.index[1] % weight.size(1);
  const std::int64_t first = visit.index[1] / weight.size(1) * inputs;
  std::vector<ChannelPart> parts;
  for (std::int64_t channel = first; channel < first + inputs; ++channel) {
    std::vector<double> weights;
    for_each_index(window.cells, [&](const Shape& cell) {
      Shape element{channel, filter};
      for (int i = 0; i < cell.ndim(); ++i)
        element.push_back(
            reaching[static_cast<std::size_t>(i)].elements[static_cast<std::size_t>(cell[i])]);
      weights.push_back(value_at(weight, element));
    });
    std::vector<double> values;
    if (!weights.empty()) values = read_window(x, visit.sample(), channel, 1, window).values;
    parts.push_back(make_part(channel, std::move(values), std::move(weights)));
  }
  return account_of_channels(
      visit, parts, window,
      {"Each input value is spread over a window of the output: the filter, times the value. What "
       "comes here from all input channels is added up, and the bias.",
       "입력 값마다 필터에 그 값을 곱해 출력의 창에 펼칩니다. 모든 입력 채널에서 이 자리로 온 "
       "것을 더하고 편향을 더합니다."});
}

/// "(7 - 1)x2 + 4 - 2 = 14": the last window's end, without what is cut off; one formula for all
/// dimensions where they are alike, else one each.
std::optional<std::string> spread_formula(const LayerRun& layer) {
  const graph::WindowPlaces places = spread_places(layer);
  std::string all, first;
  bool alike = true;
  for (int i = 0; i < places.kernel.ndim(); ++i) {
    const std::int64_t in = layer.inputs[0].size(i + 2), out = layer.output().size(i + 2);
    const std::int64_t reach = places.reach(i);
    const std::int64_t cut = (in - 1) * places.stride[i] + reach - out;
    std::string one = str("(", in, " - 1)x", places.stride[i], " + ", reach);
    if (cut != 0) one += cut > 0 ? str(" - ", cut) : str(" + ", -cut);
    one += str(" = ", out);
    alike = alike && (i == 0 || one == first);
    if (i == 0) first = one;
    all += (i == 0 ? "" : ", ") + one;
  }
  return alike ? first : all;
}

constexpr OperationWalk kConvTransposeWalks[] = {
    {.name = "ConvTranspose",
     .walk = walk_conv_transpose,
     .reach = Reach::kAll,  // its windows lie in the output
     .formula = spread_formula},
};

}  // namespace

std::span<const OperationWalk> conv_transpose_walks() { return kConvTransposeWalks; }

}  // namespace fovea::explain
