// An order of samples that are stored in shards: shuffled, yet read a shard at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/data/sampler.h"

namespace fovea::data {

/// Shuffles shards, and the samples of neighbouring ones among each other: in each epoch shards
/// come in a new order, and their samples pass through a window out of which the next one is drawn.
///
/// Place i of an epoch is taken by one of the first i + window samples of its shards, so that discs
/// that turn, and networks, are read from front to back.
/// Source   WebDataset, shuffle(window) over shuffled shards.
class ShardSampler : public Sampler {
 public:
  /// Samples are numbered from shard to shard, of which the first has shard_sizes[0]. With a window
  /// of 1 the samples of a shard stay in order.
  /// Throws ArgumentError when a size is negative or window < 1.
  ShardSampler(std::vector<std::int64_t> shard_sizes, std::int64_t window, std::uint64_t seed = 0);

  std::int64_t size() const override { return size_; }
  std::vector<std::int64_t> order(std::uint64_t epoch) const override;

 private:
  std::vector<std::int64_t> shard_sizes_;
  std::int64_t window_, size_ = 0;
  std::uint64_t seed_;
};

}  // namespace fovea::data
