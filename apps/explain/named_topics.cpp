// Topics about models by name, which need no weights.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/base/machine_flags.h"
#include "apps/base/model_flags.h"
#include "apps/explain/numbers.h"
#include "apps/explain/show.h"
#include "apps/explain/topics.h"
#include "apps/explain/trained_topic.h"
#include "fovea/explain/model/receptive_field.h"
#include "fovea/explain/model/sizes.h"
#include "fovea/models/models.h"
#include "fovea/tensor/ops.h"

namespace fovea::cli {

namespace {

struct ModelSettings {
  std::string model;
  ModelFlags flags;
  std::string input_shape, layer, at;
  MachineFlags machine;
  ShowFlags show;
};

explain::Walk explain_sizes(const ModelSettings& settings) {
  const models::LoadedModel model =
      load_named_model(settings.model, settings.flags, settings.input_shape);
  return explain::walk_sizes(*model.module, model.card.input);
}

explain::Walk explain_field(const ModelSettings& settings) {
  const models::LoadedModel model =
      load_named_model(settings.model, settings.flags, settings.input_shape);
  Shape input = model.card.input;
  input.insert(0, 1);
  return explain::walk_receptive_field(
      *model.module, zeros(input),
      {.layer = settings.layer,
       .at = settings.at.empty() ? Shape() : parse_integers("--at", settings.at, 1, 3)});
}

template <class Declare>
Command model_topic(const char* name, Text summary, std::vector<Example> examples,
                    const Declare& declare, explain::Walk (*make)(const ModelSettings& settings)) {
  auto settings = std::make_shared<ModelSettings>();
  Command command(name, std::move(summary));
  command.examples = std::move(examples);
  command
      .add_positional("MODEL", settings->model,
                      {"a model, a TOML file that lists layers, or a weights file",
                       "모델, 층을 적은 TOML 파일, 또는 가중치 파일"})
      .one_of(models::model_names(), Words::kOpen)
      .files()
      .must();
  add_model_name_flags(command, settings->flags);
  command.add("--input-shape", "CxHxW", settings->input_shape,
              {"of the images: 1x28x28", "이미지의 형태: 1x28x28"});
  declare(command, *settings);
  add_show_flags(command, settings->show, Steps::kNone);
  add_machine_flags(command, settings->machine);
  command.run = topic_run(std::move(settings), make);
  return command;
}

Command sizes_command() {
  return model_topic(
      "sizes", {"How sizes change from layer to layer", "층마다 달라지는 크기"},
      {{"fovea explain sizes fashion-cnn",
        {"28 -> 28 -> 14 -> 12 -> 6", "28 -> 28 -> 14 -> 12 -> 6"}},
       {"fovea explain sizes vgg11 --input-shape 3x64x64", {"other images", "다른 이미지"}}},
      [](Command&, ModelSettings&) {}, explain_sizes);
}

Command field_command() {
  return model_topic(
      "receptive-field",
      {"What part of the image an output pixel sees", "출력 픽셀 하나가 보는 이미지의 부분"},
      {{"fovea explain receptive-field fashion-cnn --output field.svg",
        {"of the last layer with windows", "창이 있는 마지막 층"}}},
      [](Command& command, ModelSettings& settings) {
        add_layer_flag(command, settings.layer,
                       {"the last one with windows", "창이 있는 마지막 층"});
        command.add("--at", "R,C", settings.at, kAtHelp);
      },
      explain_field);
}

}  // namespace

std::vector<Command> named_topics() { return {sizes_command(), field_command()}; }

}  // namespace fovea::cli
