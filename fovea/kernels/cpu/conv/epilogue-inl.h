// The end of a convolution in vectors, for Highway's foreach_target files. Included once for each
// target.

#if defined(FOVEA_KERNELS_CPU_CONV_EPILOGUE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_CONV_EPILOGUE_INL_H_
#undef FOVEA_KERNELS_CPU_CONV_EPILOGUE_INL_H_
#else
#define FOVEA_KERNELS_CPU_CONV_EPILOGUE_INL_H_
#endif

#include "fovea/kernels/cpu/conv/epilogue.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Calls f(d, j) for consecutive channels j that cover [0, channels): as many as vectors hold, then
/// fours, then one by one, d being the tag of each.
template <class F>
HWY_INLINE void ForChannels(std::int64_t channels, const F& f) {
  const hn::ScalableTag<float> whole;
  const hn::CappedTag<float, 4> four;
  const hn::CappedTag<float, 1> one;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(whole)),
             few = static_cast<std::int64_t>(hn::Lanes(four));
  std::int64_t j = 0;
  for (; j + lanes <= channels; j += lanes) f(whole, j);
  for (; j + few <= channels; j += few) f(four, j);
  for (; j < channels; ++j) f(one, j);
}

/// clamp(v + residual): `residual` may be null. Comparisons with NaN are false, so NaN stays.
template <class D, class V>
HWY_INLINE V AddAndClamp(D d, V v, const float* residual, const EpilogueRows& e) {
  if (residual) v = hn::Add(v, hn::LoadU(d, residual));
  const V low = hn::Set(d, e.low), high = hn::Set(d, e.high);
  v = hn::IfThenElse(hn::Lt(v, low), low, v);
  return hn::IfThenElse(hn::Gt(v, high), high, v);
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // the guard for each target
