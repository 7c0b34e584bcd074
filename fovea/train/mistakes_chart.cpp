#include <algorithm>
#include <cstdio>
#include <string>

#include "fovea/core/error.h"
#include "fovea/data/resize.h"
#include "fovea/train/charts.h"
#include "fovea/vision/tiles.h"

namespace fovea::train {

namespace {

constexpr int kMistakeColumns = 6;
// Pixels a side of what is shown, at most: as a page has 24 of them, and a screen no more for each.
constexpr std::int64_t kMostSide = 128;

/// An image in its proportions, no larger than that.
io::Image reduced(const Tensor& image) {
  const std::int64_t height = image.size(1), width = image.size(2);
  const std::int64_t longer = std::max(height, width);
  if (longer <= kMostSide) return image;
  const data::ImageSize size(std::max<std::int64_t>(height * kMostSide / longer, 1),
                             std::max<std::int64_t>(width * kMostSide / longer, 1));
  return data::Resize(size)(image.unsqueeze(0))[0];
}

/// "99.8 %"; never the 100 % that only rounding would make of it.
std::string sureness(double probability) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", std::min(probability * 100, 99.9));
  return text;
}

/// A class's name and more, in which the name alone is shortened to the width of a tile.
std::string with_name(const std::string& before, const std::string& name,
                      const std::string& after) {
  const auto others = static_cast<double>(before.size() + after.size());
  return before + io::svg_shortened(name, vision::kTileWidth - others * vision::kTileLetter) +
         after;
}

}  // namespace

std::vector<NamedImage> mistake_images(const Report& report, const data::Dataset& dataset) {
  const std::vector<Mistake>& mistakes = report.evaluation.mistakes;
  if (mistakes.empty()) return {};
  std::vector<std::int64_t> samples;
  samples.reserve(mistakes.size());
  for (const Mistake& mistake : mistakes) samples.push_back(mistake.sample);
  const Tensor images = dataset.get_batch(samples).data;
  std::vector<NamedImage> named;
  named.reserve(mistakes.size());
  for (std::size_t i = 0; i < samples.size(); ++i)
    named.push_back({.image = reduced(images[static_cast<std::int64_t>(i)]),
                     .name = dataset.name_of(samples[i])});
  return named;
}

io::SvgCanvas draw_mistakes(const Report& report, const data::Dataset& dataset) {
  const std::vector<Mistake>& mistakes = report.evaluation.mistakes;
  const std::vector<NamedImage> images = mistake_images(report, dataset);
  std::vector<vision::Tile> tiles;
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    const Mistake& mistake = mistakes[i];
    const std::string truth = report.truth_of(mistake);
    tiles.push_back({.image = images[i].image,
                     .lines = {{.text = with_name("", report.answer_of(mistake),
                                                  " " + sureness(mistake.probability)),
                                .fill = "@series2"},
                               {.text = with_name("is ", truth, ""), .fill = "@muted"}},
                     .description = str(images[i].name, ": ", truth, " ",
                                        sureness(mistake.truth_probability))});
  }
  const std::int64_t wrong = report.evaluation.samples() - report.evaluation.correct();
  const std::string which =
      wrong == 0 ? "none is wrong"
                 : str(wrong, wrong == 1 ? " is wrong" : " are wrong",
                       static_cast<std::int64_t>(tiles.size()) < wrong
                           ? str("; the ", tiles.size(), " that the model was surest of")
                           : std::string());
  return vision::draw_tiles(
      tiles, {.columns = kMistakeColumns,
              .title = report.model + " on " + report.data + ": mistakes",
              .subtitle = str("of ", report.evaluation.samples(), " samples ", which)});
}

}  // namespace fovea::train
