#include "fovea/vision/grid.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/core/suggest.h"
#include "fovea/data/batch_maker.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/tiles.h"

namespace fovea::vision {

namespace {

/// A class's name, or its number where it has none.
std::string class_name(const data::Dataset& dataset, std::int64_t label) {
  const auto at = static_cast<std::size_t>(label);
  return at < dataset.classes().size() ? dataset.classes()[at] : str(label);
}

/// Classes of each sample by their shares, the largest first, as text.
std::vector<std::vector<std::string>> captions_of(const data::Dataset& dataset,
                                                  const Tensor& target) {
  std::vector<std::vector<std::string>> all;
  if (target.dim() == 1) {
    for (const std::int64_t label : target.to_vector<std::int64_t>())
      all.push_back({class_name(dataset, label)});
    return all;
  }
  for (std::int64_t i = 0; i < target.size(0); ++i) {
    std::vector<std::pair<long, std::int64_t>> shares;  // per cent, less than nothing to sort by
    const std::vector<double> of_classes = target[i].to_vector<double>();
    for (std::size_t k = 0; k < of_classes.size(); ++k) {
      const long percent = std::lrint(100 * of_classes[k]);
      if (percent > 0) shares.emplace_back(-percent, static_cast<std::int64_t>(k));
    }
    std::sort(shares.begin(), shares.end());
    std::vector<std::string> captions;
    captions.reserve(shares.size());
    // Several labels are each there as a whole, unless they are mixed.
    const bool whole = dataset.targets() == data::Targets::kMultiLabel;
    for (const auto& [percent, label] : shares) {
      const std::string share = whole && percent == -100 ? "" : str(-percent, " % ");
      captions.push_back(share + class_name(dataset, label));
    }
    if (whole && captions.empty()) captions.emplace_back("none");
    all.push_back(std::move(captions));
  }
  return all;
}

/// Images as bytes again.
Tensor as_bytes(const Tensor& images) {
  if (images.dtype() == u8) return images;
  return (clamp(images, 0, 1) * 255.0 + 0.5).to(u8);
}

/// Appends a tile for each image of a batch.
void add_tiles(std::vector<Tile>& tiles, const data::Dataset& dataset, const data::Batch& batch) {
  check<ShapeError>(batch.data.dim() == 4, "grid: images expected [n, c, h, w], got ",
                    batch.data.sizes());
  const Tensor images = as_bytes(batch.data);
  const auto captions = captions_of(dataset, batch.target);
  for (std::size_t i = 0; i < captions.size(); ++i) {
    Tile tile{.image = images[static_cast<std::int64_t>(i)],
              .lines = {},
              .description = join_words(captions[i])};
    for (const std::string& line : captions[i]) tile.lines.push_back({.text = line});
    tiles.push_back(std::move(tile));
  }
}

}  // namespace

std::vector<std::int64_t> grid_samples(const data::Dataset& dataset, const GridOptions& options) {
  check<ArgumentError>(
      options.rows >= 1 && options.columns >= 1 && options.rows <= 100 && options.columns <= 100,
      "grid: rows and columns expected 1 to 100, got ", options.rows, "x", options.columns);
  const std::int64_t size = dataset.size();
  const std::int64_t count = std::min<std::int64_t>(options.rows * options.columns, size);
  Generator generator(options.seed);
  std::vector<std::int64_t> samples;
  // A grid is small against a data set, so a draw seldom repeats; where it is not, the search below
  // still ends, since fewer than `size` numbers are taken.
  while (static_cast<std::int64_t>(samples.size()) < count) {
    const auto sample =
        static_cast<std::int64_t>(generator.below(static_cast<std::uint64_t>(size)));
    if (std::find(samples.begin(), samples.end(), sample) == samples.end())
      samples.push_back(sample);
  }
  return samples;
}

io::SvgCanvas draw_grid(const data::Dataset& dataset, const GridOptions& options) {
  const std::vector<std::int64_t> samples = grid_samples(dataset, options);
  const data::Batch batch = dataset.get_batch(samples);
  std::vector<Tile> tiles;
  add_tiles(tiles, dataset, batch);
  return draw_tiles(tiles, {.columns = options.columns, .title = options.title});
}

io::SvgCanvas draw_augmented_grid(const data::Dataset& dataset, const GridAugmentation& done,
                                  const GridOptions& options) {
  check<ArgumentError>(options.columns >= 2,
                       "grid: columns expected at least 2 with an augmentation, got ",
                       options.columns);
  GridOptions first_column = options;
  first_column.columns = 1;
  const std::vector<std::int64_t> samples = grid_samples(dataset, first_column);
  const data::DatasetRef drawn = done.drawn_from ? data::DatasetRef(done.drawn_from) : dataset;
  const data::BatchMaker maker(drawn, done.transform, options.seed, done.batch);
  std::vector<Tile> by_column;
  for (int column = 0; column < options.columns; ++column) {
    add_tiles(by_column, dataset,
              column == 0 ? dataset.get_batch(samples)
                          : maker.make(samples, static_cast<std::uint64_t>(column - 1)));
  }
  std::vector<Tile> tiles;
  for (std::size_t row = 0; row < samples.size(); ++row)
    for (std::size_t at = row; at < by_column.size(); at += samples.size())
      tiles.push_back(std::move(by_column[at]));
  return draw_tiles(tiles, {.columns = options.columns, .title = options.title});
}

}  // namespace fovea::vision
