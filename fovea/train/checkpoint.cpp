#include "fovea/train/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <system_error>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/vision/sha256.h"

namespace fovea::train {

namespace {

namespace fs = std::filesystem;

constexpr const char* kVersionKey = "fovea.checkpoint";
constexpr const char* kSumKey = "fovea.sha256";
constexpr const char* kVersion = "1";
constexpr const char* kModel = "model.";
constexpr const char* kOptimizer = "optimizer.";
constexpr const char* kAverage = "average.";
constexpr const char* kBestEpoch = "best.epoch";
constexpr const char* kBestScore = "best.score";
constexpr const char* kLog = "log.";

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Calls `f(name, number)` for each number of a position and a plan.
template <class Position, class Plan, class F>
void visit_numbers(Position& position, Plan& plan, const F& f) {
  f("position.epoch", position.epoch);
  f("position.step", position.step);
  f("position.step_in_epoch", position.step_in_epoch);
  f("position.samples", position.samples);
  f("position.correct", position.correct);
  f("position.loss_sum", position.loss_sum);
  f("position.lr", position.lr);
  f("position.time_s", position.time_s);
  f("position.epoch_s", position.epoch_s);
  f("position.data_wait_s", position.data_wait_s);
  f("position.judged", position.judged);
  f("plan.epochs", plan.epochs);
  f("plan.steps_per_epoch", plan.steps_per_epoch);
  f("plan.train_samples", plan.train_samples);
  f("plan.val_samples", plan.val_samples);
  f("plan.test_samples", plan.test_samples);
}

Tensor of_number(std::int64_t number) {
  return from_data(std::vector<std::int64_t>{number}, {}, cpu);
}
Tensor of_number(double number) { return from_data(std::vector<double>{number}, {}, cpu); }

// --- Rows of results.csv -------------------------------------------------------------------------

constexpr std::int64_t kScore = 3;  // numbers of one
constexpr std::int64_t kColumns = 6 + 3 * kScore;

void add_score(std::vector<double>& row, const std::optional<Score>& score) {
  row.push_back(score ? score->loss : kNone);
  row.push_back(score ? score->accuracy : kNone);
  row.push_back(score ? score->macro_f1 : kNone);
}

std::optional<Score> read_score(std::span<const double> numbers) {
  if (std::isnan(numbers[0])) return {};
  return Score{numbers[0], numbers[1], numbers[2]};
}

Tensor of_epochs(const std::vector<EpochEvent>& epochs) {
  std::vector<double> rows;
  for (const EpochEvent& event : epochs) {
    for (const double number : {static_cast<double>(event.epoch), static_cast<double>(event.step),
                                event.time_s, event.lr, event.images_per_s, event.data_wait_s})
      rows.push_back(number);
    add_score(rows, event.train);
    add_score(rows, event.val);
    add_score(rows, event.test);
  }
  return from_data(rows, {static_cast<std::int64_t>(epochs.size()), kColumns}, cpu);
}

std::vector<EpochEvent> read_epochs(const Tensor& rows) {
  const std::vector<double> numbers = rows.to_vector<double>();
  std::vector<EpochEvent> epochs;
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const auto row = std::span(numbers).subspan(static_cast<std::size_t>(i * kColumns),
                                                static_cast<std::size_t>(kColumns));
    epochs.push_back({.epoch = std::llround(row[0]),
                      .step = std::llround(row[1]),
                      .time_s = row[2],
                      .lr = row[3],
                      .train = read_score(row.subspan(6)).value_or(Score{}),
                      .val = read_score(row.subspan(6 + kScore)),
                      .test = read_score(row.subspan(6 + 2 * kScore)),
                      .images_per_s = row[4],
                      .data_wait_s = row[5]});
  }
  return epochs;
}

// --- Tensors -------------------------------------------------------------------------------------

StateDict to_tensors(const Checkpoint& checkpoint) {
  StateDict tensors;
  for (const auto& [name, tensor] : checkpoint.model) tensors.emplace_back(kModel + name, tensor);
  for (const auto& [name, tensor] : checkpoint.optimizer)
    tensors.emplace_back(kOptimizer + name, tensor);
  for (const auto& [name, tensor] : checkpoint.average)
    tensors.emplace_back(kAverage + name, tensor);
  visit_numbers(checkpoint.position, checkpoint.plan, [&](const char* name, auto number) {
    tensors.emplace_back(name, of_number(number));
  });
  tensors.emplace_back("epochs", of_epochs(checkpoint.epochs));
  tensors.emplace_back(kBestEpoch, of_number(checkpoint.best_epoch));
  for (const auto& [file, length] : checkpoint.logs)
    tensors.emplace_back(kLog + file, of_number(length));
  std::vector<double> best;
  add_score(best, checkpoint.best_score);
  tensors.emplace_back(kBestScore, from_data(best, {kScore}, cpu));
  tensors.emplace_back(
      "generator",
      from_data(std::vector<std::int64_t>{static_cast<std::int64_t>(checkpoint.seed),
                                          static_cast<std::int64_t>(checkpoint.generator_position)},
                {2}, cpu));
  return tensors;
}

/// The SHA-256 of all that `tensors` say, whatever their order.
std::string digest_of(const StateDict& tensors) {
  std::vector<const std::pair<std::string, Tensor>*> sorted;
  for (const auto& named : tensors) sorted.push_back(&named);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  vision::Sha256 sum;
  for (const auto* named : sorted) {
    const auto& [name, tensor] = *named;
    const std::string head = str(name.size(), ' ', name, ' ', tensor.dtype(), ' ', tensor.sizes());
    sum.update(std::as_bytes(std::span(head)));
    sum.update(to_bytes(tensor));
  }
  return sum.hex();
}

/// A tensor of the file that must be there as it should be.
const Tensor& expect(const StateDict& tensors, const std::string& name, DType dtype,
                     const Shape& sizes, const std::string& file) {
  const Tensor* tensor = find(tensors, name);
  check<ParseError>(tensor != nullptr, "checkpoint: tensor \"", name, "\" expected, got none (",
                    file, ")");
  check<ParseError>(tensor->dtype() == dtype && tensor->sizes() == sizes, "checkpoint: tensor \"",
                    name, "\" expected ", dtype, ' ', sizes, ", got ", tensor->dtype(), ' ',
                    tensor->sizes(), " (", file, ")");
  return *tensor;
}

Checkpoint from_tensors(const StateDict& tensors, const std::string& file) {
  Checkpoint checkpoint;
  for (const auto& [name, tensor] : tensors) {
    const auto take = [&, &whole = name, &value = tensor](const std::string& prefix,
                                                          StateDict& into) {
      if (whole.starts_with(prefix)) into.emplace_back(whole.substr(prefix.size()), value);
    };
    take(kModel, checkpoint.model);
    take(kOptimizer, checkpoint.optimizer);
    take(kAverage, checkpoint.average);
    if (name.starts_with(kLog))
      checkpoint.logs.emplace_back(name.substr(std::string_view(kLog).size()),
                                   expect(tensors, name, i64, {}, file).item<std::int64_t>());
  }
  visit_numbers(checkpoint.position, checkpoint.plan, [&](const char* name, auto& number) {
    using T = std::remove_cvref_t<decltype(number)>;
    number = expect(tensors, name, dtype_of<T>, {}, file).template item<T>();
  });
  const Tensor* epochs = find(tensors, "epochs");
  const std::int64_t rows = epochs != nullptr && epochs->dim() == 2 ? epochs->size(0) : 0;
  checkpoint.epochs = read_epochs(expect(tensors, "epochs", f64, {rows, kColumns}, file));
  checkpoint.best_epoch = expect(tensors, kBestEpoch, i64, {}, file).item<std::int64_t>();
  checkpoint.best_score =
      read_score(expect(tensors, kBestScore, f64, {kScore}, file).to_vector<double>());
  const auto generator = expect(tensors, "generator", i64, {2}, file).to_vector<std::int64_t>();
  checkpoint.seed = static_cast<std::uint64_t>(generator[0]);
  checkpoint.generator_position = static_cast<std::uint64_t>(generator[1]);
  return checkpoint;
}

void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  check<IoError>(!error, "checkpoint: file expected to be removed, got ", error.message(), " (",
                 path.native(), ")");
}

}  // namespace

