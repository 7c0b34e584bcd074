// fovea weights: public files of weights, what a file of weights is, and weights from others.

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/model_flags.h"
#include "apps/base/output.h"
#include "apps/cli/commands.h"
#include "apps/cli/weights/known_file.h"
#include "fovea/io/json.h"
#include "fovea/models/fitting_models.h"
#include "fovea/models/load_model.h"

namespace fovea::cli {

namespace {

struct WeightsSettings {
  std::string word;  // a model of list, a file of the others
  std::string model;
  std::vector<std::string> model_options;
  std::string normalize;
  std::string output;
  bool json = false;
};

/// The model that a file is meant for: as said, as the file says, as its name says, or one that
/// its tensors fit.
models::ModelRequest request_for(const WeightsSettings& settings, const KnownFile& known) {
  models::ModelRequest request{.weights = settings.word, .model = settings.model};
  const models::ModelFile file = models::load_model_file(settings.word);
  if (request.model.empty() && !file.model.name.empty()) request.model = file.model.name;
  if (request.model.empty() && known.weights != nullptr) request.model = known.weights->model;
  if (file.card.model.empty()) {
    const std::vector<models::FittingModel> fitting =
        request.model.empty() ? models::fitting_models(file.weights)
                              : models::fitting_models(file.weights, {request.model});
    if (request.model.empty() && fitting.empty())
      throw UsageError(
          fmt::format("--model expected, for the weights fit no model that Fovea has ({})",
                      one_line(settings.word)));
    if (!fitting.empty()) {
      request.model = fitting[0].name;
      request.options = fitting[0].options;
    }
  }
  for (const auto& [key, value] : model_options_of(settings.model_options))
    request.options[key] = value;
  return request;
}

int convert_weights(const WeightsSettings& settings) {
  check_extension("--output", settings.output, {".safetensors"});
  const KnownFile known = known_file(settings.word);
  check<ParseError>(known.agrees(), "weights: SHA-256 expected to begin with ", known.said,
                    " as the file's name says, got ", known.sha256.substr(0, known.said.size()),
                    " (", settings.word, ")");
  models::LoadedModel model = models::load_model(request_for(settings, known));
  if (!settings.normalize.empty()) {
    model.card.normalize = models::parse_normalization(settings.normalize, "--normalize");
  } else if (known.weights != nullptr && model.card.normalize.empty()) {
    model.card.normalize = known.weights->normalization();
  }
  models::check_channels(model.card.normalize, model.card.input[0], "--normalize");
  models::save_model_file(settings.output, *model.module, model.card);
  if (!model.note.empty()) say("{}\n", one_line(model.note));
  const std::string normalize =
      model.card.normalize.empty() ? "none" : models::format_normalization(model.card.normalize);
  if (settings.json) {
    put("{}\n", io::json_lines({{"output", settings.output},
                                {"model", model.card.model},
                                {"classes", model.classes},
                                {"input", models::format_input(model.card.input)},
                                {"normalize", normalize},
                                {"note", model.note}}));
  } else {
    say("wrote {}: {}, {} classes, images {}, normalised by {}\n", one_line(settings.output),
        model.card.model, model.classes, models::format_input(model.card.input), normalize);
  }
  return kExitDone;
}

Command list_command(const std::shared_ptr<WeightsSettings>& settings) {
  Command command("list", "Public weights for the models that Fovea has, and where they lie");
  command.details =
      "All were trained on ImageNet. A file's name ends in the first digits of its SHA-256. "
      "Nothing "
      "is downloaded: fetch a file by its address, with curl -LO say. Licences are the "
      "publishers': "
      "see there.";
  command.examples = {{"fovea weights list", "all"},
                      {"fovea weights list resnet18 --json", "of one model, for scripts"}};
  command.add_positional("MODEL", settings->word, "only those of this model")
      .one_of(models::model_names());
  command.add_switch("--json", settings->json, "print JSON");
  command.run = [settings] { return list_weights(settings->word, settings->json); };
  return command;
}

Command info_command(const std::shared_ptr<WeightsSettings>& settings) {
  Command command("info", "What a file of weights is, and which model takes it");
  command.details =
      "Where the file's name ends in the beginning of a SHA-256, as torchvision's do, it is "
      "compared "
      "with the file: exit code 3 when they differ.";
  command.examples = {{"fovea weights info resnet18-f37072fd.pth", "a public file"},
                      {"fovea weights info checkpoint.pth --json", "anything of PyTorch's"}};
  command.add_positional("FILE", settings->word, "weights: .safetensors, .pth, .npz or .onnx")
      .files()
      .must();
  command.add_switch("--json", settings->json, "print JSON");
  command.run = [settings] { return show_weights(settings->word, settings->json); };
  return command;
}

Command convert_command(const std::shared_ptr<WeightsSettings>& settings) {
  Command command("convert", "Make a weights file of Fovea's from one of PyTorch's");
  command.details =
      "Names are mapped (DataParallel's and torch.compile's prefixes, timm's names), and what a "
      "checkpoint has beside its weights is left behind. The file that is written says its model, "
      "classes, image size and normalisation, so that nobody has to say them again. (train, eval "
      "and predict take the files of others as they are too, with --model.)";
  command.examples = {{"fovea weights convert resnet18-f37072fd.pth --output resnet18.safetensors",
                       "a public file"},
                      {"fovea weights convert checkpoint.pth --model vgg16 --normalize imagenet "
                       "--output v.safetensors",
                       "one of your own"}};
  command.add_positional("FILE", settings->word, "weights: .pth, .safetensors or .npz")
      .files()
      .must();
  command.add("--output", "FILE", settings->output, "what to write: .safetensors").files().must();
  command
      .add("--model", "M", settings->model,
           "the model, where neither file nor name say it and the tensors fit several")
      .one_of(models::model_names(), Words::kOpen)
      .files();
  add_model_option_flag(command, settings->model_options);
  command.add("--normalize", "N", settings->normalize,
              "mean and deviation of images in [0, 1] that the weights want: none, imagenet, or "
              "M,M,M/D,D,D (default: what is known of a public file)");
  command.add_switch("--json", settings->json, "print JSON");
  command.run = [settings] { return convert_weights(*settings); };
  return command;
}

}  // namespace

Command weights_command() {
  auto settings = std::make_shared<WeightsSettings>();
  Command command("weights", "Weights of others: what there is, what a file is, converting it");
  command.examples = {{"fovea weights list", "where trained weights lie"},
                      {"fovea weights info resnet18-f37072fd.pth", "which model a file fits"},
                      {"fovea weights convert resnet18-f37072fd.pth --output r.safetensors",
                       "a weights file of Fovea's"}};
  command.children = {list_command(settings), info_command(settings), convert_command(settings)};
  return command;
}

}  // namespace fovea::cli
