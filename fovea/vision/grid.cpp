#include "fovea/vision/grid.h"

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/io/pictures/image.h"

namespace fovea::vision {

namespace {

// Pixels of the picture.
constexpr double kImage = 112;  // four times the side of a Fashion-MNIST image
constexpr double kGap = 16, kCaption = 22, kMargin = 20, kTitle = 34;

void draw_sample(io::SvgCanvas& canvas, double x, double y, const Tensor& image,
                 const std::string& name) {
  // Images keep their proportions within the square.
  const auto height = static_cast<double>(image.size(1)),
             width = static_cast<double>(image.size(2));
  const double scale = kImage / std::max(height, width);
  const double w = width * scale, h = height * scale;
  canvas.image(x + (kImage - w) / 2, y + (kImage - h) / 2, w, h, io::encode_png(image), name);
  canvas.rect(x, y, kImage, kImage, {.stroke = "@grid"});
  canvas.text(x + kImage / 2, y + kImage + 16, name, {.anchor = io::SvgAnchor::kMiddle});
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
  check<ShapeError>(batch.data.dim() == 4, "grid: images expected [n, c, h, w], got ",
                    batch.data.sizes());
  const std::vector<std::int64_t> labels = batch.target.to_vector<std::int64_t>();
  const double top = kMargin + (options.title.empty() ? 0 : kTitle);
  io::SvgCanvas canvas(2 * kMargin + options.columns * (kImage + kGap) - kGap,
                       top + options.rows * (kImage + kCaption + kGap) - kGap + kMargin,
                       options.title.empty() ? "Samples" : options.title);
  if (!options.title.empty())
    canvas.text(kMargin, kMargin + 16, options.title, {.size = 18, .bold = true});
  const std::vector<std::string>& classes = dataset.classes();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t columns = static_cast<std::size_t>(options.columns);
    const std::size_t row = i / columns, column = i % columns;
    const auto label = static_cast<std::size_t>(labels[i]);
    draw_sample(canvas, kMargin + static_cast<double>(column) * (kImage + kGap),
                top + static_cast<double>(row) * (kImage + kCaption + kGap),
                batch.data.select(0, static_cast<std::int64_t>(i)),
                label < classes.size() ? classes[label] : str(labels[i]));
  }
  return canvas;
}

}  // namespace fovea::vision
