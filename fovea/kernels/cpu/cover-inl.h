// Covering a count of elements with vectors, for Highway's foreach_target files. Included once for
// each target.

#if defined(FOVEA_KERNELS_CPU_COVER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_COVER_INL_H_
#undef FOVEA_KERNELS_CPU_COVER_INL_H_
#else
#define FOVEA_KERNELS_CPU_COVER_INL_H_
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The number of lanes, to count with.
template <class D>
HWY_INLINE std::int64_t LanesOf(D d) {
  return static_cast<std::int64_t>(hn::Lanes(d));
}

/// Calls `f(d, i)` for vectors that cover [0, count), each in the widest vectors that `count`
/// fills. The last vector overlaps the one before it rather than leaving a tail: for results that
/// do not depend on what was there.
template <class F>
HWY_INLINE void Cover(std::int64_t count, const F& f) {
  const auto with = [&](auto d) HWY_ATTR {
    const std::int64_t lanes = LanesOf(d);
    if (count < lanes) return false;
    for (std::int64_t i = 0; i + lanes <= count; i += lanes) f(d, i);
    if (count % lanes != 0) f(d, count - lanes);
    return true;
  };
  if (with(hn::ScalableTag<float>()) || with(hn::CappedTag<float, 8>())) return;
  if (with(hn::CappedTag<float, 4>())) return;
  with(hn::CappedTag<float, 1>());
}

/// Calls `f(d, i)` for vectors that cover [0, count) without overlap: for results that may replace
/// their operands.
template <class F>
HWY_INLINE void CoverOnce(std::int64_t count, const F& f) {
  std::int64_t i = 0;
  const auto with = [&](auto d) HWY_ATTR {
    const std::int64_t lanes = LanesOf(d);
    for (; i + lanes <= count; i += lanes) f(d, i);
  };
  with(hn::ScalableTag<float>());
  with(hn::CappedTag<float, 4>());
  with(hn::CappedTag<float, 1>());
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // the guard for each target
