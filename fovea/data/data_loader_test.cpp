#include "fovea/data/data_loader.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/kernels/backend.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/tensor/tape.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

using Indices = std::vector<std::int64_t>;

/// Sample i is a 1x4x4 image of the value i, with target i.
TensorDataset numbers(std::int64_t n) {
  std::vector<std::uint8_t> data;
  Indices target;
  for (std::int64_t i = 0; i < n; ++i) {
    for (int pixel = 0; pixel < 16; ++pixel) data.push_back(static_cast<std::uint8_t>(i + pixel));
    target.push_back(i);
  }
  return {from_data(data, {n, 1, 4, 4}), from_data(target, {n})};
}

/// Everything that an epoch yields, batch after batch.
struct Epoch {
  Indices targets;
  std::vector<std::int64_t> sizes;
  std::vector<std::uint8_t> bytes;
  bool operator==(const Epoch&) const = default;
};

Epoch collect(DataLoader& loader) {
  Epoch epoch;
  for (auto& [data, target] : loader) {
    for (const std::int64_t value : target.to_vector<std::int64_t>())
      epoch.targets.push_back(value);
    epoch.sizes.push_back(target.size(0));
    for (const std::byte byte : to_bytes(data))
      epoch.bytes.push_back(static_cast<std::uint8_t>(byte));
  }
  return epoch;
}

TEST(DataLoader, WalksInOrderWithASmallerLastBatch) {
  const TensorDataset dataset = numbers(7);
  DataLoader loader(dataset, {.batch_size = 3});
  EXPECT_EQ(loader.size(), 3);
  EXPECT_EQ(loader.samples(), 7);
  for (int epoch = 0; epoch < 2; ++epoch) {
    const Epoch got = collect(loader);
    EXPECT_THAT(got.targets, ElementsAre(0, 1, 2, 3, 4, 5, 6));
    EXPECT_THAT(got.sizes, ElementsAre(3, 3, 1));
  }
}

TEST(DataLoader, DropsASmallerLastBatch) {
  DataLoader loader(numbers(7), {.batch_size = 3, .drop_last = true});
  EXPECT_THAT(collect(loader).sizes, ElementsAre(3, 3));
  EXPECT_EQ(loader.samples(), 6);
}

TEST(DataLoader, KeepsBytesUntilATransformChangesThem) {
  DataLoader plain(numbers(2));
  for (auto& [data, target] : plain) EXPECT_EQ(data.dtype(), u8);
  DataLoader scaled(numbers(2), {.transform = ToTensor()});
  for (auto& [data, target] : scaled) EXPECT_EQ(data.dtype(), f32);
}

TEST(DataLoader, AppliesTheDataSetsTransformBeforeItsOwn) {
  const TensorDataset plain = numbers(2);
  const TensorDataset dataset(plain.data(), plain.target(), {}, ToTensor());
  DataLoader loader(dataset, {.batch_size = 2, .transform = Normalize({1.0 / 255}, {1.0 / 255})});
  const Tensor data = (*loader.begin()).data;
  EXPECT_NEAR(data.at({0, 0, 0, 0}).item(), -1, 1e-6);
  EXPECT_NEAR(data.at({1, 0, 0, 2}).item(), 2, 1e-5);
}

TEST(DataLoader, ShufflesAnewInEachEpoch) {
  const TensorDataset dataset = numbers(50);
  DataLoader loader(dataset, {.batch_size = 8, .shuffle = true, .seed = test::seed()});
  const Indices first = collect(loader).targets, second = collect(loader).targets;
  EXPECT_EQ(loader.next_epoch(), 2u);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, RandomSampler(50, test::seed()).order(0));
  loader.set_next_epoch(0);
  EXPECT_EQ(collect(loader).targets, first);
  EXPECT_EQ(collect(loader).targets, second);
}

// The same batches, to the byte, however they are made ready and with however many threads.
TEST(DataLoader, YieldsTheSameForAnyPrefetchAndThreads) {
  const TensorDataset dataset = numbers(101);
  const int threads_before = num_threads();
  std::vector<Epoch> epochs;
  for (const int prefetch : {0, 1, 2, 7, 1000}) {
    for (const int threads : {1, 2, 3}) {
      set_num_threads(threads);
      DataLoader loader(dataset, {.batch_size = 10,
                                  .shuffle = true,
                                  .seed = test::seed(),
                                  .transform = Compose({RandomCrop(4, {.padding = 1}),
                                                        RandomHorizontalFlip(), ToTensor()}),
                                  .prefetch = prefetch});
      collect(loader);
      epochs.push_back(collect(loader));
    }
  }
  set_num_threads(threads_before);
  for (std::size_t i = 1; i < epochs.size(); ++i) EXPECT_EQ(epochs[i], epochs[0]) << i;
}

