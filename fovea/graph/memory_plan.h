// A place in one arena for every block of memory that a run uses, so that blocks which are in use
// at the same time do not overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fovea::graph {

/// A block that a run uses from event `first` to event `last`, both included.
struct Lifetime {
  std::size_t bytes = 0;  ///< its length
  std::size_t first = 0;  ///< the event in which it is asked for
  std::size_t last = 0;   ///< the last in which it is used
};

/// How blocks that follow one another lie in the same memory.
enum class Sharing : std::uint8_t {
  kAnywhere,  ///< each where there is room
  /// Around one middle. Loops cut a block among threads by its size, so two threads that share
  /// memory in this way each keep their side of the middle, whatever the sizes, and find in their
  /// cache what they wrote; so do more threads in part. Two threads, beside blocks that share
  /// memory only with those of their own size, and beside kAnywhere (Zen 4): MobileNetV2, one
  /// image, 3.8 ms, 4.3 and 3.8; FashionCNN, 100 images, 2.62 ms, 2.69 and 2.67.
  kCentred,
};

/// Where blocks lie.
struct MemoryPlan {
  std::vector<std::size_t> offsets;  ///< a block each, multiples of Allocator::kAlignment
  std::size_t bytes = 0;             ///< length of the arena
};

/// Places blocks, the largest first: each as low as those that it would meet allow, or centred in
/// the smallest of the places so far that is free while the block is in use.
///
/// Numerics never more than the sum of the blocks, each rounded up to the alignment, never less
///          than the most that is in use at once; between them greedily, since the best arrangement
///          is NP-hard to find.
/// Source   Pisarchyk and Lee 2020, "Efficient Memory Management for Deep Neural Net Inference",
///          sections 5.2, "Greedy by Size for Offset Calculation", and 4.3, "Greedy by Size for
///          Shared Objects".
MemoryPlan plan_memory(const std::vector<Lifetime>& blocks, Sharing sharing = Sharing::kAnywhere);

}  // namespace fovea::graph
