// fovea data: the data sets that are known, their state, fetching them, looking at them.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "apps/cli/commands.h"
#include "apps/cli/data_choice.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/progress.h"
#include "apps/cli/table.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/grid.h"

namespace fovea::cli {

namespace {

struct DataSettings {
  std::string name;
  std::string root;
  std::string output;
  std::int64_t rows = 4;
  std::int64_t columns = 5;
  std::int64_t seed = 0;
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
  fmt::print("{}", table.to_string(Terminal::output()));
  return kExitDone;
}

int show_info(const DataSettings& settings) {
  const vision::DataSetInfo& info = vision::data_set(settings.name);
  const vision::DataSetState state = vision::data_set_state(info, settings.root);
  const Terminal terminal = Terminal::output();
  fmt::print("{}\n\n", styled(terminal, Style::kBold, info.title));
  const auto row = [](std::string_view name, std::string_view value) {
    fmt::print("  {:<10}{}\n", name, value);
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

/// Shows how far a download is, where a person looks.
class DownloadBar {
 public:
  explicit DownloadBar(const Terminal& terminal) : terminal_(terminal) {}
  ~DownloadBar() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
  }
  DownloadBar(const DownloadBar&) = delete;
  DownloadBar& operator=(const DownloadBar&) = delete;

  void show(const vision::DownloadProgress& progress) {
    if (!terminal_.is_terminal || progress.total == 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(100) && progress.done < progress.total) return;
    last_ = now;
    const double share = static_cast<double>(progress.done) / static_cast<double>(progress.total);
    const std::string file = progress.url.substr(progress.url.rfind('/') + 1);
    fmt::print(stderr, "\r\x1b[K{}  {}  {} of {}", shortened(terminal_, file, 28),
               bar(share, 24, terminal_), byte_count(static_cast<std::int64_t>(progress.done)),
               byte_count(static_cast<std::int64_t>(progress.total)));
    std::fflush(stderr);
    drawn_ = true;
  }

 private:
  Terminal terminal_;
  std::chrono::steady_clock::time_point last_{};
  bool drawn_ = false;
};

int download(const DataSettings& settings) {
  const vision::DataSetInfo& info = vision::data_set(settings.name);
  std::filesystem::path folder;
  {
    DownloadBar progress(Terminal::error());
    folder = vision::download_data_set(info, settings.root, {.progress = [&](const auto& state) {
                                         progress.show(state);
                                         return true;
                                       }});
  }
  fmt::print("{}\n", folder.string());
  return kExitDone;
}

int write_grid(const DataSettings& settings) {
  const auto in_grid = [](const char* flag, std::int64_t value) {
    if (value < 1 || value > 100) {
      throw UsageError(fmt::format("{} expected from 1 to 100, got {}", flag, value));
    }
    return static_cast<int>(value);
  };
  if (settings.seed < 0)
    throw UsageError(fmt::format("--seed expected at least 0, got {}", settings.seed));
  const vision::GridOptions options{.rows = in_grid("--rows", settings.rows),
                                    .columns = in_grid("--columns", settings.columns),
                                    .seed = static_cast<std::uint64_t>(settings.seed),
                                    .title = vision::data_set(settings.name).title};
  const auto dataset = open_data(settings.name, settings.root, true);
  const std::string output =
      settings.output.empty() ? settings.name + "-grid.svg" : settings.output;
  vision::draw_grid(*dataset, options).save(output);
  fmt::print("{}\n", output);
  return kExitDone;
}

/// A command below `data`, with the arguments that all of them have.
Command part(const char* name, const char* summary, int (*run)(const DataSettings&),
             const std::shared_ptr<DataSettings>& settings) {
  Command command(name, summary);
  command
      .add("--data-root", "PATH", settings->root,
           "where data sets lie (default $FOVEA_DATA, ~/.cache/fovea, /usr/share/datasets)")
      .directories();
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
  command.examples = {{"fovea data info fashion-mnist", "classes, licence, files"}};
  command.add_positional("NAME", settings->name, "a data set")
      .one_of(vision::data_set_names(), Words::kOpen)
      .must();
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
      {"fovea data grid mnist --rows 8 --columns 8 --output digits.svg --seed 3", "a larger one"},
  };
  command.details = "Prints the picture's path.";
  command.add_positional("NAME", settings->name, "a data set (default fashion-mnist)")
      .one_of(vision::data_set_names(), Words::kOpen);
  command.add("--output", "FILE", settings->output, "the picture, SVG (default NAME-grid.svg)")
      .files();
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
