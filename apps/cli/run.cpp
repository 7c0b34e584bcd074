// fovea run: a model on raw arrays.

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/machine_flags.h"
#include "apps/base/model_flags.h"
#include "apps/base/output.h"
#include "apps/cli/commands.h"
#include "fovea/graph/onnx.h"
#include "fovea/graph/session.h"
#include "fovea/io/tensors/npy.h"
#include "fovea/io/tensors/npz.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/models/model_graph.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/prepared.h"

namespace fovea::cli {

namespace {

struct RunSettings {
  ModelFlags model;
  std::string input, output;
  MachineFlags machine;
};

/// Whether a file of arrays holds several, by name; else it holds one.
bool holds_several(const std::string& flag, const std::string& file) {
  return check_extension(flag, file, {".npy", ".npz"}) == ".npz";
}

graph::Graph load_graph(const RunSettings& settings) {
  const std::string& file = settings.model.weights;
  if (std::filesystem::path(file).extension() == ".onnx") return graph::load_onnx(file);
  return models::graph_of(load_model(settings.model));
}

/// Checks that an array of the file `path` is what the model takes, before memory is taken for it.
/// NumPy makes f64 unless told otherwise, so floating point of another width will do. Throws
/// ParseError.
void check_array(const graph::Value& expected, const io::ArrayBytes& array,
                 const std::string& path) {
  const bool converted = is_floating(array.dtype) && is_floating(expected.dtype);
  // One element that stands for all.
  const Tensor like =
      zeros({}, {.dtype = converted ? expected.dtype : array.dtype}).expand(array.sizes);
  try {
    graph::check_fits("run", expected, like);
  } catch (const Error& error) {
    throw ParseError(str(error.what(), " (", path, ")"));
  }
}

Tensor converted(const graph::Value& expected, Tensor input) {
  if (input.dtype() == expected.dtype) return input;
  say("fovea run: input \"{}\" is converted from {} to {}\n", expected.name, name_of(input.dtype()),
      name_of(expected.dtype));
  return input.to(expected.dtype);
}

/// The model's inputs by name: a .npy file is the only one. Those that have a default in the graph
/// replace it there, if they are given.
std::map<std::string, Tensor> read_inputs(const RunSettings& settings, graph::Graph& graph) {
  const bool by_name = holds_several("--input", settings.input);
  if (!by_name && graph.inputs.size() != 1) {
    throw UsageError(fmt::format("--input expected a .npz file with {} arrays, got a .npy file",
                                 graph.inputs.size()));
  }
  const io::TensorFile file(settings.input, by_name ? io::npz_arrays : io::npy_arrays);
  std::map<std::string, std::size_t> places;  // of the arrays in the file
  for (std::size_t i = 0; i < file.size(); ++i)
    places[by_name ? file.name_of(i) : graph.inputs[0].name] = i;
  std::vector<graph::Value> given;  // of the defaults
  for (const graph::Value& one : graph.defaults)
    if (places.contains(one.name)) given.push_back(one);
  for (const graph::Value& input : graph.inputs) {
    check<ParseError>(places.contains(input.name), "run: array \"", input.name,
                      "\" expected, as the model has that input, got none (", settings.input, ")");
  }
  check<ParseError>(places.size() == graph.inputs.size() + given.size(), "run: arrays expected ",
                    graph.inputs.size(), ", as the model has inputs, got ",
                    places.size() - given.size(), " (", settings.input, ")");
  // All are checked before the first is unpacked.
  for (const auto* expected : {&std::as_const(given), &std::as_const(graph.inputs)}) {
    for (const graph::Value& one : *expected)
      check_array(one, file.array(places.at(one.name)), settings.input);
  }
  const auto read = [&](const graph::Value& one) {
    return converted(one, file.read(places.at(one.name)));
  };
  for (const graph::Value& one : given) graph::give_input(graph, one.name, read(one));
  std::map<std::string, Tensor> inputs;
  for (const graph::Value& one : graph.inputs) inputs[one.name] = read(one);
  return inputs;
}

void write_outputs(const RunSettings& settings, const graph::Session& session,
                   const std::map<std::string, Tensor>& outputs) {
  NamedTensors named;
  for (const graph::Value& output : session.outputs()) {
    const Tensor& tensor = outputs.at(output.name);
    // NumPy has no bf16.
    named.emplace_back(output.name, tensor.dtype() == bf16 ? tensor.to(f32) : tensor);
  }
  if (holds_several("--output", settings.output))
    io::save_npz(settings.output, named);
  else
    io::write_npy(settings.output, named.at(0).second);
}

int run_model(const RunSettings& settings) {
  holds_several("--input", settings.input);
  const bool several = holds_several("--output", settings.output);
  std::error_code error;
  if (std::filesystem::equivalent(settings.input, settings.output, error))
    throw UsageError("--output expected another file than --input, got the same");
  const train::MachineScope machine = use_machine(settings.machine);
  graph::Graph graph = load_graph(settings);
  if (!several && graph.outputs.size() != 1) {
    throw UsageError(fmt::format("--output expected a .npz file for {} outputs, got \"{}\"",
                                 graph.outputs.size(), settings.output));
  }
  const std::map<std::string, Tensor> inputs = read_inputs(settings, graph);
  const graph::Session session(std::move(graph));
  const RunOnceScope once;
  write_outputs(settings, session, session.run(inputs));
  return kExitDone;
}

}  // namespace

Command run_command() {
  auto settings = std::make_shared<RunSettings>();
  Command command("run", "Run a model on raw arrays: .onnx or weights, .npy or .npz");
  command.details =
      "A .npy file is the only input or output; a .npz file has one array for each, by name. "
      "Nothing is scaled: the arrays enter as they are, [n, channels, height, width] for images. "
      "Floating point arrays of another width are converted.";
  command.examples = {
      {"fovea run model.onnx --input x.npy --output y.npy", "one array in, one out"},
      {"fovea run best.safetensors --input x.npy --output y.npy", "weights that name their model"},
      {"fovea run two_inputs.onnx --input in.npz --output out.npz", "several, by name"},
  };
  command.add_positional("MODELFILE", settings->model.weights, "a model: .onnx, or weights")
      .files()
      .must();
  command.add("--input", "FILE", settings->input, "arrays to run on: .npy or .npz").files().must();
  command.add("--output", "FILE", settings->output, "where results go: .npy or .npz")
      .files()
      .must();
  add_model_name_flags(command, settings->model);
  add_machine_flags(command, settings->machine);
  command.run = [settings] { return run_model(*settings); };
  return command;
}

}  // namespace fovea::cli
