// Numbers below the smallest normal one: whether this thread's arithmetic has them or takes them
// for zero. They cost a hundred cycles each and mean nothing to training.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fovea {

/// What becomes of denormals.
enum class Denormals : std::uint8_t {
  kFlush,  ///< operands and results are zero instead
  kKeep,   ///< they are numbers: what the functions of the C library count on
};

/// Sets this thread's floating-point state while it lives; the one before is put back after it.
class DenormalsScope {
 public:
#if defined(__x86_64__)
  explicit DenormalsScope(Denormals denormals) : before_(_mm_getcsr()) {
    constexpr unsigned kBits = 0x8040;  // FTZ and DAZ
    _mm_setcsr(denormals == Denormals::kFlush ? before_ | kBits : before_ & ~kBits);
  }
  ~DenormalsScope() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#elif defined(__aarch64__)
  explicit DenormalsScope(Denormals denormals) {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    constexpr std::uint64_t kBit = std::uint64_t{1} << 24;  // FZ
    const std::uint64_t state = denormals == Denormals::kFlush ? before_ | kBit : before_ & ~kBit;
    asm volatile("msr fpcr, %0" ::"r"(state));
  }
  ~DenormalsScope() { asm volatile("msr fpcr, %0" ::"r"(before_)); }

 private:
  std::uint64_t before_;
#else
  explicit DenormalsScope(Denormals) {}  ///< nothing to set on this processor
#endif

 public:
  DenormalsScope(const DenormalsScope&) = delete;
  DenormalsScope& operator=(const DenormalsScope&) = delete;
};

}  // namespace fovea
