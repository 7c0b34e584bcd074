// Samplers: in which order the samples of a data set are visited in an epoch.
//
// An order is a function of (seed, epoch) alone, so it is the same for any number of threads, and
// any epoch can be had without the ones before it. Samplers are immutable: any thread may ask one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "fovea/core/rng.h"

namespace fovea::data {

/// 0 to n-1 in random order, a function of n and key.
/// Source   Fisher and Yates 1938, in Durstenfeld's form (1964).
std::vector<std::int64_t> permutation(std::int64_t n, const RngKey& key);

/// An order of samples for each epoch.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// The number of samples in an epoch.
  virtual std::int64_t size() const = 0;
  /// The samples of epoch `epoch` (0, 1, ...), in order.
  virtual std::vector<std::int64_t> order(std::uint64_t epoch) const = 0;
};

/// 0, 1, ..., size-1 in every epoch.
class SequentialSampler : public Sampler {
 public:
  /// Throws ArgumentError when size < 0.
  explicit SequentialSampler(std::int64_t size);
  std::int64_t size() const override { return size_; }
  std::vector<std::int64_t> order(std::uint64_t epoch) const override;

 private:
  std::int64_t size_;
};

/// Every sample once, in an order that is new in each epoch.
class RandomSampler : public Sampler {
 public:
  /// Throws ArgumentError when size < 0.
  explicit RandomSampler(std::int64_t size, std::uint64_t seed = 0);
  std::int64_t size() const override { return size_; }
  std::vector<std::int64_t> order(std::uint64_t epoch) const override;

 private:
  std::int64_t size_;
  std::uint64_t seed_;
};

/// Whether a sampler of given samples shuffles them.
enum class Order : std::uint8_t { kAsGiven, kShuffled };

/// Some samples only: as given, or in an order that is new in each epoch.
class SubsetSampler : public Sampler {
 public:
  /// The samples `indices` of a data set.
  explicit SubsetSampler(std::vector<std::int64_t> indices, Order order = Order::kShuffled,
                         std::uint64_t seed = 0);
  std::int64_t size() const override { return static_cast<std::int64_t>(indices_.size()); }
  std::vector<std::int64_t> order(std::uint64_t epoch) const override;

 private:
  std::vector<std::int64_t> indices_;
  Order order_;
  std::uint64_t seed_;
};

/// Samples drawn with replacement, each as often as its weight says: new ones in each epoch.
/// Source   torch.utils.data.WeightedRandomSampler with replacement.
class WeightedRandomSampler : public Sampler {
 public:
  /// `samples` draws an epoch from samples 0, 1, ..., whose weights need not add up to 1.
  /// Throws   ArgumentError when samples < 0, there is no weight, one is negative or not finite, or
  ///          all are 0.
  WeightedRandomSampler(std::span<const double> weights, std::int64_t samples,
                        std::uint64_t seed = 0);
  std::int64_t size() const override { return samples_; }
  std::vector<std::int64_t> order(std::uint64_t epoch) const override;

 private:
  std::vector<double> sums_;  // of the weights up to each
  std::int64_t samples_;
  std::uint64_t seed_;
};

/// Cuts a sampler's order into batches.
class BatchSampler {
 public:
  /// Throws ArgumentError when the sampler is null or batch_size < 1.
  BatchSampler(std::shared_ptr<const Sampler> sampler, std::int64_t batch_size, bool drop_last);

  /// The number of batches in an epoch.
  std::int64_t size() const;
  /// The number of samples in an epoch, without those that drop_last leaves out.
  std::int64_t samples() const;
  /// The order of an epoch, to be cut by batch().
  std::vector<std::int64_t> order(std::uint64_t epoch) const { return sampler_->order(epoch); }
  /// Batch `i` of an epoch's `order`. Requires 0 <= i < size().
  std::span<const std::int64_t> batch(std::span<const std::int64_t> order, std::int64_t i) const;

 private:
  std::shared_ptr<const Sampler> sampler_;
  std::int64_t batch_size_;
  bool drop_last_;
};

}  // namespace fovea::data
