// fovea data: the data sets that are known, their state, fetching them, looking at them.

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "apps/base/data_flags.h"
#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/output.h"
#include "apps/base/progress_line.h"
#include "apps/base/setting_flags.h"
#include "apps/base/table.h"
#include "apps/cli/commands.h"
#include "apps/cli/data/data_folder.h"
#include "fovea/models/limits.h"
#include "fovea/models/picture_fit.h"
#include "fovea/train/augmentation.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/grid.h"
#include "fovea/vision/open_data.h"

namespace fovea::cli {

namespace {

struct DataSettings {
  std::string name;
  std::string root;
  std::string output;
  std::int64_t rows = 4;
  std::int64_t columns = 5;
  std::int64_t seed = 0;
  std::string augment = "none";
  std::int64_t image_size =
      224;                      // of a folder's pictures: what a grid shows of each, twice as fine
  std::string resize = "crop";  // how they come to that size
  std::int64_t max_pixels = io::kMaxImagePixels;
};

int list_data(const DataSettings& settings) {
  Table table({{"data set", Align::kLeft},
               {"training", Align::kRight},
               {"test", Align::kRight},
               {"classes", Align::kRight},
               {"image", Align::kRight},
               {"where", Align::kLeft}});
  for (const vision::DataSetInfo& info : vision::data_sets()) {
    const vision::DataSetState state = vision::data_set_state(info, settings.root);
    table.add_row({info.name, with_commas(info.train_samples), with_commas(info.test_samples),
                   std::to_string(info.classes.size()),
                   fmt::format("{}", fmt::join(info.image, "x")),
                   state.complete() ? state.folder.string() : "not here"});
  }
  put("{}", table.to_string(Terminal::output()));
  return kExitDone;
}

int show_info(const DataSettings& settings) {
  if (vision::names_folder(settings.name)) {
    return show_folder(settings.name, settings.root, most_pixels(settings.max_pixels));
  }
  const vision::DataSetInfo& info = vision::data_set(settings.name);
  const vision::DataSetState state = vision::data_set_state(info, settings.root);
  const Terminal terminal = Terminal::output();
  put("{}\n\n", styled(terminal, Style::kBold, info.title));
  const auto row = [](std::string_view name, std::string_view value) {
    put("  {:<10}{}\n", name, value);
  };
  row("images",
      fmt::format("{} to learn from, {} to judge with, {}", with_commas(info.train_samples),
                  with_commas(info.test_samples), fmt::join(info.image, "x")));
  row("classes", fmt::format("{}", fmt::join(info.classes, ", ")));
  row("licence", info.licence);
  row("source", info.source);
  row("folder", state.folder.string());
  for (const std::string& file : state.present) row("present", file);
  for (const std::string& file : state.missing) row("missing", file);
  if (!state.complete()) {
    row("to get it", fmt::format("fovea data download {}", info.name));
    if (!info.debian_package.empty()) row("or", fmt::format("apt install {}", info.debian_package));
  }
  return kExitDone;
}

void show_download(ProgressLine& line, const vision::DownloadProgress& progress) {
  if (progress.total == 0) return;
  line.show(progress.url.substr(progress.url.rfind('/') + 1),
            static_cast<double>(progress.done) / static_cast<double>(progress.total),
            fmt::format("{} of {}", byte_count(static_cast<std::int64_t>(progress.done)),
                        byte_count(static_cast<std::int64_t>(progress.total))));
}

int download(const DataSettings& settings) {
  const vision::DataSetInfo& info = vision::data_set(settings.name);
  std::filesystem::path folder;
  {
    ProgressLine line(Terminal::error());
    folder = vision::download_data_set(info, settings.root, {.progress = [&](const auto& state) {
                                         show_download(line, state);
                                         return true;
                                       }});
  }
  put("{}\n", folder.string());
  return kExitDone;
}

/// "photos" of /data/photos/ or, in that folder, of a dot.
std::string name_of_folder(const std::string& folder) {
  const std::filesystem::path place = std::filesystem::absolute(folder).lexically_normal();
  return (place.has_filename() ? place : place.parent_path()).filename().string();
}

/// An unknown word is said before data is looked for.
void check_augmentation(const std::string& words) {
  try {
    train::make_augmentation(words, 1);
  } catch (const ArgumentError& error) {
    throw UsageError(named_by_flag(error.what(), {"augment"}));
  }
}

/// The grid with the augmentation that is asked for, of pictures as a training has it done to them.
io::SvgCanvas augmented_grid(const DataSettings& settings, const data::Dataset& dataset,
                             const vision::GridOptions& options) {
  constexpr std::array<std::int64_t, 1> kFirst = {0};
  const Tensor image = dataset.get_batch(kFirst).data;
  const data::ImageSize size(image.size(2), image.size(3));
  const auto classes = static_cast<std::int64_t>(dataset.classes().size());
  const auto* pictures = dynamic_cast<const vision::PictureSet*>(&dataset);
  train::AugmentWords words = train::split_augmentation(settings.augment);
  if (pictures == nullptr || words.picture == "none")
    words = {.picture = "none", .image = settings.augment};
  vision::GridAugmentation done{.transform = train::make_augmentation(words.image, size),
                                .batch = train::make_mixing(words.image, classes)};
  if (words.picture != "none") {
    done.drawn_from = pictures->with_image_transform(train::make_augmentation(words.picture, size));
  }
  return vision::draw_augmented_grid(dataset, done, options);
}

int write_grid(const DataSettings& settings) {
  check_range("--rows", settings.rows, 1, 100);
  check_range("--columns", settings.columns, 1, 100);
  check_at_least("--seed", settings.seed, 0);
  check_range("--image-size", settings.image_size, 1, models::kMaxSide);
  check_augmentation(settings.augment);
  if (!settings.output.empty()) check_extension("--output", settings.output, {".svg"});
  const bool folder = vision::names_folder(settings.name);
  const std::string name = folder ? name_of_folder(settings.name) : settings.name;
  const bool augmented = settings.augment != "none";
  vision::GridOptions options{.rows = static_cast<int>(settings.rows),
                              .columns = static_cast<int>(settings.columns),
                              .seed = static_cast<std::uint64_t>(settings.seed),
                              .title = folder ? name : vision::data_set(name).title};
  if (augmented) options.title += ": " + settings.augment;
  const auto dataset = vision::open_data(
      {.data = settings.name,
       .root = settings.root,
       .folder = {.image_transform = models::picture_transform(
                      *models::parse_picture_fit(settings.resize), settings.image_size),
                  .max_pixels = most_pixels(settings.max_pixels)}});
  const std::string output = settings.output.empty() ? name + "-grid.svg" : settings.output;
  const io::SvgCanvas grid = augmented ? augmented_grid(settings, *dataset, options)
                                       : vision::draw_grid(*dataset, options);
  grid.save(output);
  put("{}\n", output);
  return kExitDone;
}

/// A command below `data`, with the arguments that all of them have.
Command part(const char* name, const char* summary, int (*run)(const DataSettings&),
             const std::shared_ptr<DataSettings>& settings) {
  Command command(name, summary);
  add_setting(command, "data_root", settings->root).in("Flags");
  command.run = [settings, run] { return run(*settings); };
  return command;
}

Command list_command() {
  auto settings = std::make_shared<DataSettings>();
  Command command =
      part("list", "List the data sets that are known and where they lie", list_data, settings);
  command.examples = {{"fovea data list", "all of them"}};
  return command;
}

Command info_command() {
  auto settings = std::make_shared<DataSettings>();
  Command command =
      part("info", "Say what a data set holds and which files are there", show_info, settings);
  command.examples = {
      {"fovea data info fashion-mnist", "classes, licence, files"},
      {"fovea data info photos", "the pictures in photos/train and photos/test, all read"},
      {"fovea data info photos.csv", "those of a list, and how many labels they have"},
  };
  command.details =
      "A folder's pictures are all read, those in shards too: the ones that cannot be decoded are "
      "listed, and the exit code is then 3.";
  command
      .add_positional("NAME", settings->name,
                      "a data set, a folder of pictures, or a list of them (.csv)")
      .one_of(vision::data_set_names(), Words::kOpen)
      .files()
      .must();
  add_setting(command, "max_pixels", settings->max_pixels).in("Flags");
  return command;
}

Command download_command() {
  auto settings = std::make_shared<DataSettings>();
  Command command = part("download", "Fetch what is missing of a data set, checked by SHA-256",
                         download, settings);
  command.examples = {
      {"fovea data download mnist", "into ~/.cache/fovea/mnist"},
      {"fovea data download mnist --data-root /data", "into /data/mnist"},
  };
  command.details = "A download that was cut off goes on where it was. Prints the folder.";
  command.add_positional("NAME", settings->name, "a data set")
      .one_of(vision::data_set_names(), Words::kOpen)
      .must();
  return command;
}

Command grid_command() {
  auto settings = std::make_shared<DataSettings>();
  settings->name = "fashion-mnist";
  Command command = part("grid", "Write a picture of randomly drawn samples with their class names",
                         write_grid, settings);
  command.examples = {
      {"fovea data grid", "4 x 5 training images, fashion-mnist-grid.svg"},
      {"fovea data grid photos", "pictures of photos/train, the middle of each"},
      {"fovea data grid mnist --rows 8 --columns 8 --output digits.svg --seed 3", "a larger one"},
      {"fovea data grid --augment flip+crop+rotate", "what that does to 4 images, 4 times each"},
      {"fovea data grid photos --augment randaugment+mixup:0.2 --image-size 64",
       "pictures as a model of 64 x 64 learns from them"},
      {"fovea data grid photos.csv --image-size 64 --resize pad", "whole, with black around"},
  };
  command.details =
      "Prints the picture's path. With --augment each row is one sample: as it is stored, then as "
      "one epoch after another draws it by --seed. What is mixed names the classes and their "
      "shares.";
  command
      .add_positional("NAME", settings->name,
                      "a data set, a folder of pictures, or a list of them (.csv; default "
                      "fashion-mnist)")
      .one_of(vision::data_set_names(), Words::kOpen)
      .files();
  command.add("--output", "FILE", settings->output, "the picture, SVG (default NAME-grid.svg)")
      .files();
  add_setting(command, "augment", settings->augment).in("Flags");
  command.add("--image-size", "N", settings->image_size,
              "a folder's pictures become N x N, as --resize says");
  add_setting(command, "resize", settings->resize).in("Flags");
  add_setting(command, "max_pixels", settings->max_pixels).in("Flags");
  command.add("--rows", "N", settings->rows, "images a column");
  command.add("--columns", "N", settings->columns, "images a row");
  command.add("--seed", "N", settings->seed, "of the draw");
  return command;
}

}  // namespace

Command data_command() {
  Command command("data", "See which data sets there are, fetch them, look at them");
  command.examples = {
      {"fovea data list", "what is known and where it lies"},
      {"fovea data download mnist", "fetch one"},
      {"fovea data grid fashion-mnist", "a picture of random samples"},
  };
  command.children = {list_command(), info_command(), download_command(), grid_command()};
  return command;
}

}  // namespace fovea::cli