TEST(DataLoader, FollowsASampler) {
  const TensorDataset dataset = numbers(9);
  DataLoader loader(
      dataset, {.batch_size = 2,
                .sampler = std::make_shared<SubsetSampler>(Indices{8, 1, 4}, Order::kAsGiven)});
  EXPECT_THAT(collect(loader).targets, ElementsAre(8, 1, 4));
}

TEST(DataLoader, SaysWhatIsWrong) {
  const TensorDataset dataset = numbers(3);
  EXPECT_THAT([&] { DataLoader(dataset, {.batch_size = 0}); },
              ThrowsMessage<ArgumentError>("BatchSampler: batch_size expected at least 1, got 0"));
  EXPECT_THAT([&] { DataLoader(dataset, {.prefetch = -1}); },
              ThrowsMessage<ArgumentError>("DataLoader: prefetch expected in [0, 1024], got -1"));
  EXPECT_THAT(
      [&] {
        DataLoader(dataset, {.shuffle = true, .sampler = std::make_shared<SequentialSampler>(3)});
      },
      ThrowsMessage<ArgumentError>("DataLoader: shuffle expected false with a sampler, got true"));
}

TEST(DataLoader, OfNothingYieldsNothing) {
  const TensorDataset dataset(zeros({0, 1, 4, 4}), zeros({0}, {.dtype = i64}));
  for (const int prefetch : {0, 2}) {
    DataLoader loader(dataset, {.batch_size = 4, .shuffle = true, .prefetch = prefetch});
    EXPECT_THAT(collect(loader).sizes, ElementsAre());
    DataLoaderIterator iterator = loader.begin();
    EXPECT_THAT([&] { *iterator; },
                ThrowsMessage<StateError>("DataLoader: iterator expected at a batch, got the end"));
  }
}

/// Counts how many batches it has given, and throws at one of them.
class FailingDataset : public Dataset {
 public:
  explicit FailingDataset(int fail_at) : fail_at_(fail_at) {}
  std::int64_t size() const override { return 100; }
  Batch get_batch(std::span<const std::int64_t> indices) const override {
    if (given_++ == fail_at_) throw IoError("reading: disk expected to work, got none");
    const auto count = static_cast<std::int64_t>(indices.size());
    return {zeros({count, 1}), from_data(indices, {count})};
  }
  int given() const { return given_; }

 private:
  int fail_at_;
  mutable std::atomic<int> given_{0};
};

TEST(DataLoader, ThrowsInTheLoopWhatTheBackgroundThrew) {
  for (const int prefetch : {0, 1, 3}) {
    for (const int fail_at : {0, 4}) {
      const FailingDataset dataset(fail_at);
      DataLoader loader(dataset, {.batch_size = 10, .prefetch = prefetch});
      int seen = 0;
      const auto walk = [&] {
        for (auto& batch : loader) seen += batch.data.defined() ? 1 : 0;
      };
      EXPECT_THAT(walk, ThrowsMessage<IoError>("reading: disk expected to work, got none"));
      EXPECT_EQ(seen, fail_at) << "batches before the failure are delivered, prefetch " << prefetch;
      EXPECT_EQ(collect(loader).targets.size(), 100u) << "the next epoch starts afresh";
    }
  }
}

TEST(DataLoader, ThrowsWhatATransformThrew) {
  DataLoader loader(numbers(4),
                    {.batch_size = 2, .transform = [](const Tensor&, const SampleKeys&) -> Tensor {
                       throw std::runtime_error("transform");
                     }});
  EXPECT_THAT([&] { loader.begin(); }, ThrowsMessage<std::runtime_error>("transform"));
}

TEST(DataLoader, StopsWhenTheLoopIsLeft) {
  for (const int prefetch : {0, 1, 5}) {
    const FailingDataset dataset(-1);
    DataLoader loader(dataset, {.batch_size = 1, .prefetch = prefetch});
    for (auto& batch : loader) {
      if (batch.target[0].item<int>() == 2) break;
    }
    const int given = dataset.given();
    EXPECT_GE(given, 3);
    EXPECT_LE(given, 3 + prefetch + 1) << "what is made ready ahead is bounded";
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(dataset.given(), given) << "the thread is gone";
  }
}

TEST(DataLoader, HoldsNoMoreThanItsPrefetchReady) {
  const FailingDataset dataset(-1);
  DataLoader loader(dataset, {.batch_size = 1, .prefetch = 3});
  DataLoaderIterator iterator = loader.begin();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_LE(dataset.given(), 1 + 3 + 1);
}

TEST(DataLoader, PassesMayOverlap) {
  const TensorDataset dataset = numbers(6);
  DataLoader loader(dataset, {.batch_size = 2, .shuffle = true, .seed = test::seed()});
  DataLoaderIterator first = loader.begin();
  DataLoaderIterator second = loader.begin();
  ++first;
  first = std::move(second);
  int left = 0;
  for (; first != std::default_sentinel; ++first) ++left;
  EXPECT_EQ(left, 3);
}

