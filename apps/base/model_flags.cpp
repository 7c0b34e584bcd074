#include "apps/base/model_flags.h"

#include <cstdio>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "fovea/models/models.h"
#include "fovea/models/normalization.h"

namespace fovea::cli {

void add_model_flags(Command& command, ModelFlags& flags) {
  command
      .add("--weights", "FILE", flags.weights,
           "a model's weights: .safetensors, .pth, .npz or .onnx")
      .files()
      .must();
  add_model_name_flags(command, flags);
}

void add_model_name_flags(Command& command, ModelFlags& flags) {
  command.add("--model", "M", flags.model, "the model, where the weights do not name it")
      .one_of(models::model_names(), Words::kOpen)
      .files();
  add_model_option_flag(command, flags.model_options);
}

Option& add_model_option_flag(Command& command, std::vector<std::string>& target) {
  return command.add(
      "--model-opt", "KEY=VALUE", target,
      "what the model offers (num_classes, in_channels, image_size, dropout); may be "
      "given several times");
}

std::pair<std::string, std::string> split_model_option(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError(fmt::format("--model-opt expected key=value, got \"{}\"", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

models::ModelOptions model_options_of(const std::vector<std::string>& texts) {
  models::ModelOptions options;
  for (const std::string& text : texts) {
    const auto [key, value] = split_model_option(text);
    options[key] = value;
  }
  return options;
}

models::LoadedModel load_model(const ModelFlags& flags) {
  return load_model(flags, model_options_of(flags.model_options));
}

models::LoadedModel load_model(const ModelFlags& flags, const models::ModelOptions& options) {
  const models::FoundModel found =
      models::find_model({.weights = flags.weights, .model = flags.model, .options = options});
  if (found.name.empty()) {
    throw UsageError(fmt::format(
        "--model is missing: the weights do not name theirs, as files from PyTorch do not ({})",
        flags.weights));
  }
  models::LoadedModel model = models::load_model(found);
  if (!model.note.empty()) say("{}\n", one_line(model.note));
  if (!flags.normalize.empty())
    model.card.normalize = models::parse_normalization(flags.normalize, "--normalize");
  models::check_channels(model.card.normalize, model.card.input[0], "--normalize");
  return model;
}

}  // namespace fovea::cli
