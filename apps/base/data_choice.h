// Which data a command works on: a data set by name, or a folder of pictures, and how much of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apps/base/command.h"
#include "fovea/core/shape.h"
#include "fovea/data/dataset.h"
#include "fovea/io/pictures/image.h"
#include "fovea/models/model_file.h"

namespace fovea::cli {

/// What --data means, for every command that has it.
inline constexpr const char* kDataHelp =
    "data set, or a folder with train/CLASS/*.png|jpg and test/CLASS/..., or with train/*.tar and "
    "test/*.tar";
/// What --data-root means.
inline constexpr const char* kDataRootHelp =
    "where data sets lie (default $FOVEA_DATA, ~/.cache/fovea, /usr/share/datasets)";
/// What --skip-corrupt means.
inline constexpr const char* kSkipCorruptHelp =
    "leave out a folder's pictures that cannot be decoded, and name them";

/// What --max-pixels means.
inline constexpr const char* kMaxPixelsHelp =
    "pictures of more pixels, which take as many bytes 3 times over, count as corrupt";
/// What --limit-test means.
inline constexpr const char* kLimitTestHelp =
    "only the first N test samples, of a folder N spread over its classes; 0: all";

/// The flags --data, --data-root, --max-pixels and --skip-corrupt.
struct DataFlags {
  std::string data = "fashion-mnist";             ///< --data
  std::string root;                               ///< --data-root
  bool skip_corrupt = false;                      ///< --skip-corrupt
  std::int64_t max_pixels = io::kMaxImagePixels;  ///< --max-pixels
};

/// Opens what there is to judge with, whose images a loader gives as f32 in [0, 1]; only `limit`
/// samples of them (vision::limited_samples) unless that is 0. Pictures of a folder are brought to
/// the channels and size of the model with `card`, and labelled by its classes where it knows them.
/// Throws   ArgumentError for an unknown name; IoError, ParseError from reading.
std::shared_ptr<data::Dataset> open_test_data(const DataFlags& flags, const models::ModelCard& card,
                                              std::int64_t limit = 0);

/// The value of --max-pixels. Throws UsageError when it is below 1.
std::uint64_t most_pixels(std::int64_t flag);

/// [channels, height, width] of the images.
Shape image_shape(const data::Dataset& dataset);

/// Adds --data, --data-root and --max-pixels.
void add_data_flags(Command& command, DataFlags& flags);

}  // namespace fovea::cli
