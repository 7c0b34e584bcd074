#include "fovea/graph/memory_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fovea/core/allocator.h"
#include "fovea/core/rng.h"
#include "fovea/tensor/tensor.h"

namespace fovea::graph {
namespace {

constexpr std::size_t kAlign = Allocator::kAlignment;

void expect_disjoint(const std::vector<Lifetime>& blocks, const MemoryPlan& plan) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % kAlign, 0u);
    EXPECT_LE(plan.offsets[i] + blocks[i].bytes, plan.bytes);
    for (std::size_t j = 0; j < i; ++j) {
      const bool meet = blocks[i].first <= blocks[j].last && blocks[j].first <= blocks[i].last;
      const bool overlap = plan.offsets[i] < plan.offsets[j] + blocks[j].bytes &&
                           plan.offsets[j] < plan.offsets[i] + blocks[i].bytes;
      EXPECT_FALSE(meet && overlap) << "blocks " << i << " and " << j;
    }
  }
}

// The most bytes, rounded up to the alignment, that are in use at one event.
std::size_t most_in_use(const std::vector<Lifetime>& blocks) {
  std::size_t most = 0;
  for (const Lifetime& at : blocks) {
    std::size_t bytes = 0;
    for (const Lifetime& block : blocks) {
      if (block.first <= at.first && at.first <= block.last)
        bytes += (block.bytes + kAlign - 1) / kAlign * kAlign;
    }
    most = std::max(most, bytes);
  }
  return most;
}

TEST(MemoryPlan, AChainNeedsTwoBlocks) {
  // Each value is made of the one before: a and c share memory, and b and d.
  const std::vector<Lifetime> blocks = {{640, 0, 1}, {640, 1, 2}, {640, 2, 3}, {640, 3, 4}};
  const MemoryPlan plan = plan_memory(blocks);
  expect_disjoint(blocks, plan);
  EXPECT_EQ(plan.bytes, 2 * 640u);
}

TEST(MemoryPlan, OnRequestBlocksLieAroundOneMiddle) {
  const std::vector<Lifetime> blocks = {{640, 0, 1}, {128, 1, 2}, {384, 3, 4}, {640, 4, 5}};
  const MemoryPlan plan = plan_memory(blocks, Sharing::kCentred);
  expect_disjoint(blocks, plan);
  // The largest two share a place. The third goes into a place of its own, where it meets the last;
  // the second meets the first, and is centred in that one.
  EXPECT_EQ(plan.offsets, (std::vector<std::size_t>{0, 640 + 128, 640, 0}));
  EXPECT_EQ(plan.bytes, 1024u);
  // The smallest place that is free.
  EXPECT_EQ(plan_memory({{640, 0, 1}, {320, 0, 1}, {64, 2, 3}}, Sharing::kCentred).offsets,
            (std::vector<std::size_t>{0, 640, 768}));
}

TEST(MemoryPlan, OfNothingIsEmpty) {
  for (const Sharing sharing : {Sharing::kAnywhere, Sharing::kCentred}) {
    EXPECT_EQ(plan_memory({}, sharing).bytes, 0u);
    EXPECT_EQ(plan_memory({{0, 0, 1}}, sharing).bytes, 0u);
  }
}

TEST(MemoryPlan, DrawnLifetimesStayApartAndNearTheLeast) {
  manual_seed(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> blocks;
    for (std::int64_t i = 0, count = 1 + randint(40); i < count; ++i) {
      const auto first = static_cast<std::size_t>(randint(60));
      blocks.push_back({static_cast<std::size_t>(1 + randint(5000)), first,
                        first + static_cast<std::size_t>(randint(10))});
    }
    for (const Sharing sharing : {Sharing::kAnywhere, Sharing::kCentred}) {
      const MemoryPlan plan = plan_memory(blocks, sharing);
      expect_disjoint(blocks, plan);
      EXPECT_GE(plan.bytes, most_in_use(blocks));
      EXPECT_LE(static_cast<double>(plan.bytes), 1.5 * static_cast<double>(most_in_use(blocks)));
    }
  }
}

}  // namespace
}  // namespace fovea::graph
