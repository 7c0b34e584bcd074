#include "apps/cli/data_folder.h"

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "apps/cli/exit_code.h"
#include "apps/cli/progress_line.h"
#include "apps/cli/table.h"
#include "fovea/vision/open_data.h"

namespace fovea::cli {

namespace {

/// A split's pictures and what reading them has shown.
struct FolderSplit {
  std::filesystem::path path;
  vision::ImageListing listing;
  vision::ImageCheck check;
};

FolderSplit read_split(const std::filesystem::path& path, const std::vector<std::string>& classes) {
  FolderSplit split{.path = path, .listing = vision::list_images(path, classes), .check = {}};
  CountLine line(Terminal::error(), "reading " + path.string());
  split.check = vision::check_images(
      split.listing, [&](std::int64_t done, std::int64_t total) { line.show(done, total); });
  return split;
}

/// The pictures to judge with, if there are any.
std::optional<FolderSplit> read_test(const std::string& folder,
                                     const std::vector<std::string>& classes) {
  std::optional<std::filesystem::path> path;
  try {
    path = vision::split_folder(folder, vision::Split::kTest);
  } catch (const IoError&) {
    return {};  // it is optional here
  }
  return read_split(*path, classes);
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
  if (split.listing.others > 0) {
    print_row("left out", fmt::format("{} files that are no .png, .jpg or .jpeg",
                                      with_commas(split.listing.others)));
  }
  for (const vision::CorruptImage& corrupt : check.corrupt)
    print_row("corrupt", one_line(corrupt.message));
}

void print_classes(const FolderSplit& train, const std::optional<FolderSplit>& test) {
  Table table({{"class", Align::kLeft}, {"training", Align::kRight}, {"test", Align::kRight}});
  for (std::size_t i = 0; i < train.listing.classes.size(); ++i) {
    table.add_row({train.listing.classes[i], with_commas(train.check.per_class[i]),
                   test ? with_commas(test->check.per_class[i]) : "-"});
  }
  fmt::print("\n{}", table.to_string(Terminal::output()));
}

/// Shards are not unpacked: their indices say how many samples there are.
void show_shards(const std::string& folder) {
  fmt::print("{}\n\n", styled(Terminal::output(), Style::kBold, folder));
  Table table({{"class", Align::kLeft}, {"training", Align::kRight}, {"test", Align::kRight}});
  std::vector<std::vector<std::int64_t>> sizes;
  vision::DataChoice choice{.data = folder};
  for (const vision::Split split : {vision::Split::kTrain, vision::Split::kTest}) {
    choice.split = split;
    const auto path = vision::split_folder(folder, split);
    const auto shards = vision::open_shards(choice);
    print_row(split == vision::Split::kTrain ? "training" : "test", path.string());
    const auto files = static_cast<std::int64_t>(vision::list_shards(path).size());
    print_row("samples", fmt::format("{} in {} shard{}", with_commas(shards->size()),
                                     with_commas(files), files == 1 ? "" : "s"));
    sizes.push_back(shards->class_sizes());
    choice.folder.classes = shards->classes();
  }
  for (std::size_t i = 0; i < choice.folder.classes.size(); ++i)
    table.add_row({choice.folder.classes[i], with_commas(sizes[0][i]), with_commas(sizes[1][i])});
  fmt::print("\n{}", table.to_string(Terminal::output()));
}

}  // namespace

int show_folder(const std::string& folder) {
  if (!vision::list_shards(vision::split_folder(folder, vision::Split::kTrain)).empty()) {
    show_shards(folder);
    return kExitDone;
  }
  const FolderSplit train = read_split(vision::split_folder(folder, vision::Split::kTrain), {});
  const std::optional<FolderSplit> test = read_test(folder, train.listing.classes);
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
