#include "fovea/kernels/memory.h"

#include "fovea/kernels/backend.h"

namespace fovea {

namespace {
thread_local const AllocatorScope* innermost = nullptr;
}  // namespace

Allocator& allocator_of(Device device) { return kernels::queue_of(device).allocator; }

AllocatorScope::AllocatorScope(Device device, Allocator& allocator)
    : device_(device), allocator_(allocator), before_(innermost) {
  innermost = this;
}
AllocatorScope::~AllocatorScope() { innermost = before_; }

Allocator& current_allocator(Device device) {
  for (const AllocatorScope* scope = innermost; scope != nullptr; scope = scope->before_)
    if (scope->device_ == device) return scope->allocator_;
  return allocator_of(device);
}

MemoryStats memory_stats(Device device) { return allocator_of(device).stats(); }
void release_cached_memory(Device device) { allocator_of(device).release_cached(); }

}  // namespace fovea
