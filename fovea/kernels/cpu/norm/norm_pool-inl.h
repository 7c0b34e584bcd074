// What the vector loops over windows share, for Highway's foreach_target files. Included once for
// each target.

#if defined(FOVEA_KERNELS_CPU_NORM_NORM_POOL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_NORM_NORM_POOL_INL_H_
#undef FOVEA_KERNELS_CPU_NORM_NORM_POOL_INL_H_
#else
#define FOVEA_KERNELS_CPU_NORM_NORM_POOL_INL_H_
#endif

#include <cstdint>
#include <type_traits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Calls f for 0, ..., kCount - 1 as compile-time constants: arrays of vectors that they index stay
/// in registers.
template <int kCount, class F>
HWY_INLINE void Unroll(const F& f) {
  if constexpr (kCount > 0) {
    Unroll<kCount - 1>(f);
    f(std::integral_constant<int, kCount - 1>());
  }
}

/// Winners' positions, one byte each in memory and a lane each in registers.
template <class D>
using PositionTag = hn::Rebind<std::uint8_t, D>;
template <class D>
using IndexTag = hn::RebindToSigned<D>;

template <class D>
HWY_INLINE hn::Vec<IndexTag<D>> LoadPositions(D, const std::uint8_t* positions) {
  return hn::PromoteTo(IndexTag<D>(), hn::LoadU(PositionTag<D>(), positions));
}

template <class D>
HWY_INLINE void StorePositions(D, hn::Vec<IndexTag<D>> index, std::uint8_t* positions) {
  hn::StoreU(hn::DemoteTo(PositionTag<D>(), index), PositionTag<D>(), positions);
}

/// True where the value at `position` won.
template <class D>
HWY_INLINE hn::Mask<D> WonAt(D d, hn::Vec<IndexTag<D>> index, std::int64_t position) {
  const IndexTag<D> di;
  return hn::RebindMask(d, hn::Eq(index, hn::Set(di, static_cast<std::int32_t>(position))));
}

/// Makes `value`, at `position` of its window, the best where it is larger; the first NaN wins for
/// good.
template <class D>
HWY_INLINE void Compete(D, hn::Vec<D> value, std::int64_t position, hn::Vec<D>& best,
                        hn::Vec<IndexTag<D>>& index) {
  const IndexTag<D> di;
  const auto wins = hn::AndNot(hn::IsNaN(best), hn::Not(hn::Le(value, best)));
  best = hn::IfThenElse(wins, value, best);
  index = hn::IfThenElse(hn::RebindMask(di, wins), hn::Set(di, static_cast<std::int32_t>(position)),
                         index);
}

/// max(value, 0); NaN stays NaN.
template <class D>
HWY_INLINE hn::Vec<D> Relu(D d, hn::Vec<D> value) {
  return hn::IfThenZeroElse(hn::Lt(value, hn::Zero(d)), value);
}

/// The gradient that passes the activation whose result was y: where that is NaN it passes, as in
/// PyTorch.
template <class D>
HWY_INLINE hn::Vec<D> PassedGradient(D d, bool relu, hn::Vec<D> gradient, hn::Vec<D> y) {
  return relu ? hn::IfThenZeroElse(hn::Le(y, hn::Zero(d)), gradient) : gradient;
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // the guard for each target
