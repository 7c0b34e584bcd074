#include "fovea/tensor/ops/image.h"

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"

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
  Tensor y = empty({count, x.size(1), height, width}, {.dtype = f32, .device = x.device()},
                   MemoryFormat::kChannelsLast);
  const Tensor numbers = from_data(index, {count}, x.device());
  const Tensor window_rows = as_rows<std::int64_t>(windows, x.device());
  const Tensor value_rows = as_rows<float>(values, x.device());
  kernels::launch(x.device(), &kernels::KernelTable::gather_images,
                  kernels::ConstView(x.kernel_view()), kernels::ConstView(numbers.kernel_view()),
                  Tensor::optional_view(window_rows), Tensor::optional_view(value_rows),
                  y.kernel_view());
  return y;
}

}  // namespace fovea
