#include "fovea/explain/model/subject.h"

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/explain/model/heat.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

Subject subject_of(const models::Classifier& classifier, const Tensor& image) {
  Subject subject{.module = *classifier.model().module,
                  .x = image,
                  .picture = classifier.pixels(image).select(0, 0),
                  .classes = classifier.card().classes,
                  .multi_label = classifier.is_multi_label()};
  const models::Normalization& normal = classifier.card().normalize;
  if (!normal.empty()) {
    subject.grey.clear();
    for (std::size_t i = 0; i < normal.mean.size(); ++i)
      subject.grey.push_back((0.5 - normal.mean[i]) / normal.std[i]);
  }
  return subject;
}

void check_subject(const Subject& subject) {
  const bool ok = subject.x.dim() == 4 && subject.x.size(0) == 1;
  check<ShapeError>(ok, "explain: image expected [1, channels, height, width], got ",
                    subject.x.sizes());
}

Tensor probabilities_of(const Subject& subject, const Tensor& scores) {
  return subject.multi_label ? sigmoid(scores) : softmax(scores, 1);
}

Answer answer_of(const Subject& subject, const Tensor& scores,
                 const std::optional<std::int64_t>& index) {
  const NoGrad no_grad;
  check<ShapeError>(scores.dim() == 2, "explain: scores expected [1, classes], got ",
                    scores.sizes());
  const Tensor own = scores.detach().select(0, 0);
  Answer answer{.index = index.value_or(own.argmax(0).item<std::int64_t>()), .name = {}};
  check_in_both<IndexError>(answer.index >= 0 && answer.index < own.numel(), [&] {
    return Text(str("explain: class expected in 0 to ", own.numel() - 1, ", got ", answer.index),
                str("explain: 클래스 번호는 0에서 ", own.numel() - 1, "까지여야 하는데 ",
                    answer.index, "입니다"));
  });
  const auto i = static_cast<std::size_t>(answer.index);
  answer.name = i < subject.classes.size() ? subject.classes[i] : std::to_string(answer.index);
  answer.score = own.select(0, answer.index).item();
  answer.probability =
      probabilities_of(subject, scores.detach()).select(0, 0).select(0, answer.index).item();
  return answer;
}

io::Image picture_of(const Subject& subject) {
  if (subject.picture.defined()) return subject.picture;
  const NoGrad no_grad;
  const Tensor image = subject.x.detach().select(0, 0);
  const std::int64_t channels = image.size(0);
  return grey_picture(channels == 1 || channels == 3 ? image : image.mean({0}, true));
}

}  // namespace fovea::explain
