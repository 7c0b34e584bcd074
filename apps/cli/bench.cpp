// fovea bench: the machine's measured peak, and which share of it training and inference reach.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/machine.h"
#include "apps/cli/model_choice.h"
#include "apps/cli/model_cost.h"
#include "apps/cli/table.h"
#include "apps/cli/timing.h"
#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/peak.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/linear.h"
#include "fovea/optim/adam.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/tape.h"
#include "fovea/train/environment.h"
#include "fovea/vision/models.h"

namespace fovea::cli {

namespace {

constexpr std::int64_t kBatch = 100;
constexpr double kPeakSeconds = 0.2;

struct BenchSettings {
  std::vector<std::string> models;
  std::int64_t threads = 0;
  std::string precision = "f32";
  std::string conv = "auto";
  std::int64_t rounds = 5;
  double seconds = 0.5;
  bool peak_only = false;
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

/// A model that lives as long as the pieces that run it.
struct Workload {
  ChosenModel model;
  Tensor images, labels;
  std::unique_ptr<optim::Adam> optimizer;
};

Tensor batch_of(const Shape& image, std::int64_t count) {
  Shape shape = image;
  shape.insert(0, count);
  return rand(shape);
}

/// Forward, backward and Adam on one batch. Backward is twice the forward's products, for weights
/// and for inputs, but nobody needs the gradient of the images.
Timed train_step(const std::string& name) {
  auto work = std::make_shared<Workload>();
  work->model = default_model(name, {});
  const ModelCost cost = measure_cost(*work->model.module, work->model.card.input);
  const auto first = std::find_if(cost.layers.begin(), cost.layers.end(),
                                  [](const LayerCost& layer) { return layer.multiply_adds > 0; });
  const std::int64_t first_cost = first == cost.layers.end() ? 0 : first->multiply_adds;
  work->model.module->train();
  work->images = batch_of(work->model.card.input, kBatch);
  work->labels = randint(0, work->model.classes, {kBatch});
  work->optimizer = std::make_unique<optim::Adam>(work->model.module->parameters());
  return {.name = "train-step/" + name,
          .work =
              [work] {
                work->optimizer->zero_grad();
                const Tensor scores = (*work->model.module)(work->images);
                cross_entropy(scores, work->labels).backward();
                work->optimizer->step();
              },
          .operations = 2.0 * kBatch * static_cast<double>(3 * cost.multiply_adds - first_cost)};
}

Timed inference(const std::string& name, std::int64_t batch) {
  auto work = std::make_shared<Workload>();
  work->model = default_model(name, {});
  const ModelCost cost = measure_cost(*work->model.module, work->model.card.input);
  work->images = batch_of(work->model.card.input, batch);
  return {.name = fmt::format("infer/{}/batch{}", name, batch),
          .work =
              [work] {
                const NoGrad no_grad;
                (*work->model.module)(work->images);
              },
          .operations = 2.0 * static_cast<double>(batch * cost.multiply_adds)};
}

/// The forward pass of each layer that multiplies, on the input that it sees in the model.
std::vector<Timed> layers(const std::string& name) {
  auto work = std::make_shared<Workload>();
  work->model = default_model(name, {});
  const ModelCost cost = measure_cost(*work->model.module, work->model.card.input);
  std::vector<Timed> pieces;
  for (const auto& [layer_name, layer] : work->model.module->named_modules()) {
    const auto found = std::find_if(cost.layers.begin(), cost.layers.end(),
                                    [&wanted = layer_name](const LayerCost& one) {
                                      return one.name == wanted && one.multiply_adds > 0;
                                    });
    if (found == cost.layers.end()) continue;
    auto input = std::make_shared<Tensor>();
    const std::int64_t hook = layer->register_forward_hook(
        [input](nn::Module&, const Tensor& x, Tensor&) { *input = x; });
    {
      const NoGrad no_grad;
      (*work->model.module)(batch_of(work->model.card.input, kBatch));
    }
    layer->remove_forward_hook(hook);
    pieces.push_back({.name = fmt::format("layer/{}/{}", name, layer_name),
                      .work =
                          [work, input, layer = layer] {
                            const NoGrad no_grad;
                            (*layer)(*input);
                          },
                      .operations = 2.0 * static_cast<double>(kBatch * found->multiply_adds)});
  }
  return pieces;
}

std::vector<Timed> make_pieces(const BenchSettings& settings) {
  std::vector<Timed> pieces;
  if (settings.models.empty()) {
    pieces = {train_step("fashion-cnn"), train_step("fashion-dnn"), inference("fashion-cnn", 1),
              inference("fashion-cnn", kBatch)};
  }
  for (const std::string& model : settings.models) {
    pieces.push_back(train_step(model));
    pieces.push_back(inference(model, 1));
    pieces.push_back(inference(model, kBatch));
  }
  const std::vector<std::string> by_layer =
      settings.models.empty() ? std::vector<std::string>{"fashion-cnn"} : settings.models;
  for (const std::string& model : by_layer) {
    for (Timed& piece : layers(model)) pieces.push_back(std::move(piece));
  }
  return pieces;
}

double gflops_of(const Timed& piece) { return piece.operations / median(piece.seconds) * 1e-9; }

void print_json(const BenchSettings& settings, const Peaks& peaks,
                const std::vector<Timed>& pieces) {
  using Json = nlohmann::ordered_json;
  const double peak = peaks.of(settings.precision), bf16 = peaks.of("bf16");
  Json rows = Json::array();
  for (const Timed& piece : pieces) {
    rows.push_back({{"name", piece.name},
                    {"threads", num_threads()},
                    {"precision", settings.precision},
                    {"ms", 1e3 * median(piece.seconds)},
                    {"gflops", gflops_of(piece)},
                    {"share_of_peak", gflops_of(piece) / peak}});
  }
  const Json document = {
      {"cpu", train::cpu_name()},
      {"isa", instruction_set()},
      {"threads", num_threads()},
      {"peak_gflops", {{"f32", peaks.of("f32")}, {"bf16", bf16 > 0 ? Json(bf16) : Json()}}},
      {"rows", std::move(rows)}};
  fmt::print("{}\n", document.dump(2));
}

void print_tables(const BenchSettings& settings, const Peaks& peaks,
                  const std::vector<Timed>& pieces, const Terminal& terminal) {
  fmt::print("{}, {}, {} threads, {}\n\n", train::cpu_name(), instruction_set(), num_threads(),
             settings.precision);
  fmt::print("  peak, 1 thread   {:8.1f} GFLOP/s\n  peak, {} threads  {:8.1f} GFLOP/s\n",
             median(peaks.one_thread), num_threads(), median(peaks.all_threads));
  if (peaks.of("bf16") > 0) fmt::print("  peak, bf16       {:8.1f} GFLOP/s\n", peaks.of("bf16"));
  fmt::print("  memory           {:8.1f} GB/s\n", peaks.memory_gb_per_s);
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
                   percent(gflops_of(piece) / peaks.of(settings.precision))});
  }
  fmt::print("\n{}", table.to_string(terminal));
}

