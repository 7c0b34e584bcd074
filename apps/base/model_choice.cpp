#include "apps/base/model_choice.h"

#include <utility>

#include <fmt/format.h>

#include "apps/base/data_choice.h"
#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "apps/base/train_flags.h"

namespace fovea::cli {

namespace {

/// `name` as make_model takes it.
ChosenModel make(const std::string& name, const models::ModelOptions& options,
                 std::vector<std::string> classes) {
  const models::ModelOptions complete = models::complete_options(name, options);
  ChosenModel chosen;
  chosen.module = models::make_model(name, complete);
  chosen.module->eval();
  chosen.card = {.model = name,
                 .options = complete,
                 .classes = std::move(classes),
                 .input = models::model_input(name, complete)};
  chosen.classes = std::stoll(complete.at("num_classes"));
  return chosen;
}

}  // namespace

ChosenModel default_model(const std::string& name, const models::ModelOptions& options) {
  const models::ModelChoice choice = models::choose_model(name, options);
  return make(choice.name, choice.options, {});
}

ChosenModel load_model(const std::string& file, const std::string& name,
                       const models::ModelOptions& given) {
  const models::ModelFile content = models::load_model_file(file);
  models::ModelChoice choice = content.model;
  if (!name.empty()) choice = models::choose_model(name);
  const std::string& model = choice.name;
  if (model.empty()) {
    throw UsageError(fmt::format(
        "--model is missing: the weights do not name theirs, as files from PyTorch do not ({})",
        file));
  }
  // The command line wins over the file, whose options belong to the file's model.
  models::ModelOptions options = given;
  options.merge(choice.options);
  if (model == content.card.model) options.merge(models::ModelOptions(content.card.options));

  ChosenModel chosen;
  try {
    chosen = make(model, options, content.card.classes);
  } catch (const ArgumentError& error) {
    // A model or option that the command line did not name came from the file.
    if (name.empty() && given.empty()) throw ParseError(str(error.what(), " (", file, ")"));
    throw;
  }
  if (model == content.card.model && !content.card.input.empty()) {
    const Shape& images = content.card.input;
    check<ParseError>(images[0] == chosen.card.input[0], "weights: images expected ",
                      chosen.card.input[0], " channels as the model, got ",
                      models::format_input(images), " (", file, ")");
    chosen.card.input = images;
  }
  chosen.card.normalize = content.card.normalize;
  chosen.card.fit = content.card.fit;
  check<ParseError>(
      content.card.model.empty() || content.card.model == model || content.model.name == model,
      "weights: file expected to hold those of \"", model, "\", got those of \"",
      content.card.model, "\" (", file, ")");
  const std::string note =
      models::describe(models::load_weights(*chosen.module, content.weights, model, file), file);
  if (!note.empty()) say("{}\n", note);
  chosen.module->eval();
  return chosen;
}

void check_fits(const ChosenModel& model, const data::Dataset& dataset, const std::string& name) {
  const Shape images = image_shape(dataset);
  check<ShapeError>(images == model.card.input, name, ": images expected ",
                    models::format_input(model.card.input), " as the model, got ",
                    models::format_input(images));
  const auto classes = static_cast<std::int64_t>(dataset.classes().size());
  check<ShapeError>(classes <= model.classes, name, ": classes expected at most the model's ",
                    model.classes, ", got ", classes);
}

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
      .one_of(models::model_names(), Words::kOpen);
  add_model_option_flag(command, flags.model_options);
}

models::ModelOptions ModelFlags::options() const {
  models::ModelOptions options;
  for (const std::string& text : model_options) {
    const auto [key, value] = split_model_option(text);
    options[key] = value;
  }
  return options;
}

void add_normalize_flag(Command& command, ModelFlags& flags) {
  command.add("--normalize", "N", flags.normalize, kNormalizeHelp)
      .one_of(normalization_names(), Words::kOpen);
}

ChosenModel load_model(const ModelFlags& flags) {
  ChosenModel model = load_model(flags.weights, flags.model, flags.options());
  if (!flags.normalize.empty())
    model.card.normalize = models::parse_normalization(flags.normalize, "--normalize");
  models::check_channels(model.card.normalize, model.card.input[0], "--normalize");
  return model;
}

}  // namespace fovea::cli
