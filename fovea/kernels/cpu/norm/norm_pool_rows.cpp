#include "fovea/kernels/cpu/norm/norm_pool_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/norm/norm_pool_rows.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/norm/norm_pool-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Runs f(tag, channel) over all channels: whole vectors, then one by one.
template <class F>
HWY_INLINE void ForChannels(std::int64_t channels, const F& f) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  std::int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) f(wide, c);
  for (; c < channels; ++c) f(single, c);
}

/// kWindow is the window's size when it is known at compile time, else 0.
template <int kWindow, bool kPositions>
void ForwardRowOf(const WindowRow& row, const float* HWY_RESTRICT x,
                  const float* HWY_RESTRICT scale, const float* HWY_RESTRICT shift,
                  float* HWY_RESTRICT y, std::uint8_t* HWY_RESTRICT positions) {
  const std::int64_t window = kWindow ? kWindow : row.window;
  for (std::int64_t j = 0; j < row.columns; ++j) {
    const float* first = x + j * row.step;
    ForChannels(row.channels, [&](auto d, std::int64_t c) HWY_ATTR {
      const IndexTag<decltype(d)> di;
      const auto a = hn::LoadU(d, scale + c), b = hn::LoadU(d, shift + c);
      auto best = hn::MulAdd(hn::LoadU(d, first + c), a, b);
      auto position = hn::Zero(di);
      for (std::int64_t p = 1; p < window; ++p) {
        Compete(d, hn::MulAdd(hn::LoadU(d, first + row.offsets[p] + c), a, b), p, best, position);
      }
      const std::int64_t at = j * row.channels + c;
      hn::StoreU(row.relu ? Relu(d, best) : best, d, y + at);
      if constexpr (kPositions) StorePositions(d, position, positions + at);
    });
  }
}

void ForwardRow(const WindowRow& row, const float* x, const float* scale, const float* shift,
                float* y, std::uint8_t* positions) {
  const bool wanted = positions != nullptr;
  switch (row.window) {
    case 1:
      return ForwardRowOf<1, false>(row, x, scale, shift, y, positions);
    case 4:
      return wanted ? ForwardRowOf<4, true>(row, x, scale, shift, y, positions)
                    : ForwardRowOf<4, false>(row, x, scale, shift, y, positions);
    default:
      return wanted ? ForwardRowOf<0, true>(row, x, scale, shift, y, positions)
                    : ForwardRowOf<0, false>(row, x, scale, shift, y, positions);
  }
}

/// Sums of kVectors vectors of channels from c on.
template <int kWindow, int kVectors, class D>
HWY_INLINE void SumColumns(D d, std::int64_t c, const WindowRow& row, const float* HWY_RESTRICT dy,
                           const float* HWY_RESTRICT y, const std::uint8_t* HWY_RESTRICT positions,
                           const float* HWY_RESTRICT x, const float* HWY_RESTRICT mean,
                           double* HWY_RESTRICT sum_dz, double* HWY_RESTRICT sum_dz_centred) {
  using V = hn::Vec<D>;
  const std::int64_t window = kWindow ? kWindow : row.window;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  V sum[kVectors], sum_centred[kVectors];
  for (int v = 0; v < kVectors; ++v) sum[v] = sum_centred[v] = hn::Zero(d);
  for (std::int64_t j = 0; j < row.columns; ++j) {
    Unroll<kVectors>([&](auto v) HWY_ATTR {
      const std::int64_t channel = c + v * lanes, at = j * row.channels + channel;
      const float* const first = x + j * row.step + channel;
      const V dz = PassedGradient(d, row.relu, hn::LoadU(d, dy + at), hn::LoadU(d, y + at));
      V winner = hn::LoadU(d, first);
      if (kWindow != 1) {
        const auto position = LoadPositions(d, positions + at);
        for (std::int64_t p = 1; p < window; ++p) {
          winner =
              hn::IfThenElse(WonAt(d, position, p), hn::LoadU(d, first + row.offsets[p]), winner);
        }
      }
      sum[v] = hn::Add(sum[v], dz);
      sum_centred[v] =
          hn::MulAdd(dz, hn::Sub(winner, hn::LoadU(d, mean + channel)), sum_centred[v]);
    });
  }
  // A row is short: its f32 sums lose nothing that matters. The rows add up in f64.
  HWY_ALIGN float parts[2][kVectors * hn::MaxLanes(d)];
  Unroll<kVectors>([&](auto v) HWY_ATTR {
    hn::StoreU(sum[v], d, parts[0] + v * lanes);
    hn::StoreU(sum_centred[v], d, parts[1] + v * lanes);
  });
  for (std::int64_t i = 0; i < kVectors * lanes; ++i) {
    sum_dz[c + i] += static_cast<double>(parts[0][i]);
    sum_dz_centred[c + i] += static_cast<double>(parts[1][i]);
  }
}

template <int kWindow>
void SumsRowOf(const WindowRow& row, const float* dy, const float* y, const std::uint8_t* positions,
               const float* x, const float* mean, double* sum_dz, double* sum_dz_centred) {
  // Four vectors side by side: memory is read in order where there are so many channels.
  constexpr int kSideBySide = 4;
  const hn::ScalableTag<float> wide;
  const auto step = kSideBySide * static_cast<std::int64_t>(hn::Lanes(wide));
  std::int64_t c = 0;
  for (; c + step <= row.channels; c += step) {
    SumColumns<kWindow, kSideBySide>(wide, c, row, dy, y, positions, x, mean, sum_dz,
                                     sum_dz_centred);
  }
  ForChannels(row.channels - c, [&](auto d, std::int64_t i) HWY_ATTR {
    SumColumns<kWindow, 1>(d, c + i, row, dy, y, positions, x, mean, sum_dz, sum_dz_centred);
  });
}

