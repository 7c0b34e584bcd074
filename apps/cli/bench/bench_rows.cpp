#include "apps/cli/bench/bench_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "fovea/graph/graph_module.h"
#include "fovea/graph/session.h"
#include "fovea/graph/trace.h"
#include "fovea/nn/nn.h"
#include "fovea/nn/random_network.h"
#include "fovea/optim/adam.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/tape.h"

namespace fovea::cli {

namespace {

using NetworkPtr = std::shared_ptr<const BenchNetwork>;

constexpr std::int64_t kUsualBatch = 100;
constexpr std::int64_t kStackBatch = 64;
constexpr std::int64_t kRandomBatch = 32;
// A step is three times its forward pass: about a second on two cores.
constexpr double kMostForwardFlop = 100e9;

Tensor batch_of(const Shape& image, std::int64_t count) {
  Shape shape = image;
  shape.insert(0, count);
  return rand(shape);
}

/// The network with all that follows from `make`.
std::shared_ptr<BenchNetwork> complete(BenchNetwork network) {
  network.evaluated = network.make();
  network.evaluated->eval();
  network.cost = models::measure_cost(*network.evaluated, network.input);
  if (const auto* layers = dynamic_cast<const nn::Sequential*>(network.evaluated.get())) {
    network.layers = nn::layer_texts(*layers);
  }
  return std::make_shared<BenchNetwork>(std::move(network));
}

std::shared_ptr<nn::Sequential> make_stack() {
  auto stack = std::make_shared<nn::Sequential>();
  std::int64_t channels = 3;
  for (const std::int64_t filters : {64, 128, 256}) {
    stack->push_back(nn::Conv2d(
        {.in_channels = channels, .out_channels = filters, .kernel_size = 3, .padding = 1}));
    stack->push_back(nn::BatchNorm2d(filters));
    stack->push_back(nn::ReLU());
    stack->push_back(nn::MaxPool2d({.kernel_size = 2}));
    channels = filters;
  }
  stack->push_back(nn::Flatten());
  stack->push_back(nn::Linear(channels * 4 * 4, 10));
  return stack;
}

/// Operations of a training step on one image: backward is twice the forward's products, for
/// weights and for inputs, but nobody needs the gradient of the images.
double step_operations(const models::ModelCost& cost) {
  const auto first =
      std::find_if(cost.layers.begin(), cost.layers.end(),
                   [](const models::LayerCost& layer) { return layer.multiply_adds > 0; });
  const std::int64_t first_cost = first == cost.layers.end() ? 0 : first->multiply_adds;
  return 2.0 * static_cast<double>(3 * cost.multiply_adds - first_cost);
}

/// What a training step works on, for as long as somebody runs it.
struct Training {
  std::shared_ptr<nn::Module> module;
  Tensor images, labels;
  optim::Adam optimizer;

