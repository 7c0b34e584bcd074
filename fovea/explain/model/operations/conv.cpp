// Convolutions in one, two and three dimensions.

#include <algorithm>
#include <cmath>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/sizes_text.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

constexpr std::size_t kShownChannels = 4;  // with all numbers

/// What a convolution reads from one input channel for a value.
struct ChannelPart {
  std::int64_t channel;  ///< of the input
  Seen seen;
  std::vector<double> weights, products;
  double sum;
};

graph::WindowPlaces conv_places(const LayerRun& layer) {
  const Tensor &x = layer.inputs.at(0), &weight = layer.inputs.at(1);
  const graph::Node node = layer.node();
  const graph::NodeReader reader(node, layer.opset);
  return graph::Windows(reader).places(graph::Inputs(layer.inputs, layer.name), x.sizes(),
                                       Shape(std::span(weight.sizes()).subspan(2)));
}

/// The filter of an output channel, [channels, kernel...], and the input's first channel for it.
std::pair<Tensor, std::int64_t> filter_of(const LayerRun& layer, std::int64_t channel) {
  const Tensor& weight = layer.inputs.at(1);
  const std::int64_t groups = layer.inputs[0].size(1) / weight.size(1);
  return {weight.detach().select(0, channel), channel / (weight.size(0) / groups) * weight.size(1)};
}

std::vector<ChannelPart> read_channels(const Visit& visit, const WindowAt& window) {
  const auto [filter, first] = filter_of(visit.layer, visit.index[1]);
  std::vector<ChannelPart> parts;
  for (std::int64_t i = 0; i < filter.size(0); ++i) {
    ChannelPart part{
        .channel = first + i,
        .seen = read_window(visit.layer.inputs[0], visit.sample(), first + i, 1, window),
        .weights = filter.select(0, i).to_vector<double>(),
        .products = {},
        .sum = 0};
    for (std::size_t k = 0; k < part.weights.size(); ++k)
      part.products.push_back(part.seen.values[k] * part.weights[k]);
    part.sum = sum_of(part.products);
    parts.push_back(std::move(part));
  }
  return parts;
}

/// A channel's map with the window on it, and the numbers that are multiplied.
Board channel_board(const Visit& visit, const ChannelPart& part, const WindowAt& window) {
  const std::string number = std::to_string(part.channel);
  MapView view = map_view(
      {"input channel " + number, "입력 채널 " + number},
      visit.layer.inputs[0].detach().select(0, visit.sample()).select(0, part.channel), window);
  Stop stop{.title = {"Channel " + number, "채널 " + number},
            .lines = {products_text(part.seen.values, part.weights, window.cells.back()) + " = " +
                      number_text(part.sum)},
            .marks = {{Role::kRead, view.window}}};
  return {.grids = {std::move(view.grid),
                    number_grid({"window", "윈도"}, part.seen.values, window.cells),
                    number_grid({"filter", "필터"}, part.weights, window.cells),
                    number_grid({"products", "곱"}, part.products, window.cells)},
          .signs = {"", "x", "="},
          .stops = {std::move(stop)}};
}

/// The channels that add most to the sum, in their order; the places of all others follow.
std::vector<std::size_t> strongest_first(const std::vector<ChannelPart>& parts) {
  std::vector<std::size_t> order(parts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t i) { return std::abs(parts[i].sum); });
  const auto shown =
      order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), kShownChannels));
  std::sort(order.begin(), shown);
  return order;
}

/// Sums a channel, those that are not shown with all numbers.
void add_channel_table(const std::vector<ChannelPart>& parts, const std::vector<std::size_t>& order,
                       std::vector<Block>& blocks) {
  constexpr std::size_t kRows = 16;
  const std::size_t more = parts.size() - kShownChannels;
  Table table{.title = {"... " + std::to_string(more) + " more channels",
                        "... 나머지 채널 " + std::to_string(more) + "개"},
              .headings = {Text("channel", "채널"), Text("sum", "합")}};
  double rest = 0;
  for (std::size_t i = kShownChannels; i < order.size(); ++i) {
    const ChannelPart& part = parts[order[i]];
    if (i < kShownChannels + kRows)
      table.rows.push_back({std::to_string(part.channel), number_text(part.sum)});
    else
      rest += part.sum;
  }
  if (more > kRows)
    table.rows.push_back({Text("the other " + std::to_string(more - kRows),
                               "그 밖의 " + std::to_string(more - kRows) + "개"),
                          number_text(rest)});
  blocks.emplace_back(std::move(table));
}

