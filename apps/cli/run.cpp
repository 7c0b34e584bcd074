// fovea run: a model on raw arrays.

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/machine.h"
#include "apps/base/model_choice.h"
#include "apps/base/model_graph.h"
#include "apps/base/output.h"
#include "apps/cli/commands.h"
#include "fovea/graph/onnx.h"
#include "fovea/graph/session.h"
#include "fovea/io/tensors/npy.h"
#include "fovea/io/tensors/npz.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/tensor/derived.h"
#include "fovea/tensor/ops.h"

namespace fovea::cli {

namespace {

struct RunSettings {
  ModelFlags model;
  std::string input, output;
  std::int64_t threads = 0;
};

enum class ArrayFile : std::uint8_t { kNpy, kNpz };

ArrayFile kind_of(const std::string& flag, const std::string& file) {
  const std::string extension = std::filesystem::path(file).extension();
  if (extension == ".npy") return ArrayFile::kNpy;
  if (extension == ".npz") return ArrayFile::kNpz;
  throw UsageError(fmt::format("{} expected a .npy or .npz file, got \"{}\"", flag, file));
}

graph::Graph load_graph(const RunSettings& settings) {
  const std::string& file = settings.model.weights;
  if (std::filesystem::path(file).extension() == ".onnx") return graph::load_onnx(file);
  return graph_of(load_model(settings.model));
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

/// The model's inputs by name: a .npy file is the only one.
std::map<std::string, Tensor> read_inputs(const RunSettings& settings,
                                          const graph::Session& session) {
  const std::vector<graph::Value>& expected = session.inputs();
  const bool by_name = kind_of("--input", settings.input) == ArrayFile::kNpz;
  if (!by_name && expected.size() != 1) {
    throw UsageError(fmt::format("--input expected a .npz file with {} arrays, got a .npy file",
                                 expected.size()));
  }
  const io::TensorFile file(settings.input, by_name ? io::npz_arrays : io::npy_arrays);
  std::map<std::string, std::size_t> places;  // of the arrays in the file
  for (std::size_t i = 0; i < file.size(); ++i)
    places[by_name ? file.name_of(i) : expected[0].name] = i;
  for (const graph::Value& input : expected) {
    check<ParseError>(places.contains(input.name), "run: array \"", input.name,
                      "\" expected, as the model has that input, got none (", settings.input, ")");
  }
  check<ParseError>(places.size() == expected.size(), "run: arrays expected ", expected.size(),
                    ", as the model has inputs, got ", places.size(), " (", settings.input, ")");
  for (const graph::Value& input : expected)
    check_array(input, file.array(places.at(input.name)), settings.input);
  std::map<std::string, Tensor> inputs;
  for (const graph::Value& input : expected)
    inputs[input.name] = converted(input, file.read(places.at(input.name)));
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
  if (kind_of("--output", settings.output) == ArrayFile::kNpz)
    io::save_npz(settings.output, named);
  else
    io::write_npy(settings.output, named.at(0).second);
}

int run_model(const RunSettings& settings) {
  kind_of("--input", settings.input);
  const ArrayFile result = kind_of("--output", settings.output);
  use_threads(settings.threads);
  const graph::Session session(load_graph(settings));
  if (result == ArrayFile::kNpy && session.outputs().size() != 1) {
    throw UsageError(fmt::format("--output expected a .npz file for {} outputs, got \"{}\"",
                                 session.outputs().size(), settings.output));
  }
  const RunOnceScope once;
  write_outputs(settings, session, session.run(read_inputs(settings, session)));
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
  add_threads_flag(command, settings->threads);
  command.run = [settings] { return run_model(*settings); };
  return command;
}

}  // namespace fovea::cli
