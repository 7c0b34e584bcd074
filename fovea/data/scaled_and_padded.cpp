#include "fovea/data/scaled_and_padded.h"

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/data/resize.h"
#include "fovea/tensor/ops.h"

namespace fovea::data {

Transform scaled_and_padded(ImageSize size) {
  check<ArgumentError>(size.height >= 1 && size.width >= 1,
                       "scaled_and_padded: size expected at least 1x1, got ", size.height, "x",
                       size.width);
  return [size](const Tensor& batch, const SampleKeys& /*keys*/) {
    check<ShapeError>(batch.dim() == 4 && batch.size(2) > 0 && batch.size(3) > 0,
                      "scaled_and_padded: batch expected [k, c, h, w], got ", batch.sizes());
    const std::int64_t height = batch.size(2), width = batch.size(3);
    // The side that is the longer one, measured by `size`, is met exactly.
    const bool by_height = checked_mul(size.width, height) >= checked_mul(size.height, width);
    const std::int64_t free_side = by_height ? checked_mul(width, size.height) / height
                                             : checked_mul(height, size.width) / width;
    const std::int64_t at_least_one = std::max<std::int64_t>(free_side, 1);
    const ImageSize scaled =
        by_height ? ImageSize(size.height, at_least_one) : ImageSize(at_least_one, size.width);
    const Tensor picture = Resize(scaled)(batch);
    const std::int64_t top = (size.height - scaled.height) / 2;
    const std::int64_t left = (size.width - scaled.width) / 2;
    Tensor image = zeros({batch.size(0), batch.size(1), size.height, size.width},
                         {.dtype = picture.dtype(), .device = picture.device()});
    image.narrow(2, top, scaled.height).narrow(3, left, scaled.width).copy_(picture);
    return image;
  };
}

}  // namespace fovea::data
