#include "fovea/kernels/cpu/elementwise/image.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <utility>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/elementwise/vector_rows.h"
#include "fovea/kernels/cpu/prefetch.h"
#include "fovea/kernels/cpu/rounding.h"
#include "fovea/kernels/cpu/scratch.h"

namespace fovea::kernels::cpu {

namespace {

/// One row of a window: columns [left, left + width) of `x`, which has `columns`; zeros outside. x
/// may be null for a row outside the image.
template <class T>
void crop_row(const T* x, std::int64_t columns, std::int64_t left, bool flip, T* y,
              std::int64_t width) {
  if (x == nullptr) {
    std::fill_n(y, width, T{});
    return;
  }
  // The part of the row that lies inside the image, as positions in the unflipped window.
  const std::int64_t first = std::clamp<std::int64_t>(-left, 0, width);
  const std::int64_t last = std::clamp<std::int64_t>(columns - left, first, width);
  if (first == last) {
    std::fill_n(y, width, T{});
    return;
  }
  const T* from = x + (left + first);
  if (flip) {
    std::fill_n(y, width - last, T{});
    std::reverse_copy(from, from + (last - first), y + (width - last));
    std::fill_n(y + (width - first), first, T{});
  } else {
    std::fill_n(y, first, T{});
    std::copy(from, from + (last - first), y + first);
    std::fill_n(y + last, width - last, T{});
  }
}

template <class T>
void crop_flip_elements(const ConstView& x, const std::int64_t* placement, const View& y) {
  const std::int64_t channels = x.size(1), rows = x.size(2), columns = x.size(3);
  const std::int64_t height = y.size(2), width = y.size(3);
  const std::int64_t grain =
      std::max<std::int64_t>(1, (1 << 16) / std::max<std::int64_t>(1, channels * height * width));
  parallel_for(x.size(0), grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t top = placement[3 * i], left = placement[3 * i + 1];
      const bool flip = placement[3 * i + 2] != 0;
      for (std::int64_t plane = i * channels; plane < (i + 1) * channels; ++plane) {
        const T* image = static_cast<const T*>(x.data) + plane * rows * columns;
        T* window = static_cast<T*>(y.data) + plane * height * width;
        for (std::int64_t row = 0; row < height; ++row) {
          const std::int64_t from = top + row;
          crop_row(from >= 0 && from < rows ? image + from * columns : nullptr, columns, left, flip,
                   window + row * width, width);
        }
      }
    }
  });
}

/// A row of gather_images' `windows`, and of its `values`.
struct Window {
  std::int64_t top = 0, left = 0, flip = 0;
  std::int64_t erased_top = 0, erased_left = 0, erased_height = 0, erased_width = 0;
};
struct Values {
  float divisor, mean, std, outside, erased;
};

/// A plane of f32 with `height` rows of `width` values, `step` apart.
struct Plane {
  float* y;
  std::int64_t height, width, step;

  /// Puts `value` into rows [top, bottom) and columns [left, right).
  void fill(std::int64_t top, std::int64_t bottom, std::int64_t left, std::int64_t right,
            float value) const {
    for (std::int64_t row = top; row < bottom; ++row) {
      for (std::int64_t column = left; column < right; ++column) {
        y[(row * width + column) * step] = value;
      }
    }
  }
};

/// Puts `outside` where a window lies outside an image of rows x columns.
void fill_outside(const Plane& plane, const Window& window, std::int64_t rows, std::int64_t columns,
                  float outside) {
  const std::int64_t height = plane.height, width = plane.width;
  const std::int64_t top = std::clamp<std::int64_t>(-window.top, 0, height);
  const std::int64_t bottom = std::clamp<std::int64_t>(rows - window.top, top, height);
  std::int64_t left = std::clamp<std::int64_t>(-window.left, 0, width);
  std::int64_t right = std::clamp<std::int64_t>(columns - window.left, left, width);
  if (window.flip != 0) left = width - std::exchange(right, width - left);
  plane.fill(0, top, 0, width, outside);
  plane.fill(bottom, height, 0, width, outside);
  plane.fill(top, bottom, 0, left, outside);
  plane.fill(top, bottom, right, width, outside);
}

/// Cuts windows out of planes of bytes and turns them into f32. Bytes are moved first, which is a
/// quarter of the memory, and converted in one run.
class PlaneGatherer {
 public:
  /// Planes [rows, columns] are cut to [height, width], in `memory` for floats(height, width).
  PlaneGatherer(std::int64_t rows, std::int64_t columns, std::int64_t height, std::int64_t width,
                float* memory)
      : rows_(rows),
        columns_(columns),
        height_(height),
        width_(width),
        floats_(memory),
        bytes_(reinterpret_cast<std::uint8_t*>(memory + height * width)) {}
  static std::int64_t floats(std::int64_t height, std::int64_t width) {
    return height * width + ceil_div(height * width, std::int64_t{sizeof(float)});
  }

