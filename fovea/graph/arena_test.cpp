#include "fovea/graph/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

#include "fovea/kernels/memory.h"
#include "fovea/tensor/storage.h"
#include "fovea/tensor/tensor.h"
#include "tests/support/sanitized.h"

// --- A lack of memory, as it is wanted -----------------------------------------------------------

namespace {

thread_local int served_before_a_failure = -1;  // requests of this thread; below 0: all are served
thread_local std::int64_t objects = 0;          // made by this thread, and not deleted by it

}  // namespace

#if !FOVEA_SANITIZED
// GCC takes the functions below for strangers to each other.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t bytes) {
  if (served_before_a_failure == 0) throw std::bad_alloc();
  if (served_before_a_failure > 0) --served_before_a_failure;
  void* const memory = std::malloc(std::max<std::size_t>(bytes, 1));
  if (memory == nullptr) throw std::bad_alloc();
  ++objects;
  return memory;
}
// What std::stable_sort asks with.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  void* const memory = std::malloc(std::max<std::size_t>(bytes, 1));
  if (memory != nullptr) ++objects;
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) --objects;
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
#endif

namespace fovea::graph {
namespace {

// What a run does with memory: b outlives a, the last block outlives the run.
std::vector<std::unique_ptr<Storage>> run(Arena& arena, std::size_t bytes) {
  arena.begin();
  std::vector<std::unique_ptr<Storage>> kept;
  {
    const AllocatorScope scope(cpu, arena);
    auto a = std::make_unique<Storage>(bytes, cpu);
    auto b = std::make_unique<Storage>(bytes, cpu);
    std::memset(a->data(), 1, bytes);
    std::memset(b->data(), 2, bytes);
    a.reset();
    auto c = std::make_unique<Storage>(bytes, cpu);
    std::memset(c->data(), 3, bytes);
    EXPECT_EQ(b->data()[bytes - 1], std::byte{2});
    kept.push_back(std::make_unique<Storage>(bytes, cpu));
    std::memset(kept[0]->data(), 4, bytes);
  }
  arena.end();
  return kept;
}

TEST(Arena, LaterRunsFindTheirBlocksInIt) {
  const auto arena = Arena::make(cpu);
  const auto first = run(*arena, 1000);
  EXPECT_EQ(arena->bytes(), 2048u);  // a and c share
  EXPECT_EQ(arena->bytes_unshared(), 3000u);
  const std::int64_t before = memory_stats(cpu).bytes_in_use;
  const auto second = run(*arena, 1000);
  EXPECT_EQ(memory_stats(cpu).bytes_in_use - before, 1024);  // the output alone
  EXPECT_EQ(first[0]->data()[0], std::byte{4});
}

TEST(Arena, ServesOtherRequestsFromTheAllocator) {
  const auto arena = Arena::make(cpu);
  run(*arena, 1000);
  const auto kept = run(*arena, 500);  // not what was planned
  EXPECT_EQ(kept[0]->data()[499], std::byte{4});
}

TEST(Arena, ABlockThatIsStillInUseIsNotGivenTwice) {
  const auto arena = Arena::make(cpu);
  run(*arena, 1000);
  std::unique_ptr<Storage> held;
  arena->begin();
  {
    const AllocatorScope scope(cpu, *arena);
    held = std::make_unique<Storage>(1000, cpu);  // was freed within the run, and now is not
    std::memset(held->data(), 9, 1000);
  }
  arena->end();
  run(*arena, 1000);
  EXPECT_EQ(held->data()[0], std::byte{9});
  EXPECT_EQ(held->data()[999], std::byte{9});
}

// Tensors without elements ask for no bytes, and still for an address that nobody else has.
TEST(Arena, EmptyBlocksHavePlacesOfTheirOwn) {
  const auto arena = Arena::make(cpu);
  for (int run = 0; run < 2; ++run) {
    arena->begin();
    void* const a = arena->allocate(0);
    void* const b = arena->allocate(0);
    EXPECT_NE(a, b);
    arena->deallocate(a, 0);
    arena->deallocate(b, 0);
    arena->end();
  }
  EXPECT_EQ(arena->bytes(), 2 * Allocator::kAlignment);
  EXPECT_EQ(arena->unplanned(), 0u);
}

TEST(Arena, LivesAsLongAsItsBlocks) {
  auto arena = Arena::make(cpu);
  run(*arena, 1000);
  std::vector<std::unique_ptr<Storage>> kept = run(*arena, 1000);
  arena.reset();
  EXPECT_EQ(kept[0]->data()[0], std::byte{4});
  std::thread([&] { kept.clear(); }).join();  // from any thread
}

/// Takes two blocks in an arena of its own, where `served` requests are served before one fails
/// while the second is taken. Returns whether it was.
bool takes_second(int served) {
  auto arena = Arena::make(cpu);
  arena->begin();
  void* const first = arena->allocate(100);
  void* second = nullptr;
  served_before_a_failure = served;
  try {
    second = arena->allocate(100);
  } catch (const std::bad_alloc&) {
  }
  served_before_a_failure = -1;
  if (second != nullptr) arena->deallocate(second, 100);
  arena->deallocate(first, 100);
  arena->end();
  return second != nullptr;
}

// A block that cannot be noted is given back, and the arena goes away with those that were.
TEST(Arena, LosesNothingWhenThereIsNoMemoryToNoteABlock) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizers have a new and delete of their own";
  EXPECT_TRUE(takes_second(-1));  // from here on the allocator has blocks of these lengths
  const std::int64_t in_use = memory_stats(cpu).bytes_in_use, before = objects;
  int failures = 0;
  while (!takes_second(failures)) {
    EXPECT_EQ(memory_stats(cpu).bytes_in_use, in_use) << "failure " << failures;
    EXPECT_EQ(objects, before) << "failure " << failures;
    ++failures;
  }
  EXPECT_GE(failures, 2);
}

}  // namespace
}  // namespace fovea::graph
