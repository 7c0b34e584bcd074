#include "fovea/tensor/overwrite.h"

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"

namespace fovea {

void overwrite(const Tensor& target, std::int64_t first, std::span<const std::byte> bytes) {
  const std::size_t width = size_of(target.dtype());
  const auto count = static_cast<std::int64_t>(bytes.size() / width);
  check<ShapeError>(target.is_contiguous(), "overwrite: target expected contiguous, got strides ",
                    target.strides(), " (shape ", target.sizes(), ")");
  check<ShapeError>(bytes.size() % width == 0, "overwrite: bytes expected a multiple of ", width,
                    ", got ", bytes.size(), " (dtype ", target.dtype(), ")");
  check<ShapeError>(first >= 0 && count <= target.numel() && first <= target.numel() - count,
                    "overwrite: elements expected within ", target.numel(), ", got ", count,
                    " from ", first, " (shape ", target.sizes(), ")");
  if (count == 0) return;
  const auto offset = static_cast<std::size_t>(first) * width;
  kernels::upload(target.device(), bytes.data(),
                  static_cast<std::byte*>(target.kernel_view().data) + offset, bytes.size());
  target.impl()->storage->bump_version();
}

}  // namespace fovea