void save_checkpoint(const fs::path& path, const Checkpoint& checkpoint) {
  const StateDict tensors = to_tensors(checkpoint);
  io::save_safetensors(path, tensors, {{kVersionKey, kVersion}, {kSumKey, digest_of(tensors)}});
}

Checkpoint load_checkpoint(const fs::path& path) {
  const std::string& file = path.native();
  const io::SafeTensors content = io::load_safetensors(path);
  const auto version = content.metadata.find(kVersionKey);
  check<ParseError>(version != content.metadata.end(), "checkpoint: metadata expected ",
                    kVersionKey, ", got none (", file, ")");
  check<ParseError>(version->second == kVersion, "checkpoint: version expected ", kVersion,
                    ", got \"", version->second, "\": written by another Fovea (", file, ")");
  const auto sum = content.metadata.find(kSumKey);
  check<ParseError>(sum != content.metadata.end() && sum->second == digest_of(content.tensors),
                    "checkpoint: content expected to have the SHA-256 that it names, got another: "
                    "the file is damaged (",
                    file, ")");
  return from_tensors(content.tensors, file);
}

std::optional<std::int64_t> checkpoint_step(const fs::path& path) {
  const std::string name = path.filename().string();
  constexpr std::string_view kPrefix = "step-", kSuffix = ".safetensors";
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return {};
  const char* const begin = name.data() + kPrefix.size();
  const char* const end = name.data() + name.size() - kSuffix.size();
  std::int64_t step = 0;
  const auto [after, error] = std::from_chars(begin, end, step);
  if (begin >= end || error != std::errc() || after != end || step < 0) return {};
  return step;
}

