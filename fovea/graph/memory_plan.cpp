#include "fovea/graph/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "fovea/core/allocator.h"

namespace fovea::graph {

namespace {

std::size_t aligned(std::size_t bytes) {
  return (bytes + Allocator::kAlignment - 1) / Allocator::kAlignment * Allocator::kAlignment;
}

bool meet(const Lifetime& a, const Lifetime& b, Sharing sharing) {
  if (sharing == Sharing::kEqualSizes && a.bytes != b.bytes) return true;
  return a.first <= b.last && b.first <= a.last;
}

}  // namespace

MemoryPlan plan_memory(const std::vector<Lifetime>& blocks, Sharing sharing) {
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return blocks[i].bytes; });
  MemoryPlan plan{.offsets = std::vector<std::size_t>(blocks.size()), .bytes = 0};
  std::vector<std::size_t> placed;  // in the order of their offsets
  for (const std::size_t block : order) {
    const std::size_t bytes = aligned(blocks[block].bytes);
    std::size_t offset = 0;
    for (const std::size_t other : placed) {
      if (!meet(blocks[block], blocks[other], sharing)) continue;
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

}  // namespace fovea::graph
