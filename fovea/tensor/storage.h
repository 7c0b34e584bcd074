// A block of memory on one device, shared by the tensors that view it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "fovea/core/device.h"
#include "fovea/kernels/memory.h"

namespace fovea {

/// Owns a block from its device's allocator. The version counts changes in place, so that the tape
/// can tell when a value that backward needs has been overwritten.
class Storage {
 public:
  /// Uninitialised memory. Throws std::bad_alloc.
  Storage(std::size_t bytes, Device device) : device_(device), memory_(bytes, device) {}

  std::byte* data() const { return memory_.data(); }     ///< first byte, on device()
  std::size_t bytes() const { return memory_.bytes(); }  ///< length asked for
  Device device() const { return device_; }              ///< where it lies
  /// Number of changes in place.
  std::uint64_t version() const { return version_; }
  /// Notes a change in place.
  void bump_version() { ++version_; }
  /// True when somebody may change the memory without noting it.
  bool is_exposed() const { return exposed_.load(std::memory_order_relaxed); }
  /// Notes that the address was given away.
  void expose() { exposed_.store(true, std::memory_order_relaxed); }

 private:
  Device device_;
  Memory memory_;
  std::uint64_t version_ = 0;
  std::atomic<bool> exposed_{false};
};

}  // namespace fovea