void CheckpointFolder::save(const Checkpoint& checkpoint) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  check<IoError>(!error, "checkpoint: folder expected to be made, got ", error.message(), " (",
                 folder_.native(), ")");
  const fs::path path = folder_ / str("step-", checkpoint.position.step, ".safetensors");
  save_checkpoint(path, checkpoint);
  const std::vector<fs::path> all = files();
  // Those of later steps were damaged, or are of a way that the training did not go.
  const auto own = std::find(all.begin(), all.end(), path);
  for (auto file = all.begin(); file != all.end(); ++file)
    if (file < own || file - own >= keep_) remove_file(*file);
}

std::vector<fs::path> CheckpointFolder::files() const {
  std::vector<std::pair<std::int64_t, fs::path>> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (const auto step = checkpoint_step(entry->path())) found.emplace_back(*step, entry->path());
  }
  check<IoError>(!error || error == std::errc::no_such_file_or_directory,
                 "checkpoint: folder expected to be readable, got ", error.message(), " (",
                 folder_.native(), ")");
  std::sort(found.begin(), found.end(), std::greater<>());
  std::vector<fs::path> paths;
  paths.reserve(found.size());
  for (auto& [step, path] : found) paths.push_back(std::move(path));
  return paths;
}

Checkpoint CheckpointFolder::load_newest(
    const std::function<void(const std::string&)>& on_damaged) const {
  const std::vector<fs::path> all = files();
  check<IoError>(!all.empty(), "checkpoint: files expected in the folder, got none (",
                 folder_.native(), ")");
  for (std::size_t i = 0;; ++i) {
    try {
      return load_checkpoint(all[i]);
    } catch (const ParseError& damaged) {
      if (i + 1 == all.size()) throw;
      if (on_damaged) on_damaged(str(damaged.what(), "; the one before it is taken"));
    }
  }
}

void CheckpointFolder::clear() const {
  for (const fs::path& path : files()) remove_file(path);
}

}  // namespace fovea::train
