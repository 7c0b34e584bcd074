// Memory that a kernel needs while it runs.
#pragma once

#include <cstdint>

#include "fovea/kernels/memory.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::cpu {

/// `count` values of T from the caching allocator, undefined at first.
template <class T = float>
class Scratch {
 public:
  explicit Scratch(std::int64_t count)
      : memory_(static_cast<std::size_t>(count) * sizeof(T), Device()) {}
  T* data() const { return reinterpret_cast<T*>(memory_.data()); }

 private:
  Memory memory_;
};

}  // namespace fovea::kernels::cpu
