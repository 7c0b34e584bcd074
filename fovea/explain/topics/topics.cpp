#include "fovea/explain/topics/topics.h"

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"

namespace fovea::explain {

const std::vector<Topic>& topics() {
  static const std::vector<Topic> all{
      {"linear",
       {"A fully connected layer: an image flattened", "완전연결층: 한 줄로 펼친 이미지"},
       [] { return walk_linear(); }},
      {"layers", {"The five kinds of layer", "다섯 가지 층"}, [] { return walk_layers(); }},
      {"input",
       {"An image as a volume of channels", "채널이 쌓인 입체로서의 이미지"},
       [] { return walk_input(); }},
      {"conv",
       {"A convolution, stop by stop, forward and backward", "합성곱을 한 단계씩, 순전파와 역전파"},
       [] { return walk_conv(); }},
      {"size", {"How large an output is", "출력의 크기"}, [] { return walk_size(); }},
      {"pool",
       {"Max, average and min pooling", "최대, 평균, 최소 풀링"},
       [] { return walk_pool(); }},
      {"relu",
       {"An activation and its gradient", "활성화 함수와 그 기울기"},
       [] { return walk_relu(); }},
      {"softmax",
       {"From scores to probabilities", "점수에서 확률로"},
       [] { return walk_softmax(); }},
      {"cross-entropy",
       {"From probabilities to the loss, and its gradient", "확률에서 손실로, 그리고 그 기울기"},
       [] { return walk_cross_entropy(); }},
      {"batchnorm",
       {"Batch normalisation of a channel, in training and evaluation",
        "채널의 배치 정규화, 학습할 때와 평가할 때"},
       [] { return walk_batch_norm(); }},
      {"dropout",
       {"Which values fall, and the scale of the others", "0이 되는 값과 나머지의 배율"},
       [] { return walk_dropout(); }},
      {"autograd",
       {"The tape of a small program, and what flows back",
        "작은 프로그램의 테이프와 거슬러 가는 값"},
       [] { return walk_autograd(); }},
      {"adam",
       {"One parameter over some steps", "매개변수 하나의 몇 단계"},
       [] { return walk_adam(); }},
      {"arrays",
       {"Lists of numbers: arange, resize, indexing", "수의 목록: arange, 크기 바꾸기, 인덱싱"},
       [] { return walk_arrays(); }},
      {"module-vs-functional",
       {"A layer as an object and as a function", "객체로서의 층과 함수로서의 층"},
       [] { return walk_module_vs_functional(); }},
      {"devices",
       {"A batch split over several devices", "여러 장치에 나눈 배치"},
       [] { return walk_devices(); }},
  };
  return all;
}

const Topic& topic_called(std::string_view name) {
  std::vector<std::string> names;
  for (const Topic& topic : topics()) {
    if (topic.name == name) return topic;
    names.push_back(topic.name);
  }
  throw ArgumentError(str("explain: topic expected one of ", join_words(names), ", got \"", name,
                          "\"", did_you_mean(name, names)));
}

}  // namespace fovea::explain
