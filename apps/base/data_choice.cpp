#include "apps/base/data_choice.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "apps/base/progress_line.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/open_data.h"

namespace fovea::cli {

namespace {

void print_corrupt(const vision::CorruptImage& corrupt) {
  say("left out: {}\n", one_line(corrupt.message));
}

}  // namespace

std::shared_ptr<data::Dataset> open_test_data(const DataFlags& flags, const models::ModelCard& card,
                                              std::int64_t limit) {
  CountLine progress(Terminal::error(), "checking pictures");
  auto dataset = vision::open_data(
      {.data = flags.data,
       .root = flags.root,
       .split = vision::Split::kTest,
       .folder = {.channels = card.input[0],
                  .image_transform = vision::scaled_and_cut({card.input[1], card.input[2]}),
                  .classes = card.classes,
                  .max_pixels = most_pixels(flags.max_pixels),
                  .skip_corrupt = flags.skip_corrupt,
                  .on_corrupt = print_corrupt,
                  .progress = [&](auto done, auto total) { progress.show(done, total); }}});
  if (const auto* pictures = dynamic_cast<const vision::PictureSet*>(dataset.get())) {
    for (const std::string& line : pictures->left_out())
      say("left out: {} ({})\n", one_line(line), one_line(flags.data));
  }
  if (limit == 0) return dataset;
  return std::make_shared<data::Subset>(vision::limited_samples(std::move(dataset), limit));
}

std::uint64_t most_pixels(std::int64_t flag) {
  if (flag < 1) throw UsageError(fmt::format("--max-pixels expected at least 1, got {}", flag));
  return static_cast<std::uint64_t>(flag);
}

Shape image_shape(const data::Dataset& dataset) {
  constexpr std::array<std::int64_t, 1> kFirst = {0};
  Shape shape = dataset.get_batch(kFirst).data.sizes();
  shape.erase(0);
  return shape;
}

void add_data_flags(Command& command, DataFlags& flags) {
  command.add("--data", "D", flags.data, kDataHelp)
      .one_of(vision::data_set_names(), Words::kOpen)
      .in("Data");
  command.add("--data-root", "PATH", flags.root, kDataRootHelp).directories().in("Data");
  command.add("--max-pixels", "N", flags.max_pixels, kMaxPixelsHelp).in("Data");
}

}  // namespace fovea::cli
