// An allocator that keeps what is freed and hands it out again: fresh pages, each a page fault, are
// what makes training slow when every activation is a new allocation.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "fovea/core/allocator.h"

namespace fovea {

/// The host's memory: size classes of at most 12.5 % waste, freed blocks kept per class.
class CachingAllocator final : public Allocator {
 public:
  CachingAllocator() = default;
  ~CachingAllocator() override { release_cached(); }
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  void* allocate(std::size_t bytes) override;
  void deallocate(void* memory, std::size_t bytes) noexcept override;
  MemoryStats stats() const override;
  void release_cached() override;

 private:
  void* system_allocate(std::size_t size);
  void count_use(std::size_t size);

  mutable std::mutex mutex_;
  std::unordered_map<std::size_t, std::vector<void*>> free_;  // by size class
  MemoryStats stats_;
};

}  // namespace fovea
