#include "fovea/data/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "fovea/core/error.h"

namespace fovea::data {

namespace {

std::vector<std::int64_t> counted(std::int64_t size) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(size));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

}  // namespace

std::vector<std::int64_t> permutation(std::int64_t n, const RngKey& key) {
  check<ArgumentError>(n >= 0, "permutation: n expected at least 0, got ", n);
  std::vector<std::int64_t> values = counted(n);
  for (std::int64_t i = n - 1; i > 0; --i) {
    const auto position = static_cast<std::uint64_t>(i);
    const std::uint64_t other = to_below(philox(key, position), position + 1);
    std::swap(values[position], values[other]);
  }
  return values;
}

SequentialSampler::SequentialSampler(std::int64_t size) : size_(size) {
  check<ArgumentError>(size >= 0, "SequentialSampler: size expected at least 0, got ", size);
}

std::vector<std::int64_t> SequentialSampler::order(std::uint64_t /*epoch*/) const {
  return counted(size_);
}

RandomSampler::RandomSampler(std::int64_t size, std::uint64_t seed) : size_(size), seed_(seed) {
  check<ArgumentError>(size >= 0, "RandomSampler: size expected at least 0, got ", size);
}

std::vector<std::int64_t> RandomSampler::order(std::uint64_t epoch) const {
  return permutation(size_, {seed_, epoch});
}

SubsetSampler::SubsetSampler(std::vector<std::int64_t> indices, Order order, std::uint64_t seed)
    : indices_(std::move(indices)), order_(order), seed_(seed) {}

std::vector<std::int64_t> SubsetSampler::order(std::uint64_t epoch) const {
  if (order_ == Order::kAsGiven) return indices_;
  std::vector<std::int64_t> positions = permutation(size(), {seed_, epoch});
  for (std::int64_t& position : positions) position = indices_[static_cast<std::size_t>(position)];
  return positions;
}

WeightedRandomSampler::WeightedRandomSampler(std::span<const double> weights, std::int64_t samples,
                                             std::uint64_t seed)
    : sums_(weights.size()), samples_(samples), seed_(seed) {
  check<ArgumentError>(samples >= 0, "WeightedRandomSampler: samples expected at least 0, got ",
                       samples);
  for (const double weight : weights) {
    check<ArgumentError>(std::isfinite(weight) && weight >= 0,
                         "WeightedRandomSampler: weights expected finite and at least 0, got ",
                         weight);
  }
  std::partial_sum(weights.begin(), weights.end(), sums_.begin());
  check<ArgumentError>(!sums_.empty() && sums_.back() > 0 && std::isfinite(sums_.back()),
                       "WeightedRandomSampler: weights expected one above 0 and a finite sum, got ",
                       sums_.empty() ? 0 : sums_.back());
}

std::vector<std::int64_t> WeightedRandomSampler::order(std::uint64_t epoch) const {
  std::vector<std::int64_t> drawn(static_cast<std::size_t>(samples_));
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const auto words = philox({seed_, epoch}, i);
    const double at = to_unit_double(words[0], words[1]) * sums_.back();
    // The first whose sum lies beyond: a weight of 0 has none. Rounding may reach the last sum.
    const auto found = std::upper_bound(sums_.begin(), sums_.end(), at);
    const auto last = std::lower_bound(sums_.begin(), sums_.end(), sums_.back());
    drawn[i] = std::min(found, last) - sums_.begin();
  }
  return drawn;
}

BatchSampler::BatchSampler(std::shared_ptr<const Sampler> sampler, std::int64_t batch_size,
                           bool drop_last)
    : sampler_(std::move(sampler)), batch_size_(batch_size), drop_last_(drop_last) {
  check<ArgumentError>(sampler_ != nullptr, "BatchSampler: sampler expected one, got null");
  check<ArgumentError>(batch_size >= 1, "BatchSampler: batch_size expected at least 1, got ",
                       batch_size);
}

std::int64_t BatchSampler::size() const {
  const std::int64_t samples = sampler_->size();
  const std::int64_t whole = samples / batch_size_;
  return drop_last_ || samples % batch_size_ == 0 ? whole : whole + 1;
}

std::int64_t BatchSampler::samples() const {
  return drop_last_ ? sampler_->size() / batch_size_ * batch_size_ : sampler_->size();
}

std::span<const std::int64_t> BatchSampler::batch(std::span<const std::int64_t> order,
                                                  std::int64_t i) const {
  const auto begin = static_cast<std::size_t>(i * batch_size_);
  return order.subspan(begin,
                       std::min(static_cast<std::size_t>(batch_size_), order.size() - begin));
}

}  // namespace fovea::data
