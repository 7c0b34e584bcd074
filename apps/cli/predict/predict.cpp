// fovea predict: the likeliest classes of image files, or of a sample of a data set.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/base/data_flags.h"
#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/machine_flags.h"
#include "apps/base/model_flags.h"
#include "apps/base/output.h"
#include "apps/base/samples.h"
#include "apps/base/setting_flags.h"
#include "apps/cli/commands.h"
#include "apps/cli/predict/answers.h"
#include "apps/cli/predict/sheet.h"
#include "fovea/core/error.h"
#include "fovea/models/classifier.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/image_files.h"

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
  bool csv = false;
  std::string sheet;
};

/// Answers pictures, a batch at a time.
class Answers {
 public:
  Answers(const PredictSettings& settings, const models::Classifier& classifier)
      : settings_(settings),
        classifier_(classifier),
        writer_(make_writer(form_of(settings), std::min(settings.top, classifier.model().classes),
                            classifier.is_multi_label())),
        watch_(classifier.card().ground) {}

  /// Pictures of files, in which light and dark may be swapped.
  void add_files(std::span<const Sample> samples) {
    if (samples.empty()) return;
    const Tensor images = joined(samples);
    watch_.add(classifier_.pixels(images));
    answer(samples, images);
  }
  /// A sample of a data set.
  void add_sample(const Sample& sample) { answer({&sample, 1}, sample.image); }
  void finish() {
    writer_->finish();
    if (const std::string swapped = watch_.message(settings_.invert); !swapped.empty())
      say("fovea predict: {}\n", swapped);
    if (settings_.sheet.empty()) return;
    sheet_.save(settings_.sheet, classifier_.card().model);
    say("fovea predict: {} in {}\n", sheet_.contents(), one_line(settings_.sheet));
  }
  std::size_t count() const { return count_; }

 private:
  static AnswerForm form_of(const PredictSettings& settings) {
    if (settings.json) return AnswerForm::kJson;
    return settings.csv ? AnswerForm::kCsv : AnswerForm::kTables;
  }
  static Tensor joined(std::span<const Sample> samples) {
    Tensors images;
    for (const Sample& sample : samples) images.push_back(sample.image);
    return cat(images, 0);
  }
  void answer(std::span<const Sample> samples, const Tensor& images) {
    const Tensor probabilities = classifier_.classify(images);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i);
      const Asked asked{.name = samples[i].name, .label = samples[i].label};
      Answer answer{.top = classifier_.top(probabilities[row], settings_.top)};
      if (classifier_.is_multi_label()) answer.labels = classifier_.labels(probabilities[row]);
      writer_->add(asked, answer);
      ++count_;
      if (!settings_.sheet.empty())
        sheet_.add(asked, answer, classifier_.pixels(samples[i].image)[0]);
    }
  }

  const PredictSettings& settings_;
  const models::Classifier& classifier_;
  std::unique_ptr<AnswerWriter> writer_;
  AnswerSheet sheet_;
  SwapWatch watch_;
  std::size_t count_ = 0;
};

/// The pictures in a folder. Says what else is in it. Throws IoError; ParseError for none.
std::vector<std::filesystem::path> list_folder(const std::string& folder) {
  vision::PictureListing listing = vision::list_pictures(folder);
  check<ParseError>(!listing.files.empty(), "predict: pictures (", vision::picture_endings(),
                    ") expected in ", folder, ", got none",
                    listing.others.empty() ? "" : " but " + vision::list_endings(listing.others));
  if (const std::string others = vision::describe_others(listing.others); !others.empty())
    say("left out: {} ({})\n", one_line(others), one_line(folder));
  return std::move(listing.files);
}

/// Reads pictures and has them answered, a batch at a time. A file or folder that gives none costs
/// its own answer alone: it is named, and the others go on.
class Reader {
 public:
  Reader(const PredictSettings& settings, const models::Classifier& classifier, Answers& answers)
      : settings_(settings), classifier_(classifier), answers_(answers) {}

  /// Reads a file, or all pictures in a folder.
  void read(const std::string& place) {
    std::error_code error;
    if (!std::filesystem::is_directory(place, error)) return read_file(place);
    std::vector<std::filesystem::path> files;
    tolerate([&] { files = list_folder(place); });
    for (const std::filesystem::path& file : files) read_file(file.string());
  }
  /// Has what was read answered.
  void finish() {
    answers_.add_files(batch_);
    batch_.clear();
  }
  /// What the first file that gave no picture ends the command with.
  const std::optional<ExitCode>& first_failure() const { return first_failure_; }

