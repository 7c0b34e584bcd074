#include "apps/base/data_flags.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/output.h"
#include "apps/base/progress_line.h"
#include "apps/base/setting_flags.h"
#include "fovea/vision/open_data.h"

namespace fovea::cli {

namespace {

void print_corrupt(const vision::CorruptImage& corrupt) {
  say("left out: {}\n", one_line(corrupt.message));
}

/// [channels, height, width] of the images.
Shape image_shape(const data::Dataset& dataset) {
  constexpr std::array<std::int64_t, 1> kFirst = {0};
  Shape shape = dataset.get_batch(kFirst).data.sizes();
  shape.erase(0);
  return shape;
}

}  // namespace

std::shared_ptr<data::Dataset> open_split(const DataFlags& flags, const models::ModelCard& card,
                                          vision::Split split) {
  CountLine progress(Terminal::error(), "checking pictures");
  auto dataset = vision::open_data(
      {.data = flags.data,
       .root = flags.root,
       .split = split,
       .folder = {.channels = card.input[0],
                  .image_transform = models::picture_transform(
                      card.fit.value_or(models::PictureFit::kCrop), {card.input[1], card.input[2]}),
                  .classes = card.classes,
                  .max_pixels = most_pixels(flags.max_pixels),
                  .skip_corrupt = flags.skip_corrupt,
                  .on_corrupt = print_corrupt,
                  .progress = [&](auto done, auto total) { progress.show(done, total); }},
       .held_out = card.held_out});
  if (const auto* pictures = dynamic_cast<const vision::PictureSet*>(dataset.get())) {
    for (const std::string& line : pictures->left_out())
      say("left out: {} ({})\n", one_line(line), one_line(flags.data));
  }
  if (split == vision::Split::kTest && vision::names_folder(flags.data) &&
      vision::is_one_piece(flags.data)) {
    if (card.held_out) {
      say("split: the {} pictures of {} judge that the training has not learned from "
          "(test_fraction {}, seed {})\n",
          dataset->size(), one_line(flags.data), card.held_out->share, card.held_out->seed);
    } else {
      say("split: all {} pictures of {} judge: the weights name none that were held out\n",
          dataset->size(), one_line(flags.data));
    }
  }
  return dataset;
}

std::shared_ptr<data::Dataset> open_test_data(const DataFlags& flags, const models::ModelCard& card,
                                              std::int64_t limit) {
  auto dataset = open_split(flags, card, vision::Split::kTest);
  if (limit == 0) return dataset;
  return std::make_shared<data::Subset>(vision::limited_samples(std::move(dataset), limit));
}

std::uint64_t most_pixels(std::int64_t flag) {
  check_at_least("--max-pixels", flag, 1);
  return static_cast<std::uint64_t>(flag);
}

void check_fits(const models::LoadedModel& model, const data::Dataset& dataset,
                const std::string& name) {
  const Shape images = image_shape(dataset);
  check<ShapeError>(images == model.card.input, name, ": images expected ",
                    models::format_input(model.card.input), " as the model, got ",
                    models::format_input(images));
  const auto classes = static_cast<std::int64_t>(dataset.classes().size());
  check<ShapeError>(classes <= model.classes, name, ": classes expected at most the model's ",
                    model.classes, ", got ", classes);
  const std::vector<std::string>& names = model.card.classes;
  // Weights from elsewhere, which name no classes, say nothing of targets either.
  check<ParseError>(names.empty() || model.card.targets == dataset.targets(), name,
                    ": targets expected ", word_of(model.card.targets),
                    " as those that the weights have learned, got ", word_of(dataset.targets()));
  check<ShapeError>(dataset.targets() == data::Targets::kSingleLabel || classes == model.classes,
                    name, ": classes expected the model's ", model.classes,
                    " for multi-label data, got ", classes);
  check<ParseError>(names.empty() || names == dataset.classes(), name,
                    ": classes expected as the weights name them (",
                    one_line(fmt::format("{}", fmt::join(names, ", "))),
                    "), got others: data of "
                    "theirs are meant by --data");
}

void add_data_flags(Command& command, DataFlags& flags) {
  add_setting(command, "data", flags.data);
  add_setting(command, "data_root", flags.root);
  add_setting(command, "max_pixels", flags.max_pixels);
}

}  // namespace fovea::cli
