// BatchMaker: from sample numbers to a batch that is ready for the model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/image_pass.h"

namespace fovea::data {

/// Fetches samples of a data set and applies its transform and another: in one pass where the
/// samples are images in memory, otherwise one after the other; then, if there is one, what changes
/// data and target together. Immutable.
class BatchMaker {
 public:
  /// Transforms draw numbers of `seed`. Throws ShapeError when a window does not fit the images.
  BatchMaker(DatasetRef dataset, const Transform& transform, std::uint64_t seed,
             BatchTransform batch_transform = {});

  /// The batch of samples `indices` in pass `epoch` over the data, not on the tape.
  /// Throws   IndexError outside the data set; what data set and transforms throw.
  Batch make(std::span<const std::int64_t> indices, std::uint64_t epoch) const;

  /// True when a batch is one pass over memory: microseconds, that are best spent by the threads
  /// that wait for it.
  bool is_one_pass() const {
    return stored_.has_value() && rest_ == chain_.size() && !batch_transform_;
  }
  /// True when samples are picked out of memory, whatever is done to them then.
  bool is_in_memory() const { return stored_.has_value(); }

 private:
  Batch fetch(std::span<const std::int64_t> indices, std::uint64_t epoch) const;

  DatasetRef dataset_;
  std::vector<ChainLink> chain_;
  std::optional<StoredSamples> stored_;
  std::optional<ImagePass> pass_;
  BatchTransform batch_transform_;
  std::uint64_t draw_seed_ = 0, batch_seed_ = 0;  // of what the data set draws, and that transform
  std::size_t rest_ = 0;                          // the first link that is not done in the pass
};

}  // namespace fovea::data
