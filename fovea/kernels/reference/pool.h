// Pooling as its definition reads: plain loops, the oracle of the fast kernels and the f64 path.
//
// All arrays are gapless and channels-last: [n, d, h, w, c] in memory, where a missing d or h
// counts as 1.
// Source   PyTorch's max_pool, avg_pool and adaptive_avg_pool.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// Depth, height and width.
using Extent3 = std::array<std::int64_t, 3>;

/// The last dimensions of `list` from `first` on, as depth, height and width; `missing` for what is
/// not there.
inline Extent3 extent3(const Shape& list, int first, std::int64_t missing) {
  Extent3 result{missing, missing, missing};
  const int count = list.ndim() - first;
  for (int i = 0; i < count; ++i) {
    result[static_cast<std::size_t>(3) - static_cast<std::size_t>(count - i)] = list[first + i];
  }
  return result;
}

/// A channels-last array's sizes.
struct Layout {
  std::int64_t n;  ///< images
  std::int64_t c;  ///< channels
  Extent3 size;    ///< spatial sizes, 1 where there is no such dimension

  /// Of [n, c, spatial...].
  explicit Layout(const Shape& sizes) : n(sizes[0]), c(sizes[1]), size(extent3(sizes, 2, 1)) {}
  /// Flat position in the spatial dimensions.
  std::int64_t position(const Extent3& at) const {
    return (at[0] * size[1] + at[1]) * size[2] + at[2];
  }
  /// Spatial positions of an image.
  std::int64_t positions() const { return size[0] * size[1] * size[2]; }
  /// Element of image `image`, flat position `at`, channel `channel`.
  std::int64_t offset(std::int64_t image, std::int64_t at, std::int64_t channel) const {
    return (image * positions() + at) * c + channel;
  }
};

/// Calls `f(at)` for every position from `begin` to `end`, in steps, in the order of memory.
template <class F>
void for_positions(const Extent3& begin, const Extent3& end, const Extent3& step, const F& f) {
  for (std::int64_t d = begin[0]; d < end[0]; d += step[0]) {
    for (std::int64_t h = begin[1]; h < end[1]; h += step[1]) {
      for (std::int64_t w = begin[2]; w < end[2]; w += step[2]) f(Extent3{d, h, w});
    }
  }
}

/// Calls `f(image, at, channel)` for every element.
template <class F>
void for_elements(const Layout& layout, const F& f) {
  for (std::int64_t image = 0; image < layout.n; ++image) {
    for_positions({0, 0, 0}, layout.size, {1, 1, 1}, [&](const Extent3& at) {
      for (std::int64_t channel = 0; channel < layout.c; ++channel) f(image, at, channel);
    });
  }
}

/// The extreme of the values met so far, and where it was: the first of equals, the first NaN
/// before all others.
template <class T>
class Winner {
 public:
  /// Nothing met: the value that loses against every other, at -1.
  explicit Winner(Extreme which) : which_(which) {
    constexpr T kInfinity = std::numeric_limits<T>::infinity();
    best_ = which == Extreme::kMax ? -kInfinity : kInfinity;
  }
  /// Meets `value` at flat position `position`.
  void meet(T value, std::int64_t position) {
    const bool beats = which_ == Extreme::kMax ? value > best_ : value < best_;
    if (index_ >= 0 && !beats && (!std::isnan(value) || std::isnan(best_))) return;
    best_ = value;
    index_ = position;
  }
  /// Writes both to element `target`; indices may be absent.
  void store(std::int64_t target, View y, View indices) const {
    y.as<T>()[target] = best_;
    if (indices.data) indices.as<std::int64_t>()[target] = index_;
  }

 private:
  Extreme which_;
  T best_;
  std::int64_t index_ = -1;
};

/// KernelTable::extreme_pool_forward.
template <class T>
void extreme_pool_forward(Extreme which, const PoolSpec& spec, ConstView x, View y, View indices) {
  const Layout in(x.sizes), out(y.sizes);
  const Extent3 kernel = extent3(spec.kernel, 0, 1), stride = extent3(spec.stride, 0, 1);
  const Extent3 padding = extent3(spec.padding_begin, 0, 0),
                dilation = extent3(spec.dilation, 0, 1);
  const T* from = x.as<T>();
  for_elements(out, [&](std::int64_t image, const Extent3& at, std::int64_t channel) {
    Winner<T> winner(which);
    for_positions({0, 0, 0}, kernel, {1, 1, 1}, [&](const Extent3& tap) {
      Extent3 source;
      for (std::size_t i = 0; i < 3; ++i) {
        source[i] = at[i] * stride[i] - padding[i] + tap[i] * dilation[i];
        if (source[i] < 0 || source[i] >= in.size[i]) return;
      }
      const std::int64_t position = in.position(source);
      winner.meet(from[in.offset(image, position, channel)], position);
    });
    winner.store(out.offset(image, out.position(at), channel), y, indices);
  });
}

/// KernelTable::extreme_pool_backward.
template <class T>
void extreme_pool_backward(ConstView dy, ConstView indices, View dx) {
  const Layout in(dx.sizes), out(dy.sizes);
  std::fill_n(dx.as<T>(), dx.numel(), T{0});
  for_elements(out, [&](std::int64_t image, const Extent3& at, std::int64_t channel) {
    const std::int64_t source = out.offset(image, out.position(at), channel);
    const std::int64_t index = indices.as<std::int64_t>()[source];
    if (index >= 0) dx.as<T>()[in.offset(image, index, channel)] += dy.as<T>()[source];
  });
}

