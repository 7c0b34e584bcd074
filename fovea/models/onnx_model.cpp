#include "fovea/models/onnx_model.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/graph/node_reader.h"
#include "fovea/graph/onnx.h"
#include "fovea/graph/passes.h"
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
  std::optional<std::int64_t> channels = {}, height = {}, width = {}, classes = {};
  bool batch_is_free = true;

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
  network.batch_is_free = input.sizes[0] == graph::kFree;
  input.sizes[0] = graph::kFree;
  network.channels = known(input.sizes[1]);
  network.height = known(input.sizes[2]);
  network.width = known(input.sizes[3]);
  network.require(!network.height || !network.width || *network.height == *network.width,
                  "images expected square, got ", graph::sizes_to_string(input));
  graph::Value& output = graph.outputs.front();
  if (output.has_sizes && output.sizes.size() == 2) {
    network.classes = known(output.sizes[1]);
    network.batch_is_free = network.batch_is_free && output.sizes[0] == graph::kFree;
  }
  // What the file knows of the values between is true for its batch size alone.
  if (!network.batch_is_free) graph.values.clear();
  output.sizes = {graph::kFree, network.classes.value_or(graph::kFree)};
  output.has_sizes = true;
  drop_last_softmax(graph);
  return network;
}

std::shared_ptr<graph::GraphModule> build(Network network) {
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
    }
    graph::give_weights(network.graph, weights);
  }
  try {
    return std::make_shared<graph::GraphModule>(std::move(network.graph));
  } catch (const ArgumentError& error) {  // names of weights that a state dict cannot have
    throw ParseError(str(network.file, ": ", error.what()));
  }
}

/// How many scores the network gives, found by running it on two images of zeros.
std::int64_t run_for_classes(const std::string& file, graph::GraphModule& module,
                             std::int64_t channels, std::int64_t side) {
  const bool was_training = module.is_training();
  module.eval();
  const NoGrad no_grad;
  const RunOnceScope once;
  Shape scores;
  try {
    scores = module(zeros({2, channels, side, side})).sizes();
  } catch (const Error& error) {
    throw ParseError(str(file, ": network expected to take two images of ", channels, "x", side,
                         "x", side, ", got an error: ", error.what(),
                         " (was it exported for one batch size?)"));
  }
  module.train(was_training);
  check<ParseError>(scores.ndim() == 2 && scores[0] == 2, file,
                    ": network expected to give scores [2, classes] for two images, got ", scores);
  return scores[1];
}

void require_size(const Network& network, const char* what, std::optional<std::int64_t> in_file,
                  std::int64_t wanted) {
  network.require(!in_file || *in_file == wanted, what, " expected ", in_file.value_or(0),
                  ", as its network has, got ", wanted);
}

OnnxModelOptions read_options(const OptionReader& read) {
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
    const std::int64_t channels = *network.channels;
    const auto module = build(std::move(network));
    defaults["num_classes"] = std::to_string(
        run_for_classes(file, *module, channels, std::stoll(defaults["image_size"])));
  }
  return defaults;
}

}  // namespace

std::string onnx_graph_text(const std::filesystem::path& path) {
  const io::TensorFile weights(path, graph::onnx_arrays);
  graph::Graph graph = graph::load_onnx(path, graph::OnnxWeights::kInFile);
  std::size_t inputs = graph.inputs.size();
  for (std::size_t i = 0; i < weights.size(); ++i)
    inputs -= is_differentiable(weights.array(i).dtype) ? 1 : 0;
  check<ParseError>(inputs == 1, path.string(), ": network expected one input, got ", inputs);
  graph.metadata.clear();
  const std::vector<std::byte> bytes = graph::encode_onnx(graph);
  check<ParseError>(bytes.size() <= kMostGraphBytes, path.string(), ": network expected at most ",
                    kMostGraphBytes, " bytes without its f32 and f64 initializers, got ",
                    bytes.size());
  return io::encode_base64(bytes);
}

std::shared_ptr<graph::GraphModule> make_onnx_model(const OnnxModelOptions& options) {
  const auto module = build(fitting_network(options));
  // What a file says of its sizes need not be so, and who finds out in training has a run directory.
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
        const OnnxModelOptions chosen = read_options(read);
        (void)fitting_network(chosen);
        return [chosen] { return make_onnx_model(chosen); };
      }};
  entry.defaults = defaults_of;
  return entry;
}

}  // namespace fovea::models
