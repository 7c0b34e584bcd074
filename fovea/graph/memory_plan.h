// A place in one arena for every block of memory that a run uses, so that blocks which are in use
// at the same time do not overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fovea::graph {

/// A block that a run uses from event `first` to event `last`, both included.
struct Lifetime {
  std::size_t bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

/// Which blocks may lie in the same memory, one after the other.
enum class Sharing : std::uint8_t {
  kAny,  ///< any two
  /// Those of one size. Loops cut a block among threads by its size, so that each thread finds again
  /// in its cache what it wrote; memory of a block of another size was written by other threads.
  /// FashionCNN, batch 100, two threads: 3.3 ms instead of 3.7 (Zen 4).
  kEqualSizes,
};

/// Where blocks lie.
struct MemoryPlan {
  std::vector<std::size_t> offsets;  ///< a block each, multiples of Allocator::kAlignment
  std::size_t bytes = 0;             ///< length of the arena
};

/// Places blocks, the largest first, each as low as those that it would meet allow.
///
/// Numerics never more than the sum of the blocks, each rounded up to the alignment, never less than
///          the most that is in use at once; between them greedily, since the best arrangement is
///          NP-hard to find.
/// Source   Pisarchyk and Lee 2020, "Efficient Memory Management for Deep Neural Net Inference",
///          section 5.2, "Greedy by Size for Offset Calculation".
MemoryPlan plan_memory(const std::vector<Lifetime>& blocks, Sharing sharing = Sharing::kAny);

}  // namespace fovea::graph
