#include "apps/explain/trained_topic.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "fovea/core/suggest.h"

namespace fovea::cli {

Question question_of(const TrainedSettings& settings) {
  if (!settings.image.empty() && settings.index) {
    throw InBoth<UsageError>({"--image and --index: one of them expected, got both",
                              "--image와 --index: 둘 중 하나만 써야 합니다"});
  }
  models::LoadedModel model = load_model(settings.model);
  if (!settings.image.empty()) {
    const models::Classifier classifier(std::move(model));
    Sample sample = read_picture(settings.image, classifier, most_pixels(settings.data.max_pixels));
    return {classifier, std::move(sample)};
  }
  const std::int64_t index = settings.index.value_or(0);
  const std::shared_ptr<const data::Dataset> dataset = open_samples(settings.data, index, model);
  // Weights from elsewhere name no classes: the data's are meant.
  if (model.card.classes.empty() && std::ssize(dataset->classes()) == model.classes)
    model.card.classes = dataset->classes();
  const models::Classifier classifier(std::move(model));
  Sample sample = read_sample(settings.data, index, *dataset, classifier);
  return {classifier, std::move(sample)};
}

explain::ModelRun run_of(const Question& question) {
  return explain::evaluate_model(*question.classifier.model().module, question.sample.image);
}

std::optional<std::int64_t> class_of(const TrainedSettings& settings,
                                     const models::Classifier& classifier) {
  const std::string& wanted = settings.of_class;
  if (wanted.empty()) return std::nullopt;
  const std::vector<std::string>& names = classifier.card().classes;
  const auto named = std::ranges::find(names, wanted);
  if (named != names.end()) return named - names.begin();
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  if (fault == std::errc() && end == wanted.data() + wanted.size()) return number;
  const Text near = meant_word(wanted, names);
  throw InBoth<UsageError>({fmt::format("--class expected a class's name or number, got \"{}\"{}",
                                        one_line(wanted), near.english),
                            fmt::format("--class: 클래스의 이름이나 번호여야 하는데 \"{}\"입니다{}",
                                        one_line(wanted), near.korean)});
}

const Text kAtHelp = {"row and column: 5,7", "행과 열: 5,7"};

void add_layer_flag(Command& command, std::string& target, const Text& otherwise) {
  command.add("--layer", "NAME", target,
              {fmt::format("a layer, as fovea summary names it (default {})", otherwise.english),
               fmt::format("층. 이름은 fovea summary에 있습니다 (기본값 {})", otherwise.korean)});
}

void add_subject_flags(Command& command, TrainedSettings& settings) {
  const Text heading = {"Data", "데이터"};
  command
      .add("--image", "FILE", settings.image,
           {"a picture file, brought to the model's size", "사진 파일. 모델의 크기로 맞춥니다"})
      .files()
      .in(heading);
  command
      .add("--index", "N", settings.index,
           {"sample N of the test data (default 0)", "평가 데이터의 N번 샘플 (기본값 0)"})
      .in(heading);
  add_data_flags(command, settings.data);
}

void add_class_flag(Command& command, TrainedSettings& settings) {
  command.add("--class", "NAME|N", settings.of_class,
              {"a class by its name or number (default the model's answer)",
               "클래스의 이름이나 번호 (기본값은 모델의 답)"});
}

}  // namespace fovea::cli
