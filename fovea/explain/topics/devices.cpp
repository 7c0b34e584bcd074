#include "fovea/explain/topics/devices.h"

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// Samples [first, first + count) of the batch, on one device.
struct Shard {
  std::int64_t first = 0, count = 0;
  double gradient = 0;  ///< of its share of the mean loss
};

/// The gradient by w = 1 of sum((w x - t)^2) / batch over some samples, x = 1, 2, ... and t = 1.
double gradient_over(std::int64_t first, std::int64_t count, std::int64_t batch) {
  const GradMode recording(true);
  Tensor w = ones({1}, kExact);
  w.set_requires_grad();
  const Tensor x =
      arange(static_cast<double>(first + 1), static_cast<double>(first + count + 1), 1, kExact);
  const Tensor loss = pow(w * x - 1.0, 2.0).sum() / static_cast<double>(batch);
  return grad(loss, {w})[0].item<double>();
}

std::vector<Shard> shards_of(const DevicesTopic& topic) {
  std::vector<Shard> shards;
  std::int64_t first = 0;
  for (std::int64_t i = 0; i < topic.devices; ++i) {
    const std::int64_t count =
        topic.batch / topic.devices + (i < topic.batch % topic.devices ? 1 : 0);
    shards.push_back({first, count, gradient_over(first, count, topic.batch)});
    first += count;
  }
  return shards;
}

Diagram devices_diagram(const DevicesTopic& topic, const std::vector<Shard>& shards,
                        double together) {
  Diagram diagram{
      .title = {"One step on several devices", "여러 장치에서의 한 단계"},
      .boxes = {{.label = {"Batch", "배치"},
                 .detail = {str(topic.batch, " samples"), str("샘플 ", topic.batch, "개")}}},
      .arrows = {}};
  const std::size_t sum = shards.size() + 1;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const Shard& shard = shards[i];
    diagram.boxes.push_back({.label = {str("Device ", i), str("장치 ", i)},
                             .detail = {"the same weights", "같은 가중치"}});
    diagram.arrows.push_back(
        {.from = 0,
         .to = i + 1,
         .label = {str(shard.count, " samples"), str("샘플 ", shard.count, "개")}});
  }
  diagram.boxes.push_back(
      {.label = {"Sum of the gradients", "기울기의 합"}, .detail = number_text(together)});
  for (std::size_t i = 0; i < shards.size(); ++i)
    diagram.arrows.push_back({.from = i + 1, .to = sum, .label = number_text(shards[i].gradient)});
  diagram.boxes.push_back({.label = {"The same step everywhere", "어디서나 같은 한 걸음"}});
  diagram.arrows.push_back({.from = sum, .to = sum + 1});
  return diagram;
}

}  // namespace

Walk walk_devices(const DevicesTopic& topic) {
  check<ArgumentError>(topic.devices >= 1 && topic.devices <= 64,
                       "explain devices: devices expected in 1 to 64, got ", topic.devices);
  check<ArgumentError>(topic.batch >= topic.devices && topic.batch <= 4096,
                       "explain devices: batch expected in ", topic.devices, " to 4096, got ",
                       topic.batch);
  const std::vector<Shard> shards = shards_of(topic);
  const double whole = gradient_over(0, topic.batch, topic.batch);
  std::vector<double> gradients;
  std::vector<Value> facts;
  double together = 0;
  for (const Shard& shard : shards) {
    gradients.push_back(shard.gradient);
    together += shard.gradient;
    facts.emplace_back(Fields{{"device", static_cast<std::int64_t>(facts.size())},
                              {"first", shard.first},
                              {"samples", shard.count},
                              {"gradient", shard.gradient}});
  }
  Walk walk{.title = {"A batch over several devices", "여러 장치에 나눈 배치"}};
  walk.blocks.emplace_back(
      say("Model and data must be on the same device; what mixes them ends with an error that "
          "says so. With several devices each has the same weights and takes a part of the batch, "
          "so the batch may grow with their number.",
          "모델과 데이터는 같은 장치에 있어야 하며, 섞으면 그렇다고 알리는 오류가 납니다. 장치가 "
          "여럿이면 저마다 같은 가중치를 가지고 배치의 일부를 맡으므로, 배치 크기는 장치 수에 따라 "
          "커질 수 있습니다."));
  walk.blocks.emplace_back(devices_diagram(topic, shards, together));
  walk.blocks.emplace_back(say(
      "The gradient of a mean over the batch is the sum of the parts' gradients, so every "
      "device takes the step that one device would take with the whole batch:",
      "배치 평균의 기울기는 부분들의 기울기를 더한 것이므로, 모든 장치가 장치 하나로 배치 전체를 "
      "볼 때와 같은 걸음을 내딛습니다."));
  walk.blocks.emplace_back(say_formula(str(sum_text(gradients), " = ", number_text(together))));
  walk.document = Fields{{"topic", "devices"},
                         {"batch", topic.batch},
                         {"devices", std::move(facts)},
                         {"sum_of_gradients", together},
                         {"gradient_of_whole_batch", whole}};
  return walk;
}

}  // namespace fovea::explain
