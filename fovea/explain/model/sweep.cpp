#include "fovea/explain/model/sweep.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/explain/model/layer.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/swept.h"
#include "fovea/explain/model/operations/values.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/pad.h"

namespace fovea::explain {

namespace {

constexpr std::int64_t kMostPlaces = 1024;
constexpr std::int64_t kMostFilterCells = 49;  // shown with their numbers

/// The arithmetic of a walk: the lines of its board, where it has one alone, and the formula that
/// it ends with.
std::vector<std::string> arithmetic_of(const std::vector<Block>& blocks) {
  std::vector<std::string> lines, formula;
  int boards = 0;
  for (const Block& block : blocks) {
    const auto* const note = std::get_if<Note>(&block);
    if (note != nullptr && note->look == Note::Look::kFormula) formula = {note->text.english};
    const auto* const board = std::get_if<Board>(&block);
    if (board == nullptr || board->stops.empty()) continue;
    ++boards;
    lines = board->stops.back().lines;
  }
  if (boards != 1) lines.clear();
  lines.insert(lines.end(), formula.begin(), formula.end());
  return lines;
}

/// The board of a sweep, whose stops are still to be made.
Board make_board(const LayerRun& layer, const ShownChannel& shown, const Shape& border,
                 const SweepOptions& options, bool all) {
  const Tensor x = layer.inputs[0].detach().select(0, options.sample).select(0, shown.channel);
  const std::string number = std::to_string(shown.channel);
  Board board;
  board.grids.push_back({.title = {"input channel " + number, "입력 채널 " + number},
                         .values = pad(x, {border[1], border[1], border[0], border[0]}),
                         .look = Grid::Look::kShades,
                         .padding_rows = border[0],
                         .padding_columns = border[1]});
  if (shown.slice.defined() && shown.slice.numel() <= kMostFilterCells) {
    board.grids.push_back({.title = {"filter", "필터"}, .values = shown.slice.to(f64)});
    board.signs = {"x"};
  }
  board.signs.emplace_back("=");
  const std::string channel = std::to_string(options.channel);
  board.grids.push_back(
      {.title = {"output channel " + channel, "출력 채널 " + channel},
       .values = layer.output().detach().select(0, options.sample).select(0, options.channel),
       .look = Grid::Look::kShades,
       .grows = all});
  return board;
}

}  // namespace

Walk walk_sweep(const ModelRun& run, const SweepOptions& options) {
  const LayerRun& layer = layer_to_sweep(run, options.layer);
  // Checks channel and sample, too.
  Walk walk =
      walk_layer(run, {.layer = layer.name, .channel = options.channel, .sample = options.sample});
  const OperationWalk& operation = walk_of(layer);
  const std::int64_t rows = layer.output().size(2), columns = layer.output().size(3);
  const ShownChannel shown = choose_channel(layer, options.channel);
  std::int64_t step = 1;
  while (((rows + step - 1) / step) * ((columns + step - 1) / step) > kMostPlaces) ++step;

  const graph::WindowPlaces places = places_of(layer);
  const auto window_of = [&](const Shape& at) { return window_at(places, at); };
  const Shape border = window_of({0, 0}).border;
  Board board = make_board(layer, shown, border, options, step == 1);
  const std::size_t output = board.grids.size() - 1;
  double strongest = -1;  // of all values: there is most to see
  for (std::int64_t row = 0; row < rows; row += step) {
    for (std::int64_t column = 0; column < columns; column += step) {
      const Shape index{options.sample, options.channel, row, column};
      const Visit visit{layer, index, value_at(layer.output(), index)};
      const WindowAt window = window_of({row, column});
      Stop stop{.title = place_text({row, column}),
                .lines = arithmetic_of(operation.walk(visit).blocks)};
      stop.marks.push_back({Role::kRead,
                            {.grid = 0,
                             .row = window.begin[0] + border[0],
                             .column = window.begin[1] + border[1],
                             .rows = window.cells[0],
                             .columns = window.cells[1],
                             .row_step = window.step[0],
                             .column_step = window.step[1]}});
      if (output == 2)
        stop.marks.push_back(
            {Role::kWeigh, {.grid = 1, .rows = window.cells[0], .columns = window.cells[1]}});
      stop.marks.push_back({Role::kWrite, {.grid = output, .row = row, .column = column}});
      if (std::abs(visit.value) > strongest) {
        strongest = std::abs(visit.value);
        board.rest = board.stops.size();
      }
      board.stops.push_back(std::move(stop));
    }
  }
  walk.title = {layer.name + " (" + layer.type + ") on its way over the image",
                "이미지 위를 지나가는 " + layer.name + " (" + layer.type + ")"};
  walk.blocks.clear();
  const std::int64_t slices = shown.slice.defined() ? layer.inputs[1].size(1) : std::int64_t{1};
  if (slices > 1) {
    const std::string count = std::to_string(slices);
    walk.blocks.emplace_back(
        Note{Text("The filter has " + count +
                      " slices, one an input channel, whose sums are added; "
                      "shown is the one that weighs most.",
                  "필터에는 입력 채널마다 하나씩 조각이 " + count +
                      "장 있고 그 합을 더합니다. 그 가운데 가중치가 가장 큰 것을 보입니다.")});
  }
  walk.blocks.emplace_back(std::move(board));
  return walk;
}

}  // namespace fovea::explain
