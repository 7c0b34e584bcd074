#include "fovea/train/runs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/bytes.h"
#include "fovea/io/csv.h"
#include "fovea/io/json.h"
#include "fovea/io/read_file.h"
#include "fovea/io/tensors/safetensors_header.h"
#include "fovea/train/checkpoint.h"
#include "fovea/train/folder_lock.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/run_log.h"

namespace fovea::train {

namespace {

namespace fs = std::filesystem;

/// The rows of a CSV file below its heading, by the heading's names; none when it cannot be read. A
/// last row may be cut off.
std::vector<std::map<std::string, double>> number_rows(const fs::path& file) {
  std::vector<std::map<std::string, double>> rows;
  std::vector<io::CsvRow> table;
  try {
    table = io::parse_csv(io::read_text(file), file.string());
  } catch (const Error&) {
    return rows;
  }
  for (std::size_t i = 1; i < table.size(); ++i) {
    const std::vector<std::string>& fields = table[i].fields;
    if (fields.size() != table[0].fields.size()) continue;
    std::map<std::string, double>& row = rows.emplace_back();
    for (std::size_t k = 0; k < fields.size(); ++k) {
      double value = 0;
      const char* const end = fields[k].data() + fields[k].size();
      const auto read = std::from_chars(fields[k].data(), end, value);
      if (read.ec == std::errc() && read.ptr == end) row[table[0].fields[k]] = value;
    }
  }
  return rows;
}

std::optional<Score> score_of(const std::map<std::string, double>& row, const std::string& name) {
  const auto loss = row.find(name + "_loss"), accuracy = row.find(name + "_accuracy");
  if (loss == row.end() || accuracy == row.end()) return std::nullopt;
  return Score{.loss = loss->second, .accuracy = accuracy->second};
}

/// What report.json says of a number; nothing where there is no report or it does not say.
std::optional<double> reported(const std::optional<io::Json>& report, const char* key) {
  if (!report || !report->is_object() || !report->contains(key)) return std::nullopt;
  const io::Json& value = report->at(key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::optional<io::Json> read_report(const fs::path& run) {
  try {
    return io::parse_json(io::read_text(run / "report.json"));
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Sums up files, and finds when the last was written.
void measure(const fs::path& run, RunEntry& entry) {
  std::error_code error;
  for (fs::recursive_directory_iterator file(run, error), end; !error && file != end;
       file.increment(error)) {
    std::error_code gone;
    if (!file->is_regular_file(gone)) continue;
    entry.bytes += file->file_size(gone);
    entry.modified = std::max(entry.modified, file->last_write_time(gone));
  }
}

/// Values that are trained, by the header of weights/last; nothing where there is none to read.
std::optional<std::int64_t> parameters_of(const fs::path& run) {
  constexpr std::string_view kBuffers[] = {"running_mean", "running_var", "num_batches_tracked"};
  try {
    const io::InputFile file(run / "weights" / "last.safetensors");
    const std::string& name = file.path().native();
    std::array<std::byte, 8> head{};
    file.read_at(0, head);
    std::string text(
        io::check_safetensors_length(io::load_little<std::uint64_t>(head), file.size(), name), ' ');
    file.read_at(head.size(), std::as_writable_bytes(std::span(text)));
    std::int64_t sum = 0;
    for (const io::SafetensorsEntry& entry :
         io::parse_safetensors_header(text, file.size() - head.size() - text.size(), name)
             .entries) {
      const bool is_buffer = std::ranges::any_of(
          kBuffers, [&](std::string_view buffer) { return entry.name.ends_with(buffer); });
      if (!is_buffer) sum += entry.shape.numel();
    }
    return sum;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

const char* word_of(RunStatus state) {
  switch (state) {
    case RunStatus::kRunning:
      return "running";
    case RunStatus::kDone:
      return "done";
    case RunStatus::kStopped:
      return "stopped";
    case RunStatus::kDied:
      return "died";
    case RunStatus::kBroken:
      break;
  }
  return "broken";
}

RunStatus status_of_run(const fs::path& run) {
  std::error_code error;
  if (is_folder_locked(run)) return RunStatus::kRunning;
  try {
    (void)read_config(run / "config.toml");
  } catch (const Error&) {
    return RunStatus::kBroken;
  }
  if (fs::exists(run / "report.json", error)) return RunStatus::kDone;
  return fs::exists(run / RunDirectory::kStoppedMark, error) ? RunStatus::kStopped
                                                             : RunStatus::kDied;
}

std::vector<RunEntry> list_runs(const fs::path& project) {
  std::vector<RunEntry> runs;
  std::error_code error;
  for (fs::directory_iterator folder(project, error), end; !error && folder != end;
       folder.increment(error)) {
    const fs::path& run = folder->path();
    std::error_code none;
    if (run.filename().string().starts_with('.') || !fs::exists(run / "config.toml", none))
      continue;
    RunEntry& entry = runs.emplace_back();
    entry.name = run.filename().string();
    entry.state = status_of_run(run);
    if (entry.state != RunStatus::kBroken) {
      try {
        entry.config = read_config(run / "config.toml");
      } catch (const Error&) {
        entry.state = RunStatus::kBroken;
      }
    }
    const std::vector<EpochEvent> epochs = run_epochs(run);
    entry.epochs_done = std::ssize(epochs);
    if (!epochs.empty()) entry.last = epochs.back();
    const std::optional<io::Json> report = read_report(run);
    entry.accuracy = reported(report, "accuracy");
    entry.loss = reported(report, "loss");
    if (entry.last && !entry.accuracy) {
      const Score& score = entry.last->test  ? *entry.last->test
                           : entry.last->val ? *entry.last->val
                                             : entry.last->train;
      entry.accuracy = score.accuracy;
      entry.loss = score.loss;
    }
    entry.parameters = parameters_of(run);
    measure(run, entry);
  }
  std::ranges::sort(runs, [](const RunEntry& a, const RunEntry& b) {
    return std::pair(b.modified, a.name) < std::pair(a.modified, b.name);
  });
  return runs;
}

std::vector<EpochEvent> run_epochs(const fs::path& run) {
  std::vector<EpochEvent> epochs;
  for (const auto& row : number_rows(run / "results.csv")) {
    const auto number = [&](const char* name) {
      const auto found = row.find(name);
      return found == row.end() ? 0.0 : found->second;
    };
    const auto whole = [&](const char* name) { return static_cast<std::int64_t>(number(name)); };
    epochs.push_back({.epoch = whole("epoch"),
                      .step = whole("step"),
                      .time_s = number("time_s"),
                      .lr = number("lr"),
                      .train = score_of(row, "train").value_or(Score()),
                      .val = score_of(row, "val"),
                      .test = score_of(row, "test"),
                      .images_per_s = number("images_per_s"),
                      .data_wait_s = number("data_wait_s")});
  }
  return epochs;
}

StepLosses run_steps(const fs::path& run, std::size_t most) {
  const auto rows = number_rows(run / "steps.csv");
  const std::size_t each = std::max<std::size_t>(1, (rows.size() + most - 1) / most);
  StepLosses result;
  for (std::size_t i = 0; i < rows.size(); i += each) {
    double sum = 0;
    const std::size_t end = std::min(i + each, rows.size());
    for (std::size_t k = i; k < end; ++k)
      if (const auto loss = rows[k].find("loss"); loss != rows[k].end()) sum += loss->second;
    const auto step = rows[end - 1].find("step");
    if (step == rows[end - 1].end()) continue;
    result.steps.push_back(static_cast<std::int64_t>(step->second));
    result.losses.push_back(sum / static_cast<double>(end - i));
  }
  return result;
}

std::vector<CheckpointEntry> run_checkpoints(const fs::path& run) {
  std::vector<CheckpointEntry> entries;
  const std::vector<EpochEvent> epochs = run_epochs(run);
  for (const fs::path& file : CheckpointFolder(run / "state").files()) {
    const std::int64_t step = *checkpoint_step(file);
    const auto epoch =
        std::ranges::find_if(epochs, [&](const EpochEvent& e) { return e.step >= step; });
    entries.push_back({step, epoch != epochs.end() ? epoch->epoch
                             : epochs.empty()      ? 1
                                                   : epochs.back().epoch + 1});
  }
  return entries;
}

}  // namespace fovea::train
