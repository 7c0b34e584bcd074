#include "fovea/train/run_log.h"

#include <cstdarg>
#include <cstdio>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/read_file.h"
#include "fovea/train/charts.h"

namespace fovea::train {

namespace {

constexpr const char* kResults = "results.csv";
constexpr const char* kSteps = "steps.csv";

/// Text as printf makes it.
[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  char buffer[256];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(buffer, sizeof buffer, pattern, arguments);
  va_end(arguments);
  return buffer;
}

std::string score_fields(const std::optional<Score>& score) {
  return score ? format(",%.8f,%.8f", score->loss, score->accuracy) : ",,";
}

}  // namespace

RunLog::RunLog(const RunDirectory& directory, Warnings& warnings, std::string model,
               std::int64_t log_every, RunLogStart start)
    : directory_(directory),
      warnings_(warnings),
      model_(std::move(model)),
      log_every_(log_every),
      epochs_(std::move(start.epochs)),
      results_(open_results()),
      steps_(open_steps(length_of(start.lengths, kSteps))) {}

std::unique_ptr<io::GrowingFile> RunLog::open_results() {
  std::unique_ptr<io::GrowingFile> opened;
  warnings_.tolerate(kResults, [&] {
    std::string rows = std::string(results_header()) + '\n';
    for (const EpochEvent& epoch : epochs_) rows += results_row(epoch) + '\n';
    const std::filesystem::path path = directory_.path() / kResults;
    // A row that a full disk refused, or that somebody took out, is written again.
    if (!std::filesystem::exists(path) || !io::read_text(path).starts_with(rows))
      directory_.write(kResults, rows);
    opened = std::make_unique<io::GrowingFile>(path, rows.size());
  });
  return opened;
}

std::unique_ptr<io::GrowingFile> RunLog::open_steps(std::uint64_t length) {
  std::unique_ptr<io::GrowingFile> opened;
  warnings_.tolerate(kSteps, [&] {
    opened = std::make_unique<io::GrowingFile>(directory_.path() / kSteps, length);
    const std::uint64_t found = opened->size();
    if (found == 0) opened->append("step,loss\n");
    check<IoError>(found == length, "steps.csv: rows expected as when the checkpoint was written, ",
                   length, " bytes, got ", found, ": the others are lost (",
                   opened->path().native(), ")");
  });
  return opened;
}

void RunLog::add_row(io::GrowingFile* file, const std::string& row) {
  if (file == nullptr) return;
  warnings_.tolerate(file->path().filename(), [&] { file->append(row + '\n'); });
}

void RunLog::on_step(const StepEvent& event) {
  if (log_every_ == 0 || event.step % log_every_ != 0) return;
  // 9 significant digits name an f32 exactly.
  add_row(steps_.get(), format("%lld,%.9g", static_cast<long long>(event.step), event.loss));
}

void RunLog::on_epoch_end(const EpochEvent& event) {
  epochs_.push_back(event);
  add_row(results_.get(), results_row(event));
  warnings_.tolerate("curves.svg", [&] {
    directory_.write("curves.svg", draw_curves(epochs_, model_).to_string());
  });
}

FileLengths RunLog::sync() {
  FileLengths lengths;
  add_synced(results_.get(), warnings_, lengths);
  add_synced(steps_.get(), warnings_, lengths);
  return lengths;
}

void add_synced(io::GrowingFile* file, Warnings& warnings, FileLengths& lengths) {
  if (file == nullptr) return;
  const std::string name = file->path().filename();
  warnings.tolerate(name, [&] { file->sync(); });
  lengths.emplace_back(name, static_cast<std::int64_t>(file->size()));
}

std::uint64_t length_of(const FileLengths& lengths, std::string_view file) {
  for (const auto& [name, length] : lengths)
    if (name == file) return length < 0 ? 0 : static_cast<std::uint64_t>(length);
  return 0;
}

std::string_view results_header() {
  return "epoch,step,time_s,lr,train_loss,train_accuracy,val_loss,val_accuracy,"
         "test_loss,test_accuracy,images_per_s,data_wait_s";
}

std::string results_row(const EpochEvent& event) {
  return format("%lld,%lld,%.6f,%.9g", static_cast<long long>(event.epoch),
                static_cast<long long>(event.step), event.time_s, event.lr) +
         score_fields(event.train) + score_fields(event.val) + score_fields(event.test) +
         format(",%.3f,%.6f", event.images_per_s, event.data_wait_s);
}

}  // namespace fovea::train
