#include "fovea/data/shard_sampler.h"

#include <algorithm>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/shape.h"

namespace fovea::data {

ShardSampler::ShardSampler(std::vector<std::int64_t> shard_sizes, std::int64_t window,
                           std::uint64_t seed)
    : shard_sizes_(std::move(shard_sizes)), window_(window), seed_(seed) {
  check<ArgumentError>(window >= 1, "ShardSampler: window expected at least 1, got ", window);
  for (const std::int64_t size : shard_sizes_) {
    check<ArgumentError>(size >= 0, "ShardSampler: shard size expected at least 0, got ", size);
    size_ = checked_add(size_, size);
  }
}

std::vector<std::int64_t> ShardSampler::order(std::uint64_t epoch) const {
  const auto shards = static_cast<std::int64_t>(shard_sizes_.size());
  std::vector<std::int64_t> first(shard_sizes_.size(), 0);
  for (std::size_t i = 1; i < first.size(); ++i) first[i] = first[i - 1] + shard_sizes_[i - 1];
  std::vector<std::int64_t> order;
  order.reserve(static_cast<std::size_t>(size_));
  for (const std::int64_t shard : permutation(shards, {seed_, epoch})) {
    const auto k = static_cast<std::size_t>(shard);
    for (std::int64_t i = 0; i < shard_sizes_[k]; ++i) order.push_back(first[k] + i);
  }
  // Place i takes one of the next `window` samples, which leaves its own to those that follow: a
  // window of waiting samples, without memory of its own.
  const RngKey key{Generator(seed_).fork(0).seed(), epoch};
  for (std::int64_t i = 0; i < size_; ++i) {
    const std::int64_t waiting = std::min(window_, size_ - i);
    const auto ahead =
        to_below(philox(key, static_cast<std::uint64_t>(i)), static_cast<std::uint64_t>(waiting));
    const auto at = static_cast<std::size_t>(i);
    std::swap(order[at], order[at + ahead]);
  }
  return order;
}

}  // namespace fovea::data
