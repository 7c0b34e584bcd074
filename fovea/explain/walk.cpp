#include "fovea/explain/walk.h"

#include "fovea/core/error.h"

namespace fovea::explain {

Value list_of(const Shape& numbers) {
  std::vector<Value> list;
  for (const std::int64_t number : numbers) list.emplace_back(number);
  return list;
}

void show_only(Walk& walk, std::int64_t number) {
  const std::int64_t count = count_stops(walk);
  check<ArgumentError>(number >= 1 && number <= count, "explain: step expected in 1 to ", count,
                       ", got ", number);
  auto left = static_cast<std::size_t>(number - 1);
  bool found = false;
  for (Block& block : walk.blocks) {
    auto* const board = std::get_if<Board>(&block);
    if (board == nullptr || board->stops.empty()) continue;
    const bool here = !found && left < board->stops.size();
    // Of the boards before and after it nothing is shown but their grids.
    board->only = here ? left : board->stops.size();
    if (here) found = true;
    left -= found ? 0 : board->stops.size();
  }
}

std::int64_t count_stops(const Walk& walk) {
  std::int64_t count = 0;
  for (const Block& block : walk.blocks)
    if (const auto* const board = std::get_if<Board>(&block))
      count += static_cast<std::int64_t>(board->stops.size());
  return count;
}

}  // namespace fovea::explain
