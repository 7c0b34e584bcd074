#include "fovea/explain/model/operations/channels.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fovea/explain/arithmetic.h"

namespace fovea::explain {

namespace {

constexpr std::size_t kShownChannels = 4;  // with all numbers

/// A channel's map with the window on it, and the numbers that are multiplied.
Board channel_board(const Visit& visit, const ChannelPart& part, const WindowAt& window) {
  const std::string number = std::to_string(part.channel);
  MapView view = map_view(
      {"input channel " + number, "입력 채널 " + number},
      visit.layer.inputs[0].detach().select(0, visit.sample()).select(0, part.channel), window);
  Stop stop{.title = {"Channel " + number, "채널 " + number},
            .lines = {products_text(part.values, part.weights, window.cells.back()) + " = " +
                      number_text(part.sum)},
            .marks = {{Role::kRead, view.window}}};
  return {.grids = {std::move(view.grid), number_grid({"window", "창"}, part.values, window.cells),
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

}  // namespace

ChannelPart make_part(std::int64_t channel, std::vector<double> values,
                      std::vector<double> weights) {
  ChannelPart part{.channel = channel,
                   .values = std::move(values),
                   .weights = std::move(weights),
                   .products = {},
                   .sum = 0};
  for (std::size_t k = 0; k < part.weights.size(); ++k)
    part.products.push_back(part.values[k] * part.weights[k]);
  part.sum = sum_of(part.products);
  return part;
}

Account account_of_channels(const Visit& visit, const std::vector<ChannelPart>& parts,
                            const WindowAt& window, const Text& note) {
  std::vector<double> values, weights, products;
  for (const ChannelPart& part : parts) {
    values.insert(values.end(), part.values.begin(), part.values.end());
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
  account.blocks.emplace_back(Note{note});
  const std::vector<std::size_t> order = strongest_first(parts);
  const bool any = window.cells.numel() > 0;
  for (std::size_t i = 0; any && i < std::min(order.size(), kShownChannels); ++i)
    account.blocks.emplace_back(channel_board(visit, parts[order[i]], window));
  if (any && parts.size() > kShownChannels) add_channel_table(parts, order, account.blocks);
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

}  // namespace fovea::explain
