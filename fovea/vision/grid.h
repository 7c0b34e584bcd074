// A picture of some samples of a data set, each with the name of its class: the first thing to look
// at before training.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/transform.h"
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

/// What is done to the samples of a grid before they are shown.
struct GridAugmentation {
  data::Transform transform = {};   ///< to each of them
  data::BatchTransform batch = {};  ///< to all of them together, then: data::MixUp, say
  /// The same samples with what is done to pictures of any size; null: as they are shown.
  std::shared_ptr<const data::Dataset> drawn_from = {};
};

/// The grid as a picture. Images stand on paper as they are stored, with the names of their classes
/// below them: of multi-label targets a line each, or "none".
/// Throws   ArgumentError as above; DTypeError unless the data set holds u8 images; ShapeError
///          unless they are [1, h, w] or [3, h, w].
io::SvgCanvas draw_grid(const data::Dataset& dataset, const GridOptions& options = {});

/// A row for each sample: as it is stored, and as a loader draws it in epochs 0, 1, ... by
/// options.seed, with the shares of its classes where samples are mixed.
///
/// Throws   as draw_grid; ArgumentError when there are fewer than 2 columns; what `done` throws.
io::SvgCanvas draw_augmented_grid(const data::Dataset& dataset, const GridAugmentation& done,
                                  const GridOptions& options = {});

}  // namespace fovea::vision
