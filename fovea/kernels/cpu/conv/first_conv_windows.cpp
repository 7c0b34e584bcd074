#include "fovea/kernels/cpu/conv/first_conv_windows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/conv/first_conv_windows.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/norm/norm_pool-inl.h"
#include "fovea/kernels/cpu/vector_registers.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using Index = hn::Vec<IndexTag<D>>;

/// Vectors of channels side by side: each value of the image that is loaded meets so many.
constexpr int kVectors = FOVEA_MANY_VECTOR_REGISTERS ? 2 : 1;
/// Pixels whose sums are formed together. With their operands they fill the registers, and there
/// are enough of them for one multiply-add not to wait for the last.
constexpr int kPixels = 4;
/// Elements of a patch whose gradients are summed together.
constexpr int kElements = 9;

HWY_INLINE std::int64_t Lanes() { return static_cast<std::int64_t>(hn::Lanes(D())); }

/// Up to kCount vectors of channels in memory, of which only `count` values exist.
template <int kCount>
struct Channels {
  std::int64_t count;

  HWY_INLINE bool whole() const { return count >= kCount * Lanes(); }
  HWY_INLINE void load(const float* from, V* to) const {
    const D d;
    if (whole()) {
      for (int v = 0; v < kCount; ++v) to[v] = hn::LoadU(d, from + v * Lanes());
    } else {
      HWY_ALIGN float lanes[kCount * hn::MaxLanes(D())] = {};
      std::copy_n(from, count, lanes);
      for (int v = 0; v < kCount; ++v) to[v] = hn::Load(d, lanes + v * Lanes());
    }
  }
  HWY_INLINE void store(const V* values, float* to) const {
    const D d;
    if (whole()) {
      for (int v = 0; v < kCount; ++v) hn::StoreU(values[v], d, to + v * Lanes());
    } else {
      HWY_ALIGN float lanes[kCount * hn::MaxLanes(D())];
      for (int v = 0; v < kCount; ++v) hn::Store(values[v], d, lanes + v * Lanes());
      std::copy_n(lanes, count, to);
    }
  }
  HWY_INLINE void load_positions(const std::uint8_t* from, Index* to) const {
    HWY_ALIGN std::uint8_t bytes[kCount * hn::MaxLanes(D())] = {};
    if (!whole()) from = std::copy_n(from, count, bytes) - count;
    for (int v = 0; v < kCount; ++v) to[v] = LoadPositions(D(), from + v * Lanes());
  }
  HWY_INLINE void store_positions(const Index* values, std::uint8_t* to) const {
    HWY_ALIGN std::uint8_t bytes[kCount * hn::MaxLanes(D())];
    std::uint8_t* const all = whole() ? to : bytes;
    for (int v = 0; v < kCount; ++v) StorePositions(D(), values[v], all + v * Lanes());
    if (!whole()) std::copy_n(bytes, count, to);
  }
};

/// The convolution at kCount pixels for kWidth vectors of channels.
template <int kCount, int kWidth>
HWY_INLINE void Convolve(const PatchWindows& row, const float* image, const std::int64_t* pixels,
                         const float* kernels, const V* shift, V (&sum)[kCount][kWidth]) {
  const D d;
  const float* at[kCount];
  for (int p = 0; p < kCount; ++p) {
    at[p] = image + pixels[p];
    for (int v = 0; v < kWidth; ++v) sum[p][v] = shift[v];
  }
  for (std::int64_t e = 0; e < row.elements; ++e, kernels += row.padded) {
    const std::int64_t offset = row.offsets[e];
    V kernel[kWidth];
    for (int v = 0; v < kWidth; ++v) kernel[v] = hn::LoadU(d, kernels + v * Lanes());
    Unroll<kCount>([&](auto p) HWY_ATTR {
      const V value = hn::Set(d, at[p][offset]);
      for (int v = 0; v < kWidth; ++v) sum[p][v] = hn::MulAdd(value, kernel[v], sum[p][v]);
    });
  }
}

/// The best of a window's pixels so far.
template <int kWidth>
struct Winners {
  V best[kWidth];
  Index index[kWidth];
};

