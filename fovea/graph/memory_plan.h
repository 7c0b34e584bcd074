// A place in one arena for every block of memory that a run uses, so that blocks which are in use
// at the same time do not overlap.
#pragma once

#include <cstddef>
#include <vector>

namespace fovea::graph {

/// A block that a run uses from event `first` to event `last`, both included.
struct Lifetime {
  std::size_t bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

/// Where blocks lie.
struct MemoryPlan {
  std::vector<std::size_t> offsets;  ///< a block each, multiples of Allocator::kAlignment
  std::size_t bytes = 0;             ///< length of the arena
};

/// Places blocks, the largest first, each as low as those that it would meet allow.
///
/// Numerics never more than the sum of the blocks, never less than the most that is in use at once;
///          between them greedily, since the best arrangement is NP-hard to find.
/// Source   Pisarchyk and Lee 2020, "Efficient Memory Management for Deep Neural Net Inference",
///          section 5.2, "Greedy by Size for Offset Calculation".
MemoryPlan plan_memory(const std::vector<Lifetime>& blocks);

}  // namespace fovea::graph
