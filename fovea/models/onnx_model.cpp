#include "fovea/models/onnx_model.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/graph/node_reader.h"
#include "fovea/graph/onnx.h"
#include "fovea/graph/passes.h"
#include "fovea/graph/weights.h"
#include "fovea/io/base64.h"
#include "fovea/io/bytes.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/models/entry.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/prepared.h"
#include "fovea/tensor/tape.h"

namespace fovea::models {

namespace {

// A network of a thousand operations has some hundred kilobytes.
constexpr std::size_t kMostGraphBytes = std::size_t{16} << 20;

/// A network and what its file says of it.
struct Network {
  graph::Graph graph;  // weights are inputs after the first
  std::string file;
  // Nothing where the file leaves a size free.
  std::optional<std::int64_t> batch = {}, channels = {}, height = {}, width = {}, classes = {};

  template <class... Parts>
  void require(bool ok, const Parts&... parts) const {
    check<ParseError>(ok, file, ": ", parts...);
  }
};

std::optional<std::int64_t> known(std::int64_t size) {
  if (size == graph::kFree) return std::nullopt;
  return size;
}

/// Takes a Softmax over the classes off the end of the graph.
void drop_last_softmax(graph::Graph& graph) {
  graph::Value& output = graph.outputs.front();
  const auto last = std::ranges::find_if(
      graph.nodes, [&](const graph::Node& node) { return node.outputs.front() == output.name; });
  if (last == graph.nodes.end() || last->op != "Softmax" || !last->domain.empty()) return;
  const std::int64_t axis =
      graph::NodeReader(*last, graph.opset, graph.file).integer("axis", graph.opset < 13 ? 1 : -1);
  if (axis != 1 && axis != -1) return;
  if (last->inputs.empty() || last->inputs[0].empty()) return;  // the operator says what is wrong
  output.name = last->inputs[0];
  graph::remove_dead(graph);  // another node may read the Softmax
}

Network read_network(const std::string& text, const std::string& file) {
  Network network{.graph = {}, .file = file};
  network.require(!text.empty(),
                  "graph expected the operations of a network, got none (name an "
                  ".onnx file as the model)");
  const auto bytes = io::decode_base64(text);
  network.require(bytes.has_value(), "graph expected base64, got other text");
  network.graph = graph::parse_onnx(*bytes, file);
  graph::Graph& graph = network.graph;
  network.require(!graph.inputs.empty() && graph.outputs.size() == 1,
                  "network expected one input and one output, got ",
                  graph.inputs.empty() ? "none" : "several");
  graph::Value& input = graph.inputs.front();
  const bool images = input.dtype == f32 && input.has_sizes && input.sizes.size() == 4;
  network.require(images, "input expected f32 images [n, channels, height, width], got ",
                  input.dtype, " ", graph::sizes_to_string(input));
  network.batch = known(input.sizes[0]);
  network.channels = known(input.sizes[1]);
  network.height = known(input.sizes[2]);
  network.width = known(input.sizes[3]);
  network.require(!network.height || !network.width || *network.height == *network.width,
                  "images expected square, got ", graph::sizes_to_string(input));
  graph::Value& output = graph.outputs.front();
  if (output.has_sizes && output.sizes.size() == 2) {
    network.classes = known(output.sizes[1]);
    if (!network.batch && output.sizes[0] != graph::kFree) graph.values.clear();
  }
  output.sizes = {network.batch.value_or(graph::kFree), network.classes.value_or(graph::kFree)};
  output.has_sizes = true;
  drop_last_softmax(graph);
  return network;
}

/// The module of a network, whose weights are zeros.
std::shared_ptr<graph::GraphModule> module_of(Network network) {
  std::set<std::string> names;
  {
    std::map<std::string, Tensor> weights;
    for (std::size_t i = 1; i < network.graph.inputs.size(); ++i) {
      const graph::Value& weight = network.graph.inputs[i];
      const bool fixed = std::ranges::find(weight.sizes, graph::kFree) == weight.sizes.end();
      network.require(weight.has_sizes && weight.sizes.size() <= kMaxDims && fixed &&
                          io::bytes_of(Shape(weight.sizes), size_of(weight.dtype)),
                      "weight \"", io::printable(weight.name), "\" expected sizes, got ",
                      graph::sizes_to_string(weight));
      weights[weight.name] = zeros(Shape(weight.sizes), {.dtype = weight.dtype});
      names.insert(weight.name);
    }
    graph::give_weights(network.graph, weights);
  }
  try {
    return std::make_shared<graph::GraphModule>(std::move(network.graph), names);
  } catch (const ArgumentError& error) {  // names of weights that a state dict cannot have
    throw ParseError(str(network.file, ": ", error.what()));
  }
}

/// Runs in evaluation mode, once, what `f` asks of the module.
template <class F>
auto tried(graph::GraphModule& module, const F& f) {
  const bool was_training = module.is_training();
  module.eval();
  const NoGrad no_grad;
  const RunOnceScope once;
  auto result = f();
  module.train(was_training);
  return result;
}

/// Numbers with which sums stay in range: weights by how many they are to an output, and what may
/// be a variance above 0.
void draw_weights(graph::GraphModule& module, Generator& generator) {
  for (auto [name, tensor] : module.state_dict()) {
    const Tensor drawn = rand(tensor.sizes(), {}, generator);
    const std::int64_t outputs = tensor.dim() > 1 ? std::max<std::int64_t>(tensor.size(0), 1) : 1;
    const double inputs = static_cast<double>(tensor.numel()) / static_cast<double>(outputs);
    tensor.copy_(
        (tensor.dim() > 1 ? (drawn - 0.5) * std::sqrt(12 / std::max(inputs, 1.0)) : drawn + 0.5)
            .to(tensor.dtype()));
  }
}

/// Whether the network gives two images what it gives each by itself, found with weights at random.
bool takes_batches(graph::GraphModule& module, std::int64_t channels, std::int64_t side) {
  return tried(module, [&] {
    Generator generator(0);
    draw_weights(module, generator);
    bool same = false;
    try {
      const Tensor x = rand({2, channels, side, side}, {}, generator), both = module(x);
      same = both.dim() == 2 && both.size(0) == 2;
      for (std::int64_t i = 0; same && i < 2; ++i) {
        const Tensor alone = module(x.narrow(0, i, 1)), together = both.narrow(0, i, 1);
        const double scale = max(abs(alone)).item();  // zeros would show nothing
        same = scale > 0 && alone.sizes() == together.sizes() &&
               allclose(together, alone, 0, 1e-3 * scale);
      }
    } catch (const Error&) {
      same = false;
    }
    for (auto [name, tensor] : module.state_dict()) tensor.zero_();
    return same;
  });
}

/// The network as a module. Where its file knows one batch size it is taken as free, if that gives
/// the same; else the module serves so many images at a time.
std::shared_ptr<graph::GraphModule> build(Network network, std::int64_t channels,
                                          std::int64_t side) {
  if (!network.batch) return module_of(std::move(network));
  Network freed = network;
  graph::free_batch(freed.graph, *network.batch);
  if (auto module = module_of(std::move(freed)); takes_batches(*module, channels, side))
    return module;
  network.graph.values.clear();
  return module_of(std::move(network));
}

/// How many scores the network gives, found by running it on two images of zeros.
std::int64_t run_for_classes(const std::string& file, graph::GraphModule& module,
                             std::int64_t channels, std::int64_t side) {
  Shape scores;
  try {
    scores = tried(module, [&] { return module(zeros({2, channels, side, side})).sizes(); });
  } catch (const Error& error) {
    throw ParseError(str(file, ": network expected to take two images of ", channels, "x", side,
                         "x", side, ", got an error: ", error.what()));
  }
  check<ParseError>(scores.ndim() == 2 && scores[0] == 2, file,
                    ": network expected to give scores [2, classes] for two images, got ", scores);
  return scores[1];
}

void require_size(const Network& network, const char* what, std::optional<std::int64_t> in_file,
                  std::int64_t wanted) {
  network.require(!in_file || *in_file == wanted, what, " expected ", in_file.value_or(0),
                  ", as its network has, got ", wanted);
}

OnnxModelOptions read_onnx_options(const OptionReader& read) {
  OnnxModelOptions options{.graph = read.text("graph"), .file = read.text("file")};
  options.num_classes = read.integer("num_classes", 1, kMaxClasses);
  options.in_channels = read.integer("in_channels", 1, kMaxChannels);
  options.image_size = read.integer("image_size", 1, kMaxSide);
  return options;
}

/// The network, whose sizes are those of the options.
Network fitting_network(const OnnxModelOptions& options) {
  Network network = read_network(options.graph, options.file);
  require_size(network, "channels", network.channels, options.in_channels);
  require_size(network, "height", network.height, options.image_size);
  require_size(network, "width", network.width, options.image_size);
  require_size(network, "classes", network.classes, options.num_classes);
  return network;
}

/// Sizes that the network has, as defaults.
ModelOptions defaults_of(const ModelOptions& given) {
  const auto text = [&](const char* name, const std::string& otherwise) {
    const auto found = given.find(name);
    return found == given.end() ? otherwise : found->second;
  };
  if (text("graph", "").empty()) return {};
  Network network = read_network(text("graph", ""), text("file", "onnx"));
  ModelOptions defaults;
  if (network.channels) defaults["in_channels"] = std::to_string(*network.channels);
  if (network.height) defaults["image_size"] = std::to_string(*network.height);
  if (!network.height && network.width) defaults["image_size"] = std::to_string(*network.width);
  if (network.classes) {
    defaults["num_classes"] = std::to_string(*network.classes);
  } else if (!given.contains("num_classes") && network.channels &&
             defaults.contains("image_size")) {
    const std::string file = network.file;
    const std::int64_t channels = *network.channels, side = std::stoll(defaults["image_size"]);
    const auto module = build(std::move(network), channels, side);
    defaults["num_classes"] = std::to_string(run_for_classes(file, *module, channels, side));
  }
  return defaults;
}

}  // namespace

std::string onnx_graph_text(const std::filesystem::path& path) {
  const io::TensorFile weights(path, graph::onnx_arrays);
  std::set<std::string> names;
  for (std::size_t i = 0; i < weights.size(); ++i) names.insert(weights.name_of(i));
  graph::Graph graph = graph::load_onnx(path, graph::OnnxWeights::kInFile);
  const auto inputs = std::ranges::count_if(
      graph.inputs, [&](const graph::Value& input) { return !names.contains(input.name); });
  check<ParseError>(inputs == 1, path.string(), ": network expected one input, got ", inputs);
  graph.metadata.clear();
  graph.defaults.clear();
  graph::widen(graph);
  const std::vector<std::byte> bytes = graph::encode_onnx(graph);
  check<ParseError>(bytes.size() <= kMostGraphBytes, path.string(), ": network expected at most ",
                    kMostGraphBytes, " bytes without its weights, got ", bytes.size());
  return io::encode_base64(bytes);
}

std::shared_ptr<graph::GraphModule> make_onnx_model(const OnnxModelOptions& options) {
  auto module = build(fitting_network(options), options.in_channels, options.image_size);
  // What a file says of its sizes need not be so, and who finds out in training has a run
  // directory.
  const std::int64_t classes =
      run_for_classes(options.file, *module, options.in_channels, options.image_size);
  check<ParseError>(classes == options.num_classes, options.file, ": classes expected ", classes,
                    ", as its network has, got ", options.num_classes);
  return module;
}

ModelEntry onnx_entry() {
  std::vector<ModelOption> options = imagenet_options();
  options.push_back({"graph", "", "the operations, as base64 of an ONNX file without weights"});
  options.push_back({"file", "onnx", "what messages call it"});
  ModelEntry entry{
      .info = {.name = "onnx", .title = "an ONNX file", .options = options, .draws_weights = false},
      .prepare = [](const OptionReader& read) {
        const OnnxModelOptions chosen = read_onnx_options(read);
        (void)fitting_network(chosen);
        return [chosen] { return make_onnx_model(chosen); };
      }};
  entry.defaults = defaults_of;
  return entry;
}

}  // namespace fovea::models