  Training(const BenchNetwork& network, std::int64_t batch_size)
      : module(network.make()),
        images(batch_of(network.input, batch_size)),
        labels(randint(0, network.classes, {batch_size})),
        optimizer(module->parameters()) {}
  void step() {
    optimizer.zero_grad();
    nn::training_loss(nn::training_scores(*module, images), [this](const Tensor& scores) {
      return cross_entropy(scores, labels);
    }).backward();
    optimizer.step();
  }
};

/// What enters `layer` when the network sees a batch.
Tensor input_of(const BenchNetwork& network, nn::Module& layer, std::int64_t batch_size) {
  Tensor input;
  const std::int64_t hook =
      layer.register_forward_hook([&input](nn::Module&, const Tensor& x, Tensor&) { input = x; });
  const NoGrad no_grad;
  (*network.evaluated)(batch_of(network.input, batch_size));
  layer.remove_forward_hook(hook);
  return input;
}

/// "KIND/NAME/batchN": `run` on a batch.
BenchRow forward_row(const char* kind, const NetworkPtr& network, std::int64_t batch_size,
                     const std::function<void(const Tensor& images)>& run) {
  BenchRow row{.name = fmt::format("{}/{}/batch{}", kind, network->name, batch_size),
               .network = network,
               .batch_size = batch_size};
  row.make = [name = row.name, network, batch_size, run] {
    return Timed{.name = name,
                 .work = [run, images = batch_of(network->input, batch_size)] { run(images); },
                 .operations = 2.0 * static_cast<double>(batch_size * network->cost.multiply_adds)};
  };
  return row;
}

}  // namespace

NetworkPtr model_network(const std::string& word, const models::ModelOptions& options) {
  const models::ModelChoice choice = models::choose_model(word, options);
  const std::string& name = choice.name;
  const models::ModelOptions all = models::complete_options(name, choice.options);
  auto network = complete({.name = word,
                           .input = models::model_input(name, all),
                           .classes = std::stoll(all.at("num_classes")),
                           .make = [name = name, all] { return models::make_model(name, all); }});
  const double forward = 2.0 * static_cast<double>(network->cost.multiply_adds);
  network->batch_size =
      std::clamp(static_cast<std::int64_t>(std::floor(kMostForwardFlop / forward)), std::int64_t{1},
                 kUsualBatch);
  return network;
}

NetworkPtr stack_network() {
  return complete({.name = "vgg-stack",
                   .input = {3, 32, 32},
                   .classes = 10,
                   .batch_size = kStackBatch,
                   .make = make_stack});
}

NetworkPtr random_network(std::uint64_t seed) {
  const nn::RandomNetwork drawn = nn::random_network(seed);
  return complete({.name = fmt::format("random-{}", seed),
                   .input = drawn.input,
                   .classes = drawn.classes,
                   .batch_size = kRandomBatch,
                   .make = [seed] { return nn::random_network(seed).model; }});
}

BenchRow train_row(const NetworkPtr& network, std::int64_t batch_size) {
  const std::string batch = batch_size == kUsualBatch ? "" : fmt::format("/batch{}", batch_size);
  BenchRow row{.name = fmt::format("train-step/{}{}", network->name, batch),
               .network = network,
               .batch_size = batch_size};
  row.make = [name = row.name, network, batch_size] {
    auto training = std::make_shared<Training>(*network, batch_size);
    return Timed{.name = name,
                 .work = [training] { training->step(); },
                 .operations = static_cast<double>(batch_size) * step_operations(network->cost)};
  };
  return row;
}

BenchRow infer_row(const NetworkPtr& network, std::int64_t batch_size) {
  return forward_row("infer", network, batch_size, [network](const Tensor& images) {
    const NoGrad no_grad;
    (*network->evaluated)(images);
  });
}

BenchRow session_row(const NetworkPtr& network, std::int64_t batch_size) {
  BenchRow row = forward_row("session", network, batch_size, {});
  row.make = [network, batch_size] {
    Shape two = network->input;
    two.insert(0, 2);
    auto session = std::make_shared<graph::Session>(graph::trace(*network->evaluated, two));
    return forward_row("session", network, batch_size,
                       [session](const Tensor& images) { (*session)(images); })
        .make();
  };
  return row;
}

std::vector<BenchRow> layer_rows(const NetworkPtr& network, std::int64_t batch_size) {
  std::vector<BenchRow> rows;
  // A graph's modules hold weights; what is computed with them is the graph's own.
  if (dynamic_cast<const graph::GraphModule*>(network->evaluated.get()) != nullptr) return rows;
  for (const auto& [layer_name, layer] : network->evaluated->named_modules()) {
    const auto found = std::find_if(network->cost.layers.begin(), network->cost.layers.end(),
                                    [&wanted = layer_name](const models::LayerCost& one) {
                                      return one.name == wanted && one.multiply_adds > 0;
                                    });
    if (found == network->cost.layers.end()) continue;
    const double operations = 2.0 * static_cast<double>(batch_size * found->multiply_adds);
    BenchRow row{.name = fmt::format("layer/{}/{}", network->name, layer_name),
                 .network = network,
                 .batch_size = batch_size};
    row.make = [name = row.name, network, layer = layer, batch_size, operations] {
      return Timed{.name = name,
                   .work =
                       [network, layer, input = input_of(*network, *layer, batch_size)] {
                         const NoGrad no_grad;
                         (*layer)(input);
                       },
                   .operations = operations};
    };
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace fovea::cli
