// Samples of a data set as pictures for people.
#pragma once

#include <cstdint>
#include <vector>

#include "apps/serve/api/sheet.h"
#include "fovea/data/dataset.h"

namespace fovea::serve {

/// A sample's image, [1 or 3, h, w] u8.
io::Image picture_of_sample(const data::Dataset& dataset, std::int64_t index);
/// Samples side by side; of those that cannot be read a black tile.
PictureSheet sheet_of_samples(const data::Dataset& dataset,
                              const std::vector<std::int64_t>& indices);

}  // namespace fovea::serve
