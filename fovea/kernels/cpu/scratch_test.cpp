#include "fovea/kernels/cpu/scratch.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>
#include <vector>

#include "fovea/core/allocator.h"
#include "tests/support/sanitized.h"

// --- No kernel takes memory in a parallel loop ---------------------------------------------------

// In the threads of a loop nobody could catch what a lack of memory throws. So this program's `new`
// counts what is asked for there, and the test in which that happens fails, whichever it is.
// Sanitizers have a `new` of their own.
#if !FOVEA_SANITIZED

namespace {

std::atomic<int> taken_in_loops{0};

/// Whether code at this address is oneDNN's, whose loops are its own affair.
bool is_onednns(const void* address) {
  Dl_info place{};
  return dladdr(address, &place) != 0 && place.dli_fname != nullptr &&
         std::string_view(place.dli_fname).find("dnnl") != std::string_view::npos;
}

/// `memory`, which `caller` has asked for.
void* taken(void* memory, const void* caller) {
  if (omp_in_parallel() != 0 && !is_onednns(caller)) ++taken_in_loops;
  return memory;
}

class NothingInLoops final : public testing::EmptyTestEventListener {
  // Memory that the allocator has kept would not be asked for.
  void OnTestStart(const testing::TestInfo&) override {
    fovea::release_cached_memory();
    taken_in_loops = 0;
  }
  // Other versions of oneDNN ask through the standard library, where they cannot be told from ours.
  void OnTestEnd(const testing::TestInfo&) override {
    if (std::getenv("FOVEA_TEST_ONEDNN") != nullptr) return;
    EXPECT_EQ(taken_in_loops, 0) << "requests for memory in parallel loops";
  }
};

[[maybe_unused]] const bool kListens = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new NothingInLoops);
  return true;
}();

}  // namespace

// GCC takes the functions below for strangers to each other.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t bytes) {
  void* const memory =
      taken(std::malloc(std::max<std::size_t>(bytes, 1)), __builtin_return_address(0));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
// What std::stable_sort asks with.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return taken(std::malloc(std::max<std::size_t>(bytes, 1)), __builtin_return_address(0));
}
// What the caching allocator calls.
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  const auto step = static_cast<std::size_t>(alignment);
  if (bytes > SIZE_MAX - step) return nullptr;
  return taken(std::aligned_alloc(step, (bytes + step - 1) / step * step),
               __builtin_return_address(0));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }

#endif

namespace fovea::kernels::cpu {
namespace {

TEST(Scratch, EveryPartOfALoopHasItsOwn) {
  const ThreadsScope threads(3);
  std::vector<std::int64_t> seen(100, -1);
  std::atomic<int> parts = 0;
  parallel_with_scratch(100, 1, 5, [&](std::int64_t begin, std::int64_t end, float* memory) {
    ++parts;
    for (std::int64_t i = begin; i < end; ++i) {
      std::fill_n(memory, 5, static_cast<float>(i));
      seen[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(memory[4]);
    }
  });
  EXPECT_EQ(parts, 3);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], static_cast<std::int64_t>(i));

  const PartScratch<double> memory(2, 3);
  EXPECT_EQ(memory.of(1) - memory.of(0), 8) << "a cache line";
}

}  // namespace
}  // namespace fovea::kernels::cpu
