#include "fovea/kernels/cpu/winograd/tiles.h"

#include <algorithm>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/winograd/tiles.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/winograd/steps-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

constexpr int kIn = static_cast<int>(kWinogradIn);
constexpr int kOut = static_cast<int>(kWinogradOut);

HWY_INLINE std::int64_t Lanes() { return static_cast<std::int64_t>(hn::Lanes(D())); }

/// The first `count` lanes from memory, the rest 0; reads nothing beyond.
HWY_INLINE V LoadFirst(const float* from, std::int64_t count) {
  const D d;
#if HWY_MEM_OPS_MIGHT_FAULT
  if (count >= Lanes()) return hn::LoadU(d, from);
  HWY_ALIGN float lanes[hn::MaxLanes(D())] = {};
  std::copy_n(from, count, lanes);
  return hn::Load(d, lanes);
#else
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(count)), d, from);
#endif
}

/// Writes the first `count` lanes and nothing beyond.
HWY_INLINE void StoreFirst(V v, float* to, std::int64_t count) {
  const D d;
#if HWY_MEM_OPS_MIGHT_FAULT
  if (count >= Lanes()) return hn::StoreU(v, d, to);
  HWY_ALIGN float lanes[hn::MaxLanes(D())];
  hn::Store(v, d, lanes);
  std::copy_n(lanes, count, to);
#else
  hn::BlendedStore(v, hn::FirstN(d, static_cast<std::size_t>(count)), d, to);
#endif
}

/// Calls f(c, at) for each vector of row `row` of the planes that has channels below `channels`:
/// its first channel, and where it lies in plane 0.
template <class F>
HWY_INLINE void ForVectors(const Planes& planes, std::int64_t row, std::int64_t channels,
                           const F& f) {
  for (std::int64_t start = 0; start < channels; start += planes.width) {
    const std::int64_t width = planes.width_at(start), end = std::min(start + width, channels);
    float* at = planes.data + start * planes.rows + row * width;
    for (std::int64_t c = start; c < end; c += Lanes(), at += Lanes()) f(c, at);
  }
}

/// The vectors of a patch's pixels from one channel on. kWhole: all pixels lie inside the image and
/// all lanes are channels.
template <int kSide, bool kWhole, class T>
class Pixels {
 public:
  HWY_INLINE Pixels(const Patch<T>& patch, std::int64_t c)
      : patch_(patch), first_(patch.first + c), count_(patch.channels - c) {}
  HWY_INLINE bool has(int i, int j) const {
    if constexpr (kWhole) return true;
    return i >= patch_.top && i < patch_.bottom && j >= patch_.left && j < patch_.right;
  }
  /// 0 outside the image.
  HWY_INLINE V load(int i, int j) const {
    if constexpr (kWhole) return hn::LoadU(D(), at(i, j));
    return has(i, j) ? LoadFirst(at(i, j), count_) : hn::Zero(D());
  }
  /// Requires has(i, j).
  HWY_INLINE void store(int i, int j, V value) const {
    if constexpr (kWhole) return hn::StoreU(value, D(), at(i, j));
    StoreFirst(value, at(i, j), count_);
  }

 private:
  HWY_INLINE T* at(int i, int j) const {
    return first_ + i * patch_.row_stride + j * patch_.channels;
  }
  const Patch<T> patch_;
  T* const first_;
  const std::int64_t count_;
};

/// Calls f(c, at, pixels) for each vector of row `row` of the planes and the same channels of a
/// patch.
template <int kSide, class T, class F>
HWY_INLINE void ForPixels(const Patch<T>& patch, const Planes& planes, std::int64_t row,
                          const F& f) {
  const bool inside =
      patch.top == 0 && patch.left == 0 && patch.bottom == kSide && patch.right == kSide;
  ForVectors(planes, row, patch.channels, [&](std::int64_t c, float* at) HWY_ATTR {
    if (inside && c + Lanes() <= patch.channels) {
      f(c, at, Pixels<kSide, true, T>(patch, c));
    } else {
      f(c, at, Pixels<kSide, false, T>(patch, c));
    }
  });
}

void Input(const Patch<const float>& x, const Planes& v, std::int64_t row) {
  const std::int64_t stride = v.stride();
  ForPixels<kIn>(x, v, row, [stride](std::int64_t, float* at, const auto& pixels) HWY_ATTR {
    BothWays<kIn, kIn>(
        InputStep, [&](int i, int j) HWY_ATTR { return pixels.load(i, j); },
        [&](int i, int j, V value)
            HWY_ATTR { hn::StoreU(value, D(), at + (i * kIn + j) * stride); });
  });
}

void Output(const Planes& m, std::int64_t row, const float* bias, const Patch<float>& y) {
  const std::int64_t stride = m.stride();
  ForPixels<kOut>(y, m, row, [&](std::int64_t c, const float* at, const auto& pixels) HWY_ATTR {
    const V shift = bias ? LoadFirst(bias + c, y.channels - c) : hn::Zero(D());
    BothWays<kIn, kOut>(
        OutputStep,
        [&](int i, int j) HWY_ATTR { return hn::LoadU(D(), at + (i * kIn + j) * stride); },
        [&](int i, int j, V value) HWY_ATTR {
          if (pixels.has(i, j)) pixels.store(i, j, hn::Add(value, shift));
        });
  });
}

