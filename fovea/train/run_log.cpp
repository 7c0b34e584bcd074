#include "fovea/train/run_log.h"

#include <cstdarg>
#include <cstdio>
#include <utility>

#include "fovea/train/charts.h"

namespace fovea::train {

namespace {

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
      results_(open("results.csv", results_header(), start.lengths)),
      steps_(open("steps.csv", "step,loss", start.lengths)) {}

std::unique_ptr<io::GrowingFile> RunLog::open(const char* file, std::string_view header,
                                              const FileLengths& lengths) {
  std::unique_ptr<io::GrowingFile> opened;
  warnings_.tolerate(file, [&] {
    opened = std::make_unique<io::GrowingFile>(directory_.path() / file, length_of(lengths, file));
    if (opened->size() == 0) opened->append(std::string(header) + '\n');
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
