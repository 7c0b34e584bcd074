// A picture of some samples of a data set, each with the name of its class: the first thing to look
// at before training.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/io/svg.h"

namespace fovea::vision {

/// What the grid shows.
struct GridOptions {
  int rows = 4;            ///< images a column
  int columns = 5;         ///< images a row
  std::uint64_t seed = 0;  ///< of the draw
  std::string title = {};  ///< above the images
};

/// The samples that a grid shows, drawn at random without repetition: as many as fit, or all.
/// Throws   ArgumentError unless rows and columns are 1 to 100.
std::vector<std::int64_t> grid_samples(const data::Dataset& dataset, const GridOptions& options);

/// The grid as a picture. Images stand on paper as they are stored.
/// Throws   ArgumentError as above; DTypeError unless the data set holds u8 images; ShapeError
///          unless they are [1, h, w] or [3, h, w].
io::SvgCanvas draw_grid(const data::Dataset& dataset, const GridOptions& options = {});

}  // namespace fovea::vision
