// fovea predict: the likeliest classes of image files, or of a sample of a data set.

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/base/data_flags.h"
#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/machine_flags.h"
#include "apps/base/model_flags.h"
#include "apps/base/output.h"
#include "apps/base/setting_flags.h"
#include "apps/base/table.h"
#include "apps/cli/commands.h"
#include "fovea/io/pictures/image.h"
#include "fovea/models/classifier.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/picture_set.h"

namespace fovea::cli {

namespace {

struct PredictSettings {
  ModelFlags model;
  std::vector<std::string> images;
  DataFlags data;
  std::optional<std::int64_t> index;
  std::int64_t top = 3;
  std::int64_t batch_size = 100;
  MachineFlags machine;
  bool invert = false;
  bool json = false;
};

/// An image as the model wants it, and what it is called.
struct Input {
  std::string name;
  std::string label;  // the true class, for a sample of a data set
  Tensor image;       // f32 [1, channels, height, width]
};

using Top = std::vector<models::Likely>;

/// A picture file of at most `most` pixels.
Input read_input(const std::string& file, const models::Classifier& classifier,
                 std::uint64_t most) {
  const auto channels = classifier.card().input[0] == 1 ? io::Channels::kGrey : io::Channels::kRgb;
  return {
      .name = file, .label = {}, .image = classifier.prepare(io::read_image(file, channels, most))};
}

/// Sample `index` of the test data.
Input read_sample(const PredictSettings& settings, const models::Classifier& classifier) {
  const auto dataset = open_test_data(settings.data, classifier.card());
  check_fits(classifier.model(), *dataset, settings.data.data);
  check_range("--index", *settings.index, 0, dataset->size() - 1);
  const std::array<std::int64_t, 1> which = {*settings.index};
  const data::Batch sample = dataset->get_batch(which);
  const auto truth = sample.target.item<std::int64_t>();
  const auto* pictures = dynamic_cast<const vision::PictureSet*>(dataset.get());
  return {.name = pictures != nullptr ? pictures->name_of(*settings.index)
                                      : fmt::format("{}[{}]", settings.data.data, *settings.index),
          .label = dataset->classes()[static_cast<std::size_t>(truth)],
          .image = classifier.normalize(sample.data)};
}

/// The likeliest classes of each input.
std::vector<Top> classify(const models::Classifier& classifier, std::span<const Input> inputs,
                          std::int64_t count) {
  Tensors images;
  for (const Input& input : inputs) images.push_back(input.image);
  const Tensor probabilities = classifier.classify(cat(images, 0));
  std::vector<Top> tops;
  for (std::int64_t i = 0; i < probabilities.size(0); ++i)
    tops.push_back(classifier.top(probabilities[i], count));
  return tops;
}

nlohmann::ordered_json to_json(const Input& input, const Top& top) {
  nlohmann::ordered_json classes = nlohmann::ordered_json::array();
  for (const models::Likely& one : top) {
    classes.push_back(
        {{"class", one.name}, {"index", one.index}, {"probability", one.probability}});
  }
  return {{"input", input.name}, {"top", std::move(classes)}};
}

void print_table(const Input& input, const Top& top, const Terminal& terminal) {
  const std::string truth = input.label.empty() ? "" : fmt::format("   (it is {})", input.label);
  put("{}{}\n", styled(terminal, Style::kBold, one_line(input.name)), one_line(truth));
  int width = 0;
  const auto name_of = [](const models::Likely& one) { return one_line(one.name); };
  for (const models::Likely& one : top) width = std::max(width, display_width(name_of(one)));
  for (const models::Likely& one : top) {
    const std::string name = name_of(one);
    const std::string space(static_cast<std::size_t>(width - display_width(name)), ' ');
    const std::string value = fmt::format("{:>9}", percent(one.probability));
    put("  {}{}  {}\n", name, space,
        &one == top.data() ? styled(terminal, Style::kGood, value) : value);
  }
}

/// Prints answers, as they come: to any number of pictures in the memory of a batch.
class Answers {
 public:
  Answers(const PredictSettings& settings, const models::Classifier& classifier)
      : settings_(settings), classifier_(classifier) {}

