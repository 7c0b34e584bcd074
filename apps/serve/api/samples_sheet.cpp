#include "apps/serve/api/samples_sheet.h"

#include <array>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"

namespace fovea::serve {

io::Image picture_of_sample(const data::Dataset& dataset, std::int64_t index) {
  const std::array<std::int64_t, 1> one = {index};
  const Tensor image = dataset.get_batch(one).data.select(0, 0);
  check<ShapeError>(image.dim() == 3 && (image.size(0) == 1 || image.size(0) == 3),
                    "picture expected [1 or 3, height, width], got ", image.sizes());
  return image.dtype() == u8 ? image.contiguous()
                             : (clamp(image, 0, 1) * 255.0).to(u8).contiguous();
}

PictureSheet sheet_of_samples(const data::Dataset& dataset,
                              const std::vector<std::int64_t>& indices) {
  std::vector<io::Image> pictures;
  for (const std::int64_t index : indices) {
    try {
      pictures.push_back(picture_of_sample(dataset, index));
    } catch (const Error&) {
      pictures.push_back(pictures.empty() ? zeros({1, 28, 28}, {.dtype = u8})
                                          : zeros(pictures.front().sizes(), {.dtype = u8}));
    }
  }
  return sheet_of(pictures);
}

}  // namespace fovea::serve