  /// The window of `x` into every `step`-th value from `y` on.
  void gather(const std::uint8_t* x, const Window& window, const Values& values, float* y,
              std::int64_t step) {
    const Plane plane{y, height_, width_, step};
    convert(cut(x, window), values, plane);
    fill_outside(plane, window, rows_, columns_, values.outside);
    plane.fill(window.erased_top, window.erased_top + window.erased_height, window.erased_left,
               window.erased_left + window.erased_width, values.erased);
  }

 private:
  /// The window's bytes, 0 outside: in place when its rows follow one another there.
  const std::uint8_t* cut(const std::uint8_t* x, const Window& window) {
    if (window.left == 0 && window.flip == 0 && columns_ == width_ && window.top >= 0 &&
        window.top + height_ <= rows_) {
      return x + window.top * columns_;
    }
    for (std::int64_t row = 0; row < height_; ++row) {
      const std::int64_t from = window.top + row;
      crop_row(from >= 0 && from < rows_ ? x + from * columns_ : nullptr, columns_, window.left,
               window.flip != 0, bytes_ + row * width_, width_);
    }
    return bytes_;
  }

  void convert(const std::uint8_t* bytes, const Values& values, const Plane& plane) {
    const std::int64_t count = height_ * width_;
    if (plane.step == 1) {
      return bytes_row(bytes, values.divisor, values.mean, values.std, plane.y, count);
    }
    bytes_row(bytes, values.divisor, values.mean, values.std, floats_, count);
    for (std::int64_t i = 0; i < count; ++i) plane.y[i * plane.step] = floats_[i];
  }

  std::int64_t rows_, columns_, height_, width_;
  float* floats_;
  std::uint8_t* bytes_;
};

}  // namespace

void crop_flip(Queue&, ConstView x, ConstView placement, View y) {
  assert(x.contiguous() && placement.contiguous() && y.contiguous());
  const std::int64_t* rows = placement.as<std::int64_t>();
  // Elements are moved, never looked at: unsigned integers stand for all dtypes of their size.
  switch (size_of(x.dtype)) {
    case 1:
      return crop_flip_elements<std::uint8_t>(x, rows, y);
    case 2:
      return crop_flip_elements<std::uint16_t>(x, rows, y);
    case 4:
      return crop_flip_elements<std::uint32_t>(x, rows, y);
    default:
      return crop_flip_elements<std::uint64_t>(x, rows, y);
  }
}

void gather_images(Queue&, ConstView x, ConstView index, ConstView windows, ConstView values,
                   View y) {
  assert(x.contiguous() && index.contiguous() && values.contiguous() && y.channels_last());
  assert(windows.data == nullptr || windows.contiguous());
  static_assert(sizeof(Window) == 7 * sizeof(std::int64_t) && sizeof(Values) == 5 * sizeof(float));
  const auto* images = x.as<std::uint8_t>();
  const auto* numbers = index.as<std::int64_t>();
  const auto* places = static_cast<const Window*>(windows.data);
  const auto* of_channel = reinterpret_cast<const Values*>(values.as<float>());
  const std::int64_t channels = x.size(1), plane = x.size(2) * x.size(3);
  const std::int64_t size = channels * y.size(2) * y.size(3);
  // Images lie anywhere in memory, so waiting for one costs more than converting it. On one Zen 4
  // core a batch of 100 takes 27 us without asking for them ahead, 12 with it, and 15 when they are
  // asked into the first cache, which has too few places for what is under way.
  constexpr std::int64_t kAhead = 4, kMost = 1 << 17;  // bytes: an eighth of a second cache
  // 2^14 values take about as long as it costs to involve another thread.
  const std::int64_t grain = std::max<std::int64_t>(1, (1 << 14) / std::max<std::int64_t>(1, size));
  const std::int64_t floats = PlaneGatherer::floats(y.size(2), y.size(3));
  parallel_with_scratch(
      y.size(0), grain, floats, [&](std::int64_t begin, std::int64_t end, float* memory) {
        PlaneGatherer gatherer(x.size(2), x.size(3), y.size(2), y.size(3), memory);
        for (std::int64_t i = begin; i < end; ++i) {
          if (i + kAhead < end) {
            prefetch(images + numbers[i + kAhead] * channels * plane,
                     std::min(channels * plane, kMost));
          }
          const Window window = places == nullptr ? Window() : places[i];
          for (std::int64_t c = 0; c < channels; ++c) {
            gatherer.gather(images + (numbers[i] * channels + c) * plane, window, of_channel[c],
                            y.as<float>() + i * size + c, channels);
          }
        }
      });
}

}  // namespace fovea::kernels::cpu
