// Memory of the devices that only tests have: one region, whose pages nobody may touch while they
// are closed. Who does dies of a segmentation fault.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <vector>

#include "fovea/core/allocator.h"

namespace fovea::test {

/// A region that is closed unless somebody holds it open; several threads may at once, and it
/// closes with the last.
class ClosedMemory final : public Allocator {
 public:
  ClosedMemory() {
    void* region =
        mmap(nullptr, kRegion, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) throw std::bad_alloc();
    region_ = static_cast<std::byte*>(region);
  }

  void* allocate(std::size_t bytes) override {
    const std::lock_guard lock(mutex_);
    if (bytes > kRegion) throw std::bad_alloc();
    const std::size_t size = block(bytes);
    auto& free = free_[size];
    if (free.empty()) {
      if (size > kRegion - used_) throw std::bad_alloc();
      ++stats_.system_allocations;
      stats_.bytes_cached += static_cast<std::int64_t>(size);
      free.push_back(region_ + used_);
      used_ += size;
      if (open_ > 0) protect(PROT_READ | PROT_WRITE);
    }
    void* const memory = free.back();
    free.pop_back();
    stats_.bytes_cached -= static_cast<std::int64_t>(size);
    stats_.bytes_in_use += static_cast<std::int64_t>(size);
    stats_.peak_bytes_in_use = std::max(stats_.peak_bytes_in_use, stats_.bytes_in_use);
    return memory;
  }

  void deallocate(void* memory, std::size_t bytes) noexcept override {
    const std::lock_guard lock(mutex_);
    const std::size_t size = block(bytes);
    free_[size].push_back(memory);
    stats_.bytes_in_use -= static_cast<std::int64_t>(size);
    stats_.bytes_cached += static_cast<std::int64_t>(size);
  }

  MemoryStats stats() const override {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

  /// Forgets what lies in a block, whose pages then cost nothing to open and close.
  static void forget(void* memory, std::size_t bytes) {
    madvise(memory, block(bytes), MADV_DONTNEED);
  }
  /// Whether an address lies in it.
  bool holds(const void* address) const {
    const auto* const at = static_cast<const std::byte*>(address);
    return at >= region_ && at < region_ + kRegion;
  }

  /// Lets everybody read and write until close() was called as often.
  void open() {
    const std::lock_guard lock(mutex_);
    if (open_++ == 0) protect(PROT_READ | PROT_WRITE);
  }
  /// See open.
  void close() {
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) protect(PROT_NONE);
  }

 private:
  // Addresses only: no memory until it is touched.
  static constexpr std::size_t kRegion = std::size_t{64} << 30;
  static constexpr std::size_t kPage = 4096;

  /// Whole pages, a power of two of them: few blocks lie idle.
  static std::size_t block(std::size_t bytes) {
    return std::bit_ceil((bytes + kPage) / kPage) * kPage;
  }

  void protect(int mode) {
    if (used_ > 0 && mprotect(region_, used_, mode) != 0) std::abort();
  }

  mutable std::mutex mutex_;
  std::byte* region_;
  std::size_t used_ = 0;
  int open_ = 0;
  std::map<std::size_t, std::vector<void*>> free_;
  MemoryStats stats_;
};

}  // namespace fovea::test
