#include "fovea/core/parallel.h"

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "fovea/core/error.h"

namespace fovea {
namespace {

class Parallel : public testing::Test {
 protected:
  void TearDown() override { set_num_threads(before_); }

 private:
  int before_ = num_threads();
};

TEST_F(Parallel, EveryIndexOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    set_num_threads(threads);
    for (const std::int64_t count : {0, 1, 2, 5, 100, 1001}) {
      for (const std::int64_t grain : {1, 10, 5000}) {
        std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
        parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
        });
        for (const auto& times : seen) EXPECT_EQ(times, 1);
      }
    }
  }
}

TEST_F(Parallel, RangesAreAsLongAsTheGrain) {
  set_num_threads(4);
  std::mutex mutex;
  std::vector<std::int64_t> lengths;
  parallel_for(100, 40, [&](std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(mutex);
    lengths.push_back(end - begin);
  });
  EXPECT_EQ(lengths, (std::vector<std::int64_t>{50, 50}));
}

TEST_F(Parallel, PartsDoNotDependOnThreads) {
  const auto cuts = [] {
    std::vector<std::pair<std::int64_t, std::int64_t>> ranges(5);
    parallel_parts(23, 5, [&](int part, std::int64_t begin, std::int64_t end) {
      ranges[static_cast<std::size_t>(part)] = {begin, end};
    });
    return ranges;
  };
  set_num_threads(1);
  const auto alone = cuts();
  set_num_threads(3);
  EXPECT_EQ(cuts(), alone);
  EXPECT_EQ(alone.front().first, 0);
  EXPECT_EQ(alone.back().second, 23);
}

TEST_F(Parallel, SerialScopeStaysOnItsThread) {
  set_num_threads(4);
  const SerialScope serial;
  const std::thread::id here = std::this_thread::get_id();
  parallel_for(1000, 1, [&](std::int64_t begin, std::int64_t end) {
    EXPECT_EQ(std::this_thread::get_id(), here);
    EXPECT_EQ(end - begin, 1000);
  });
}

TEST_F(Parallel, DenormalsAreFlushedInsideAndOnlyThere) {
  volatile float tiny = 1e-38f;
  bool flushed = false;
  parallel_for(1, 1, [&](std::int64_t, std::int64_t) { flushed = tiny * 0.01f == 0; });
  EXPECT_TRUE(flushed);
  EXPECT_NE(tiny * 0.01f, 0);
}

TEST_F(Parallel, ThreadsAreChecked) {
  EXPECT_GE(available_processors(), 1);
  for (const int wrong : {0, -1, 1025}) {
    EXPECT_THAT(
        [&] { set_num_threads(wrong); },
        testing::ThrowsMessage<ArgumentError>(
            "set_num_threads: threads expected in [1, 1024], got " + std::to_string(wrong)));
    EXPECT_THAT([&] { const ThreadsScope scope(wrong); },
                testing::ThrowsMessage<ArgumentError>(
                    "ThreadsScope: threads expected in [1, 1024], got " + std::to_string(wrong)));
  }
  set_num_threads(3);
  EXPECT_EQ(num_threads(), 3);
}

}  // namespace
}  // namespace fovea
