// Asking for memory before it is needed: a streaming pass that shares its time with products would
// wait for the third cache in between.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// Brings `count` values that begin at `from` into the second cache. A hint: any address will do.
template <class T>
void prefetch(const T* from, std::int64_t count) {
  constexpr std::int64_t kLine = 64;  // bytes
  const char* const bytes = reinterpret_cast<const char*>(from);
  const auto end = count * static_cast<std::int64_t>(sizeof(T));
#if defined(__GNUC__)
  for (std::int64_t at = 0; at < end; at += kLine) __builtin_prefetch(bytes + at, 0, 2);
#endif
}

}  // namespace fovea::kernels::cpu
