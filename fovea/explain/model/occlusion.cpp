#include "fovea/explain/model/occlusion.h"

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/heat.h"
#include "fovea/explain/model/run.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

constexpr std::int64_t kBatch = 32;  // covered images at a time

void check_options(const Subject& subject, const OcclusionOptions& options) {
  check_subject(subject);
  const std::int64_t side = std::min(subject.x.size(2), subject.x.size(3));
  check_in_both<ArgumentError>(options.size >= 1 && options.size <= side, [&] {
    return Text(str("explain: patch expected in 1 to ", side, ", got ", options.size, " (image ",
                    subject.x.sizes(), ")"),
                str("explain: 가림의 크기는 1에서 ", side, "까지여야 하는데 ", options.size,
                    "입니다 (이미지 ", subject.x.sizes(), ")"));
  });
  check_in_both<ArgumentError>(options.stride >= 1, [&] {
    return Text(str("explain: stride expected at least 1, got ", options.stride),
                str("explain: 간격은 1 이상이어야 하는데 ", options.stride, "입니다"));
  });
  const auto greys = static_cast<std::int64_t>(subject.grey.size());
  check<ArgumentError>(greys == 1 || greys == subject.x.size(1),
                       "explain: grey expected 1 number or ", subject.x.size(1), ", got ", greys);
}

/// The image with the patch at (row, column).
Tensor covered(const Subject& subject, std::int64_t row, std::int64_t column, std::int64_t size) {
  Tensor image = subject.x.detach().clone();
  for (std::int64_t i = 0; i < image.size(1); ++i) {
    const auto grey = static_cast<std::size_t>(subject.grey.size() == 1 ? 0 : i);
    image.narrow(1, i, 1).narrow(2, row, size).narrow(3, column, size).fill_(subject.grey[grey]);
  }
  return image;
}

}  // namespace

Walk walk_occlusion(const Subject& subject, const OcclusionOptions& options) {
  const NoGrad no_grad;
  check_options(subject, options);
  const ModeScope evaluation(subject.module, false);
  const Answer answer = answer_of(subject, subject.module(subject.x), options.index);
  const std::int64_t height = subject.x.size(2), width = subject.x.size(3);
  const std::int64_t rows = (height - options.size) / options.stride + 1;
  const std::int64_t columns = (width - options.size) / options.stride + 1;
  Tensors batch, results;
  for (std::int64_t place = 0; place < rows * columns; ++place) {
    batch.push_back(covered(subject, place / columns * options.stride,
                            place % columns * options.stride, options.size));
    if (std::ssize(batch) < kBatch && place + 1 < rows * columns) continue;
    const Tensor scores = subject.module(cat(batch, 0));
    results.push_back(probabilities_of(subject, scores).select(1, answer.index));
    batch.clear();
  }
  const Tensor map = cat(results, 0).view({rows, columns});
  const Tensor fall = answer.probability - map;
  const io::Image picture = picture_of(subject);
  const Tensor over = scaled_map(fall, height, width);
  Walk walk{.title = {"Occlusion for " + answer.name, answer.name + "의 가림 분석"}};
  const std::string patch = std::to_string(options.size) + "x" + std::to_string(options.size);
  const std::string base = number_text(answer.probability), least = number_text(map.min().item());
  walk.blocks.emplace_back(Note{
      Text("A grey patch of " + patch + " covers one place after the other. The probability of " +
               answer.name + " is " + base + " with nothing covered, and falls to " + least +
               " at the worst place. Bright is where it falls.",
           patch + " 크기의 회색 조각이 차례로 한 곳씩 가립니다. " + answer.name +
               "의 확률은 아무것도 가리지 않았을 때 " + base + "이고, 가장 나쁜 곳에서 " + least +
               "까지 떨어집니다. 밝은 곳일수록 많이 떨어집니다.")});
  walk.blocks.emplace_back(
      Sheet{.title = {},
            .pictures = {{Text("image", "이미지"), enlarged(picture)},
                         {heat_caption({"fall of the probability", "확률의 감소"}, fall),
                          enlarged(heat_picture(fall))},
                         {Text("over the image", "이미지 위"), enlarged(heat_over(picture, over))}},
            .columns = 3});
  walk.document = Fields{
      {"class", answer.index}, {"name", answer.name},      {"probability", answer.probability},
      {"size", options.size},  {"stride", options.stride}, {"probabilities", map}};
  return walk;
}

}  // namespace fovea::explain
