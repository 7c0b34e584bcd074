// fovea predict: the likeliest classes of image files, or of a sample of a data set.

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/base/data_choice.h"
#include "apps/base/exit_code.h"
#include "apps/base/machine.h"
#include "apps/base/model_choice.h"
#include "apps/base/output.h"
#include "apps/base/table.h"
#include "apps/cli/commands.h"
#include "fovea/data/transforms.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"
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
  std::int64_t threads = 0;
  bool invert = false;
  bool json = false;
};

/// An image as the model wants it, u8, and what it is called.
struct Input {
  std::string name;
  std::string label;  // the true class, for a sample of a data set
  Tensor image;       // u8 [channels, height, width]
};

struct Likely {
  std::int64_t index;
  double probability;
};

/// A picture file as the model wants it: see docs/predict.md.
Input read_input(const std::string& file, const models::ModelCard& card,
                 const PredictSettings& settings) {
  const auto channels = card.input[0] == 1 ? io::Channels::kGrey : io::Channels::kRgb;
  const data::ImageSize size(card.input[1], card.input[2]);
  const data::Transform fitted = card.fit == models::PictureFit::kCrop
                                     ? vision::scaled_and_cut(size)
                                     : data::Transform(data::Resize(size));
  const std::uint64_t most = most_pixels(settings.data.max_pixels);
  Tensor image = fitted(io::read_image(file, channels, most).unsqueeze(0), {});
  if (settings.invert) image = (255.0 - image.to(f32)).to(u8);
  return {.name = file, .label = {}, .image = image[0]};
}

/// Sample `index` of the test data.
Input read_sample(const PredictSettings& settings, const ChosenModel& model) {
  const auto dataset = open_test_data(settings.data, model.card);
  check_fits(model, *dataset, settings.data.data);
  if (*settings.index < 0 || *settings.index >= dataset->size()) {
    throw UsageError(
        fmt::format("--index expected from 0 to {}, got {}", dataset->size() - 1, *settings.index));
  }
  const std::array<std::int64_t, 1> which = {*settings.index};
  const data::Batch sample = dataset->get_batch(which);
  const auto truth = sample.target.item<std::int64_t>();
  const auto* pictures = dynamic_cast<const vision::PictureSet*>(dataset.get());
  return {.name = pictures != nullptr ? pictures->name_of(*settings.index)
                                      : fmt::format("{}[{}]", settings.data.data, *settings.index),
          .label = dataset->classes()[static_cast<std::size_t>(truth)],
          .image = sample.data[0]};
}

/// Probabilities [n, classes] of u8 images.
Tensor classify(const ChosenModel& model, std::span<const Input> inputs) {
  const NoGrad no_grad;
  Tensors images;
  for (const Input& input : inputs) images.push_back(input.image);
  const data::Compose prepare({data::ToTensor(), model.card.normalize.transform()});
  return softmax((*model.module)(prepare(stack(images, 0))), 1);
}

/// The `top` likeliest classes, the first of equals first.
std::vector<Likely> likeliest(std::span<const float> probabilities, std::int64_t top) {
  std::vector<Likely> all;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    all.push_back({static_cast<std::int64_t>(i), probabilities[i]});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Likely& a, const Likely& b) { return a.probability > b.probability; });
  all.resize(std::min(all.size(), static_cast<std::size_t>(top)));
  return all;
}

std::string class_name(const models::ModelCard& card, std::int64_t index) {
  const auto i = static_cast<std::size_t>(index);
  return i < card.classes.size() ? card.classes[i] : std::to_string(index);
}

nlohmann::ordered_json to_json(const Input& input, const std::vector<Likely>& top,
                               const models::ModelCard& card) {
  nlohmann::ordered_json classes = nlohmann::ordered_json::array();
  for (const Likely& one : top) {
    classes.push_back({{"class", class_name(card, one.index)},
                       {"index", one.index},
                       {"probability", one.probability}});
  }
  return {{"input", input.name}, {"top", std::move(classes)}};
}

void print_table(const Input& input, const std::vector<Likely>& top, const models::ModelCard& card,
                 const Terminal& terminal) {
  const std::string truth = input.label.empty() ? "" : fmt::format("   (it is {})", input.label);
  put("{}{}\n", styled(terminal, Style::kBold, one_line(input.name)), one_line(truth));
  int width = 0;
  const auto name_of = [&](const Likely& one) { return one_line(class_name(card, one.index)); };
  for (const Likely& one : top) width = std::max(width, display_width(name_of(one)));
  for (const Likely& one : top) {
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
  Answers(const PredictSettings& settings, const ChosenModel& model)
      : settings_(settings), model_(model) {}

  /// Answers for some pictures.
  void add(std::span<const Input> inputs) {
    if (inputs.empty()) return;
    const Tensor probabilities = classify(model_, inputs);
    const std::vector<float> values = probabilities.to_vector();
    const auto classes = static_cast<std::size_t>(probabilities.size(1));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto top = likeliest(std::span(values).subspan(i * classes, classes), settings_.top);
      if (settings_.json) {
        add_to_document(to_json(inputs[i], top, model_.card));
      } else {
        print_table(inputs[i], top, model_.card, terminal_);
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
  const ChosenModel& model_;
  Terminal terminal_ = Terminal::output();
  std::size_t count_ = 0;
};

void check_settings(const PredictSettings& settings) {
  const auto at_least_one = [](const char* flag, std::int64_t value) {
    if (value < 1) throw UsageError(fmt::format("{} expected at least 1, got {}", flag, value));
  };
  at_least_one("--top", settings.top);
  at_least_one("--batch-size", settings.batch_size);
  most_pixels(settings.data.max_pixels);
  if (settings.images.empty() && !settings.index) {
    throw UsageError("IMAGE is missing: a PNG or JPEG file, or --index N of a data set");
  }
}

/// A file that gives no picture costs its own answer alone: it is named, and the others go on.
/// Returns the exit code.
int predict(const PredictSettings& settings) {
  check_settings(settings);
  use_threads(settings.threads);
  const ChosenModel model = load_model(settings.model);
  Answers answers(settings, model);
  std::vector<Input> sample;  // a mistake in --index is said before anything is answered
  if (settings.index) sample.push_back(read_sample(settings, model));
  std::optional<ExitCode> first_failure;
  std::vector<Input> batch;
  for (const std::string& file : settings.images) {
    try {
      batch.push_back(read_input(file, model.card, settings));
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
      "error, "
      "the others are answered, and the exit code is then 3.";
  command.add_positional("IMAGE", settings->images, "PNG or JPEG files").files();
  add_model_flags(command, settings->model);
  add_normalize_flag(command, settings->model);
  command.add("--index", "N", settings->index, "sample N of the test data").in("Data");
  add_data_flags(command, settings->data);
  command.add_switch("--invert", settings->invert, "swap light and dark of picture files");
  command.add("--top", "N", settings->top, "how many classes");
  command.add("--batch-size", "N", settings->batch_size, "images at once");
  add_threads_flag(command, settings->threads);
  command.add_switch("--json", settings->json, "print one JSON document");
  command.run = [settings] { return predict(*settings); };
  return command;
}

}  // namespace fovea::cli
