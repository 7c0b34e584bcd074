// Memory that a kernel needs while it runs. It is taken before a parallel loop: where there is none
// left that throws, and an exception in a loop's thread ends the program.
#pragma once

#include <cstdint>

#include "fovea/core/parallel.h"
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

/// `count` values of T for each of `parts` parts of a loop, undefined at first. No two parts share
/// a cache line.
template <class T = float>
class PartScratch {
 public:
  PartScratch(int parts, std::int64_t count) : stride_(lines(count)), memory_(parts * stride_) {}
  T* of(int part) const { return memory_.data() + part * stride_; }

 private:
  static std::int64_t lines(std::int64_t count) {
    constexpr std::int64_t kLine = 64 / sizeof(T);
    return (count + kLine - 1) / kLine * kLine;
  }

  std::int64_t stride_;
  Scratch<T> memory_;
};

/// parallel_for whose `f(begin, end, memory)` is given `floats` values of its own.
template <class F>
void parallel_with_scratch(std::int64_t count, std::int64_t grain, std::int64_t floats,
                           const F& f) {
  const int parts = detail::parts_for(count, grain);
  const PartScratch<> memory(parts, floats);
  parallel_parts(count, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    f(begin, end, memory.of(part));
  });
}

}  // namespace fovea::kernels::cpu
