#include "fovea/train/augmentation.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/models/limits.h"
#include "fovea/train/words.h"

namespace fovea::train {

namespace {

/// The N of `WORD:N`, or nothing when `text` has no colon.
std::optional<std::int64_t> read_number(const char* setting, const std::string& text,
                                        const char* unit, std::int64_t most) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {};
  const char* const end = text.data() + text.size();
  std::int64_t number = 0;
  const auto [after, error] = std::from_chars(text.data() + colon + 1, end, number);
  check<ArgumentError>(error == std::errc() && after == end && number >= 1 && number <= most,
                       "config: ", setting, " expected ", unit, " from 1 to ", most,
                       " behind the colon, got \"", text, "\"");
  return number;
}

std::optional<std::int64_t> read_pixels(const char* setting, const std::string& text) {
  return read_number(setting, text, "pixels", models::kMaxSide);
}

/// The N per cent of `WORD:N` as a share.
double read_share(const std::string& text, double otherwise) {
  const auto percent = read_number("augment", text, "per cent", 100);
  return percent ? static_cast<double>(*percent) / 100 : otherwise;
}

/// A part of the image's smaller side.
std::int64_t share_of(data::ImageSize size, std::int64_t parts) {
  return std::max<std::int64_t>(1, std::min(size.height, size.width) / parts);
}

/// The X of `WORD:X`, a fraction or not.
double read_alpha(const std::string& text) {
  constexpr double kMost = 100;
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return 1;
  const char* const end = text.data() + text.size();
  double number = 0;
  const auto [after, error] = std::from_chars(text.data() + colon + 1, end, number);
  check<ArgumentError>(error == std::errc() && after == end && number > 0 && number <= kMost,
                       "config: augment expected a number above 0 and at most ", kMost,
                       " behind the colon, got \"", text, "\"");
  return number;
}

/// The M of `WORD:M`, or N and M of `WORD:N,M`.
data::RandAugmentOptions read_rand_augment(const std::string& text) {
  data::RandAugmentOptions options;
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return options;
  const char *at = text.data() + colon + 1, *const end = text.data() + text.size();
  const bool both = text.find(',', colon) != std::string::npos;
  const auto read = [&](std::int64_t& number) {
    const auto [after, error] = std::from_chars(at, end, number);
    at = after;
    return error == std::errc();
  };
  const bool has_ops = !both || (read(options.num_ops) && at != end && *at++ == ',');
  const bool fits = has_ops && read(options.magnitude) && at == end && options.num_ops >= 1 &&
                    options.num_ops <= 14 && options.magnitude >= 0 &&
                    options.magnitude < options.num_magnitude_bins;
  check<ArgumentError>(fits,
                       "config: augment expected a magnitude from 0 to 30, or changes from 1 to "
                       "14, a comma and the magnitude behind the colon, got \"",
                       text, "\"");
  return options;
}

/// Makes one transform, of `text`, for images of `size`.
using MakeTransform = data::Transform (*)(const std::string& text, data::ImageSize size);
/// Makes one that is done to batches.
using MakeMixing = data::BatchTransform (*)(const std::string& text, std::int64_t classes);

/// A word of an augmentation: one of the two, but for "none", which stands alone.
struct Augmentation {
  bool takes_number = false;
  MakeTransform make = nullptr;
  MakeMixing mix = nullptr;
};

/// How images are turned and bent.
data::WarpOptions smooth() {
  return {.interpolation = data::Interpolation::kBilinear, .fill = {0}};
}

/// Odd, about a tenth of the smaller side.
data::ImageSize blur_kernel(data::ImageSize size) { return 2 * share_of(size, 20) + 1; }

constexpr Word<Augmentation> kAugmentations[] = {
    {"none", {}},
    {"flip",
     {false,
      [](const std::string&, data::ImageSize) -> data::Transform {
        return data::RandomHorizontalFlip();
      }}},
    {"vflip",
     {false,
      [](const std::string&, data::ImageSize) -> data::Transform {
        return data::RandomVerticalFlip();
      }}},
    {"crop",
     {true,
      [](const std::string& text, data::ImageSize size) -> data::Transform {
        const std::int64_t padding = read_pixels("augment", text).value_or(share_of(size, 8));
        return data::RandomCrop(size, {.padding = padding});
      }}},
    {"rotate",
     {true,
      [](const std::string& text, data::ImageSize) -> data::Transform {
        const auto degrees = read_number("augment", text, "degrees", 180).value_or(15);
        return data::RandomRotation(static_cast<double>(degrees), smooth());
      }}},
    {"affine",
     {false,
      [](const std::string&, data::ImageSize) -> data::Transform {
        return data::RandomAffine({.degrees = {-10, 10},
                                   .translate = {0.1, 0.1},
                                   .scale = {0.9, 1.1},
                                   .shear_x = {-10, 10},
                                   .warp = smooth()});
      }}},
    {"perspective",
     {true,
      [](const std::string& text, data::ImageSize) -> data::Transform {
        return data::RandomPerspective({.distortion_scale = read_share(text, 0.5)});
      }}},
    {"cutout",
     {true,
      [](const std::string& text, data::ImageSize size) -> data::Transform {
        return data::Cutout(read_pixels("augment", text).value_or(share_of(size, 4)));
      }}},
    {"resizedcrop",
     {true,
      [](const std::string& text, data::ImageSize size) -> data::Transform {
        return data::RandomResizedCrop(size, {.scale = {.low = read_share(text, 0.08), .high = 1}});
      }}},
    {"jitter",
     {false,
      [](const std::string&, data::ImageSize) -> data::Transform {
        return data::ColorJitter(
            {.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.1});
      }}},
    {"grayscale",
     {true,
      [](const std::string& text, data::ImageSize) -> data::Transform {
        return data::RandomGrayscale(read_share(text, 0.1));
      }}},
    {"blur",
     {true,
      [](const std::string& text, data::ImageSize size) -> data::Transform {
        return data::GaussianBlur(blur_kernel(size), {.p = read_share(text, 0.5)});
      }}},
    {"randaugment",
     {true,
      [](const std::string& text, data::ImageSize) -> data::Transform {
        return data::RandAugment(read_rand_augment(text));
      }}},
    {"trivialaugment",
     {false,
      [](const std::string&, data::ImageSize) -> data::Transform {
        return data::TrivialAugmentWide();
      }}},
    {"erase",
     {true,
      [](const std::string& text, data::ImageSize) -> data::Transform {
        return data::RandomErasing({.p = read_share(text, 0.5)});
      }}},
    {"mixup",
     {true, nullptr,
      [](const std::string& text, std::int64_t classes)
          -> data::BatchTransform { return data::MixUp(classes, read_alpha(text)); }}},
    {"cutmix",
     {true, nullptr, [](const std::string& text, std::int64_t classes) -> data::BatchTransform {
        return data::CutMix(classes, read_alpha(text));
      }}}};

/// `"none", or "a", "b" and "c" joined by +`, of words that begin with none.
std::string joined_by_plus(std::span<const std::string> words) {
  const std::span<const std::string> most = words.subspan(1, words.size() - 2);
  return str('"', words.front(), "\", or ", quoted_list(most), " and \"", words.back(),
             "\" joined by +");
}

/// What one word of an augmentation means.
const Augmentation& meaning_of_part(const std::string& text) {
  const std::size_t colon = text.find(':');
  for (const auto& [word, augmentation] : kAugmentations) {
    if (text.substr(0, colon) != word || text == "none") continue;
    if (colon == std::string::npos || augmentation.takes_number) return augmentation;
  }
  check<ArgumentError>(text != "none",
                       "config: augment expected \"none\" alone, got it with others");
  const std::vector<std::string> known = augment_words();
  throw ArgumentError(str("config: augment expected ", joined_by_plus(known), ", got \"", text,
                          "\"", did_you_mean(text, known)));
}

/// Calls `f(text, meaning)` for each word of an augmentation.
template <class F>
void for_each_part(std::string_view words, const F& f) {
  if (words == "none") return;
  const std::vector<std::string> parts = split(words, '+');
  for (const std::string& text : parts) f(text, meaning_of_part(text));
}

}  // namespace

