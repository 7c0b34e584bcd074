#include "fovea/kernels/cpu/image.h"

#include <algorithm>
#include <cassert>
#include <cstdint>

#include "fovea/core/parallel.h"

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

}  // namespace fovea::kernels::cpu