void OutputAdjoint(const Patch<const float>& dy, const Planes& dm, std::int64_t row, float* dbias) {
  const std::int64_t stride = dm.stride();
  ForPixels<kOut>(dy, dm, row, [&](std::int64_t c, float* at, const auto& pixels) HWY_ATTR {
    V sum = hn::Zero(D());
    BothWays<kOut, kIn>(
        OutputAdjointStep,
        [&](int i, int j) HWY_ATTR {
          const V value = pixels.load(i, j);
          sum = hn::Add(sum, value);
          return value;
        },
        [&](int i, int j, V value)
            HWY_ATTR { hn::StoreU(value, D(), at + (i * kIn + j) * stride); });
    if (dbias == nullptr) return;
    const std::int64_t left = dy.channels - c;
    StoreFirst(hn::Add(LoadFirst(dbias + c, left), sum), dbias + c, left);
  });
}

void InputAdjoint(const Planes& dv, std::int64_t row, const Patch<float>& dx) {
  const std::int64_t stride = dv.stride();
  ForPixels<kIn>(dx, dv, row, [stride](std::int64_t, const float* at, const auto& pixels) HWY_ATTR {
    BothWays<kIn, kIn>(
        InputAdjointStep,
        [&](int i, int j) HWY_ATTR { return hn::LoadU(D(), at + (i * kIn + j) * stride); },
        [&](int i, int j, V value) HWY_ATTR {
          if (pixels.has(i, j)) pixels.store(i, j, hn::Add(pixels.load(i, j), value));
        });
  });
}

/// Calls f(first kernel, vector in plane 0) for each row of a vector of columns.
template <class T, class F>
HWY_INLINE void ForKernels(const KernelMatrix<T>& kernels, std::int64_t column,
                           const Planes& planes, const F& f) {
  const std::int64_t start = column / planes.width * planes.width, width = planes.width_at(start);
  float* at = planes.data + start * planes.rows + (column - start);
  T* kernel = kernels.data + column * kernels.column_stride;
  for (std::int64_t row = 0; row < kernels.rows; ++row, at += width, kernel += kernels.row_stride)
    f(kernel, at);
}

void Weight(const KernelMatrix<const float>& kernels, std::int64_t column, const Planes& u) {
  const hn::RebindToSigned<D> di;
  HWY_ALIGN std::int32_t places[hn::MaxLanes(D())] = {};  // past the columns, the first again
  for (std::int64_t i = 0; i < std::min(Lanes(), kernels.columns - column); ++i)
    places[i] = static_cast<std::int32_t>(i * kernels.column_stride);
  const auto index = hn::Load(di, places);
  const std::int64_t plane = u.stride();
  ForKernels(kernels, column, u, [&](const float* kernel, float* at) HWY_ATTR {
    BothWays<3, kIn>(
        WeightStep,
        [&](int i, int j) HWY_ATTR { return hn::GatherIndex(D(), kernel + i * 3 + j, index); },
        [&](int i, int j, V value)
            HWY_ATTR { hn::StoreU(value, D(), at + (i * kIn + j) * plane); });
  });
}

void WeightAdjoint(const Planes& du, std::int64_t column, const KernelMatrix<float>& kernels) {
  HWY_ALIGN float lanes[9][hn::MaxLanes(D())];
  const std::int64_t count = std::min(Lanes(), kernels.columns - column), plane = du.stride();
  ForKernels(kernels, column, du, [&](float* kernel, const float* at) HWY_ATTR {
    BothWays<kIn, 3>(
        WeightAdjointStep,
        [&](int i, int j) HWY_ATTR { return hn::LoadU(D(), at + (i * kIn + j) * plane); },
        [&](int i, int j, V value) HWY_ATTR { hn::Store(value, D(), lanes[i * 3 + j]); });
    for (std::int64_t i = 0; i < count; ++i, kernel += kernels.column_stride) {
      for (int r = 0; r < 9; ++r) kernel[r] = lanes[r][i];
    }
  });
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(Input);
HWY_EXPORT(Output);
HWY_EXPORT(OutputAdjoint);
HWY_EXPORT(InputAdjoint);
HWY_EXPORT(Weight);
HWY_EXPORT(WeightAdjoint);

void winograd_input(const Patch<const float>& x, const Planes& v, std::int64_t row) {
  HWY_DYNAMIC_DISPATCH(Input)(x, v, row);
}
void winograd_output(const Planes& m, std::int64_t row, const float* bias, const Patch<float>& y) {
  HWY_DYNAMIC_DISPATCH(Output)(m, row, bias, y);
}
void winograd_output_adjoint(const Patch<const float>& dy, const Planes& dm, std::int64_t row,
                             float* dbias) {
  HWY_DYNAMIC_DISPATCH(OutputAdjoint)(dy, dm, row, dbias);
}
void winograd_input_adjoint(const Planes& dv, std::int64_t row, const Patch<float>& dx) {
  HWY_DYNAMIC_DISPATCH(InputAdjoint)(dv, row, dx);
}
void winograd_weight(const KernelMatrix<const float>& kernels, std::int64_t column,
                     const Planes& u) {
  HWY_DYNAMIC_DISPATCH(Weight)(kernels, column, u);
}
void winograd_weight_adjoint(const Planes& du, std::int64_t column,
                             const KernelMatrix<float>& kernels) {
  HWY_DYNAMIC_DISPATCH(WeightAdjoint)(du, column, kernels);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
