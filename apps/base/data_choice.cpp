#include "apps/base/data_choice.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/progress_line.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/open_data.h"

namespace fovea::cli {

namespace {

void print_corrupt(const vision::CorruptImage& corrupt) {
  fmt::print(stderr, "left out: {}\n", one_line(corrupt.message));
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
                  .skip_corrupt = flags.skip_corrupt,
                  .on_corrupt = print_corrupt,
                  .progress = [&](auto done, auto total) { progress.show(done, total); }}});
  if (limit == 0) return dataset;
  return std::make_shared<data::Subset>(
      data::first_samples(std::shared_ptr<const data::Dataset>(std::move(dataset)), limit));
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
}

}  // namespace fovea::cli
