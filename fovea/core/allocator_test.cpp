#include "fovea/core/allocator.h"

#include <cstdint>
#include <cstring>
#include <new>

#include <gtest/gtest.h>

#include "fovea/core/storage.h"

namespace fovea {
namespace {

TEST(Allocator, HandsOutFreedBlocksAgain) {
  release_cached_memory();
  void* first = cpu_allocator().allocate(100'000);
  std::memset(first, 1, 100'000);
  const MemoryStats held = memory_stats();
  cpu_allocator().deallocate(first, 100'000);
  void* second = cpu_allocator().allocate(99'000);  // of the same size class
  EXPECT_EQ(second, first);
  EXPECT_EQ(memory_stats().system_allocations, held.system_allocations);
  EXPECT_EQ(memory_stats().bytes_in_use, held.bytes_in_use);
  cpu_allocator().deallocate(second, 99'000);
  EXPECT_GE(memory_stats().bytes_cached, 99'000);
  release_cached_memory();
  EXPECT_EQ(memory_stats().bytes_cached, 0);
}

TEST(Allocator, KeepsTheMostThatWasHandedOut) {
  const MemoryStats before = memory_stats();
  // One byte more at once than ever before.
  const auto bytes = static_cast<std::size_t>(before.peak_bytes_in_use - before.bytes_in_use) + 1;
  void* memory = cpu_allocator().allocate(bytes);
  const MemoryStats held = memory_stats();
  EXPECT_GT(held.peak_bytes_in_use, before.peak_bytes_in_use);
  EXPECT_EQ(held.peak_bytes_in_use, held.bytes_in_use);
  cpu_allocator().deallocate(memory, bytes);
  void* less = cpu_allocator().allocate(1);
  EXPECT_EQ(memory_stats().peak_bytes_in_use, held.peak_bytes_in_use);
  cpu_allocator().deallocate(less, 1);
}

TEST(Allocator, AlignsAndWastesLittle) {
  for (const std::size_t bytes : {0ul, 1ul, 63ul, 64ul, 65ul, 1000ul, 4097ul, 1'000'000ul}) {
    const std::int64_t before = memory_stats().bytes_in_use;
    void* memory = cpu_allocator().allocate(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % Allocator::kAlignment, 0u);
    const auto taken = static_cast<std::size_t>(memory_stats().bytes_in_use - before);
    EXPECT_GE(taken, bytes);
    EXPECT_LE(taken, bytes + bytes / 8 + Allocator::kAlignment);
    cpu_allocator().deallocate(memory, bytes);
  }
}

TEST(Allocator, AskingForTooMuchIsBadAlloc) {
  EXPECT_THROW(cpu_allocator().allocate(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW(cpu_allocator().allocate(SIZE_MAX / 2), std::bad_alloc);
}

TEST(Storage, CountsChanges) {
  Storage storage(10, cpu);
  EXPECT_EQ(storage.version(), 0u);
  storage.bump_version();
  EXPECT_EQ(storage.version(), 1u);
  EXPECT_EQ(storage.bytes(), 10u);
}

}  // namespace
}  // namespace fovea
