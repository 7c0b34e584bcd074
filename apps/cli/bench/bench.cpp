// fovea bench: the machine's measured peak, and which share of it training and inference reach.

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/machine_flags.h"
#include "apps/base/model_flags.h"
#include "apps/base/output.h"
#include "apps/base/table.h"
#include "apps/cli/bench/bench_rows.h"
#include "apps/cli/bench/timing.h"
#include "apps/cli/commands.h"
#include "fovea/core/parallel.h"
#include "fovea/io/json.h"
#include "fovea/kernels/backend.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/train/environment.h"

namespace fovea::cli {

namespace {

constexpr double kPeakSeconds = 0.2;

struct BenchSettings {
  std::vector<std::string> models;
  std::vector<std::string> model_options;
  std::vector<std::string> only;
  std::int64_t random = 0;
  std::int64_t seed = 0;
  std::int64_t batch_size = 0;
  MachineFlags machine;
  std::int64_t rounds = 5;
  double seconds = 0.5;
  bool peak_only = false;
  bool list = false;
  bool json = false;
};

/// The machine's measured peaks; values are in the order of the rounds.
struct Peaks {
  std::vector<double> one_thread;   // GFLOP/s
  std::vector<double> all_threads;  // GFLOP/s
  std::vector<double> bf16;         // GFLOP/s on all threads; 0 where there is no bf16
  double memory_gb_per_s = 0;

  double of(const std::string& precision) const {
    return median(precision == "bf16" ? bf16 : all_threads);
  }
};

using Network = std::shared_ptr<const BenchNetwork>;

/// Images of a training step.
std::int64_t batch_size(const BenchSettings& settings, const BenchNetwork& network) {
  return settings.batch_size > 0 ? settings.batch_size : network.batch_size;
}

/// Rows of a network and of its layers.
void add_all_rows(const BenchSettings& settings, const Network& network,
                  std::vector<BenchRow>& rows) {
  const std::int64_t batch = batch_size(settings, *network);
  rows.push_back(train_row(network, batch));
  std::vector<std::int64_t> batches = {1};
  if (batch != 1) batches.push_back(batch);
  for (const std::int64_t images : batches) rows.push_back(infer_row(network, images));
  for (const std::int64_t images : batches) rows.push_back(session_row(network, images));
  for (BenchRow& row : layer_rows(network, batch)) rows.push_back(std::move(row));
}

void add_training_row(const BenchSettings& settings, const Network& network,
                      std::vector<BenchRow>& rows) {
  rows.push_back(train_row(network, batch_size(settings, *network)));
}

/// Whether a row's name has one of the texts in it; all have, where there are none.
bool wanted(const std::string& name, const std::vector<std::string>& texts) {
  return texts.empty() || std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
           return name.find(text) != std::string::npos;
         });
}

std::vector<BenchRow> choose_rows(const BenchSettings& settings) {
  std::vector<BenchRow> rows;
  if (settings.peak_only) return rows;
  const models::ModelOptions options = model_options_of(settings.model_options);
  for (const std::string& model : settings.models) {
    add_all_rows(settings, model_network(model, options), rows);
  }
  for (std::int64_t i = 0; i < settings.random; ++i) {
    const auto seed = static_cast<std::uint64_t>(settings.seed + i);
    add_training_row(settings, random_network(seed), rows);
  }
  if (rows.empty()) {
    add_all_rows(settings, model_network("fashion-cnn", {}), rows);
    add_training_row(settings, model_network("fashion-dnn", {}), rows);
    add_training_row(settings, stack_network(), rows);
  }
  std::erase_if(rows, [&](const BenchRow& row) { return !wanted(row.name, settings.only); });
  if (rows.empty()) {
    throw UsageError(fmt::format("--only expected a part of a row's name, got {}",
                                 fmt::join(settings.only, ", ")));
  }
  return rows;
}

using io::Json;

/// From this another program can build the same network (bench/peers does).
Json to_json(const BenchNetwork& network, std::int64_t batch_size) {
  return {{"input", std::vector<std::int64_t>(network.input.begin(), network.input.end())},
          {"classes", network.classes},
          {"batch_size", batch_size},
          {"layers", network.layers}};
}

/// The instruction set of the device, or its name where it says none.
std::string instructions() {
  const std::string said = kernels::fact(default_device(), "instructions");
  return said.empty() ? default_device().name() : said;
}

Json header_json() {
  return {{"cpu", train::cpu_name()}, {"isa", instructions()}, {"threads", num_threads()}};
}

void print_list(const std::vector<BenchRow>& rows, bool as_json) {
  Json list = Json::array();
  for (const BenchRow& row : rows) {
    if (!as_json) put("{}\n", row.name);
    Json one = {{"name", row.name}};
    if (!row.network->layers.empty()) one["network"] = to_json(*row.network, row.batch_size);
    list.push_back(std::move(one));
  }
  Json document = header_json();
  document["rows"] = std::move(list);
  if (as_json) put("{}\n", io::json_lines(document));
}

double gflops_of(const Timed& piece) { return piece.operations / median(piece.seconds) * 1e-9; }

void print_json(const BenchSettings& settings, const Peaks& peaks,
                const std::vector<Timed>& pieces) {
  const double peak = peaks.of(settings.machine.precision), bf16 = peaks.of("bf16");
  Json list = Json::array();
  for (const Timed& piece : pieces) {
    list.push_back({{"name", piece.name},
                    {"threads", num_threads()},
                    {"precision", settings.machine.precision},
                    {"ms", 1e3 * median(piece.seconds)},
                    {"gflops", gflops_of(piece)},
                    {"share_of_peak", gflops_of(piece) / peak}});
  }
  Json document = header_json();
  document["peak_gflops"] = {{"f32", peaks.of("f32")}, {"bf16", bf16 > 0 ? Json(bf16) : Json()}};
  document["rows"] = std::move(list);
  put("{}\n", io::json_lines(document));
}

