#include "apps/base/setting_flags.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include "fovea/models/normalization.h"
#include "fovea/train/config.h"
#include "fovea/train/recipe.h"
#include "fovea/vision/data_sets.h"

namespace fovea::cli {

namespace {

constexpr FlagText kFlagTexts[] = {
    {"data", "D", kDataHeading,
     "data set, or pictures: a folder with train/CLASS/*.png|jpg|... and test/CLASS/..., or with "
     "CLASS/... alone, or with train/*.tar or train.csv, or a list LIST.csv (path,label; or "
     "path,labels with cat;dog)",
     "데이터 세트, 또는 사진: train/CLASS/*.png|jpg|...와 test/CLASS/...가 있는 폴더, CLASS/...만 "
     "있는 "
     "폴더, train/*.tar나 train.csv가 있는 폴더, 또는 목록 LIST.csv(path,label, 또는 cat;dog 같은 "
     "path,labels)"},
    {"data_root", "PATH", kDataHeading,
     "where data sets lie (default $FOVEA_DATA, ~/.cache/fovea, /usr/share/datasets)",
     "데이터 세트가 있는 곳 (기본값 $FOVEA_DATA, ~/.cache/fovea, /usr/share/datasets)"},
    {"image_size", "N", kDataHeading,
     "a folder's pictures become N x N, as --resize says; 0: they are of one size"},
    {"resize", "R", kDataHeading,
     "how they do: scaled in proportion and the middle cut out, or with black around, or "
     "distorted"},
    {"test_fraction", "X", kDataHeading,
     "share of the pictures held out to judge with where they come in one piece, 0.2 unless given"},
    {"skip_corrupt", nullptr, kDataHeading,
     "leave out a folder's pictures that cannot be decoded, and name them"},
    {"max_pixels", "N", kDataHeading,
     "pictures of more pixels, which take as many bytes 3 times over, count as corrupt",
     "픽셀이 이보다 많은 사진은 손상된 것으로 칩니다 (픽셀마다 3바이트)"},
    {"epochs", "N", kTrainingHeading, "passes over the training data"},
    {"batch_size", "N", kTrainingHeading, "samples a step", "한 단계의 샘플 수"},
    {"lr", "X", kTrainingHeading, "learning rate"},
    {"optimizer", "O", kTrainingHeading, "how weights are updated"},
    {"momentum", "X", kTrainingHeading, "momentum of sgd, 0.9 unless given"},
    {"weight_decay", "X", kTrainingHeading,
     "pull of the weights towards 0 (default 0.01 for adamw, else 0)"},
    {"schedule", "S", kTrainingHeading, "how the learning rate moves"},
    {"warmup", "X", kTrainingHeading, "share of onecycle's steps that rise, 0.3 unless given"},
    {"anneal", "A", kTrainingHeading, "onecycle's way up and down"},
    {"cycle_momentum", nullptr, kTrainingHeading, "momentum stays while onecycle moves the rate"},
    {"augment", "A", kDataHeading,
     "random changes of the images, joined by +; crop:N and cutout:N say how many pixels, rotate:N "
     "degrees, resizedcrop:N, perspective:N, grayscale:N, blur:N and erase:N per cent, mixup:X and "
     "cutmix:X alpha, randaugment:N,M how many changes of which magnitude"},
    {"normalize", "N", kDataHeading,
     "mean and deviation of images in [0, 1]: none, a data set's, or M,M,M/D,D,D (default as the "
     "weights file says, else none)",
     "[0, 1] 범위 이미지의 평균과 표준편차: none, 데이터 세트의 것, 또는 M,M,M/D,D,D (기본값은 "
     "가중치 "
     "파일에 적힌 것, 없으면 none)"},
    {"label_smoothing", "X", kTrainingHeading, "share of the target spread over all classes"},
    {"class_weights", "W", kTrainingHeading,
     "what a class's samples count in the loss, or of several labels one that is there: none, "
     "balanced, a number for each class joined by commas, or a file of lines NAME,WEIGHT"},
    {"sampling", "S", kDataHeading,
     "all: each sample once an epoch; balanced: as many, but each class as often as every other"},
    {"accumulate", "N", kTrainingHeading, "batches whose gradients make a step"},
    {"clip_grad", "X", kTrainingHeading, "largest norm of a step's gradients; 0: any"},
    {"ema", "D", kTrainingHeading,
     "keep an average of the weights too, with this decay (0.999, say): it is judged, and is what "
     "weights/best holds; 0: none"},
    {"tta", "V", kTrainingHeading,
     "judge by the mean score of an image and its views, joined by +: flip mirrored, shift moved "
     "by a "
     "pixel up, down, left and right, shift:N by N"},
    {"weights", "FILE", kTrainingHeading,
     "start from these weights; for other classes than theirs, the last layer begins anew"},
    {"freeze", "P|N", kTrainingHeading,
     "what does not learn: a part or a parameter (layer1, '*.bias'), or the first N stages; may be "
     "given several times"},
    {"unfreeze_at", "E", kTrainingHeading, "from the beginning of this epoch all learns; 0: never"},
    {"lr_scale", "P=X", kTrainingHeading,
     "parts that learn X times as fast (fc=10); may be given several times, the last one counts"},
    {"seed", "N", kTrainingHeading, "of everything that is drawn at random",
     "무작위로 정해지는 모든 것의 시드"},
    {"threads", "N", kMachineHeading, "threads (default all processors that this process may use)",
     "스레드 수 (기본값은 이 프로세스가 쓸 수 있는 프로세서 전부)"},
    {"precision", "P", kMachineHeading, "of linear layers' products; the rest is f32",
     "선형층 곱셈의 정밀도. 나머지는 f32"},
    {"conv", "C", kMachineHeading, "algorithm of convolutions", "합성곱 알고리즘"},
    {"device", "DEV", kMachineHeading, "where it is computed", "계산할 장치"},
    {"shuffle", nullptr, kDataHeading, "batches in the data set's order"},
    {"drop_last", nullptr, kDataHeading, "leave out an epoch's last batch when it is smaller"},
    {"limit_train", "N", kDataHeading,
     "only the first N training samples, of a folder N spread over its classes; 0: all"},
    {"limit_test", "N", kDataHeading,
     "only the first N test samples, of a folder N spread over its classes; 0: all"},
    {"val_fraction", "X", kDataHeading,
     "hold back a share of the training data to choose the best weights by"},
    {"monitor", "M", kTrainingHeading, "what of the validation the best weights are best by"},
    {"patience", "N", kTrainingHeading,
     "end after N epochs that were no better by --monitor; 0: never"},
    {"minutes", "X", kTrainingHeading,
     "end after the step at which it has run so long; --resume goes on; 0: never"},
    {"project", "DIR", kOutputHeading, "folder of run directories"},
    {"name", "NAME", kOutputHeading, "of the run directory; exp2, exp3, ... when it exists"},
    {"exist_ok", nullptr, kOutputHeading, "write into the run directory even if it exists"},
    {"log_every", "N", kOutputHeading, "a row in steps.csv every N steps; 0: none"},
    {"tensorboard", "on|off", kOutputHeading, "an event file for TensorBoard"},
    {"save_every", "N", kOutputHeading,
     "checkpoints to resume from: every N steps, 30s, 5m or 1epoch, which is every 5 minutes "
     "inside "
     "one too"},
    {"keep_checkpoints", "N", kOutputHeading,
     "how many of the newest checkpoints stay, at least 2"},
    {"on_full", "W", kOutputHeading,
     "where weights or a checkpoint cannot be written: stop after some tries, or wait for room"},
};

std::vector<std::string> normalization_names() {
  std::vector<std::string> names = {"none"};
  for (const models::NamedNormalization& known : models::usual_normalizations())
    names.push_back(known.name);
  return names;
}

std::vector<std::string> augmentations() {
  std::vector<std::string> words = train::augment_words();
  words.insert(words.end(), {"flip+crop", "flip+crop+cutout", "resizedcrop+flip+jitter",
                             "resizedcrop+flip+trivialaugment+erase:10+mixup:0.2+cutmix"});
  return words;
}

std::vector<std::string> views() {
  std::vector<std::string> words = train::view_words();
  words.emplace_back("flip+shift");
  return words;
}

}  // namespace

Text FlagText::heading_text() const {
  constexpr std::array<std::pair<const char*, const char*>, 4> kKorean = {
      {{kTrainingHeading, "학습"},
       {kDataHeading, "데이터"},
       {kOutputHeading, "출력"},
       {kMachineHeading, "실행 환경"}}};
  const auto* const found = std::find_if(kKorean.begin(), kKorean.end(), [&](const auto& one) {
    return std::string_view(one.first) == heading;
  });
  return found == kKorean.end() ? Text(heading) : Text(heading, found->second);
}

const FlagText* flag_text(std::string_view key) {
  const auto* const found = std::find_if(std::begin(kFlagTexts), std::end(kFlagTexts),
                                         [&](const FlagText& text) { return key == text.key; });
  return found == std::end(kFlagTexts) ? nullptr : found;
}

std::string flag_name(std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return "--" + key;
}

std::string named_by_flag(const std::string& message, const std::set<std::string>& given) {
  constexpr std::string_view kPrefix = "config: ";
  if (!message.starts_with(kPrefix)) return message;
  const std::size_t end = std::min(message.find(' ', kPrefix.size()), message.size());
  const std::string key = message.substr(kPrefix.size(), end - kPrefix.size());
  return given.contains(key) ? flag_name(key) + message.substr(end) : message;
}

bool is_list(std::string_view key) { return key == "freeze" || key == "lr_scale"; }

void offer_words(const std::string& key, Option& option) {
  if (const std::vector<std::string> words = train::setting_words(key); !words.empty()) {
    // A device has short names too.
    option.one_of(words, key == "device" ? Words::kOpen : Words::kClosed);
  }
  // A folder, or a list, which is a file; shells offer folders among files.
  if (key == "data") option.one_of(vision::data_set_names(), Words::kOpen).files();
  if (key == "augment") option.one_of(augmentations(), Words::kOpen);
  if (key == "normalize") option.one_of(normalization_names(), Words::kOpen);
  if (key == "tta") option.one_of(views(), Words::kOpen);
  if (key == "class_weights")
    option.one_of(std::vector<std::string>{"none", "balanced"}, Words::kOpen).files();
  if (key == "weights") option.files();
  if (key == "data_root" || key == "project") option.directories();
  if (key == "threads") option.shown_default("");
}

}  // namespace fovea::cli
