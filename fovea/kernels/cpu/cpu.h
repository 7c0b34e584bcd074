// The CPU's kernels. One file a family: each declares here what the table needs.
#pragma once

#include "fovea/core/caching_allocator.h"
#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// The CPU's backend, with every entry of the table filled. Kernels are done when they return, and
/// any number of threads may run them at once.
const Backend& backend();
/// The one queue of the CPU.
Queue& queue();
/// The CPU's own allocator, which no AllocatorScope replaces.
CachingAllocator& allocator();

}  // namespace fovea::kernels::cpu