/// Convolves pixels [first, first + kCount) of a window and lets them compete; kFirst: the first of
/// all wins at once.
template <bool kFirst, int kCount, int kWidth>
HWY_INLINE void ConvolveAndCompete(const PatchWindows& row, const float* image, std::int64_t first,
                                   const float* kernels, const V* shift, Winners<kWidth>& winners) {
  V sum[kCount][kWidth];
  Convolve<kCount, kWidth>(row, image, row.pixels + first, kernels, shift, sum);
  Unroll<kCount>([&](auto p) HWY_ATTR {
    for (int v = 0; v < kWidth; ++v) {
      if constexpr (kFirst && p == 0) {
        winners.best[v] = sum[p][v];
        winners.index[v] = hn::Zero(IndexTag<D>());
      } else {
        Compete(D(), sum[p][v], (kFirst ? 0 : first) + p, winners.best[v], winners.index[v]);
      }
    }
  });
}

/// All windows of the row for kWidth vectors of channels.
template <int kWidth>
void ForwardPooled(const PatchWindows row, const float* image, const float* kernels,
                   const float* shifts, const Channels<kWidth> channels, float* y,
                   std::uint8_t* positions) {
  const D d;
  V shift[kWidth];
  for (int v = 0; v < kWidth; ++v) shift[v] = hn::LoadU(d, shifts + v * Lanes());
  for (std::int64_t j = 0; j < row.columns; ++j, image += row.step) {
    Winners<kWidth> winners;
    std::int64_t p = kPixels;
    if (row.window >= kPixels) {
      ConvolveAndCompete<true, kPixels, kWidth>(row, image, 0, kernels, shift, winners);
    } else {
      ConvolveAndCompete<true, 1, kWidth>(row, image, 0, kernels, shift, winners);
      p = 1;
    }
    for (; p + kPixels <= row.window; p += kPixels)
      ConvolveAndCompete<false, kPixels, kWidth>(row, image, p, kernels, shift, winners);
    for (; p < row.window; ++p)
      ConvolveAndCompete<false, 1, kWidth>(row, image, p, kernels, shift, winners);
    for (int v = 0; v < kWidth && row.relu; ++v) winners.best[v] = Relu(d, winners.best[v]);
    channels.store(winners.best, y + j * row.channels);
    if (positions != nullptr) channels.store_positions(winners.index, positions + j * row.channels);
  }
}

/// The same without pooling: kCount pixels of the row from window j on.
template <int kCount, int kWidth>
HWY_INLINE void ForwardPixels(const PatchWindows& row, const float* image, const float* kernels,
                              const V* shift, const Channels<kWidth>& channels, float* y) {
  std::int64_t pixels[kCount];
  for (int p = 0; p < kCount; ++p) pixels[p] = p * row.step;
  V sum[kCount][kWidth];
  Convolve<kCount, kWidth>(row, image, pixels, kernels, shift, sum);
  for (int p = 0; p < kCount; ++p) {
    for (int v = 0; v < kWidth && row.relu; ++v) sum[p][v] = Relu(D(), sum[p][v]);
    channels.store(sum[p], y + p * row.channels);
  }
}

template <int kWidth>
void ForwardPlain(const PatchWindows row, const float* image, const float* kernels,
                  const float* shifts, const Channels<kWidth> channels, float* y) {
  V shift[kWidth];
  for (int v = 0; v < kWidth; ++v) shift[v] = hn::LoadU(D(), shifts + v * Lanes());
  std::int64_t j = 0;
  for (; j + kPixels <= row.columns; j += kPixels)
    ForwardPixels<kPixels, kWidth>(row, image + j * row.step, kernels, shift, channels,
                                   y + j * row.channels);
  for (; j < row.columns; ++j)
    ForwardPixels<1, kWidth>(row, image + j * row.step, kernels, shift, channels,
                             y + j * row.channels);
}

/// Calls f(Channels<kWidth>, first channel) for blocks of vectors that cover all channels.
template <class F>
HWY_INLINE void ForChannelBlocks(const PatchWindows& row, const F& f) {
  std::int64_t c = 0;
  for (; c + kVectors * Lanes() <= row.padded; c += kVectors * Lanes())
    f(Channels<kVectors>{row.channels - c}, c);
  for (; c < row.padded; c += Lanes()) f(Channels<1>{row.channels - c}, c);
}

void ForwardRow(const PatchWindows& row, const float* image, const float* kernels,
                const float* shift, float* y, std::uint8_t* positions) {
  ForChannelBlocks(row, [&](const auto& channels, std::int64_t c) HWY_ATTR {
    if (row.window == 1) {
      ForwardPlain(row, image, kernels + c, shift + c, channels, y + c);
    } else {
      ForwardPooled(row, image, kernels + c, shift + c, channels, y + c,
                    positions == nullptr ? nullptr : positions + c);
    }
  });
}

