#include "apps/base/model_flags.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "fovea/core/language.h"
#include "fovea/models/models.h"
#include "fovea/models/normalization.h"

namespace fovea::cli {

void add_model_flags(Command& command, ModelFlags& flags) {
  command
      .add("--weights", "FILE", flags.weights,
           {"a model's weights: .safetensors, .pth, .npz or .onnx",
            "모델의 가중치: .safetensors, .pth, .npz 또는 .onnx"})
      .files()
      .must();
  add_model_name_flags(command, flags);
}

void add_model_name_flags(Command& command, ModelFlags& flags) {
  command
      .add("--model", "M", flags.model,
           {"the model, where the weights do not name it",
            "가중치 파일에 모델 이름이 없을 때의 모델"})
      .one_of(models::model_names(), Words::kOpen)
      .files();
  add_model_option_flag(command, flags.model_options);
}

Option& add_model_option_flag(Command& command, std::vector<std::string>& target) {
  return command.add(
      "--model-opt", "KEY=VALUE", target,
      {"what the model offers (num_classes, in_channels, image_size, dropout); may be given "
       "several "
       "times",
       "모델의 설정 (num_classes, in_channels, image_size, dropout). 여러 번 쓸 수 있습니다"});
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
    throw InBoth<UsageError>(
        {fmt::format("--model is missing: the weights do not name theirs, as files from PyTorch do "
                     "not ({})",
                     flags.weights),
         fmt::format("--model이 없습니다: PyTorch의 파일처럼 가중치에 모델 이름이 없습니다 ({})",
                     flags.weights)});
  }
  models::LoadedModel model = models::load_model(found);
  if (!model.note.empty()) say("{}\n", one_line(model.note));
  if (!flags.normalize.empty())
    model.card.normalize = models::parse_normalization(flags.normalize, "--normalize");
  models::check_channels(model.card.normalize, model.card.input[0], "--normalize");
  return model;
}

namespace {

/// A word that no model has and that is a file, or looks like one, is a weights file, unless it
/// names a list of layers.
bool means_file(const std::string& word) {
  const std::vector<std::string> names = models::model_names();
  if (std::find(names.begin(), names.end(), word) != names.end()) return false;
  if (word.ends_with(".toml")) return false;
  return std::filesystem::exists(word) || word.ends_with(".safetensors") || word.ends_with(".onnx");
}

}  // namespace

models::LoadedModel load_named_model(const std::string& word, const ModelFlags& flags,
                                     const std::string& input_shape) {
  models::ModelOptions options;
  if (!input_shape.empty()) {
    const Shape input = models::parse_input(input_shape, "--input-shape");
    if (input.ndim() != 3 || input[1] != input[2]) {
      throw UsageError(fmt::format(
          "--input-shape expected channels and a square as 1x28x28, got \"{}\"", input_shape));
    }
    options["in_channels"] = std::to_string(input[0]);
    options["image_size"] = std::to_string(input[1]);
  }
  for (const auto& [key, value] : model_options_of(flags.model_options)) options[key] = value;
  if (!means_file(word)) return models::load_model({.model = word, .options = std::move(options)});
  return load_model({.weights = word, .model = flags.model}, options);
}

}  // namespace fovea::cli