/// The elements of one window, and what an average divides by.
struct AverageWindow {
  Extent3 begin;         ///< first element inside the input
  Extent3 end;           ///< past the last one
  Extent3 step;          ///< distance between elements
  std::int64_t divisor;  ///< of their sum
};

/// The window of output `at` in an average pooling of inputs of `size`.
inline AverageWindow average_window(const PoolSpec& spec, const Extent3& size, const Extent3& at) {
  const Extent3 kernel = extent3(spec.kernel, 0, 1), stride = extent3(spec.stride, 0, 1);
  const Extent3 before = extent3(spec.padding_begin, 0, 0), after = extent3(spec.padding_end, 0, 0);
  AverageWindow window{{}, {}, extent3(spec.dilation, 0, 1), 1};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t first = at[i] * stride[i] - before[i];
    std::int64_t inside = 0, padded = 0;  // elements within the input, and within it and its border
    for (std::int64_t tap = 0; tap < kernel[i]; ++tap) {
      const std::int64_t source = first + tap * window.step[i];
      padded += source < size[i] + after[i];
      if (source < 0 || source >= size[i]) continue;
      if (inside++ == 0) window.begin[i] = source;
      window.end[i] = source + 1;
    }
    window.divisor *= spec.count_include_pad ? padded : inside;
  }
  if (spec.divisor_override) window.divisor = spec.divisor_override;
  return window;
}

/// The window of output `at` of `out` in an adaptive pooling of inputs of `size`.
inline AverageWindow adaptive_window(const Extent3& out, const Extent3& size, const Extent3& at) {
  AverageWindow window{{}, {}, {1, 1, 1}, 1};
  for (std::size_t i = 0; i < 3; ++i) {
    window.begin[i] = at[i] * size[i] / out[i];
    window.end[i] = ((at[i] + 1) * size[i] + out[i] - 1) / out[i];
    window.divisor *= window.end[i] - window.begin[i];
  }
  return window;
}

/// KernelTable::adaptive_extreme_pool_forward.
template <class T>
void adaptive_extreme_pool_forward(Extreme which, ConstView x, View y, View indices) {
  const Layout in(x.sizes), out(y.sizes);
  for_elements(out, [&](std::int64_t image, const Extent3& at, std::int64_t channel) {
    const AverageWindow window = adaptive_window(out.size, in.size, at);
    Winner<T> winner(which);
    for_positions(window.begin, window.end, {1, 1, 1}, [&](const Extent3& source) {
      const std::int64_t position = in.position(source);
      winner.meet(x.as<T>()[in.offset(image, position, channel)], position);
    });
    winner.store(out.offset(image, out.position(at), channel), y, indices);
  });
}

/// y = the mean of the window `window_of(at)` of x. Sums in double.
template <class T, class WindowOf>
void average_forward(ConstView x, View y, const WindowOf& window_of) {
  const Layout in(x.sizes), out(y.sizes);
  for_elements(out, [&](std::int64_t image, const Extent3& at, std::int64_t channel) {
    const AverageWindow window = window_of(at);
    double sum = 0;
    for_positions(window.begin, window.end, window.step, [&](const Extent3& source) {
      sum += static_cast<double>(x.as<T>()[in.offset(image, in.position(source), channel)]);
    });
    y.as<T>()[out.offset(image, out.position(at), channel)] =
        static_cast<T>(sum / static_cast<double>(window.divisor));
  });
}

/// dx = the adjoint of average_forward, of dy.
template <class T, class WindowOf>
void average_backward(ConstView dy, View dx, const WindowOf& window_of) {
  const Layout in(dx.sizes), out(dy.sizes);
  std::fill_n(dx.as<T>(), dx.numel(), T{0});
  for_elements(out, [&](std::int64_t image, const Extent3& at, std::int64_t channel) {
    const AverageWindow window = window_of(at);
    const T share =
        dy.as<T>()[out.offset(image, out.position(at), channel)] / static_cast<T>(window.divisor);
    for_positions(window.begin, window.end, window.step, [&](const Extent3& target) {
      dx.as<T>()[in.offset(image, in.position(target), channel)] += share;
    });
  });
}

/// KernelTable::avg_pool_forward.
template <class T>
void avg_pool_forward(const PoolSpec& spec, ConstView x, View y) {
  const Extent3 size = Layout(x.sizes).size;
  average_forward<T>(x, y, [&](const Extent3& at) { return average_window(spec, size, at); });
}

/// KernelTable::avg_pool_backward.
template <class T>
void avg_pool_backward(const PoolSpec& spec, ConstView dy, View dx) {
  const Extent3 size = Layout(dx.sizes).size;
  average_backward<T>(dy, dx, [&](const Extent3& at) { return average_window(spec, size, at); });
}

/// KernelTable::adaptive_avg_pool_forward.
template <class T>
void adaptive_avg_pool_forward(ConstView x, View y) {
  const Extent3 size = Layout(x.sizes).size, out = Layout(y.sizes).size;
  average_forward<T>(x, y, [&](const Extent3& at) { return adaptive_window(out, size, at); });
}

/// KernelTable::adaptive_avg_pool_backward.
template <class T>
void adaptive_avg_pool_backward(ConstView dy, View dx) {
  const Extent3 size = Layout(dx.sizes).size, out = Layout(dy.sizes).size;
  average_backward<T>(dy, dx, [&](const Extent3& at) { return adaptive_window(out, size, at); });
}

}  // namespace fovea::kernels::reference
