// Memory for tensors. The CPU's allocator keeps what is freed and hands it out again: fresh pages,
// each a page fault, are what makes training slow when every activation is a new allocation.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

/// Gives memory on one device. Thread safe.
class Allocator {
 public:
  virtual ~Allocator() = default;
  /// At least `bytes`, aligned to kAlignment. Throws std::bad_alloc.
  virtual void* allocate(std::size_t bytes) = 0;
  /// Takes back what `allocate(bytes)` gave.
  virtual void deallocate(void* memory, std::size_t bytes) noexcept = 0;

  /// Alignment of every allocation in bytes: a cache line and an AVX-512 vector.
  static constexpr std::size_t kAlignment = 64;
};

/// What the CPU's caching allocator holds.
struct MemoryStats {
  std::int64_t bytes_in_use = 0;        ///< handed out now
  std::int64_t peak_bytes_in_use = 0;   ///< the most that was ever handed out at once
  std::int64_t bytes_cached = 0;        ///< freed and kept for the next request
  std::int64_t system_allocations = 0;  ///< requests that had to go to the system, since the start
};

/// The CPU's allocator: size classes of at most 12.5 % waste, freed blocks kept per class.
Allocator& cpu_allocator();
/// Sends this thread's requests for CPU memory to `allocator` while it lives. Each block goes back
/// to whoever gave it, from any thread and at any time: `allocator` must outlive its blocks.
class AllocatorScope {
 public:
  explicit AllocatorScope(Allocator& allocator);  ///< from now on
  ~AllocatorScope();
  AllocatorScope(const AllocatorScope&) = delete;
  AllocatorScope& operator=(const AllocatorScope&) = delete;

 private:
  Allocator* before_;
};

/// Who serves this thread's requests for CPU memory: cpu_allocator(), or that of the innermost
/// AllocatorScope.
Allocator& current_cpu_allocator();

/// The state of cpu_allocator().
MemoryStats memory_stats();
/// Gives the cached blocks back to the system.
void release_cached_memory();

}  // namespace fovea
