#include "apps/cli/data/data_folder.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "apps/base/progress_line.h"
#include "apps/base/table.h"
#include "fovea/core/error.h"
#include "fovea/vision/open_data.h"
#include "fovea/vision/web_dataset.h"

namespace fovea::cli {

namespace {

/// A split's pictures and what reading them has shown.
struct FolderSplit {
  std::shared_ptr<const vision::PictureSet> pictures;
  std::filesystem::path path;
  vision::ImageCheck check;
};

FolderSplit read_split(const vision::DataChoice& choice) {
  FolderSplit split{.pictures = vision::open_folder(choice),
                    .path = *vision::split_folder(choice.data, choice.split),
                    .check = {}};
  CountLine line(Terminal::error(), "reading " + split.path.string());
  split.check = split.pictures->check_images(
      [&](std::int64_t done, std::int64_t total) { line.show(done, total); });
  return split;
}

std::string range(std::int64_t least, std::int64_t most) {
  return least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most);
}

void print_row(std::string_view name, std::string_view value) {
  put("  {:<9} {}\n", name, one_line(std::string(value)));
}

/// "1.33 a picture on average: 3 with none, 20 with 1, 15 with 2".
std::string labels_a_picture(const vision::ImageCheck& check) {
  std::int64_t labels = 0;
  std::string pictures;
  for (std::size_t count = 0; count < check.per_count.size(); ++count) {
    if (check.per_count[count] == 0) continue;
    labels += static_cast<std::int64_t>(count) * check.per_count[count];
    pictures += fmt::format("{}{} with {}", pictures.empty() ? "" : ", ",
                            with_commas(check.per_count[count]),
                            count == 0 ? "none" : std::to_string(count));
  }
  const auto readable = static_cast<double>(std::max<std::size_t>(check.readable.size(), 1));
  return fmt::format("{:.2f} a picture on average: {}", static_cast<double>(labels) / readable,
                     pictures.empty() ? "no picture" : pictures);
}

void print_split(const char* name, const FolderSplit& split) {
  const vision::ImageCheck& check = split.check;
  const auto readable = static_cast<std::int64_t>(check.readable.size());
  print_row(name, split.path.string());
  print_row("pictures",
            fmt::format("{}, {} of them grey", with_commas(readable), with_commas(check.grey)));
  if (readable > 0) {
    print_row("pixels", fmt::format("{} wide, {} high", range(check.least.width, check.most.width),
                                    range(check.least.height, check.most.height)));
  }
  if (split.pictures->targets() == data::Targets::kMultiLabel)
    print_row("labels", labels_a_picture(check));
  const auto* shards = dynamic_cast<const vision::WebDataset*>(split.pictures.get());
  if (shards != nullptr) print_row("shards", with_commas(shards->shards()));
  for (const std::string& line : split.pictures->left_out()) print_row("left out", line);
  for (const vision::CorruptImage& corrupt : check.corrupt) print_row("corrupt", corrupt.message);
}

/// The splits that are there, by what they are called here.
using Splits = std::vector<std::pair<const char*, FolderSplit>>;

/// Refuses what a training would refuse: lists of which only some have several labels a picture.
void check_targets(const std::string& folder, const Splits& splits) {
  const data::Targets expected = splits.front().second.pictures->targets();
  for (const auto& [name, split] : splits) {
    const data::Targets got = split.pictures->targets();
    check<ParseError>(got == expected, folder, ": ", name, " targets expected ", word_of(expected),
                      " as those of the training, got ", word_of(got));
  }
}

void print_classes(const Splits& splits, bool test) {
  std::vector<Table::Column> columns = {{"class", Align::kLeft}};
  for (const auto& [name, split] : splits) columns.push_back({name, Align::kRight});
  if (!test) columns.push_back({"test", Align::kRight});
  Table table(std::move(columns));
  const std::vector<std::string>& classes = splits.front().second.pictures->classes();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    std::vector<std::string> cells = {classes[i]};
    for (const auto& [name, split] : splits) cells.push_back(with_commas(split.check.per_class[i]));
    if (!test) cells.emplace_back("-");
    table.add_row(std::move(cells));
  }
  put("\n{}", table.to_string(Terminal::output()));
}

}  // namespace

int show_folder(const std::string& folder, const std::string& root, std::uint64_t max_pixels) {
  // All is read before anything is printed. Three channels: nobody looks for them in a picture that
  // may be corrupt.
  vision::DataChoice choice{
      .data = folder, .root = root, .folder = {.channels = 3, .max_pixels = max_pixels}};
  const bool one_piece = vision::is_one_piece(folder);
  Splits splits;
  splits.emplace_back(one_piece ? "all" : "training", read_split(choice));
  choice.folder.classes = splits.front().second.pictures->classes();
  const auto val = vision::split_folder(folder, vision::Split::kVal);
  const auto test = vision::split_folder(folder, vision::Split::kTest);
  choice.split = vision::Split::kVal;
  if (val && val != test) splits.emplace_back("validation", read_split(choice));
  choice.split = vision::Split::kTest;
  if (test && !one_piece) splits.emplace_back("test", read_split(choice));
  check_targets(folder, splits);
  put("{}\n\n", styled(Terminal::output(), Style::kBold, one_line(folder)));
  bool all_fine = true;
  for (const auto& [name, split] : splits) {
    print_split(name, split);
    all_fine = all_fine && split.check.corrupt.empty();
  }
  if (one_piece)
    print_row("test", "held out of them by fovea train: a fifth, or what --test-fraction says");
  if (!test) print_row("test", "none: fovea train needs test/ or val/ beside train/");
  for (const auto& unused : vision::unused_folders(folder)) print_row("not used", unused.string());
  print_classes(splits, test.has_value());
  return all_fine ? kExitDone : kExitBadInput;
}

}  // namespace fovea::cli
