// Images that a command asks a model about: of files, or samples of the test data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "apps/base/data_flags.h"
#include "fovea/data/dataset.h"
#include "fovea/models/classifier.h"

namespace fovea::cli {

/// An image as the model wants it, and what it is called.
struct Sample {
  std::string name;   ///< "shoe.png", "fashion-mnist[42]"
  std::string label;  ///< its class, or classes; empty where nobody knows
  Tensor image;       ///< f32 [1, channels, height, width]
};

/// A picture file of at most `most` pixels. Throws what io::read_image throws.
Sample read_picture(const std::string& file, const models::Classifier& classifier,
                    std::uint64_t most);

/// The test data with sample `index`, which the model takes. Weights that name no classes say
/// nothing of targets either: what the data has, theirs are.
/// Throws   UsageError naming --index; as open_test_data and check_fits.
std::shared_ptr<const data::Dataset> open_samples(const DataFlags& flags, std::int64_t index,
                                                  models::LoadedModel& model);
/// Sample `index` of data that open_samples opened.
Sample read_sample(const DataFlags& flags, std::int64_t index, const data::Dataset& dataset,
                   const models::Classifier& classifier);

}  // namespace fovea::cli
