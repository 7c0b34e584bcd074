#include "fovea/tensor/ops/image.h"

#include <vector>

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea {

namespace {

void check_gather(const Tensor& x, std::span<const std::int64_t> index,
                  std::span<const ImageWindow> windows, std::span<const ImageValues> values,
                  std::int64_t height, std::int64_t width) {
  check<ShapeError>(x.dim() == 4, "gather_images: x expected [m, c, h, w], got ", x.sizes());
  check<DTypeError>(x.dtype() == u8, "gather_images: x expected u8, got ", x.dtype());
  check<ShapeError>(x.is_contiguous(), "gather_images: x expected contiguous, got strides ",
                    x.strides(), " (sizes ", x.sizes(), ")");
  const auto channels = static_cast<std::size_t>(x.size(1));
  check<ArgumentError>(values.size() == channels, "gather_images: values expected ", channels,
                       ", got ", values.size());
  check<ArgumentError>(height >= 1 && width >= 1, "gather_images: size expected at least 1x1, got ",
                       height, "x", width);
  check<ArgumentError>(windows.empty() || windows.size() == index.size(),
                       "gather_images: windows expected ", index.size(), ", got ", windows.size());
  const std::int64_t images = x.size(0);
  for (std::size_t i = 0; i < index.size(); ++i) {
    check<IndexError>(index[i] >= 0 && index[i] < images, "gather_images: index expected in [0, ",
                      images, "), got ", index[i], " (position ", i, ")");
  }
  for (const ImageWindow& w : windows) {
    const bool inside = w.erased_top >= 0 && w.erased_left >= 0 && w.erased_height >= 0 &&
                        w.erased_width >= 0 && w.erased_height <= height - w.erased_top &&
                        w.erased_width <= width - w.erased_left;
    check<IndexError>(inside, "gather_images: erased part expected inside ", height, "x", width,
                      ", got ", w.erased_height, "x", w.erased_width, " at (", w.erased_top, ", ",
                      w.erased_left, ")");
  }
}

/// Structs of nothing but Ts as rows of a tensor on `device`; no tensor for none.
template <class T, class Row>
Tensor as_rows(std::span<const Row> rows, Device device) {
  if (rows.empty()) return {};
  return from_bytes(std::as_bytes(rows),
                    {static_cast<std::int64_t>(rows.size()), sizeof(Row) / sizeof(T)}, dtype_of<T>,
                    device);
}

/// A column of the windows, [k, 1, 1, 1], i64, on `device`.
template <class F>
Tensor column(std::span<const ImageWindow> windows, Device device, const F& field) {
  std::vector<std::int64_t> values;
  for (const ImageWindow& window : windows) values.push_back(field(window));
  return from_data(values, {static_cast<std::int64_t>(values.size()), 1, 1, 1}, device);
}

/// A field of the values, [1, c, 1, 1], f32, on `device`.
Tensor channels(std::span<const ImageValues> values, Device device, float ImageValues::*field) {
  std::vector<float> numbers;
  for (const ImageValues& value : values) numbers.push_back(value.*field);
  return from_data(numbers, {1, static_cast<std::int64_t>(numbers.size()), 1, 1}, device);
}

/// Which elements [k, 1, height, width] of the result are erased.
Tensor erased(std::span<const ImageWindow> windows, std::int64_t height, std::int64_t width,
              Device device) {
  const TensorOptions like{.dtype = i64, .device = device};
  const Tensor row = arange(0, static_cast<double>(height), 1, like).view({1, 1, height, 1});
  const Tensor place = arange(0, static_cast<double>(width), 1, like).view({1, 1, 1, width});
  const auto of = [&](const auto& field) { return column(windows, device, field); };
  const Tensor top = of([](const ImageWindow& w) { return w.erased_top; });
  const Tensor bottom = of([](const ImageWindow& w) { return w.erased_top + w.erased_height; });
  const Tensor left = of([](const ImageWindow& w) { return w.erased_left; });
  const Tensor right = of([](const ImageWindow& w) { return w.erased_left + w.erased_width; });
  return logical_and(logical_and(row >= top, row < bottom),
                     logical_and(place >= left, place < right));
}

/// gather_images by operations that every device has.
Tensor gathered(const Tensor& x, const Tensor& index, std::span<const ImageWindow> windows,
                std::span<const ImageValues> values, std::int64_t height, std::int64_t width) {
  const NoGrad no_grad;
  const Device device = x.device();
  std::vector<ImageWindow> whole;
  if (windows.empty()) whole.resize(static_cast<std::size_t>(index.numel()));
  if (windows.empty()) windows = whole;
  const auto of = [&](const auto& field) { return column(windows, device, field).view({-1, 1}); };
  const Tensor placement = cat({of([](const ImageWindow& w) { return w.top; }),
                                of([](const ImageWindow& w) { return w.left; }),
                                of([](const ImageWindow& w) { return w.flip; })},
                               1);
  const auto by_channel = [&](float ImageValues::*field) {
    return channels(values, device, field);
  };
  const Tensor images = index_select(x, 0, index);
  const Tensor there =
      ones({index.numel(), 1, x.size(2), x.size(3)}, {.dtype = u8, .device = device});
  const Tensor bytes = crop_flip(images, placement, height, width).to(f32);
  const Tensor inside = crop_flip(there, placement, height, width).to(boolean);
  Tensor y = (bytes / by_channel(&ImageValues::divisor) - by_channel(&ImageValues::mean)) /
             by_channel(&ImageValues::std);
  y = where(inside, y, by_channel(&ImageValues::outside));
  y = where(erased(windows, height, width, device), by_channel(&ImageValues::erased), y);
  return y.contiguous(MemoryFormat::kChannelsLast);
}

}  // namespace

Tensor crop_flip(const Tensor& x, const Tensor& placement, std::int64_t height,
                 std::int64_t width) {
  check<ShapeError>(x.dim() == 4, "crop_flip: x expected [n, c, h, w], got ", x.sizes());
  check<ShapeError>(placement.sizes() == Shape{x.size(0), 3}, "crop_flip: placement expected ",
                    Shape{x.size(0), 3}, ", got ", placement.sizes());
  check<DTypeError>(placement.dtype() == i64, "crop_flip: placement expected i64, got ",
                    placement.dtype());
  check<ArgumentError>(height >= 1 && width >= 1, "crop_flip: size expected at least 1x1, got ",
                       height, "x", width);
  check<DeviceError>(placement.device() == x.device(), "crop_flip: placement expected on ",
                     x.device(), ", got ", placement.device());
  Tensor y =
      empty({x.size(0), x.size(1), height, width}, {.dtype = x.dtype(), .device = x.device()});
  const Tensor source = x.contiguous(), rows = placement.contiguous();
  kernels::launch(x.device(), &kernels::KernelTable::crop_flip,
                  kernels::ConstView(source.kernel_view()), kernels::ConstView(rows.kernel_view()),
                  y.kernel_view());
  return y;
}

Tensor gather_images(const Tensor& x, std::span<const std::int64_t> index,
                     std::span<const ImageWindow> windows, std::span<const ImageValues> values,
                     std::int64_t height, std::int64_t width) {
  check_gather(x, index, windows, values, height, width);
  const auto count = static_cast<std::int64_t>(index.size());
  const Tensor numbers = from_data(index, {count}, x.device());
  if (!kernels::has_kernel(x.device(), &kernels::KernelTable::gather_images))
    return gathered(x, numbers, windows, values, height, width);
  Tensor y = empty({count, x.size(1), height, width}, {.dtype = f32, .device = x.device()},
                   MemoryFormat::kChannelsLast);
  const Tensor window_rows = as_rows<std::int64_t>(windows, x.device());
  const Tensor value_rows = as_rows<float>(values, x.device());
  kernels::launch(x.device(), &kernels::KernelTable::gather_images,
                  kernels::ConstView(x.kernel_view()), kernels::ConstView(numbers.kernel_view()),
                  Tensor::optional_view(window_rows), Tensor::optional_view(value_rows),
                  y.kernel_view());
  return y;
}

}  // namespace fovea
