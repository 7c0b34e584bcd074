// The convolutions of the textbook, and others of its kinds with numbers small enough to check by
// hand.

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/explain/topics/conv.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"

namespace fovea::explain {

namespace {

const Tensor& chapter_image() {
  static const Tensor image = tensor({{1, 0, 0, 0, 0, 1},
                                      {0, 1, 0, 0, 1, 0},
                                      {0, 0, 1, 1, 0, 0},
                                      {1, 0, 0, 0, 1, 0},
                                      {0, 1, 0, 0, 1, 0},
                                      {0, 0, 1, 0, 1, 0}},
                                     kExact);
  return image;
}

const Tensor& chapter_kernel() {
  static const Tensor kernel = tensor({{1, 0, 1}, {0, 1, 0}, {1, 0, 1}}, kExact);
  return kernel;
}

/// Whole numbers from 0 to 3 without a pattern that the eye would see.
Tensor small_numbers(const Shape& sizes, std::int64_t step) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < sizes.numel(); ++i)
    values.push_back(static_cast<double>((i * i * step + i) % 7 % 4));
  return exact_list(values).view(sizes);
}

ConvTopic color_example() {
  const Tensor red = tensor({{1, 2, 0, 1}, {0, 1, 2, 0}, {1, 0, 1, 2}, {2, 1, 0, 1}}, kExact);
  const Tensor green = tensor({{0, 1, 1, 0}, {2, 0, 1, 1}, {0, 2, 0, 1}, {1, 0, 2, 0}}, kExact);
  const Tensor blue = tensor({{2, 0, 1, 0}, {0, 1, 0, 2}, {1, 1, 0, 0}, {0, 2, 1, 1}}, kExact);
  const Tensor of_red = tensor({{1, 0, -1}, {1, 0, -1}, {1, 0, -1}}, kExact);
  const Tensor of_green = tensor({{0, 1, 0}, {1, 0, 1}, {0, 1, 0}}, kExact);
  const Tensor of_blue = tensor({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, kExact);
  return {.image = stack({red, green, blue}),
          .kernels = {stack({of_red, of_green, of_blue})},
          .channel_names = {"R", "G", "B"}};
}

ConvTopic filters_example() {
  const Tensor upright = tensor({{1, 0, -1}, {1, 0, -1}, {1, 0, -1}}, kExact);
  return {.image = chapter_image(), .kernels = {chapter_kernel(), upright}};
}

ConvTopic one_by_one_example() {
  const std::vector<double> first{1, 0, 2, -1}, second{0, 1, 1, 0};
  return {.image = small_numbers({4, 3, 3}, 3),
          .kernels = {exact_list(first).view({4, 1, 1}), exact_list(second).view({4, 1, 1})}};
}

struct NamedConvExample {
  ConvExample example;
  ConvTopic (*make)();
};

const std::vector<NamedConvExample>& named_conv_examples() {
  static const std::vector<NamedConvExample> examples{
      {{"chapter", {"a 3x3 kernel over a 6x6 image", "6x6 이미지 위의 3x3 커널"}},
       [] { return ConvTopic{.image = chapter_image(), .kernels = {chapter_kernel()}}; }},
      {{"color",
        {"a colour image: one filter with a slice for each channel",
         "컬러 이미지: 채널마다 한 장씩 가진 필터 하나"}},
       color_example},
      {{"filters",
        {"several filters: each gives a channel of the output",
         "여러 필터: 필터마다 출력 채널 하나"}},
       filters_example},
      {{"1d", {"along one axis: smoothing a curve", "한 축 방향: 곡선을 매끄럽게 하기"}},
       [] {
         const std::vector<double> curve{1, 1, 1, 1, 1}, weights{0.25, 0.5, 0.25};
         return ConvTopic{.image = exact_list(curve), .kernels = {exact_list(weights)}, .dims = 1};
       }},
      {{"2d", {"along two axes: the result is a matrix", "두 축 방향: 결과는 행렬"}},
       [] { return ConvTopic{.image = chapter_image(), .kernels = {chapter_kernel()}}; }},
      {{"3d", {"along three axes: the result is a volume", "세 축 방향: 결과는 입체"}},
       [] {
         return ConvTopic{.image = small_numbers({3, 4, 4}, 3),
                          .kernels = {small_numbers({2, 3, 3}, 2) - 1.0},
                          .dims = 3};
       }},
      {{"2d-over-3d",
        {"along two axes of a volume, as in LeNet-5 and VGG",
         "입체 위를 두 축 방향으로: LeNet-5와 VGG처럼"}},
       [] {
         return ConvTopic{.image = small_numbers({2, 5, 5}, 3),
                          .kernels = {small_numbers({2, 3, 3}, 2) - 1.0}};
       }},
      {{"1x1", {"a 1x1 kernel: only the number of channels changes", "1x1 커널: 채널 수만 바뀜"}},
       one_by_one_example},
  };
  return examples;
}

}  // namespace

const std::vector<ConvExample>& conv_examples() {
  static const std::vector<ConvExample> examples = [] {
    std::vector<ConvExample> all;
    for (const NamedConvExample& named : named_conv_examples()) all.push_back(named.example);
    return all;
  }();
  return examples;
}

ConvTopic conv_example(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [example, make] : named_conv_examples()) {
    if (example.name == name) return make();
    names.push_back(example.name);
  }
  throw ArgumentError(str("explain conv: example expected one of ", join_words(names), ", got \"",
                          name, "\"", did_you_mean(name, names)));
}

}  // namespace fovea::explain