 private:
  template <class F>
  void tolerate(const F& read) {
    try {
      read();
    } catch (const Error&) {
      const Failure failure = describe_failure(std::current_exception());
      say("fovea predict: {}\n", failure.message.english);
      if (!first_failure_) first_failure_ = failure.code;
    }
  }
  void read_file(const std::string& file) {
    tolerate([&] {
      batch_.push_back(read_picture(file, classifier_, most_pixels(settings_.data.max_pixels)));
    });
    if (batch_.size() >= static_cast<std::size_t>(settings_.batch_size)) finish();
  }

  const PredictSettings& settings_;
  const models::Classifier& classifier_;
  Answers& answers_;
  std::vector<Sample> batch_;
  std::optional<ExitCode> first_failure_;
};

void check_settings(const PredictSettings& settings) {
  check_at_least("--top", settings.top, 1);
  check_at_least("--batch-size", settings.batch_size, 1);
  most_pixels(settings.data.max_pixels);
  if (!settings.sheet.empty()) check_extension("--sheet", settings.sheet, {".svg"});
  if (settings.json && settings.csv)
    throw UsageError("--json and --csv: one of them expected, got both");
  if (settings.images.empty() && !settings.index) {
    throw UsageError(
        "IMAGE is missing: a picture file, a folder of them, or --index N of a data set");
  }
}

int predict(const PredictSettings& settings) {
  check_settings(settings);
  const train::MachineScope machine = use_machine(settings.machine);
  models::LoadedModel model = load_model(settings.model);
  std::shared_ptr<const data::Dataset> dataset;
  if (settings.index) dataset = open_samples(settings.data, *settings.index, model);
  const models::Classifier classifier(std::move(model), {.invert = settings.invert});
  Answers answers(settings, classifier);
  std::optional<Sample> sample;  // a mistake in --index is said before anything is answered
  if (settings.index) sample = read_sample(settings.data, *settings.index, *dataset, classifier);
  Reader reader(settings, classifier, answers);
  for (const std::string& place : settings.images) reader.read(place);
  reader.finish();
  if (sample) answers.add_sample(*sample);
  const std::optional<ExitCode>& failure = reader.first_failure();
  if (answers.count() > 0 || !failure) answers.finish();
  if (!failure) return kExitDone;
  return answers.count() > 0 ? kExitBadInput : *failure;
}

}  // namespace

Command predict_command() {
  auto settings = std::make_shared<PredictSettings>();
  Command command("predict", "Name the likeliest classes of images");
  command.examples = {
      {"fovea predict --weights best.safetensors shoe.png shirt.jpg", "picture files"},
      {"fovea predict --weights best.safetensors photos --csv > answers.csv", "all in a folder"},
      {"fovea predict --weights best.safetensors photos --sheet seen.svg", "as the model saw them"},
      {"fovea predict --weights best.safetensors --invert photo.jpg", "dark on a light ground"},
      {"fovea predict --weights best.safetensors --index 42", "an image of the test data"},
      {"fovea predict --weights best.safetensors --top 1 --json *.png", "for scripts"},
  };
  command.details =
      "Pictures are made grey or coloured as the model needs, brought to its size, and divided by "
      "255; docs/predict.md says it in full. Of a folder all pictures are answered, those in "
      "folders "
      "in it too. A file that is no such picture is named on standard error, the others are "
      "answered, and the exit code is then 3. A model that learned several labels a picture gives "
      "each a probability of its own; those of at least 50 % are there.";
  command
      .add_positional("IMAGE", settings->images,
                      "picture files (PNG, JPEG, WebP, BMP, TIFF), or folders of them")
      .files();
  add_model_flags(command, settings->model);
  add_setting(command, "normalize", settings->model.normalize).in("Flags");
  command.add("--index", "N", settings->index, "sample N of the test data").in("Data");
  add_data_flags(command, settings->data);
  command.add_switch("--invert", settings->invert, "swap light and dark of picture files");
  command.add("--top", "N", settings->top, "how many classes");
  command.add("--batch-size", "N", settings->batch_size, "images at once");
  command.add_switch("--json", settings->json, "print one JSON document");
  command.add_switch("--csv", settings->csv, "print a row a picture, comma-separated");
  command
      .add("--sheet", "FILE", settings->sheet,
           "write the pictures as the model saw them, with its answers (.svg)")
      .files();
  add_machine_flags(command, settings->machine);
  command.run = [settings] { return predict(*settings); };
  return command;
}

}  // namespace fovea::cli
