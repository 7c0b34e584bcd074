// Which data a command works on: a data set by name, or a folder of pictures, and how much of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "apps/base/command.h"
#include "fovea/data/dataset.h"
#include "fovea/io/pictures/image.h"
#include "fovea/models/load_model.h"
#include "fovea/vision/data_sets.h"

namespace fovea::cli {

/// The flags --data, --data-root, --max-pixels and --skip-corrupt.
struct DataFlags {
  std::string data = "fashion-mnist";             ///< --data
  std::string root;                               ///< --data-root
  bool skip_corrupt = false;                      ///< --skip-corrupt
  std::int64_t max_pixels = io::kMaxImagePixels;  ///< --max-pixels
};

/// Opens what there is to learn from, to choose by or to judge with, as open_test_data opens the
/// latter. Throws likewise.
std::shared_ptr<data::Dataset> open_split(const DataFlags& flags, const models::ModelCard& card,
                                          vision::Split split);

/// Opens what there is to judge with, whose images a loader gives as f32 in [0, 1]; only `limit`
/// samples of them (vision::limited_samples) unless that is 0. Pictures of a folder are brought to
/// the channels and size of the model with `card`, and labelled by its classes where it knows them.
/// Throws   ArgumentError for an unknown name; IoError, ParseError from reading.
std::shared_ptr<data::Dataset> open_test_data(const DataFlags& flags, const models::ModelCard& card,
                                              std::int64_t limit = 0);

/// The value of --max-pixels. Throws UsageError when it is below 1.
std::uint64_t most_pixels(std::int64_t flag);

/// Checks that the model takes the images and has all the classes of the data set called `name`,
/// by the names that its weights give them. Throws ShapeError, ParseError when it does not.
void check_fits(const models::LoadedModel& model, const data::Dataset& dataset,
                const std::string& name);

/// Adds --data, --data-root and --max-pixels.
void add_data_flags(Command& command, DataFlags& flags);

}  // namespace fovea::cli