std::vector<std::string> augment_words() { return words_of(kAugmentations); }
std::vector<std::string> view_words() { return {"none", "flip", "shift"}; }

data::Transform make_augmentation(std::string_view words, data::ImageSize size,
                                  const data::Transform& normalize) {
  std::vector<data::Transform> transforms;
  for_each_part(words, [&](const std::string& text, const Augmentation& meaning) {
    if (meaning.make != nullptr) transforms.push_back(meaning.make(text, size));
    if (meaning.mix != nullptr) (void)meaning.mix(text, 1);  // checks its number
  });
  const auto erases = [](const data::Transform& transform) {
    const data::WindowTransform* window = transform.window();
    return window != nullptr && window->change() == data::WindowChange::kErase;
  };
  const auto erasing =
      std::stable_partition(transforms.begin(), transforms.end(), std::not_fn(erases));
  if (normalize) transforms.insert(erasing, normalize);
  if (transforms.empty()) return {};
  return data::Compose(std::move(transforms));
}

data::BatchTransform make_mixing(std::string_view words, std::int64_t classes) {
  std::vector<data::BatchTransform> choices;
  for_each_part(words, [&](const std::string& text, const Augmentation& meaning) {
    if (meaning.mix != nullptr) choices.push_back(meaning.mix(text, classes));
  });
  if (choices.empty()) return {};
  return choices.size() == 1 ? choices.front() : data::BatchChoice(std::move(choices));
}

AugmentWords split_augmentation(std::string_view words) {
  AugmentWords parts{.picture = "none", .image = ""};
  for (const std::string& word : split(words, '+')) {
    if (parts.picture == "none" && word.substr(0, word.find(':')) == "resizedcrop") {
      parts.picture = word;
    } else {
      parts.image += (parts.image.empty() ? "" : "+") + word;
    }
  }
  if (parts.image.empty()) parts.image = "none";
  return parts;
}

Views parse_views(std::string_view words) {
  Views views;
  if (words == "none") return views;
  for (const std::string& text : split(words, '+')) {
    const std::string word = text.substr(0, text.find(':'));
    check<ArgumentError>(text == "flip" || word == "shift", "config: tta expected ",
                         joined_by_plus(view_words()), ", got \"", text, "\"",
                         did_you_mean(text, view_words()));
    if (text == "flip") views.flip = true;
    if (word == "shift") views.shift = read_pixels("tta", text).value_or(1);
  }
  return views;
}

}  // namespace fovea::train
