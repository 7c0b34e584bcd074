#include "fovea/graph/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "fovea/core/allocator.h"

namespace fovea::graph {

namespace {

std::size_t aligned(std::size_t bytes) {
  return (bytes + Allocator::kAlignment - 1) / Allocator::kAlignment * Allocator::kAlignment;
}

bool meet(const Lifetime& a, const Lifetime& b) { return a.first <= b.last && b.first <= a.last; }

/// Indices of the blocks, the largest first.
std::vector<std::size_t> by_size(const std::vector<Lifetime>& blocks) {
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return blocks[i].bytes; });
  return order;
}

MemoryPlan anywhere(const std::vector<Lifetime>& blocks) {
  MemoryPlan plan{.offsets = std::vector<std::size_t>(blocks.size()), .bytes = 0};
  std::vector<std::size_t> placed;  // in the order of their offsets
  for (const std::size_t block : by_size(blocks)) {
    const std::size_t bytes = aligned(blocks[block].bytes);
    std::size_t offset = 0;
    for (const std::size_t other : placed) {
      if (!meet(blocks[block], blocks[other])) continue;
      if (offset + bytes <= plan.offsets[other]) break;
      offset = std::max(offset, plan.offsets[other] + aligned(blocks[other].bytes));
    }
    plan.offsets[block] = offset;
    plan.bytes = std::max(plan.bytes, offset + bytes);
    const auto place = std::ranges::upper_bound(placed, offset, {},
                                                [&](std::size_t i) { return plan.offsets[i]; });
    placed.insert(place, block);
  }
  return plan;
}

MemoryPlan centred(const std::vector<Lifetime>& blocks) {
  struct Place {
    std::size_t offset, bytes;
    std::vector<std::size_t> blocks;
  };
  std::vector<Place> places;  // the largest first
  MemoryPlan plan{.offsets = std::vector<std::size_t>(blocks.size()), .bytes = 0};
  for (const std::size_t block : by_size(blocks)) {
    const std::size_t bytes = aligned(blocks[block].bytes);
    const auto is_free = [&](const Place& place) {
      return std::ranges::none_of(
          place.blocks, [&](std::size_t other) { return meet(blocks[block], blocks[other]); });
    };
    auto place = std::find_if(places.rbegin(), places.rend(), is_free);
    if (place == places.rend()) {
      places.push_back({plan.bytes, bytes, {}});
      plan.bytes += bytes;
      place = places.rbegin();
    }
    place->blocks.push_back(block);
    const std::size_t before = (place->bytes - bytes) / 2;
    plan.offsets[block] = place->offset + before / Allocator::kAlignment * Allocator::kAlignment;
  }
  return plan;
}

}  // namespace

MemoryPlan plan_memory(const std::vector<Lifetime>& blocks, Sharing sharing) {
  return sharing == Sharing::kCentred ? centred(blocks) : anywhere(blocks);
}

}  // namespace fovea::graph
