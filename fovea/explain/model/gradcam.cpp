#include "fovea/explain/model/gradcam.h"

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/heat.h"
#include "fovea/explain/model/run.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// The layer whose maps are weighed.
const LayerRun& cam_layer(const ModelRun& run, const std::string& name) {
  if (!name.empty()) {
    const LayerRun& layer = find_layer(run, name);
    check_in_both<ArgumentError>(layer.output().dim() == 4, [&] {
      const Shape& sizes = layer.output().sizes();
      return Text(
          str("explain: layer expected to give maps [n, c, h, w], got ", sizes, " (layer ", name,
              ")"),
          str("explain: 맵 [n, c, h, w]를 내는 층이어야 하는데 ", sizes, "입니다 (층 ", name, ")"));
    });
    return layer;
  }
  // The last convolution, and what normalises, adds to and activates its maps: before that they
  // have values of both signs, and light up where nothing was seen.
  const LayerRun* last = nullptr;
  for (const LayerRun& layer : run.layers) {
    const bool follows = last != nullptr && layer.output().sizes() == last->output().sizes() &&
                         std::ranges::find(layer.sources, last->name) != layer.sources.end();
    if (layer.output().dim() == 4 && (layer.op == "Conv" || follows)) last = &layer;
  }
  check_in_both<ArgumentError>(last != nullptr, [] {
    return Text("explain: model expected to have a two-dimensional convolution, got none",
                "explain: 모델에 2차원 합성곱이 있어야 하는데 없습니다");
  });
  return *last;
}

}  // namespace

Walk walk_gradcam(const Subject& subject, const GradCamOptions& options) {
  check_subject(subject);
  std::string name;
  Tensor maps, gradient;
  Answer answer;
  {
    const GradMode recorded(true);
    Tensor x = subject.x.detach().clone();
    x.set_requires_grad();  // so that layers are on the tape whatever is frozen
    const ModelRun run = evaluate_model(subject.module, x);
    const LayerRun& layer = cam_layer(run, options.layer);
    answer = answer_of(subject, run.output, options.index);
    name = layer.name;
    maps = layer.output();
    gradient = grad(run.output.select(0, 0).select(0, answer.index), {maps})[0];
    check_in_both<ArgumentError>(gradient.defined(), [&] {
      return Text(str("explain: layer expected to be one that the score depends on, got ", name),
                  str("explain: 점수에 영향을 주는 층이어야 하는데 ", name, "입니다"));
    });
  }
  const NoGrad no_grad;
  maps = maps.detach().select(0, 0);
  const Tensor weights = gradient.select(0, 0).mean({1, 2});
  const Tensor map = relu((maps * weights.view({weights.numel(), 1, 1})).sum({0})).contiguous();
  const Tensor scaled = scaled_map(map, subject.x.size(2), subject.x.size(3));
  const io::Image picture = picture_of(subject);
  Walk walk{.title = {"Grad-CAM for " + answer.name, answer.name + "의 Grad-CAM"}};
  walk.blocks.emplace_back(Note{
      Text("The maps of " + name + ", each weighed by how the score of " + answer.name + ", " +
               number_text(answer.score) + " (probability " + number_text(answer.probability) +
               "), changes with it, added up; what is below 0 does not count.",
           name + "의 맵마다 " + answer.name + "의 점수 " + number_text(answer.score) + "(확률 " +
               number_text(answer.probability) +
               ")이 그에 따라 변하는 정도를 가중치로 곱해 더합니다. 0보다 작은 값은 버립니다.")});
  walk.blocks.emplace_back(Sheet{
      .title = {},
      .pictures = {{Text("image", "이미지"), enlarged(picture)},
                   {heat_caption({"map", "맵"}, map), enlarged(heat_picture(map))},
                   {Text("scaled up", "확대"), enlarged(heat_picture(scaled))},
                   {Text("over the image", "이미지 위"), enlarged(heat_over(picture, scaled))}},
      .columns = 4});
  walk.document = Fields{{"class", answer.index},
                         {"name", answer.name},
                         {"score", answer.score},
                         {"probability", answer.probability},
                         {"layer", name},
                         {"weights", weights},
                         {"map", map},
                         {"scaled", scaled}};
  return walk;
}

}  // namespace fovea::explain
