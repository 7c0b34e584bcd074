// Who gives memory for tensors, and what can be asked about it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

/// What an allocator holds.
struct MemoryStats {
  std::int64_t bytes_in_use = 0;        ///< handed out now
  std::int64_t peak_bytes_in_use = 0;   ///< the most that was ever handed out at once
  std::int64_t bytes_cached = 0;        ///< freed and kept for the next request
  std::int64_t system_allocations = 0;  ///< requests that had to go to the system, since the start
};

/// Gives memory on one device, whose addresses may be added to. Thread safe.
class Allocator {
 public:
  virtual ~Allocator() = default;
  /// At least `bytes`, aligned to kAlignment. Throws std::bad_alloc.
  virtual void* allocate(std::size_t bytes) = 0;
  /// Takes back what `allocate(bytes)` gave.
  virtual void deallocate(void* memory, std::size_t bytes) noexcept = 0;
  /// What it holds; zeros of one that does not count.
  virtual MemoryStats stats() const { return {}; }
  /// Gives what it keeps for later requests back to the system.
  virtual void release_cached() {}

  /// Alignment of every allocation in bytes: a cache line and an AVX-512 vector.
  static constexpr std::size_t kAlignment = 64;
};

}  // namespace fovea