/// Sums for kCount elements of the patches, whose places are `offsets`, and of dz itself unless
/// `total` is null.
template <int kCount, int kWidth>
void GradientOf(const PatchWindows row, const float* image, const std::int64_t* offsets,
                const float* dy, const float* y, const std::uint8_t* positions,
                const Channels<kWidth> channels, float* sums, float* total) {
  const D d;
  V sum[kCount][kWidth], whole[kWidth];
  const auto sum_at = [&](int e, int v) HWY_ATTR { return sums + e * row.padded + v * Lanes(); };
  Unroll<kCount>([&](auto e) HWY_ATTR {
    for (int v = 0; v < kWidth; ++v) sum[e][v] = hn::LoadU(d, sum_at(e, v));
  });
  for (int v = 0; v < kWidth; ++v) whole[v] = hn::Zero(d);
  for (std::int64_t j = 0; j < row.columns; ++j, image += row.step) {
    V gradient[kWidth], result[kWidth];
    Index index[kWidth];
    channels.load(dy + j * row.channels, gradient);
    channels.load(y + j * row.channels, result);
    for (int v = 0; v < kWidth; ++v) index[v] = hn::Zero(IndexTag<D>());
    if (row.window > 1) channels.load_positions(positions + j * row.channels, index);
    for (int v = 0; v < kWidth; ++v) {
      gradient[v] = PassedGradient(d, row.relu, gradient[v], result[v]);
      whole[v] = hn::Add(whole[v], gradient[v]);
    }
    for (std::int64_t p = 0; p < row.window; ++p) {
      const float* at = image + row.pixels[p];
      V here[kWidth];
      for (int v = 0; v < kWidth; ++v) {
        here[v] =
            row.window > 1 ? hn::IfThenElseZero(WonAt(d, index[v], p), gradient[v]) : gradient[v];
      }
      Unroll<kCount>([&](auto e) HWY_ATTR {
        const V value = hn::Set(d, at[offsets[e]]);
        for (int v = 0; v < kWidth; ++v) sum[e][v] = hn::MulAdd(value, here[v], sum[e][v]);
      });
    }
  }
  Unroll<kCount>([&](auto e) HWY_ATTR {
    for (int v = 0; v < kWidth; ++v) hn::StoreU(sum[e][v], d, sum_at(e, v));
  });
  if (total == nullptr) return;
  for (int v = 0; v < kWidth; ++v) {
    float* const to = total + v * Lanes();
    hn::StoreU(hn::Add(hn::LoadU(d, to), whole[v]), d, to);
  }
}

/// GradientOf for up to kMost elements.
template <int kMost, int kWidth>
HWY_INLINE void GradientOfUpTo(std::int64_t count, const PatchWindows& row, const float* image,
                               const std::int64_t* offsets, const float* dy, const float* y,
                               const std::uint8_t* positions, const Channels<kWidth>& channels,
                               float* sums, float* total) {
  if constexpr (kMost > 1) {
    if (count < kMost) {
      return GradientOfUpTo<kMost - 1>(count, row, image, offsets, dy, y, positions, channels, sums,
                                       total);
    }
  }
  GradientOf<kMost>(row, image, offsets, dy, y, positions, channels, sums, total);
}

void GradientRow(const PatchWindows& row, const float* image, const float* dy, const float* y,
                 const std::uint8_t* positions, float* sums) {
  ForChannelBlocks(row, [&](const auto& channels, std::int64_t c) HWY_ATTR {
    float* const total = sums + row.elements * row.padded + c;
    for (std::int64_t e = 0; e < row.elements; e += kElements) {
      GradientOfUpTo<kElements>(std::min<std::int64_t>(kElements, row.elements - e), row, image,
                                row.offsets + e, dy + c, y + c,
                                positions == nullptr ? nullptr : positions + c, channels,
                                sums + e * row.padded + c, e == 0 ? total : nullptr);
    }
  });
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(ForwardRow);
HWY_EXPORT(GradientRow);

void patch_forward_row(const PatchWindows& row, const float* image, const float* kernels,
                       const float* shift, float* y, std::uint8_t* positions) {
  HWY_DYNAMIC_DISPATCH(ForwardRow)(row, image, kernels, shift, y, positions);
}

void patch_gradient_row(const PatchWindows& row, const float* image, const float* dy,
                        const float* y, const std::uint8_t* positions, float* sums) {
  HWY_DYNAMIC_DISPATCH(GradientRow)(row, image, dy, y, positions, sums);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
