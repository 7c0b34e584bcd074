#include "fovea/explain/model/saliency.h"

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/heat.h"
#include "fovea/explain/model/run.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

Walk walk_saliency(const Subject& subject, const std::optional<std::int64_t>& index) {
  check_subject(subject);
  Tensor gradient;
  Answer answer;
  {
    const GradMode recorded(true);
    const ModeScope evaluation(subject.module, false);
    Tensor x = subject.x.detach().clone();
    x.set_requires_grad();
    const Tensor scores = subject.module(x);
    answer = answer_of(subject, scores, index);
    gradient = grad(scores.select(0, 0).select(0, answer.index), {x})[0];
  }
  const NoGrad no_grad;
  gradient = gradient.select(0, 0).contiguous();
  const Tensor map = amax(abs(gradient), {0});
  const io::Image picture = picture_of(subject);
  Walk walk{.title = {"Saliency for " + answer.name, answer.name + "의 현저성 맵"}};
  walk.blocks.emplace_back(Note{
      Text("How much the score of " + answer.name + ", " + number_text(answer.score) +
               " (probability " + number_text(answer.probability) +
               "), changes with each pixel: the size of its gradient, of the channels the largest.",
           answer.name + "의 점수 " + number_text(answer.score) + "(확률 " +
               number_text(answer.probability) +
               ")이 픽셀마다 얼마나 변하는지를 기울기의 크기로 보입니다. 채널 가운데 가장 큰 "
               "값입니다.")});
  walk.blocks.emplace_back(Sheet{
      .title = {},
      .pictures = {{Text("image", "이미지"), enlarged(picture)},
                   {heat_caption({"|gradient|", "|기울기|"}, map), enlarged(heat_picture(map))},
                   {Text("over the image", "이미지 위"), enlarged(heat_over(picture, map))}},
      .columns = 3});
  walk.document = Fields{{"class", answer.index}, {"name", answer.name},
                         {"score", answer.score}, {"probability", answer.probability},
                         {"gradient", gradient},  {"saliency", map}};
  return walk;
}

}  // namespace fovea::explain
