// fovea export: a trained model as a file for others.

#include <memory>
#include <string>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/machine_flags.h"
#include "apps/base/model_flags.h"
#include "apps/base/output.h"
#include "apps/cli/commands.h"
#include "fovea/graph/onnx.h"
#include "fovea/io/tensors/npz.h"
#include "fovea/models/model_graph.h"

namespace fovea::cli {

namespace {

struct ExportSettings {
  ModelFlags model;
  std::string output;
  bool fold = false;
  MachineFlags machine;
};

int export_model(const ExportSettings& settings) {
  const std::string extension =
      check_extension("--output", settings.output, {".onnx", ".safetensors", ".npz"});
  if (settings.fold && extension != ".onnx")
    throw UsageError("--fold expected with a .onnx file: weights keep their layers");
  const train::MachineScope machine = use_machine(settings.machine);
  const models::LoadedModel model = load_model(settings.model);
  if (extension == ".onnx") {
    graph::save_onnx(settings.output, models::checked_graph(model, settings.fold));
  } else if (extension == ".npz") {
    io::save_npz(settings.output, model.module->state_dict());
  } else {
    models::save_model_file(settings.output, *model.module, model.card);
  }
  say("wrote {}\n", one_line(settings.output));
  return kExitDone;
}

}  // namespace

Command export_command() {
  auto settings = std::make_shared<ExportSettings>();
  Command command("export", "Write a model for others: ONNX, safetensors or NumPy");
  command.details =
      "A .onnx file has operators of opset 17, gives logits, and takes batches of any size. What "
      "it "
      "computes is compared with the model's own result before it is written. .safetensors and "
      ".npz hold the weights, under PyTorch's names.";
  command.examples = {
      {"fovea export --weights runs/train/exp/weights/best.safetensors --output model.onnx",
       "for ONNX Runtime and others"},
      {"fovea export --weights best.safetensors --output model.onnx --fold",
       "batch normalisation put into the convolutions"},
      {"fovea export --weights best.safetensors --output weights.npz", "arrays for NumPy"},
  };
  add_model_flags(command, settings->model);
  command.add("--output", "FILE", settings->output, "what to write: .onnx, .safetensors or .npz")
      .files()
      .must();
  command.add_switch("--fold", settings->fold,
                     "put batch normalisation into the layers before it (.onnx)");
  add_machine_flags(command, settings->machine);
  command.run = [settings] { return export_model(*settings); };
  return command;
}

}  // namespace fovea::cli
