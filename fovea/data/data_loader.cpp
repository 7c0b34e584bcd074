#include "fovea/data/data_loader.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/data/batch_maker.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/linear.h"

namespace fovea::data {

namespace {

std::shared_ptr<const Sampler> make_sampler(const Dataset& dataset,
                                            const DataLoaderOptions& options) {
  if (options.sampler) {
    check<ArgumentError>(!options.shuffle,
                         "DataLoader: shuffle expected false with a sampler, got true");
    return options.sampler;
  }
  if (!options.shuffle) return std::make_shared<SequentialSampler>(dataset.size());
  if (auto own = dataset.shuffled(options.seed)) return own;
  return std::make_shared<RandomSampler>(dataset.size(), options.seed);
}

}  // namespace

/// The work of one epoch, on the caller's thread or in the background.
class DataLoaderIterator::Pass {
 public:
  Pass(const DataLoader& loader, std::uint64_t epoch, std::int64_t first_batch)
      : maker_(loader.maker_),
        batches_(loader.batches_),
        device_(loader.options_.device),
        prefetch_(loader.prefetch()),
        threads_(loader.background_threads()),
        epoch_(epoch),
        wait_seconds_(loader.wait_seconds_),
        made_(first_batch) {
    *wait_seconds_ = 0;
    if (prefetch_ > 0) worker_ = std::thread([this] { work(); });
  }

  ~Pass() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    room_.notify_one();
    if (worker_.joinable()) worker_.join();
  }

  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  /// Replaces current() by the next batch, or by nothing after the last. Once before the first use.
  void advance() {
    current_.reset();  // before the wait: its memory can serve the next batch
    const auto start = std::chrono::steady_clock::now();
    if (prefetch_ > 0) {
      current_ = take();
    } else if (made_ < batches_.size()) {
      current_ = make_next();
    }
    *wait_seconds_ +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  std::optional<Batch>& current() { return current_; }

 private:
  /// Batch number made_, in the making of which the order of the epoch is drawn first.
  Batch make_next() {
    // Whoever makes it, a batch is the same: what the caller has in force is for its own steps.
    const PrecisionScope precision(Precision::kF32);
    const ConvAlgorithmScope algorithm(ConvAlgorithm::kAuto);
    if (order_.empty()) order_ = batches_.order(epoch_);
    const Batch batch = maker_->make(batches_.batch(order_, made_++), epoch_);
    return {batch.data.to(device_), batch.target.to(device_)};
  }

  /// The background thread: keeps `prefetch` batches ready until the epoch ends or somebody stops
  /// it.
  void work() {
    const ThreadsScope scope(threads_);
    try {
      while (made_ < batches_.size()) {
        {
          std::unique_lock lock(mutex_);
          room_.wait(lock, [this] { return stopping_ || has_room(); });
          if (stopping_) return;
        }
        Batch batch = make_next();
        {
          const std::lock_guard lock(mutex_);
          ready_.push_back(std::move(batch));
        }
        filled_.notify_one();
      }
      finish(nullptr);
    } catch (...) {
      finish(std::current_exception());
    }
  }

  void finish(std::exception_ptr failure) {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
      failure_ = std::move(failure);
    }
    filled_.notify_one();
  }

  bool has_room() const { return ready_.size() < static_cast<std::size_t>(prefetch_); }

  /// The next batch from the background, or nothing at the end. Throws what the background threw.
  std::optional<Batch> take() {
    std::optional<Batch> batch;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return !ready_.empty() || finished_; });
      if (ready_.empty()) {
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
        return batch;
      }
      batch = std::move(ready_.front());
      ready_.pop_front();
    }
    room_.notify_one();
    return batch;
  }

  const std::shared_ptr<const BatchMaker> maker_;
  const BatchSampler batches_;
  const Device device_;
  const int prefetch_, threads_;
  const std::uint64_t epoch_;
  const std::shared_ptr<double> wait_seconds_;

  // Used by whoever makes batches: the background thread if there is one.
  std::vector<std::int64_t> order_;
  std::int64_t made_;

  // Shared with the background thread, under the mutex.
  std::mutex mutex_;
  std::condition_variable room_, filled_;
  std::deque<Batch> ready_;
  std::exception_ptr failure_;
  bool finished_ = false;
  bool stopping_ = false;

  std::optional<Batch> current_;
  std::thread worker_;  // last, so that all it uses is there before it starts
};

DataLoaderIterator::DataLoaderIterator(std::unique_ptr<Pass> pass) : pass_(std::move(pass)) {}
DataLoaderIterator::DataLoaderIterator(DataLoaderIterator&&) noexcept = default;
DataLoaderIterator& DataLoaderIterator::operator=(DataLoaderIterator&&) noexcept = default;
DataLoaderIterator::~DataLoaderIterator() = default;

Batch& DataLoaderIterator::operator*() const {
  check<StateError>(pass_->current().has_value(),
                    "DataLoader: iterator expected at a batch, got the end");
  return *pass_->current();
}

DataLoaderIterator& DataLoaderIterator::operator++() {
  pass_->advance();
  return *this;
}

bool DataLoaderIterator::operator==(std::default_sentinel_t) const {
  return !pass_->current().has_value();
}

DataLoader::DataLoader(DatasetRef dataset, DataLoaderOptions options)
    : dataset_(std::move(dataset)),
      options_(std::move(options)),
      batches_(make_sampler(*dataset_, options_), options_.batch_size, options_.drop_last),
      maker_(std::make_shared<BatchMaker>(dataset_, options_.transform, options_.seed,
                                          options_.batch_transform)) {
  const int prefetch = options_.prefetch.value_or(0);
  check<ArgumentError>(prefetch >= 0 && prefetch <= 1024,
                       "DataLoader: prefetch expected in [0, 1024], got ", prefetch);
  const int threads = options_.threads.value_or(1);
  check<ArgumentError>(threads >= 1 && threads <= kMaxThreads,
                       "DataLoader: threads expected in [1, ", kMaxThreads, "], got ", threads);
}

int DataLoader::prefetch() const {
  constexpr int kBackground = 2;
  return options_.prefetch.value_or(maker_->is_one_pass() ? 0 : kBackground);
}

int DataLoader::background_threads() const {
  // For work in memory the processors belong to the training step, which a second team of threads
  // would disturb. Reading and unpacking files is what a step would wait for.
  return options_.threads.value_or(maker_->is_in_memory() ? 1 : num_threads());
}

DataLoaderIterator DataLoader::begin(std::int64_t first_batch) {
  check<ArgumentError>(first_batch >= 0 && first_batch <= size(),
                       "DataLoader: first batch expected in [0, ", size(), "], got ", first_batch);
  DataLoaderIterator iterator(
      std::make_unique<DataLoaderIterator::Pass>(*this, next_epoch_++, first_batch));
  ++iterator;
  return iterator;
}

}  // namespace fovea::data
