// fovea summary: a model's layers, sizes and cost.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/machine_flags.h"
#include "apps/base/model_flags.h"
#include "apps/base/output.h"
#include "apps/base/table.h"
#include "apps/cli/commands.h"
#include "fovea/graph/draw.h"
#include "fovea/graph/onnx.h"
#include "fovea/io/json.h"
#include "fovea/models/model_cost.h"
#include "fovea/models/model_graph.h"
#include "fovea/models/models.h"

namespace fovea::cli {

namespace {

struct SummarySettings {
  std::string model;  // a name or a weights file
  ModelFlags flags;
  std::string input_shape;
  bool json = false;
  bool graph = false;
  std::string svg;
  MachineFlags machine;
};

// Columns by which the rest of an operation's line is moved in.
constexpr int kGraphIndent = 6;

using io::Json;

void print_json(const models::LoadedModel& model, const models::ModelCost& cost) {
  const auto to_list = [](const Shape& shape) {
    return std::vector<std::int64_t>(shape.begin(), shape.end());
  };
  Json layers = Json::array();
  for (const models::LayerCost& layer : cost.layers) {
    layers.push_back({{"name", layer.name},
                      {"type", layer.type},
                      {"output_shape", to_list(layer.output_shape)},
                      {"parameters", layer.parameters},
                      {"multiply_adds", layer.multiply_adds}});
  }
  const Json document = {
      {"model", model.card.model},           {"input_shape", to_list(model.card.input)},
      {"layers", std::move(layers)},         {"parameters", cost.parameters},
      {"multiply_adds", cost.multiply_adds}, {"bytes", cost.bytes}};
  put("{}\n", io::json_lines(document));
}

void print_table(const models::LoadedModel& model, const models::ModelCost& cost,
                 const Terminal& terminal) {
  Table table({{"layer", Align::kLeft},
               {"type", Align::kLeft},
               {"output", Align::kRight},
               {"parameters", Align::kRight},
               {"multiply-adds", Align::kRight}});
  const auto number = [](std::int64_t value) { return value == 0 ? "" : with_commas(value); };
  table.add_row({"input", "", models::format_input(model.card.input)});
  for (const models::LayerCost& layer : cost.layers) {
    table.add_row({layer.name, layer.type, models::format_input(layer.output_shape),
                   number(layer.parameters), number(layer.multiply_adds)});
  }
  table.add_rule();
  table.add_row({"sum", "", "", with_commas(cost.parameters), with_commas(cost.multiply_adds)},
                Style::kBold);
  put("{}\n\n{}\n", styled(terminal, Style::kBold, model.card.model), table.to_string(terminal));
  // Auxiliary classifiers, for instance.
  std::int64_t seen = 0;
  for (const models::LayerCost& layer : cost.layers) seen += layer.parameters;
  if (seen < cost.parameters) {
    put("  training     {} of the parameters are in layers that run in training alone\n",
        with_commas(cost.parameters - seen));
  }
  put("  weights      {}\n  activations  {} for one image\n  arithmetic   {:.2f} MFLOP for one "
      "image\n",
      byte_count(cost.bytes), byte_count(cost.activation_bytes),
      2e-6 * static_cast<double>(cost.multiply_adds));
}

// The graph form, as a table or a picture; of a model, or of an .onnx file.
int summarize_graph(const SummarySettings& settings) {
  if (settings.json) throw UsageError("--json expected without --graph and --svg");
  const bool onnx = std::filesystem::path(settings.model).extension() == ".onnx";
  const graph::Graph graph = onnx ? graph::load_onnx(settings.model)
                                  : models::graph_of(load_named_model(
                                        settings.model, settings.flags, settings.input_shape));
  if (settings.graph) put("{}", fitted(Terminal::output(), graph::to_string(graph), kGraphIndent));
  if (!settings.svg.empty()) {
    graph::draw(graph).save(settings.svg);
    say("wrote {}\n", one_line(settings.svg));
  }
  return kExitDone;
}

int summarize_model(const SummarySettings& settings) {
  if (!settings.svg.empty()) check_extension("--svg", settings.svg, {".svg"});
  const train::MachineScope machine = use_machine(settings.machine);
  if (settings.graph || !settings.svg.empty()) return summarize_graph(settings);
  const models::LoadedModel model =
      load_named_model(settings.model, settings.flags, settings.input_shape);
  const models::ModelCost cost = models::measure_cost(*model.module, model.card.input);
  if (settings.json) {
    print_json(model, cost);
  } else {
    print_table(model, cost, Terminal::output());
  }
  return kExitDone;
}

}  // namespace

Command summary_command() {
  auto settings = std::make_shared<SummarySettings>();
  Command command("summary", "Show a model's layers, output shapes, parameters and cost");
  command.examples = {
      {"fovea summary fashion-cnn", "a model by name"},
      {"fovea summary fashion-cnn --input-shape 3x32x32", "for other images"},
      {"fovea summary best.safetensors --json", "what a file holds"},
      {"fovea summary model.onnx", "an ONNX file"},
      {"fovea summary model.onnx --graph", "its operations with their attributes"},
      {"fovea summary fashion-cnn --svg model.svg", "a picture of a model's operations"},
      {"fovea summary net.toml", "a list of layers of one's own"},
  };
  command
      .add_positional("MODEL", settings->model,
                      "a model's name, a TOML file that lists layers, or a weights file")
      .one_of(models::model_names(), Words::kOpen)
      .files()
      .must();
  command.add("--input-shape", "CxHxW", settings->input_shape,
              "size of an image (default the model's own)");
  add_model_name_flags(command, settings->flags);
  command.add_switch("--graph", settings->graph, "show the operations, named as in ONNX");
  command.add("--svg", "FILE", settings->svg, "draw the operations").files();
  command.add_switch("--json", settings->json, "print one JSON document");
  add_machine_flags(command, settings->machine);
  command.run = [settings] { return summarize_model(*settings); };
  return command;
}

}  // namespace fovea::cli
