// The memory of devices: who gives it, and how much of it is in use.
#pragma once

#include <cstddef>

#include "fovea/core/allocator.h"
#include "fovea/core/device.h"

namespace fovea {

/// The allocator that `device` itself has. Throws DeviceError when nobody registered the device.
Allocator& allocator_of(Device device);

/// Sends this thread's requests for memory of `device` to `allocator` while it lives. Each block
/// goes back to whoever gave it, from any thread and at any time: `allocator` must outlive its
/// blocks.
class AllocatorScope {
 public:
  AllocatorScope(Device device, Allocator& allocator);  ///< from now on
  ~AllocatorScope();
  AllocatorScope(const AllocatorScope&) = delete;
  AllocatorScope& operator=(const AllocatorScope&) = delete;

 private:
  friend Allocator& current_allocator(Device device);

  Device device_;
  Allocator& allocator_;
  const AllocatorScope* before_;
};

/// Who serves this thread's requests for memory of `device`: the innermost AllocatorScope for it,
/// or allocator_of(device).
Allocator& current_allocator(Device device);

/// A block of a device's memory, undefined at first. Its address may be added to; only kernels of
/// the device may read or write what lies there.
class Memory {
 public:
  /// `bytes` from current_allocator(device). Throws std::bad_alloc.
  Memory(std::size_t bytes, Device device)
      : allocator_(current_allocator(device)), bytes_(bytes), data_(allocator_.allocate(bytes)) {}
  ~Memory() { allocator_.deallocate(data_, bytes_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  std::byte* data() const { return static_cast<std::byte*>(data_); }  ///< first byte
  std::size_t bytes() const { return bytes_; }                        ///< length asked for

 private:
  Allocator& allocator_;
  std::size_t bytes_;
  void* data_;
};

/// What the allocator of `device` holds.
MemoryStats memory_stats(Device device = default_device());
/// Gives what the allocator of `device` keeps for later requests back to the system.
void release_cached_memory(Device device = default_device());

}  // namespace fovea