void SumsRow(const WindowRow& row, const float* dy, const float* y, const std::uint8_t* positions,
             const float* x, const float* mean, double* sum_dz, double* sum_dz_centred) {
  switch (row.window) {
    case 1:
      return SumsRowOf<1>(row, dy, y, positions, x, mean, sum_dz, sum_dz_centred);
    case 4:
      return SumsRowOf<4>(row, dy, y, positions, x, mean, sum_dz, sum_dz_centred);
    default:
      return SumsRowOf<0>(row, dy, y, positions, x, mean, sum_dz, sum_dz_centred);
  }
}

/// Without x, dx is by_dz * dz alone.
template <int kWindow, bool kUsesX>
void InputRowOf(const WindowRow& row, const float* HWY_RESTRICT dy, const float* HWY_RESTRICT y,
                const std::uint8_t* HWY_RESTRICT positions, const float* HWY_RESTRICT x,
                const float* HWY_RESTRICT by_dz, const float* HWY_RESTRICT by_x,
                const float* HWY_RESTRICT constant, float* HWY_RESTRICT dx) {
  const std::int64_t window = kWindow ? kWindow : row.window;
  for (std::int64_t j = 0; j < row.columns; ++j) {
    ForChannels(row.channels, [&](auto d, std::int64_t c) HWY_ATTR {
      const IndexTag<decltype(d)> di;
      const std::int64_t at = j * row.channels + c, first = j * row.step + c;
      const auto scaled =
          hn::Mul(PassedGradient(d, row.relu, hn::LoadU(d, dy + at), hn::LoadU(d, y + at)),
                  hn::LoadU(d, by_dz + c));
      const auto position = kWindow == 1 ? hn::Zero(di) : LoadPositions(d, positions + at);
      for (std::int64_t p = 0; p < window; ++p) {
        const std::int64_t here = first + row.offsets[p];
        auto value = hn::IfThenElseZero(WonAt(d, position, p), scaled);
        if constexpr (kUsesX) {
          const auto slope = hn::LoadU(d, by_x + c), base = hn::LoadU(d, constant + c);
          value = hn::Add(hn::MulAdd(slope, hn::LoadU(d, x + here), base), value);
        }
        hn::StoreU(value, d, dx + here);
      }
    });
  }
}

template <int kWindow>
void InputRowWith(const WindowRow& row, const float* dy, const float* y,
                  const std::uint8_t* positions, const float* x, const float* by_dz,
                  const float* by_x, const float* constant, float* dx) {
  if (x != nullptr)
    return InputRowOf<kWindow, true>(row, dy, y, positions, x, by_dz, by_x, constant, dx);
  InputRowOf<kWindow, false>(row, dy, y, positions, x, by_dz, by_x, constant, dx);
}

void InputRow(const WindowRow& row, const float* dy, const float* y, const std::uint8_t* positions,
              const float* x, const float* by_dz, const float* by_x, const float* constant,
              float* dx) {
  switch (row.window) {
    case 1:
      return InputRowWith<1>(row, dy, y, positions, x, by_dz, by_x, constant, dx);
    case 4:
      return InputRowWith<4>(row, dy, y, positions, x, by_dz, by_x, constant, dx);
    default:
      return InputRowWith<0>(row, dy, y, positions, x, by_dz, by_x, constant, dx);
  }
}

void Uncovered(std::int64_t pixels, std::int64_t channels, const float* HWY_RESTRICT x,
               const float* HWY_RESTRICT by_x, const float* HWY_RESTRICT constant,
               float* HWY_RESTRICT dx) {
  for (std::int64_t i = 0; i < pixels; ++i) {
    for (std::int64_t c = 0; c < channels; ++c) {
      dx[i * channels + c] = x != nullptr ? by_x[c] * x[i * channels + c] + constant[c] : 0;
    }
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(ForwardRow);
HWY_EXPORT(SumsRow);
HWY_EXPORT(InputRow);
HWY_EXPORT(Uncovered);

void norm_pool_forward_row(const WindowRow& row, const float* x, const float* scale,
                           const float* shift, float* y, std::uint8_t* positions) {
  HWY_DYNAMIC_DISPATCH(ForwardRow)(row, x, scale, shift, y, positions);
}

void norm_pool_sums_row(const WindowRow& row, const float* dy, const float* y,
                        const std::uint8_t* positions, const float* x, const float* mean,
                        double* sum_dz, double* sum_dz_centred) {
  HWY_DYNAMIC_DISPATCH(SumsRow)(row, dy, y, positions, x, mean, sum_dz, sum_dz_centred);
}

void norm_pool_input_row(const WindowRow& row, const float* dy, const float* y,
                         const std::uint8_t* positions, const float* x, const float* by_dz,
                         const float* by_x, const float* constant, float* dx) {
  HWY_DYNAMIC_DISPATCH(InputRow)(row, dy, y, positions, x, by_dz, by_x, constant, dx);
}

void norm_pool_uncovered(std::int64_t pixels, std::int64_t channels, const float* x,
                         const float* by_x, const float* constant, float* dx) {
  HWY_DYNAMIC_DISPATCH(Uncovered)(pixels, channels, x, by_x, constant, dx);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
