#include "fovea/core/caching_allocator.h"

#include <cstdint>
#include <cstring>
#include <new>

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(CachingAllocator, HandsOutFreedBlocksAgain) {
  CachingAllocator allocator;
  void* first = allocator.allocate(100'000);
  std::memset(first, 1, 100'000);
  const MemoryStats held = allocator.stats();
  EXPECT_EQ(held.system_allocations, 1);
  allocator.deallocate(first, 100'000);
  EXPECT_EQ(allocator.stats().bytes_in_use, 0);
  void* second = allocator.allocate(99'000);  // of the same size class
  EXPECT_EQ(second, first);
  EXPECT_EQ(allocator.stats().system_allocations, held.system_allocations);
  EXPECT_EQ(allocator.stats().bytes_in_use, held.bytes_in_use);
  allocator.deallocate(second, 99'000);
  EXPECT_GE(allocator.stats().bytes_cached, 99'000);
  allocator.release_cached();
  EXPECT_EQ(allocator.stats().bytes_cached, 0);
}

TEST(CachingAllocator, RemembersTheMostThatWasInUse) {
  CachingAllocator allocator;
  void* first = allocator.allocate(1024);
  void* second = allocator.allocate(2048);
  allocator.deallocate(first, 1024);
  void* third = allocator.allocate(512);
  EXPECT_EQ(allocator.stats().peak_bytes_in_use, 1024 + 2048);
  EXPECT_EQ(allocator.stats().bytes_in_use, 2048 + 512);
  allocator.deallocate(second, 2048);
  allocator.deallocate(third, 512);
}

TEST(CachingAllocator, AlignsAndWastesLittle) {
  CachingAllocator allocator;
  for (const std::size_t bytes : {0ul, 1ul, 63ul, 64ul, 65ul, 1000ul, 4097ul, 1'000'000ul}) {
    void* memory = allocator.allocate(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % Allocator::kAlignment, 0u);
    const auto taken = static_cast<std::size_t>(allocator.stats().bytes_in_use);
    EXPECT_GE(taken, bytes);
    EXPECT_LE(taken, bytes + bytes / 8 + Allocator::kAlignment);
    allocator.deallocate(memory, bytes);
  }
}

TEST(CachingAllocator, AskingForTooMuchIsBadAlloc) {
  CachingAllocator allocator;
  EXPECT_THROW(allocator.allocate(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW(allocator.allocate(SIZE_MAX / 2), std::bad_alloc);
}

}  // namespace
}  // namespace fovea
