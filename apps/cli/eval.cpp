// fovea eval: how good a model is, class by class.

#include <memory>

#include <fmt/format.h>

#include "apps/base/data_flags.h"
#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/machine_flags.h"
#include "apps/base/model_flags.h"
#include "apps/base/output.h"
#include "apps/base/report_text.h"
#include "apps/base/setting_flags.h"
#include "apps/cli/commands.h"
#include "fovea/data/data_loader.h"
#include "fovea/train/charts.h"
#include "fovea/train/evaluate.h"
#include "fovea/train/recipe.h"
#include "fovea/train/report.h"

namespace fovea::cli {

namespace {

struct EvalSettings {
  ModelFlags model;
  DataFlags data;
  std::int64_t batch_size = 100;
  MachineFlags machine;
  std::int64_t limit = 0;
  std::string tta = "none";
  bool json = false;
  std::string mistakes;
};

int evaluate_model(const EvalSettings& settings) {
  check_at_least("--limit-test", settings.limit, 0);
  check_at_least("--batch-size", settings.batch_size, 1);
  if (!settings.mistakes.empty()) check_extension("--mistakes", settings.mistakes, {".svg"});
  const train::Views views = train::parse_views(settings.tta);
  const train::MachineScope machine = use_machine(settings.machine);
  const models::LoadedModel model = load_model(settings.model);
  const auto dataset = open_test_data(settings.data, model.card, settings.limit);
  check_fits(model, *dataset, settings.data.data);

  data::DataLoader loader(dataset, {.batch_size = settings.batch_size,
                                    .transform = model.card.normalize.transform(),
                                    .device = Device(settings.machine.device)});
  const train::Report report{
      .model = model.card.model,
      .data = settings.data.data,
      .run_dir = {},
      .tta = settings.tta,
      .classes = dataset->classes(),
      .evaluation = train::evaluate(*model.module, loader, model.classes, views)};
  if (settings.json) {
    put("{}", train::to_json(report));
  } else {
    const Terminal terminal = Terminal::output();
    const std::string matrix = confusion_text(report, terminal);
    put("{}{}{}", metrics_text(report, terminal), matrix.empty() ? "" : "\n", matrix);
  }
  if (settings.mistakes.empty()) return kExitDone;
  train::draw_mistakes(report, *dataset).save(settings.mistakes);
  say("fovea eval: the surest mistakes are in {}\n", one_line(settings.mistakes));
  return kExitDone;
}

}  // namespace

Command eval_command() {
  auto settings = std::make_shared<EvalSettings>();
  Command command("eval", "Judge a model on the test data: loss, accuracy, every class");
  command.examples = {
      {"fovea eval --weights best.safetensors", "tables for people"},
      {"fovea eval --weights best.safetensors --json | jq .accuracy", "a number for scripts"},
      {"fovea eval --weights best.safetensors --data photos", "pictures in photos/test/CLASS"},
      {"fovea eval --weights best.safetensors --data photos.csv",
       "a list; under the heading labels of several a picture"},
      {"fovea eval --weights best.safetensors --mistakes wrong.svg", "what it was wrong about"},
      {"fovea eval --weights torch.safetensors --model fashion-cnn", "weights from PyTorch"},
  };
  add_model_flags(command, settings->model);
  add_setting(command, "normalize", settings->model.normalize).in("Flags");
  add_data_flags(command, settings->data);
  add_setting(command, "skip_corrupt", settings->data.skip_corrupt);
  add_setting(command, "limit_test", settings->limit);
  add_setting(command, "tta", settings->tta).in("Flags");
  command.add("--batch-size", "N", settings->batch_size, "samples at once");
  command.add_switch("--json", settings->json, "print one JSON document");
  command
      .add("--mistakes", "FILE", settings->mistakes,
           "write the surest mistakes as a picture, with both names (.svg)")
      .files();
  add_machine_flags(command, settings->machine);
  command.run = [settings] { return evaluate_model(*settings); };
  return command;
}

}  // namespace fovea::cli
