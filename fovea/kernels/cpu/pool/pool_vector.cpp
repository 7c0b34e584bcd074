// One function, Walk, goes along a row of windows in vectors; what is done with a vector's taps is
// the caller's.

#include "fovea/kernels/cpu/pool/pool_vector.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/pool/pool_vector.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/cover-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

/// Reads a vector of neighbouring elements.
struct LoadDense {
  template <class D>
  HWY_INLINE hn::Vec<D> operator()(D d, const float* p, const std::int32_t*) const {
    return hn::LoadU(d, p);
  }
};

/// Reads a vector of the elements that lanes name.
struct LoadLanes {
  template <class D>
  HWY_INLINE hn::Vec<D> operator()(D d, const float* p, const std::int32_t* lanes) const {
    const hn::RebindToSigned<D> di;
    return hn::GatherIndex(d, p, hn::LoadU(di, lanes));
  }
};

/// Calls `f(d, load, x, lanes, window, i)` for vectors that cover the row: element `i` of `window`,
/// or lane `i` of the run when windows and channels are one row (then `window` is -1).
template <class F>
HWY_INLINE void Walk(const TapRow& row, const F& f) {
  if (row.lane_window) {
    const std::int64_t lanes = row.windows * row.channels;
    if (row.dense) {
      Cover(lanes, [&](auto d, std::int64_t i)
                       HWY_ATTR { f(d, LoadDense(), row.x + i, nullptr, std::int64_t{-1}, i); });
    } else {
      Cover(lanes, [&](auto d, std::int64_t i) HWY_ATTR {
        f(d, LoadLanes(), row.x, row.lane_offset + i, std::int64_t{-1}, i);
      });
    }
    return;
  }
  for (std::int64_t window = 0; window < row.windows; ++window) {
    const float* x = row.x + window * row.x_step;
    Cover(row.channels,
          [&](auto d, std::int64_t i) HWY_ATTR { f(d, LoadDense(), x + i, nullptr, window, i); });
  }
}

template <Extreme which, bool with_indices>
HWY_INLINE void ExtremeRow(const TapRow& row, std::int32_t position, std::int32_t stride, float* y,
                           std::int64_t* indices) {
  Walk(row, [&](auto d, auto load, const float* x, const std::int32_t* lanes, std::int64_t window,
                std::int64_t i) HWY_ATTR {
    using D = decltype(d);
    const hn::RebindToSigned<D> di;
    auto best = load(d, x + row.offsets[0], lanes);
    auto where = hn::Set(di, row.positions[0]);
    for (std::int64_t tap = 1; tap < row.taps; ++tap) {
      const auto value = load(d, x + row.offsets[tap], lanes);
      // NaN is neither <= nor >=, so it wins; once it has won, best is not equal to itself and
      // nothing else does.
      const auto keeps = which == Extreme::kMax ? hn::Le(value, best) : hn::Ge(value, best);
      const auto wins = hn::AndNot(keeps, hn::Eq(best, best));
      best = hn::IfThenElse(wins, value, best);
      if constexpr (with_indices) {
        where = hn::IfThenElse(hn::RebindMask(di, wins), hn::Set(di, row.positions[tap]), where);
      }
    }
    const std::int64_t target = window < 0 ? i : window * row.y_step + i;
    hn::StoreU(best, d, y + target);
    if constexpr (with_indices) {
      HWY_ALIGN std::int32_t positions[hn::MaxLanes(di)];
      hn::Store(where, di, positions);
      const auto count = static_cast<std::int64_t>(hn::Lanes(di));
      if (window < 0) {
        for (std::int64_t lane = 0; lane < count; ++lane) {
          indices[target + lane] = position + positions[lane] + row.lane_window[i + lane] * stride;
        }
      } else {
        const std::int32_t base = position + static_cast<std::int32_t>(window) * stride;
        for (std::int64_t lane = 0; lane < count; ++lane) {
          indices[target + lane] = base + positions[lane];
        }
      }
    }
  });
}

void MaxRow(const TapRow& row, std::int32_t position, std::int32_t stride, float* y,
            std::int64_t* indices) {
  if (indices) return ExtremeRow<Extreme::kMax, true>(row, position, stride, y, indices);
  ExtremeRow<Extreme::kMax, false>(row, position, stride, y, indices);
}

void MinRow(const TapRow& row, std::int32_t position, std::int32_t stride, float* y,
            std::int64_t* indices) {
  if (indices) return ExtremeRow<Extreme::kMin, true>(row, position, stride, y, indices);
  ExtremeRow<Extreme::kMin, false>(row, position, stride, y, indices);
}

/// The sum of taps [begin, end), in blocks of 32 and blocks of such blocks, so that rounding errors
/// do not pile up.
template <int kLevels, class D, class Load>
HWY_INLINE hn::Vec<D> SumTaps(D d, Load load, const float* x, const std::int32_t* lanes,
                              const std::int64_t* offsets, std::int64_t begin, std::int64_t end) {
  if constexpr (kLevels == 0) {
    auto sum = load(d, x + offsets[begin], lanes);
    for (std::int64_t tap = begin + 1; tap < end; ++tap) {
      sum = hn::Add(sum, load(d, x + offsets[tap], lanes));
    }
    return sum;
  } else {
    constexpr std::int64_t kBlock = kLevels == 1 ? 32 : 1024;
    auto total = hn::Zero(d);
    for (std::int64_t tap = begin; tap < end; tap += kBlock) {
      const std::int64_t block_end = tap + kBlock < end ? tap + kBlock : end;
      total = hn::Add(total, SumTaps<kLevels - 1>(d, load, x, lanes, offsets, tap, block_end));
    }
    return total;
  }
}

void MeanRow(const TapRow& row, float divisor, float* y) {
  Walk(row, [&](auto d, auto load, const float* x, const std::int32_t* lanes, std::int64_t window,
                std::int64_t i) HWY_ATTR {
    const auto sum = SumTaps<2>(d, load, x, lanes, row.offsets, 0, row.taps);
    const std::int64_t target = window < 0 ? i : window * row.y_step + i;
    hn::StoreU(hn::Div(sum, hn::Set(d, divisor)), d, y + target);
  });
}

void WeightedRow(const TapRow& row, float* y) {
  Walk(row, [&](auto d, auto load, const float* x, const std::int32_t* lanes, std::int64_t window,
                std::int64_t i) HWY_ATTR {
    auto sum = hn::Zero(d);
    for (std::int64_t tap = 0; tap < row.taps; ++tap) {
      const auto value = load(d, x + row.offsets[tap], lanes);
      sum = hn::MulAdd(value, hn::Set(d, row.weights[tap]), sum);
    }
    const std::int64_t target = window < 0 ? i : window * row.y_step + i;
    hn::StoreU(sum, d, y + target);
  });
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(MaxRow);
HWY_EXPORT(MinRow);
HWY_EXPORT(MeanRow);
HWY_EXPORT(WeightedRow);

void extreme_row(Extreme which, const TapRow& row, std::int32_t position, std::int32_t stride,
                 float* y, std::int64_t* indices) {
  if (which == Extreme::kMax) {
    HWY_DYNAMIC_DISPATCH(MaxRow)(row, position, stride, y, indices);
  } else {
    HWY_DYNAMIC_DISPATCH(MinRow)(row, position, stride, y, indices);
  }
}

void mean_row(const TapRow& row, float divisor, float* y) {
  HWY_DYNAMIC_DISPATCH(MeanRow)(row, divisor, y);
}

void weighted_row(const TapRow& row, float* y) { HWY_DYNAMIC_DISPATCH(WeightedRow)(row, y); }

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