void print_tables(const BenchSettings& settings, const Peaks& peaks,
                  const std::vector<Timed>& pieces, const Terminal& terminal) {
  put("{}, {}, {} threads, {}\n\n", train::cpu_name(), instructions(), num_threads(),
      settings.machine.precision);
  put("  peak, 1 thread   {:8.1f} GFLOP/s\n  peak, {} threads  {:8.1f} GFLOP/s\n",
      median(peaks.one_thread), num_threads(), median(peaks.all_threads));
  if (peaks.of("bf16") > 0) put("  peak, bf16       {:8.1f} GFLOP/s\n", peaks.of("bf16"));
  put("  memory           {:8.1f} GB/s\n", peaks.memory_gb_per_s);
  if (pieces.empty()) return;
  Table table({{"", Align::kLeft},
               {"ms", Align::kRight},
               {"spread", Align::kRight},
               {"GFLOP/s", Align::kRight},
               {"of peak", Align::kRight}});
  for (const Timed& piece : pieces) {
    const auto [least, most] = std::minmax_element(piece.seconds.begin(), piece.seconds.end());
    const double middle = median(piece.seconds);
    table.add_row({piece.name, fmt::format("{:.3f}", 1e3 * middle),
                   fmt::format("{:.0f} %", 100 * (*most - *least) / middle),
                   fmt::format("{:.1f}", gflops_of(piece)),
                   percent(gflops_of(piece) / peaks.of(settings.machine.precision))});
  }
  put("\n{}", table.to_string(terminal));
}

void check_settings(const BenchSettings& settings) {
  check_range("--rounds", settings.rounds, 1, 1'000'000);
  check_range("--random", settings.random, 0, 1'000'000);
  check_range("--seed", settings.seed, 0, std::numeric_limits<std::int64_t>::max() - 1'000'000);
  check_range("--batch-size", settings.batch_size, 0, 1'000'000);
  if (!(settings.seconds > 0 && settings.seconds <= 3600)) {
    throw UsageError(
        fmt::format("--seconds expected above 0, up to 3600, got {}", settings.seconds));
  }
}

int bench(const BenchSettings& settings) {
  check_settings(settings);
  const train::MachineScope machine = use_machine(settings.machine);
  manual_seed(0);
  const std::vector<BenchRow> rows = choose_rows(settings);
  if (settings.list) {
    print_list(rows, settings.json);
    return kExitDone;
  }
  std::vector<Timed> pieces;
  pieces.reserve(rows.size());
  for (const BenchRow& row : rows) pieces.push_back(row.make());
  Peaks peaks;
  const auto measure = [](kernels::Peak peak, int threads) {
    return kernels::measure(default_device(), peak, threads, kPeakSeconds);
  };
  time_in_turns(pieces, static_cast<int>(settings.rounds), settings.seconds, [&] {
    peaks.one_thread.push_back(measure(kernels::Peak::kF32, 1));
    peaks.all_threads.push_back(measure(kernels::Peak::kF32, num_threads()));
    peaks.bf16.push_back(measure(kernels::Peak::kBf16, num_threads()));
  });
  if (settings.json) {
    print_json(settings, peaks, pieces);
    return kExitDone;
  }
  peaks.memory_gb_per_s = measure(kernels::Peak::kMemory, num_threads());
  print_tables(settings, peaks, pieces, Terminal::output());
  return kExitDone;
}

}  // namespace

Command bench_command() {
  auto settings = std::make_shared<BenchSettings>();
  Command command("bench", "Measure the machine's peak and which share of it models reach");
  command.examples = {
      {"fovea bench", "training, inference and the layers of fashion-cnn"},
      {"fovea bench --peak", "what the machine can do at most"},
      {"fovea bench --model vgg11 --model-opt image_size=32", "a model, for other images"},
      {"fovea bench --random 20", "networks drawn at random"},
      {"fovea bench --only train-step --threads 1 --json", "for scripts"},
  };
  command.details =
      "Times are medians of rounds that take turns with measurements of the peak. GFLOP/s count "
      "direct convolution, two for a multiply-add, whatever the algorithm. A training step is "
      "forward, backward and Adam on 100 images, or on fewer where a model is large.";
  command.add_switch("--peak", settings->peak_only, "measure the peak alone");
  command
      .add("--model", "M", settings->models,
           "a model instead of the usual ones; may be given several times")
      .one_of(models::model_names(), Words::kOpen)
      .files();
  add_model_option_flag(command, settings->model_options);
  command.add("--random", "N", settings->random,
              "training steps of N networks drawn at random instead of the usual ones");
  command.add("--seed", "N", settings->seed, "number of the first network drawn");
  command.add("--only", "TEXT", settings->only,
              "rows with TEXT in their names; may be given several times");
  command.add_switch("--list", settings->list, "name the rows and measure nothing");
  command.add("--batch-size", "N", settings->batch_size, "images of a step (default 100, or fewer)")
      .shown_default("");
  command.add("--rounds", "N", settings->rounds, "rounds to take the median of");
  command.add("--seconds", "X", settings->seconds, "how long a row runs in each round");
  command.add_switch("--json", settings->json, "print one JSON document");
  add_machine_flags(command, settings->machine);
  command.run = [settings] { return bench(*settings); };
  return command;
}

}  // namespace fovea::cli