Account walk_conv_layer(const Visit& visit) {
  const WindowAt window = window_at(conv_places(visit.layer), visit.at());
  const std::vector<ChannelPart> parts = read_channels(visit, window);
  std::vector<double> values, weights, products;
  for (const ChannelPart& part : parts) {
    values.insert(values.end(), part.seen.values.begin(), part.seen.values.end());
    weights.insert(weights.end(), part.weights.begin(), part.weights.end());
    products.insert(products.end(), part.products.begin(), part.products.end());
  }
  Shape sizes = window.cells;
  sizes.insert(0, static_cast<std::int64_t>(parts.size()));
  const double sum = sum_of(products);
  Account account{
      .window = tensor_from(values, sizes),
      .weights = tensor_from(weights, sizes),
      .bias = {},
      .products = tensor_from(products, sizes),
      .sum = sum,
  };
  account.blocks.emplace_back(
      Note{Text("Each value under the window times the filter's value at the same place, all added "
                "up over all input channels, and the bias.",
                "윈도 아래의 값마다 같은 자리의 필터 값을 곱하고, 모든 입력 채널에 걸쳐 더한 뒤 "
                "편향을 더합니다.")});
  const std::vector<std::size_t> order = strongest_first(parts);
  for (std::size_t i = 0; i < std::min(order.size(), kShownChannels); ++i)
    account.blocks.emplace_back(channel_board(visit, parts[order[i]], window));
  if (parts.size() > kShownChannels) add_channel_table(parts, order, account.blocks);
  std::string line = number_text(sum);
  if (visit.layer.inputs.size() > 2 && visit.layer.inputs[2].defined()) {
    const double bias = value_at(visit.layer.inputs[2], {visit.index[1]});
    account.bias = bias;
    line = sum_text(std::vector<double>{sum, bias});
  }
  account.blocks.emplace_back(
      Note{.text = line + " = " + number_text(visit.value), .look = Note::Look::kFormula});
  return account;
}

std::optional<std::string> conv_formula(const LayerRun& layer) {
  return window_formula(conv_places(layer), layer.inputs[0].sizes(), layer.output().sizes(),
                        PaddingShown::kAlways);
}

/// A weight meets the input at each output place; a bias meets 1.
std::vector<GradientTerm> conv_terms(const LayerRun& layer, std::size_t input, const Shape& index,
                                     const Tensor& upstream) {
  const graph::WindowPlaces places = conv_places(layer);
  const Tensor& x = layer.inputs[0];
  const std::int64_t channel = index[0];
  const std::int64_t from = input == 1 ? filter_of(layer, channel).second + index[1] : 0;
  const Tensor gradients = upstream.select(1, channel).contiguous();
  const std::vector<double> dy = gradients.to_vector<double>();
  const std::vector<double> values =
      input == 1 ? x.detach().select(1, from).to_vector<double>() : std::vector<double>();
  std::vector<GradientTerm> terms;
  std::size_t k = 0;
  for_each_index(gradients.sizes(), [&](const Shape& at) {
    GradientTerm term{.at = at, .activation = 1, .upstream = dy[k++]};
    term.at.insert(1, channel);
    std::int64_t place = at[0];
    for (int i = 0; input == 1 && i < places.kernel.ndim(); ++i) {
      const std::int64_t cell =
          at[i + 1] * places.stride[i] - places.begin[i] + index[i + 2] * places.dilation[i];
      if (cell < 0 || cell >= x.size(i + 2)) return;  // the border's 0
      place = place * x.size(i + 2) + cell;
    }
    if (input == 1) term.activation = values[static_cast<std::size_t>(place)];
    terms.push_back(term);
  });
  return terms;
}

constexpr OperationWalk kConvolutionWalks[] = {
    {.name = "Conv",
     .walk = walk_conv_layer,
     .reach = Reach::kWindow,
     .windows = conv_places,
     .formula = conv_formula,
     .terms = conv_terms},
};

}  // namespace

std::span<const OperationWalk> convolution_walks() { return kConvolutionWalks; }

}  // namespace fovea::explain
