#include "apps/cli/data/data_folder.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/progress_line.h"
#include "apps/base/table.h"
#include "fovea/vision/image_folder.h"
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
  fmt::print("  {:<10}{}\n", name, value);
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
  const auto* shards = dynamic_cast<const vision::WebDataset*>(split.pictures.get());
  if (shards != nullptr) print_row("shards", with_commas(shards->shards()));
  const auto* folder = dynamic_cast<const vision::ImageFolder*>(split.pictures.get());
  if (folder != nullptr && folder->others() > 0) {
    print_row("left out", fmt::format("{} files that are no .png, .jpg or .jpeg",
                                      with_commas(folder->others())));
  }
  for (const vision::CorruptImage& corrupt : check.corrupt)
    print_row("corrupt", one_line(corrupt.message));
}

void print_classes(const FolderSplit& train, const std::optional<FolderSplit>& test) {
  Table table({{"class", Align::kLeft}, {"training", Align::kRight}, {"test", Align::kRight}});
  const std::vector<std::string>& classes = train.pictures->classes();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    table.add_row({classes[i], with_commas(train.check.per_class[i]),
                   test ? with_commas(test->check.per_class[i]) : "-"});
  }
  fmt::print("\n{}", table.to_string(Terminal::output()));
}

}  // namespace

int show_folder(const std::string& folder, const std::string& root) {
  // All is read before anything is printed. Three channels: nobody looks for them in a picture that
  // may be corrupt.
  vision::DataChoice choice{.data = folder, .root = root, .folder = {.channels = 3}};
  const FolderSplit train = read_split(choice);
  choice.split = vision::Split::kTest;
  choice.folder.classes = train.pictures->classes();
  std::optional<FolderSplit> test;  // optional here
  if (vision::split_folder(folder, choice.split)) test = read_split(choice);
  fmt::print("{}\n\n", styled(Terminal::output(), Style::kBold, folder));
  print_split("training", train);
  if (test) {
    print_split("test", *test);
  } else {
    print_row("test", "none: fovea train needs test/ or val/ beside train/");
  }
  print_classes(train, test);
  const bool all_fine = train.check.corrupt.empty() && (!test || test->check.corrupt.empty());
  return all_fine ? kExitDone : kExitBadInput;
}

}  // namespace fovea::cli
