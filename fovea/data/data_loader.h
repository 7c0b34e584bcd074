// DataLoader: walks over a data set in batches, shuffled anew in each epoch. Batches that are one
// pass over memory are made when they are asked for, by all threads; for others a thread in the
// background has the next ones ready.
//
//     DataLoader loader(dataset, {.batch_size = 100, .shuffle = true, .seed = 0});
//     for (auto& [images, labels] : loader) { ... }          // one epoch
//
// Which batches an epoch yields is a function of (seed, epoch) alone, whatever the prefetch and the
// number of threads. At most `prefetch` + 1 batches exist beside the one being used. An exception
// in the background is thrown from the loop, after the batches before it. Leaving the loop early
// stops the thread.
// Threads: a loader and its iterators belong to one thread; several loaders may share a data set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>

#include "fovea/core/device.h"
#include "fovea/data/batch_mix.h"
#include "fovea/data/dataset.h"
#include "fovea/data/sampler.h"
#include "fovea/data/transforms.h"

namespace fovea::data {

/// How a DataLoader walks.
struct DataLoaderOptions {
  std::int64_t batch_size = 1;  ///< samples a batch; the last one of an epoch may be smaller
  bool shuffle = false;         ///< a new order in each epoch, by (seed, epoch): Dataset::shuffled
  bool drop_last = false;       ///< leave out a smaller last batch
  std::uint64_t seed = 0;       ///< of the order and of random transforms
  Transform transform = {};     ///< applied to each batch's data, after the data set's own
  /// Applied to each batch after that, data and target: MixUp, say.
  BatchTransform batch_transform = {};
  /// Batches made ready in the background; 0: none, no thread. Unset: 0 for images in memory whose
  /// transforms are all done in one pass over them (image_pass.h) and for samples in memory without
  /// transforms, else 2.
  std::optional<int> prefetch = {};
  /// Threads of the loops in the background. Unset: 1 for samples in memory, else as many as the
  /// loops of whoever starts an epoch, so that files are read and unpacked in parallel.
  std::optional<int> threads = {};
  /// The order instead of shuffle. Throws IndexError in use when it leaves the data set.
  std::shared_ptr<const Sampler> sampler = {};
  Device device = default_device();  ///< where batches are brought to
};

class BatchMaker;
class DataLoader;

/// One pass over a loader's data. Ends at std::default_sentinel.
class DataLoaderIterator {
 public:
  using difference_type = std::ptrdiff_t;  ///< as iterators have
  using value_type = Batch;                ///< what it yields

  DataLoaderIterator(DataLoaderIterator&&) noexcept;             ///< moves the pass
  DataLoaderIterator& operator=(DataLoaderIterator&&) noexcept;  ///< moves the pass
  /// Stops the background thread, whatever it is at.
  ~DataLoaderIterator();

  /// The batch, which is the caller's to keep or change.
  Batch& operator*() const;
  /// The next batch, waiting until it is ready. Throws what the data set or a transform threw.
  DataLoaderIterator& operator++();
  void operator++(int) { ++*this; }                ///< the next batch
  bool operator==(std::default_sentinel_t) const;  ///< no batch is left

 private:
  friend class DataLoader;
  class Pass;
  explicit DataLoaderIterator(std::unique_ptr<Pass> pass);
  std::unique_ptr<Pass> pass_;
};

/// Batches of a data set. See the head of this file.
class DataLoader {
 public:
  /// A named data set is referred to and must outlive the loader; a temporary one is moved in.
  /// Throws   ArgumentError when batch_size < 1, prefetch is outside [0, 1024] or threads outside
  ///          [1, kMaxThreads], or both shuffle and sampler are given.
  explicit DataLoader(DatasetRef dataset, DataLoaderOptions options = {});

  /// Starts an epoch: the first call epoch 0, every further one the next. Its batches before
  /// `first_batch` are passed over and never made: to go on with an epoch that was left.
  /// Throws   ArgumentError unless 0 <= first_batch <= size().
  DataLoaderIterator begin(std::int64_t first_batch = 0);
  /// The end of an epoch.
  static std::default_sentinel_t end() { return {}; }

  /// The number of batches in an epoch.
  std::int64_t size() const { return batches_.size(); }
  /// The number of samples in an epoch, without those that drop_last leaves out.
  std::int64_t samples() const { return batches_.samples(); }
  const Dataset& dataset() const { return *dataset_; }           ///< where the samples come from
  const DataLoaderOptions& options() const { return options_; }  ///< as given
  /// The epoch that the next begin() starts.
  std::uint64_t next_epoch() const { return next_epoch_; }
  /// Makes the next begin() start epoch `epoch`, to resume or to repeat.
  void set_next_epoch(std::uint64_t epoch) { next_epoch_ = epoch; }
  int prefetch() const;            ///< batches made ready in the background: as given, or as chosen
  int background_threads() const;  ///< of its loops there: as given, or as chosen
  /// Seconds that the latest epoch has waited for its batches so far; without a background that is
  /// the time in which they were made.
  double wait_seconds() const { return *wait_seconds_; }

 private:
  friend class DataLoaderIterator;
  DatasetRef dataset_;
  DataLoaderOptions options_;
  BatchSampler batches_;
  std::shared_ptr<const BatchMaker> maker_;
  std::uint64_t next_epoch_ = 0;
  std::shared_ptr<double> wait_seconds_ = std::make_shared<double>(0);
};

}  // namespace fovea::data
