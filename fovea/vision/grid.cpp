#include "fovea/vision/grid.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/data/batch_maker.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"

namespace fovea::vision {

namespace {

// Pixels of the picture.
constexpr double kImage = 112;  // four times the side of a Fashion-MNIST image
constexpr double kGap = 16, kCaption = 22, kMargin = 20, kTitle = 34, kLine = 14;

/// Lines below an image.
using Captions = std::vector<std::string>;

/// The paper, with a place for each image.
class GridPaper {
 public:
  /// For images with so many lines below them.
  GridPaper(const GridOptions& options, int lines)
      : options_(options),
        row_height_(kImage + kCaption + kGap + (lines - 1) * kLine),
        top_(kMargin + (options.title.empty() ? 0 : kTitle)),
        canvas_(2 * kMargin + options.columns * (kImage + kGap) - kGap,
                top_ + options.rows * row_height_ - kGap + kMargin,
                options.title.empty() ? "Samples" : options.title) {
    if (!options.title.empty())
      canvas_.text(kMargin, kMargin + 16, options.title, {.size = 18, .bold = true});
  }

  /// Puts `image` [c, h, w] (u8) into a row and a column. It keeps its proportions within a square.
  void put(std::size_t row, std::size_t column, const Tensor& image, const Captions& captions) {
    const double x = kMargin + static_cast<double>(column) * (kImage + kGap),
                 y = top_ + static_cast<double>(row) * row_height_;
    const auto height = static_cast<double>(image.size(1)),
               width = static_cast<double>(image.size(2));
    const double scale = kImage / std::max(height, width);
    const double w = width * scale, h = height * scale;
    canvas_.image(x + (kImage - w) / 2, y + (kImage - h) / 2, w, h, io::encode_png(image),
                  captions.front());
    canvas_.rect(x, y, kImage, kImage, {.stroke = "@grid"});
    double baseline = y + kImage + 16;
    for (const std::string& line : captions) {
      canvas_.text(x + kImage / 2, baseline, line, {.anchor = io::SvgAnchor::kMiddle});
      baseline += kLine;
    }
  }

  io::SvgCanvas done() && { return std::move(canvas_); }

 private:
  const GridOptions& options_;
  double row_height_, top_;
  io::SvgCanvas canvas_;
};

/// A class's name, or its number where it has none.
std::string class_name(const data::Dataset& dataset, std::int64_t label) {
  const auto at = static_cast<std::size_t>(label);
  return at < dataset.classes().size() ? dataset.classes()[at] : str(label);
}

/// Classes of each sample by their shares, the largest first, as text.
std::vector<Captions> captions_of(const data::Dataset& dataset, const Tensor& target) {
  std::vector<Captions> all;
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
    Captions captions;
    for (const auto& [percent, label] : shares)
      captions.push_back(str(-percent, " % ", class_name(dataset, label)));
    all.push_back(std::move(captions));
  }
  return all;
}

/// Images as bytes again.
Tensor as_bytes(const Tensor& images) {
  if (images.dtype() == u8) return images;
  return (clamp(images, 0, 1) * 255.0 + 0.5).to(u8);
}

void check_grid_images(const Tensor& images) {
  check<ShapeError>(images.dim() == 4, "grid: images expected [n, c, h, w], got ", images.sizes());
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
  check_grid_images(batch.data);
  GridPaper paper(options, 1);
  const std::vector<Captions> captions = captions_of(dataset, batch.target);
  const auto columns = static_cast<std::size_t>(options.columns);
  for (std::size_t i = 0; i < samples.size(); ++i)
    paper.put(i / columns, i % columns, batch.data[static_cast<std::int64_t>(i)], captions[i]);
  return std::move(paper).done();
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
  GridPaper paper(options, done.batch ? 2 : 1);
  for (int column = 0; column < options.columns; ++column) {
    const data::Batch batch = column == 0
                                  ? dataset.get_batch(samples)
                                  : maker.make(samples, static_cast<std::uint64_t>(column - 1));
    check_grid_images(batch.data);
    const Tensor images = as_bytes(batch.data);
    const std::vector<Captions> captions = captions_of(dataset, batch.target);
    for (std::size_t row = 0; row < samples.size(); ++row)
      paper.put(row, static_cast<std::size_t>(column), images[static_cast<std::int64_t>(row)],
                captions[row]);
  }
  return std::move(paper).done();
}

}  // namespace fovea::vision
