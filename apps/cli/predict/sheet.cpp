#include "apps/cli/predict/sheet.h"

#include <filesystem>

#include <fmt/format.h>

#include "apps/base/table.h"

namespace fovea::cli {

namespace {

constexpr int kSheetColumns = 6;

}  // namespace

void AnswerSheet::add(const Asked& asked, const Answer& answer, const io::Image& image) {
  ++count_;
  if (tiles_.size() >= kMost) return;
  const Top& top = answer.top;
  // Of several labels each has a probability of its own: they are in the description.
  const std::string sure = answer.labels ? "" : " " + percent(top.front().probability);
  std::string name = top.front().name;
  if (answer.labels) name = answer.labels->empty() ? "none" : joined_names(*answer.labels);
  const double room = vision::kTileWidth - vision::kTileLetter * static_cast<double>(sure.size());
  std::string described = asked.name;
  for (const models::Likely& one : shown(answer))
    described += fmt::format("\n{} {}", one.name, percent(one.probability));
  tiles_.push_back(
      {.image = image,
       .lines = {{.text = io::svg_shortened(name, room) + sure},
                 {.text = std::filesystem::path(asked.name).filename().string(), .fill = "@muted"}},
       .description = std::move(described)});
}

void AnswerSheet::save(const std::string& file, const std::string& title) const {
  const vision::TileOptions options{
      .columns = kSheetColumns, .title = title, .subtitle = contents() + " as the model saw them"};
  vision::draw_tiles(tiles_, options).save(file);
}

std::string AnswerSheet::contents() const {
  const auto shown = static_cast<std::int64_t>(tiles_.size());
  if (shown == count_) return fmt::format("{} picture{}", shown, shown == 1 ? "" : "s");
  return fmt::format("the first {} of {} pictures", shown, with_commas(count_));
}

void SwapWatch::add(const Tensor& images) {
  if (!ground_) return;
  for (const double edge : models::edge_brightness(images)) {
    ++count_;
    if (models::looks_swapped(edge, *ground_)) ++swapped_;
  }
}

std::string SwapWatch::message(bool inverted) const {
  if (swapped_ == 0) return {};
  const bool dark = ground_->mean < 0.5;
  const std::string which = count_ == 1 ? "the picture is"
                                        : fmt::format("{} of {} pictures are",
                                                      with_commas(swapped_), with_commas(count_));
  return fmt::format(
      "{} {} at the edges, where those that the model has learned from are {}: try {}", which,
      dark ? "light" : "dark", dark ? "dark" : "light", inverted ? "without --invert" : "--invert");
}

}  // namespace fovea::cli