  /// Answers for some pictures.
  void add(std::span<const Input> inputs) {
    if (inputs.empty()) return;
    const std::vector<Top> tops = classify(classifier_, inputs, settings_.top);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (settings_.json) {
        add_to_document(to_json(inputs[i], tops[i]));
      } else {
        print_table(inputs[i], tops[i], terminal_);
      }
      ++count_;
    }
  }
  void finish() const {
    if (settings_.json) put("{}]\n", count_ == 0 ? "[" : "\n");
  }
  std::size_t count() const { return count_; }

 private:
  /// One more value of a JSON array, laid out as if all of it had been there at once.
  void add_to_document(const nlohmann::ordered_json& value) const {
    using Handler = nlohmann::ordered_json::error_handler_t;
    std::string text = value.dump(2, ' ', false, Handler::replace);
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
      text.insert(at + 1, "  ");
    put("{}\n  {}", count_ == 0 ? "[" : ",", text);
  }

  const PredictSettings& settings_;
  const models::Classifier& classifier_;
  Terminal terminal_ = Terminal::output();
  std::size_t count_ = 0;
};

void check_settings(const PredictSettings& settings) {
  check_at_least("--top", settings.top, 1);
  check_at_least("--batch-size", settings.batch_size, 1);
  most_pixels(settings.data.max_pixels);
  if (settings.images.empty() && !settings.index) {
    throw UsageError("IMAGE is missing: a picture file, or --index N of a data set");
  }
}

/// A file that gives no picture costs its own answer alone: it is named, and the others go on.
/// Returns the exit code.
int predict(const PredictSettings& settings) {
  check_settings(settings);
  const train::MachineScope machine = use_machine(settings.machine);
  const models::Classifier classifier(load_model(settings.model), {.invert = settings.invert});
  Answers answers(settings, classifier);
  std::vector<Input> sample;  // a mistake in --index is said before anything is answered
  if (settings.index) sample.push_back(read_sample(settings, classifier));
  std::optional<ExitCode> first_failure;
  std::vector<Input> batch;
  for (const std::string& file : settings.images) {
    try {
      batch.push_back(read_input(file, classifier, most_pixels(settings.data.max_pixels)));
    } catch (const Error&) {
      const Failure failure = describe_failure(std::current_exception());
      say("fovea predict: {}\n", failure.message);
      if (!first_failure) first_failure = failure.code;
    }
    if (batch.size() < static_cast<std::size_t>(settings.batch_size)) continue;
    answers.add(batch);
    batch.clear();
  }
  answers.add(batch);
  answers.add(sample);
  if (answers.count() > 0 || !first_failure) answers.finish();
  if (!first_failure) return kExitDone;
  return answers.count() > 0 ? kExitBadInput : *first_failure;
}

}  // namespace

Command predict_command() {
  auto settings = std::make_shared<PredictSettings>();
  Command command("predict", "Name the likeliest classes of images");
  command.examples = {
      {"fovea predict --weights best.safetensors shoe.png shirt.jpg", "picture files"},
      {"fovea predict --weights best.safetensors --invert photo.jpg", "dark on a light ground"},
      {"fovea predict --weights best.safetensors --index 42", "an image of the test data"},
      {"fovea predict --weights best.safetensors --top 1 --json *.png", "for scripts"},
  };
  command.details =
      "Pictures are made grey or coloured as the model needs, brought to its size, and divided by "
      "255; docs/predict.md says it in full. A file that is no such picture is named on standard "
      "error, the others are answered, and the exit code is then 3.";
  command.add_positional("IMAGE", settings->images, "picture files: PNG, JPEG, WebP, BMP, TIFF")
      .files();
  add_model_flags(command, settings->model);
  add_setting(command, "normalize", settings->model.normalize).in("Flags");
  command.add("--index", "N", settings->index, "sample N of the test data").in("Data");
  add_data_flags(command, settings->data);
  command.add_switch("--invert", settings->invert, "swap light and dark of picture files");
  command.add("--top", "N", settings->top, "how many classes");
  command.add("--batch-size", "N", settings->batch_size, "images at once");
  command.add_switch("--json", settings->json, "print one JSON document");
  add_machine_flags(command, settings->machine);
  command.run = [settings] { return predict(*settings); };
  return command;
}

}  // namespace fovea::cli
