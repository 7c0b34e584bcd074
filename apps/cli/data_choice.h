// Which data a command works on: a data set by name, its part, and how much of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/command.h"
#include "fovea/core/shape.h"
#include "fovea/data/dataset.h"

namespace fovea::cli {

/// Opens a part of the data set called `name`, whose images a loader gives as f32 in [0, 1]; only
/// its first `limit` samples unless that is 0.
/// Throws   ArgumentError for an unknown name; IoError, ParseError from reading.
std::shared_ptr<data::Dataset> open_data(const std::string& name, const std::string& root,
                                         bool train, std::int64_t limit = 0);

/// [channels, height, width] of the images.
Shape image_shape(const data::Dataset& dataset);

/// Adds --data and --data-root.
void add_data_flags(Command& command, std::string& name, std::string& root);

}  // namespace fovea::cli