TEST(DataLoader, WorksInTheBackgroundWithoutTapeOrTeam) {
  const auto main_thread = std::this_thread::get_id();
  bool elsewhere = false, recording = true;
  DataLoader loader(numbers(4),
                    {.batch_size = 4, .transform = [&](const Tensor& x, const SampleKeys&) {
                       elsewhere = std::this_thread::get_id() != main_thread;
                       recording = grad_enabled();
                       return x;
                     }});
  collect(loader);
  EXPECT_TRUE(elsewhere);
  EXPECT_FALSE(recording);
}

// Batches are the same for any prefetch, and the loop's own precision is there after each of them.
TEST(DataLoader, ComputesInItsOwnPrecision) {
  const bool has_bf16 = kernels::can(default_device(), kernels::Feature::kBf16Products);
  const Precision set = has_bf16 ? Precision::kBf16 : Precision::kF32;
  const PrecisionScope precision(set);
  const ConvAlgorithmScope algorithm(ConvAlgorithm::kDirect);
  for (const int prefetch : {0, 2}) {
    std::atomic<int> as_usual{0};
    DataLoader loader(numbers(4), {.batch_size = 2,
                                   .transform =
                                       [&](const Tensor& x, const SampleKeys&) {
                                         as_usual +=
                                             current_precision() == Precision::kF32 &&
                                             current_conv_algorithm() == ConvAlgorithm::kAuto;
                                         return x;
                                       },
                                   .prefetch = prefetch});
    for (const Batch& batch : loader) {
      EXPECT_EQ(batch.target.numel(), 2);
      EXPECT_EQ(current_precision(), set);
      EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kDirect);
    }
    EXPECT_EQ(as_usual, 2) << "prefetch " << prefetch;
  }
}

TEST(DataLoader, ReportsHowLongAnEpochWaited) {
  DataLoader loader(numbers(4),
                    {.batch_size = 2, .transform = [](const Tensor& x, const SampleKeys&) {
                       std::this_thread::sleep_for(std::chrono::milliseconds(10));
                       return x;
                     }});
  collect(loader);
  EXPECT_GE(loader.wait_seconds(), 0.015);
  loader.begin();
  EXPECT_LT(loader.wait_seconds(), 1.0);
}

TEST(DataLoader, BeginsBehindTheFirstBatches) {
  const TensorDataset ten = numbers(10);
  DataLoader whole(ten, {.batch_size = 3, .shuffle = true, .seed = 4});
  const Indices all = collect(whole).targets;
  for (const int prefetch : {0, 2}) {
    for (const std::int64_t first : {0, 1, 3, 4}) {
      DataLoader loader(ten, {.batch_size = 3, .shuffle = true, .seed = 4, .prefetch = prefetch});
      Indices rest;
      for (auto batch = loader.begin(first); batch != DataLoader::end(); ++batch)
        for (const auto label : (*batch).target.to_vector<std::int64_t>()) rest.push_back(label);
      EXPECT_EQ(rest, Indices(all.begin() + std::min<std::int64_t>(3 * first, 10), all.end()))
          << first;
    }
  }
  EXPECT_THAT([&] { whole.begin(5); },
              ThrowsMessage<ArgumentError>("DataLoader: first batch expected in [0, 4], got 5"));
}

/// Says on how many threads its batches are made.
class ThreadCounter : public Dataset {
 public:
  std::int64_t size() const override { return 3; }
  Batch get_batch(std::span<const std::int64_t> indices) const override {
    const auto count = static_cast<std::int64_t>(indices.size());
    return {full({count}, num_threads()), zeros({count}, {.dtype = i64})};
  }
};

TEST(DataLoader, ReadsFilesInTheBackgroundOnAllThreads) {
  const auto seen = [](DataLoaderOptions options) {
    const ThreadsScope three(3);
    options.prefetch = 1;
    DataLoader loader(ThreadCounter(), options);
    return (*loader.begin()).data.item<int>();
  };
  EXPECT_EQ(seen({}), 3);
  EXPECT_EQ(seen({.threads = 2}), 2);
  int in_memory = 0;
  DataLoader loader(numbers(1), {.transform =
                                     [&](const Tensor& x, const SampleKeys&) {
                                       in_memory = num_threads();
                                       return x;
                                     },
                                 .prefetch = 1});
  EXPECT_EQ((*loader.begin()).data.size(0), 1);
  EXPECT_EQ(in_memory, 1);
  EXPECT_THAT([&] { seen({.threads = 0}); },
              ThrowsMessage<ArgumentError>("DataLoader: threads expected in [1, 1024], got 0"));
}

}  // namespace
}  // namespace fovea::data
