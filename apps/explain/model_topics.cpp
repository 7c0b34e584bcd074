// Topics about a model of one's own: what happens in it, and why it answers as it does.

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "apps/base/data_flags.h"
#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/model_flags.h"
#include "apps/base/setting_flags.h"
#include "apps/explain/numbers.h"
#include "apps/explain/topics.h"
#include "apps/explain/trained_topic.h"
#include "fovea/core/rng.h"
#include "fovea/explain/model/backward.h"
#include "fovea/explain/model/features.h"
#include "fovea/explain/model/filters.h"
#include "fovea/explain/model/gradcam.h"
#include "fovea/explain/model/layer.h"
#include "fovea/explain/model/occlusion.h"
#include "fovea/explain/model/saliency.h"
#include "fovea/explain/model/step.h"
#include "fovea/explain/model/sweep.h"
#include "fovea/tensor/ops.h"

namespace fovea::cli {

namespace {

/// How the gradient of a class's score flows back over a value.
explain::Walk explain_backward(const TrainedSettings& settings) {
  if (settings.layer.empty())
    throw InBoth<UsageError>({"--layer expected beside --backward, got none",
                              "--layer: --backward와 함께 써야 하는데 없습니다"});
  const Question question = question_of(settings);
  const explain::ModelRun run =
      explain::differentiable_run(*question.classifier.model().module, question.sample.image);
  const explain::Answer answer =
      explain::answer_of(explain::subject_of(question.classifier, question.sample.image),
                         run.output, class_of(settings, question.classifier));
  explain::LayerGradients gradients = explain::layer_gradients(run, answer.index);
  gradients.name = answer.name;
  return explain::walk_backward(
      run, gradients,
      {.layer = settings.layer,
       .channel = settings.channel,
       .at = settings.at.empty() ? Shape() : parse_integers("--at", settings.at, 1, 3)});
}

explain::Walk explain_layer(const TrainedSettings& settings) {
  if (settings.backward) return explain_backward(settings);
  if (!settings.of_class.empty())
    throw InBoth<UsageError>({"--class expected beside --backward alone",
                              "--class: --backward와 함께만 쓸 수 있습니다"});
  const explain::ModelRun run = run_of(question_of(settings));
  if (settings.at.empty() && !settings.layer.empty()) {
    const explain::LayerRun& layer = explain::find_layer(run, settings.layer);
    if (layer.output().dim() != 4)  // there is no way over it
      return explain::walk_layer(run, {.layer = settings.layer, .channel = settings.channel});
  }
  if (settings.at.empty())
    return explain::walk_sweep(run, {.layer = settings.layer, .channel = settings.channel});
  if (settings.layer.empty())
    throw InBoth<UsageError>(
        {"--layer expected beside --at, got none", "--layer: --at과 함께 써야 하는데 없습니다"});
  return explain::walk_layer(run, {.layer = settings.layer,
                                   .channel = settings.channel,
                                   .at = parse_integers("--at", settings.at, 1, 3)});
}

explain::Walk explain_filters(const TrainedSettings& settings) {
  const models::LoadedModel model = load_model(settings.model);
  Shape input = model.card.input;
  input.insert(0, 1);
  return explain::walk_filters(
      explain::evaluate_model(*model.module, zeros(input)),
      {.layer = settings.layer, .filter = settings.filter, .most = settings.most});
}

explain::Walk explain_features(const TrainedSettings& settings) {
  return explain::walk_features(run_of(question_of(settings)),
                                {.layer = settings.layer, .most = settings.most});
}

explain::Walk explain_saliency(const TrainedSettings& settings) {
  const Question question = question_of(settings);
  return explain::walk_saliency(explain::subject_of(question.classifier, question.sample.image),
                                class_of(settings, question.classifier));
}

explain::Walk explain_gradcam(const TrainedSettings& settings) {
  const Question question = question_of(settings);
  return explain::walk_gradcam(
      explain::subject_of(question.classifier, question.sample.image),
      {.index = class_of(settings, question.classifier), .layer = settings.layer});
}

explain::Walk explain_occlusion(const TrainedSettings& settings) {
  const Question question = question_of(settings);
  return explain::walk_occlusion(explain::subject_of(question.classifier, question.sample.image),
                                 {.index = class_of(settings, question.classifier),
                                  .size = settings.size,
                                  .stride = settings.stride});
}

/// What every layer makes of all images of the batch is kept.
constexpr std::int64_t kMostInABatch = 1024;

/// The first parameter with more than one dimension: the first layer's weight; empty for none.
std::string first_weight(const nn::Module& module) {
  for (const auto& [name, tensor] : module.named_parameters())
    if (tensor.dim() > 1) return name;
  return {};  // of which walk_step says that it is no parameter
}

explain::Walk explain_step(const TrainedSettings& settings) {
  check_at_least("--batch", settings.batch, 0);
  check_range("--batch-size", settings.batch_size, 1, kMostInABatch);
  check_rate("--lr", settings.lr);
  models::LoadedModel model = load_model(settings.model);
  const auto dataset = open_split(settings.data, model.card, vision::Split::kTrain);
  check_fits(model, *dataset, settings.data.data);
  const std::int64_t batches = (dataset->size() + settings.batch_size - 1) / settings.batch_size;
  check_range("--batch", settings.batch, 0, batches - 1);
  std::vector<std::int64_t> samples(static_cast<std::size_t>(
      std::min(settings.batch_size, dataset->size() - settings.batch * settings.batch_size)));
  std::iota(samples.begin(), samples.end(), settings.batch * settings.batch_size);
  const data::Batch batch = dataset->get_batch(samples);
  const models::Classifier classifier(model);
  manual_seed(static_cast<std::uint64_t>(settings.seed));
  return explain::walk_step(
      *model.module, classifier.normalize(batch.data), batch.target,
      {.parameter = settings.parameter.empty() ? first_weight(*model.module) : settings.parameter,
       .at = settings.at.empty() ? Shape() : parse_integers("--at", settings.at, 1, 8),
       .adam = {.lr = settings.lr}});
}

void add_most_flag(Command& command, TrainedSettings& settings) {
  command.add("--most", "N", settings.most, {"pictures, at most", "그림 수의 한도"});
}

Command layer_command() {
  return trained_topic(
      "layer",
      {"A layer of your model on its way over a picture, or one value of it",
       "사진 위를 지나가는 내 모델의 층, 또는 그 값 하나"},
      {{"fovea explain layer --weights best.safetensors --output kernel.svg",
        {"the first kernel moves over a picture", "첫 커널이 사진 위를 지나갑니다"}},
       {"fovea explain layer --weights best.safetensors --layer layer1.0 --channel 3 --at 5,7",
        {"one value: window, filter, products, sum", "값 하나: 창, 필터, 곱, 합"}},
       {"fovea explain layer --weights best.safetensors --layer layer1.0 --at 5,7 --backward",
        {"what flows back over it", "거꾸로 흐르는 기울기"}}},
      Steps::kSome,
      [](Command& command, TrainedSettings& settings) {
        add_layer_flag(command, settings.layer, {"the first one with windows", "창이 있는 첫 층"});
        command.add("--channel", "N", settings.channel,
                    {"of the layer's output; of a linear layer which of its values",
                     "층 출력의 채널. 선형층이면 몇 번째 값"});
        command.add("--at", "R,C", settings.at, kAtHelp);
        command.add_switch("--backward", settings.backward,
                           {"the gradient that flows back over a value, the middle one without "
                            "--at",
                            "값을 거꾸로 지나는 기울기. --at이 없으면 가운데 값"});
        add_class_flag(command, settings);
        add_subject_flags(command, settings);
      },
      explain_layer);
}

Command filters_command() {
  return trained_topic(
      "filters", {"A convolution's filters as pictures", "합성곱의 필터를 그림으로"},
      {{"fovea explain filters --weights best.safetensors --output filters.svg",
        {"those of the first layer", "첫 층의 필터"}}},
      Steps::kNone,
      [](Command& command, TrainedSettings& settings) {
        add_layer_flag(command, settings.layer, {"the first convolution", "첫 합성곱"});
        command.add("--filter", "N", settings.filter,
                    {"all slices of this filter", "이 필터의 조각 전부"});
        add_most_flag(command, settings);
      },
      explain_filters);
}

Command features_command() {
  return trained_topic(
      "features", {"What a layer makes of a picture", "층이 사진에서 뽑은 특성 맵"},
      {{"fovea explain features --weights best.safetensors --image shoe.png --output maps.svg",
        {"the first feature maps", "첫 특성 맵들"}}},
      Steps::kNone,
      [](Command& command, TrainedSettings& settings) {
        add_layer_flag(command, settings.layer,
                       {"the first one with maps", "특성 맵을 내는 첫 층"});
        add_most_flag(command, settings);
        add_subject_flags(command, settings);
      },
      explain_features);
}

Command saliency_command() {
  return trained_topic(
      "saliency",
      {"Which pixels a class's score changes most with", "점수가 가장 크게 반응하는 픽셀"},
      {{"fovea explain saliency --weights best.safetensors --index 42 --output why.svg",
        {"of the model's answer", "모델의 답에 대해"}}},
      Steps::kNone,
      [](Command& command, TrainedSettings& settings) {
        add_class_flag(command, settings);
        add_subject_flags(command, settings);
      },
      explain_saliency);
}

Command gradcam_command() {
  return trained_topic(
      "gradcam",
      {"Where in a picture a class is seen (Grad-CAM)",
       "클래스를 사진의 어디에서 보았는지 (Grad-CAM)"},
      {{"fovea explain gradcam --weights best.safetensors --image shoe.png --output why.html",
        {"of the model's answer", "모델의 답에 대해"}}},
      Steps::kNone,
      [](Command& command, TrainedSettings& settings) {
        add_layer_flag(command, settings.layer,
                       {"the last convolution, activated", "마지막 합성곱의 활성화"});
        add_class_flag(command, settings);
        add_subject_flags(command, settings);
      },
      explain_gradcam);
}

Command occlusion_command() {
  return trained_topic(
      "occlusion",
      {"How the answer fades when a part of the picture is covered",
       "사진의 일부를 가릴 때 답이 얼마나 흔들리는지"},
      {{"fovea explain occlusion --weights best.safetensors --size 6 --output why.svg",
        {"a smaller patch", "더 작은 가림"}}},
      Steps::kNone,
      [](Command& command, TrainedSettings& settings) {
        add_class_flag(command, settings);
        command.add("--size", "N", settings.size,
                    {"height and width of the grey patch", "회색 가림의 높이와 너비"});
        command.add("--stride", "N", settings.stride,
                    {"from one place of it to the next", "가림이 옮겨 가는 간격"});
        add_subject_flags(command, settings);
      },
      explain_occlusion);
}

Command step_command() {
  return trained_topic(
      "step", {"One training step as one weight sees it", "가중치 하나가 겪는 학습 한 단계"},
      {{"fovea explain step --weights best.safetensors --batch 3",
        {"what batch 3 does to the first weight", "3번 배치가 첫 가중치에 하는 일"}},
       {"fovea explain step --weights best.safetensors --parameter fc3.weight --at 2,17",
        {"to another one", "다른 가중치에"}}},
      Steps::kNone,
      [](Command& command, TrainedSettings& settings) {
        command.add("--parameter", "NAME", settings.parameter,
                    {"a parameter (default the first layer's weight)",
                     "매개변수 (기본값은 첫 층의 가중치)"});
        command.add(
            "--at", "I,J,...", settings.at,
            {"which of its weights (default the first)", "그 가운데 어느 가중치 (기본값은 첫째)"});
        command.add("--lr", "X", settings.lr, {"Adam's learning rate", "Adam의 학습률"});
        command
            .add("--batch", "N", settings.batch,
                 {"batch N of the training data, in its order", "학습 데이터의 N번 배치, 순서대로"})
            .in({"Data", "데이터"});
        add_setting(command, "batch_size", settings.batch_size).in({"Data", "데이터"});
        add_data_flags(command, settings.data);
        add_setting(command, "seed", settings.seed).in({"Data", "데이터"});
      },
      explain_step);
}

}  // namespace

std::vector<Command> model_topics() {
  return {layer_command(),   filters_command(),   features_command(), saliency_command(),
          gradcam_command(), occlusion_command(), step_command()};
}

}  // namespace fovea::cli
