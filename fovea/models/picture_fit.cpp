#include "fovea/models/picture_fit.h"

#include "fovea/core/error.h"
#include "fovea/data/resize.h"
#include "fovea/data/scaled_and_cut.h"
#include "fovea/data/scaled_and_padded.h"

namespace fovea::models {

namespace {

struct FitWord {
  const char* word;
  PictureFit fit;
};
constexpr FitWord kFitWords[] = {
    {"crop", PictureFit::kCrop}, {"pad", PictureFit::kPad}, {"stretch", PictureFit::kStretch}};

}  // namespace

std::vector<std::string> picture_fit_words() {
  std::vector<std::string> words;
  for (const FitWord& known : kFitWords) words.emplace_back(known.word);
  return words;
}

std::string word_of(PictureFit fit) {
  for (const FitWord& known : kFitWords) {
    if (known.fit == fit) return known.word;
  }
  no_case_for("picture_fit", fit);
}

std::optional<PictureFit> parse_picture_fit(std::string_view word) {
  for (const FitWord& known : kFitWords) {
    if (known.word == word) return known.fit;
  }
  return {};
}

data::Transform picture_transform(PictureFit fit, data::ImageSize size) {
  switch (fit) {
    case PictureFit::kStretch:
      return data::Resize(size);
    case PictureFit::kCrop:
      return data::scaled_and_cut(size);
    case PictureFit::kPad:
      return data::scaled_and_padded(size);
  }
  no_case_for("picture_fit", fit);
}

}  // namespace fovea::models
