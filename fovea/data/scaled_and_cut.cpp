#include "fovea/data/scaled_and_cut.h"

#include "fovea/core/error.h"
#include "fovea/data/resize.h"
#include "fovea/data/transforms.h"

namespace fovea::data {

Transform scaled_and_cut(ImageSize size) {
  const CenterCrop cut(size);
  return [size, cut](const Tensor& batch, const SampleKeys& /*keys*/) {
    check<ShapeError>(batch.dim() == 4 && batch.size(2) > 0 && batch.size(3) > 0,
                      "scaled_and_cut: batch expected [k, c, h, w], got ", batch.sizes());
    const std::int64_t height = batch.size(2), width = batch.size(3);
    // The side that is the shorter one, measured by `size`, is met exactly; the other one is
    // rounded down, as torchvision does.
    const bool by_height = checked_mul(size.height, width) >= checked_mul(size.width, height);
    const ImageSize scaled = by_height
                                 ? ImageSize(size.height, checked_mul(width, size.height) / height)
                                 : ImageSize(checked_mul(height, size.width) / width, size.width);
    return resized_window(batch, scaled, cut.part(scaled));
  };
}

}  // namespace fovea::data