int bench(const BenchSettings& settings) {
  if (settings.rounds < 1) {
    throw UsageError(fmt::format("--rounds expected at least 1, got {}", settings.rounds));
  }
  if (!(settings.seconds > 0 && settings.seconds <= 3600)) {
    throw UsageError(
        fmt::format("--seconds expected above 0, up to 3600, got {}", settings.seconds));
  }
  use_threads(settings.threads);
  set_linear_precision(settings.precision == "bf16" ? LinearPrecision::kBf16
                                                    : LinearPrecision::kF32);
  set_conv_algorithm(settings.conv == "direct" ? ConvAlgorithm::kDirect : ConvAlgorithm::kAuto);
  manual_seed(0);
  std::vector<Timed> pieces = settings.peak_only ? std::vector<Timed>() : make_pieces(settings);
  Peaks peaks;
  time_in_turns(pieces, static_cast<int>(settings.rounds), settings.seconds, [&peaks] {
    namespace cpu = kernels::cpu;
    peaks.one_thread.push_back(cpu::measure_peak_f32_gflops(1, kPeakSeconds));
    peaks.all_threads.push_back(cpu::measure_peak_f32_gflops(num_threads(), kPeakSeconds));
    peaks.bf16.push_back(cpu::measure_peak_bf16_gflops(num_threads(), kPeakSeconds));
  });
  if (settings.json) {
    print_json(settings, peaks, pieces);
    return kExitDone;
  }
  peaks.memory_gb_per_s = kernels::cpu::measure_memory_gb_per_s(num_threads(), kPeakSeconds);
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
      {"fovea bench --model fashion-dnn --threads 1 --json", "for scripts"},
  };
  command.details =
      "Times are medians of rounds that take turns with measurements of the peak. GFLOP/s count "
      "direct "
      "convolution, two for a multiply-add, whatever the algorithm.";
  command.add_switch("--peak", settings->peak_only, "measure the peak alone");
  command
      .add("--model", "M", settings->models,
           "a model instead of the usual ones; may be given several times")
      .one_of(vision::model_names(), Words::kOpen);
  add_threads_flag(command, settings->threads);
  command.add("--precision", "P", settings->precision, "of the arithmetic").one_of({"f32", "bf16"});
  command.add("--conv", "C", settings->conv, "algorithm of convolutions")
      .one_of({"auto", "direct"});
  command.add("--rounds", "N", settings->rounds, "rounds to take the median of");
  command.add("--seconds", "X", settings->seconds, "how long a row runs in each round");
  command.add_switch("--json", settings->json, "print one JSON document");
  command.run = [settings] { return bench(*settings); };
  return command;
}

}  // namespace fovea::cli
