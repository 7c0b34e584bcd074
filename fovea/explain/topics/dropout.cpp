#include "fovea/explain/topics/dropout.h"

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/dropout.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// Four channels of 3x3, in each of which all numbers are alike.
Tensor plain_channels() {
  return tensor({1, 2, 3, 4}, kExact).view({4, 1, 1}).expand({4, 3, 3}).contiguous();
}

/// Places that fell. What falls depends on the seed and the place alone, so ones tell of any x.
Tensor fallen(const Tensor& x, double p, std::uint64_t seed) {
  Generator generator(seed);
  return dropout(ones_like(x), p, true, generator) == 0;
}

std::int64_t count_true(const Tensor& x) { return x.to(i64).sum().item<std::int64_t>(); }

Board before_and_after(const Tensor& before, const Tensor& training, const Tensor& evaluation) {
  return {.grids = {{.title = {"Before", "이전"}, .values = before},
                    {.title = {"In training", "학습할 때"}, .values = training},
                    {.title = {"In evaluation", "평가할 때"}, .values = evaluation}}};
}

/// The numbers of the channels that fell whole.
std::vector<Value> fallen_channels(const Tensor& x, double p, std::uint64_t seed) {
  Generator generator(seed);
  const Tensor fell = dropout2d(ones_like(x), p, true, generator).sum({1, 2}) == 0;
  std::vector<Value> numbers;
  for (std::int64_t i = 0; i < x.size(0); ++i)
    if (fell[i].item<std::int64_t>() != 0) numbers.emplace_back(i);
  return numbers;
}

void check_dropout_topic(const DropoutTopic& topic, const Tensor& x, const Tensor& channels) {
  check<ArgumentError>(topic.p >= 0 && topic.p <= 1, "explain dropout: p expected in [0, 1], got ",
                       topic.p);
  check<ShapeError>(x.dim() == 2, "explain dropout: x expected 2 dimensions, got ", x.dim(), " (x ",
                    x.sizes(), ")");
  check<ShapeError>(channels.dim() == 3, "explain dropout: channels expected 3 dimensions, got ",
                    channels.dim(), " (channels ", channels.sizes(), ")");
}

}  // namespace

Walk walk_dropout(const DropoutTopic& topic) {
  const Tensor x =
      topic.x.defined() ? exact(topic.x, "dropout", "x") : arange(1, 25, 1, kExact).view({4, 6});
  const Tensor channels =
      topic.channels.defined() ? exact(topic.channels, "dropout", "channels") : plain_channels();
  check_dropout_topic(topic, x, channels);
  const NoGrad no_grad;
  Generator generator(topic.seed), again(topic.seed);
  const Tensor training = dropout(x, topic.p, true, generator);
  const Tensor by_channel = dropout2d(channels, topic.p, true, again).contiguous();
  const std::int64_t fell = count_true(fallen(x, topic.p, topic.seed));
  const std::string p = number_text(topic.p);
  Walk walk{.title = {str("Dropout with p = ", p), str("드롭아웃, p = ", p)}};
  walk.blocks.emplace_back(
      say(str("In training each value becomes 0 with probability ", p,
              ", and the others are multiplied by 1 / (1 - p), so that the mean stays what it was "
              "on average. So no value can rely on another one's being there."),
          str("학습할 때 값은 저마다 p = ", p,
              "의 확률로 0이 되고, 나머지에는 1 / (1 - p)를 곱해 평균이 대체로 그대로 남게 합니다. "
              "그래서 어떤 값도 다른 값이 있으리라고 기댈 수 없습니다.")));
  const double scale = topic.p < 1 ? 1 / (1 - topic.p) : 0;
  walk.blocks.emplace_back(
      topic.p < 1 ? say_formula(str("1 / (1 - ", p, ") = ", number_text(scale)))
                  : say("With p = 1 all values fall.", "p = 1이면 모든 값이 0이 됩니다."));
  walk.blocks.emplace_back(before_and_after(x, training, dropout(x, topic.p, false, generator)));
  walk.blocks.emplace_back(
      say(str(fell, " of ", x.numel(), " values fell. Which ones is a function of the seed, ",
              topic.seed, ": the same seed gives the same. In evaluation dropout does nothing."),
          str(x.numel(), "개 가운데 ", fell, "개가 0이 되었습니다. 어느 값인지는 시드(", topic.seed,
              ")가 정하며, 시드가 같으면 결과도 같습니다. 평가할 때 드롭아웃은 아무 일도 하지 "
              "않습니다.")));
  walk.blocks.emplace_back(
      say("Dropout2d drops whole channels: neighbours in a feature map are so alike that one "
          "would stand in for the other.",
          "Dropout2d는 채널을 통째로 0으로 만듭니다. 특성 맵에서 이웃한 값은 서로 비슷해 하나가 "
          "없어져도 다른 하나가 대신하기 때문입니다."));
  walk.blocks.emplace_back(
      before_and_after(channels, by_channel, dropout2d(channels, topic.p, false, again)));
  Fields document{{"topic", "dropout"}, {"p", topic.p}};
  if (topic.p < 1) document.emplace_back("scale", scale);
  document.emplace_back("seed", static_cast<std::int64_t>(topic.seed));
  document.emplace_back("input", x);
  document.emplace_back("output", training);
  document.emplace_back("dropped", fell);
  document.emplace_back("evaluation", dropout(x, topic.p, false, generator));
  Fields by_channels{{"input", channels}, {"output", by_channel}};
  by_channels.emplace_back("dropped", fallen_channels(channels, topic.p, topic.seed));
  document.emplace_back("channels", std::move(by_channels));
  walk.document = std::move(document);
  return walk;
}

}  // namespace fovea::explain
