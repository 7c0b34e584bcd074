#include "fovea/explain/topics/layer_kinds.h"

#include "fovea/core/error.h"
#include "fovea/explain/topics/conv.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops/pool.h"

namespace fovea::explain {

namespace {

constexpr std::int64_t kMostOfALayer = 65536;

/// A kind of layer, and the shape behind it.
struct LayerKind {
  const char* word;
  Text name, does;
  Shape shape;  ///< height, width, channels; or numbers
};

std::vector<LayerKind> layer_kinds(const LayersTopic& topic) {
  const Shape image{topic.height, topic.width};
  const Shape map = conv_output_size(image, 3, {.padding = 1});
  Shape pooled;
  for (const std::int64_t size : map) pooled.push_back(pool_output_size(size, 2, 2, 0));
  const std::int64_t features = checked_mul(pooled.numel(), topic.filters);
  return {
      {"input",
       {"Input", "입력층"},
       {"holds the image: height x width x channels", "이미지를 담음: 높이 x 너비 x 채널"},
       {topic.height, topic.width, topic.channels}},
      {"convolution",
       {"Convolution", "합성곱층"},
       {str("finds features: ", topic.filters, " filters of 3x3, padding 1, then ReLU"),
        str("특성을 찾음: 3x3 필터 ", topic.filters, "개, 패딩 1, 그다음 ReLU")},
       {map[0], map[1], topic.filters}},
      {"pooling",
       {"Pooling", "풀링층"},
       {"makes the feature maps smaller: the largest of each 2x2",
        "특성 맵을 줄임: 2x2마다 가장 큰 값"},
       {pooled[0], pooled[1], topic.filters}},
      {"fully connected",
       {"Fully connected", "완전연결층"},
       {str("makes class scores of the ", features, " features"),
        str("특성 ", features, "개를 클래스 점수로 만듦")},
       {topic.classes}},
      {"output",
       {"Output", "출력층"},
       {"softmax makes probabilities of the scores; the largest is the answer",
        "소프트맥스가 점수를 확률로 바꿈; 가장 큰 것이 답"},
       {topic.classes}},
  };
}

void check_layers_topic(const LayersTopic& topic) {
  const auto check_size = [](const char* name, std::int64_t value, std::int64_t least) {
    check<ArgumentError>(value >= least && value <= kMostOfALayer, "explain layers: ", name,
                         " expected in ", least, " to ", kMostOfALayer, ", got ", value);
  };
  check_size("height", topic.height, 2);
  check_size("width", topic.width, 2);
  check_size("channels", topic.channels, 1);
  check_size("filters", topic.filters, 1);
  check_size("classes", topic.classes, 1);
}

Text channel_title(std::int64_t channel, std::int64_t channels) {
  const Text colours[] = {{"Red", "빨강"}, {"Green", "초록"}, {"Blue", "파랑"}};
  if (channels == 3) return colours[channel];
  return {str("Channel ", channel), str("채널 ", channel)};
}

}  // namespace

Walk walk_layers(const LayersTopic& topic) {
  check_layers_topic(topic);
  const std::vector<LayerKind> kinds = layer_kinds(topic);
  Walk walk{.title = {"The five kinds of layer", "다섯 가지 층"}};
  walk.blocks.emplace_back(
      say("Convolution and pooling make a vector of features of the image; fully connected layers "
          "turn it into a score for each class, and softmax the scores into probabilities. The "
          "class with the largest probability is the answer.",
          "합성곱과 풀링은 이미지에서 특성 벡터를 뽑습니다. 완전연결층은 이를 클래스마다의 점수로, "
          "소프트맥스는 점수를 확률로 바꿉니다. 확률이 가장 큰 클래스가 답입니다."));
  Table table{.headings = {{"Layer", "층"}, {"What it does", "하는 일"}, {"Output", "출력"}}};
  Diagram diagram{.title = {"A small network", "작은 네트워크"}, .boxes = {}, .arrows = {}};
  std::vector<Value> facts;
  for (const LayerKind& kind : kinds) {
    table.rows.push_back({kind.name, kind.does, by_text(kind.shape)});
    const std::size_t place = diagram.boxes.size();
    diagram.boxes.push_back({.label = kind.name, .detail = by_text(kind.shape)});
    if (place > 0) diagram.arrows.push_back({.from = place - 1, .to = place});
    facts.emplace_back(
        Fields{{"layer", kind.word}, {"does", kind.does.english}, {"output", list_of(kind.shape)}});
  }
  walk.blocks.emplace_back(std::move(diagram));
  walk.blocks.emplace_back(std::move(table));
  walk.document = Fields{{"topic", "layers"}, {"layers", std::move(facts)}};
  return walk;
}

Walk walk_input(const InputTopic& topic) {
  const Tensor image =
      topic.image.defined() ? exact(topic.image, "input", "image") : conv_example("color").image;
  check<ShapeError>(image.dim() == 3 && image.size(0) <= kMostOfALayer,
                    "explain input: image expected [channels, height, width], got ", image.sizes());
  const std::int64_t channels = image.size(0);
  const Shape shape{image.size(1), image.size(2), channels};
  const std::string text = str("(", shape[0], ", ", shape[1], ", ", shape[2], ")");
  Walk walk{.title = {str("An image as a volume: ", text), str("입체로 본 이미지: ", text)}};
  walk.blocks.emplace_back(
      say(str("The input is a volume, height x width x channels: 1 channel for greyscale, 3 for "
              "red, green and blue. This one is ",
              text, "."),
          str("입력은 높이 x 너비 x 채널의 입체입니다. 흑백은 채널 1개, 컬러는 빨강, 초록, 파랑 "
              "3개입니다. 이것은 ",
              text, "입니다.")));
  Board board{.grids = {}};
  for (std::int64_t i = 0; i < channels; ++i)
    board.grids.push_back({.title = channel_title(i, channels), .values = image[i]});
  walk.blocks.emplace_back(std::move(board));
  walk.blocks.emplace_back(say(str("In memory a tensor has the channels first: ",
                                   Shape{image.size(0), image.size(1), image.size(2)},
                                   "; a batch has the number of images before them."),
                               str("메모리의 텐서에서는 채널이 먼저입니다: ",
                                   Shape{image.size(0), image.size(1), image.size(2)},
                                   ". 배치는 그 앞에 이미지 수가 옵니다.")));
  walk.document = Fields{{"topic", "input"}, {"shape", list_of(shape)}, {"channels", image}};
  return walk;
}

}  // namespace fovea::explain
