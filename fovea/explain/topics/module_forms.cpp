#include "fovea/explain/topics/module_forms.h"

#include "fovea/core/error.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/functional.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

Table forms_table() {
  return {.title = {"A layer in two forms", "한 층의 두 가지 형태"},
          .headings = {{"", ""}, {"Object", "객체"}, {"Function", "함수"}},
          .rows = {
              {{"In Fovea", "Fovea에서"}, "nn::Conv2d", "nn::functional::conv2d"},
              {{"In PyTorch", "PyTorch에서"}, "nn.Conv2d", "nn.functional.conv2d"},
              {{"Parameters", "매개변수"},
               {"its own: made and initialised with it", "자기 것: 만들 때 함께 만들고 초기화함"},
               {"passed to each call", "부를 때마다 넘겨줌"}},
              {{"In a Sequential", "Sequential 안에"},
               {"can stand there", "놓을 수 있음"},
               {"cannot: it is no layer", "놓을 수 없음: 층이 아님"}},
              {{"Saved and loaded", "저장과 불러오기"},
               {"with the model: state_dict()", "모델과 함께: state_dict()"},
               {"by whoever holds the weights", "가중치를 가진 쪽이 따로"}},
              {{"Training and evaluation", "학습과 평가"},
               {"train() and eval() tell it", "train()과 eval()로 알림"},
               {"an argument: dropout(x, p, training)", "인자로: dropout(x, p, training)"}},
              {{"Good for", "알맞은 곳"},
               {"layers with weights", "가중치가 있는 층"},
               {"what has none, such as relu, and weights that come from elsewhere",
                "relu처럼 가중치가 없는 것, 다른 데서 온 가중치"}},
          }};
}

constexpr const char* kObjectCode =
    "nn::Conv2d conv({.in_channels = 1, .out_channels = 32, .kernel_size = 3, .padding = 1});\n"
    "Tensor y = conv(x);  // its own weight and bias";
constexpr const char* kFunctionCode =
    "namespace F = fovea::nn::functional;\n"
    "Tensor y = F::conv2d(x, weight, bias, {.padding = 1});  // yours";

/// Whether both forms give the same numbers for the same weights.
bool forms_agree() {
  const NoGrad no_grad;
  // The layer draws its weights from the default generator, which then goes on as if it had not.
  const Generator before = default_generator();
  nn::Conv2d conv({.in_channels = 1, .out_channels = 2, .kernel_size = 3, .padding = 1});
  default_generator() = before;
  const Tensor x =
      arange(0, 16, 1, {.dtype = f32, .device = conv.weight().device()}).view({1, 1, 4, 4});
  const Tensor by_object = conv.forward(x);
  return equal(by_object, nn::functional::conv2d(x, conv.weight(), conv.bias(), {.padding = 1}));
}

}  // namespace

Walk walk_module_vs_functional() {
  Walk walk{.title = {"A layer as an object, and as a function", "객체로서의 층과 함수로서의 층"}};
  walk.blocks.emplace_back(say(
      "A layer exists in two forms: an object that has its own parameters and can stand in a "
      "Sequential, and a pure function to which weights are passed.",
      "층은 두 가지 형태로 있습니다. 하나는 자기 매개변수를 가지고 Sequential 안에 놓을 수 있는 "
      "객체이고, 다른 하나는 가중치를 넘겨받는 순수 함수입니다."));
  const Table table = forms_table();
  std::vector<Value> rows;
  for (const std::vector<Text>& row : table.rows)
    rows.emplace_back(Fields{
        {"about", row[0].english}, {"object", row[1].english}, {"function", row[2].english}});
  walk.blocks.emplace_back(table);
  walk.blocks.emplace_back(say_code(kObjectCode));
  walk.blocks.emplace_back(say_code(kFunctionCode));
  const bool agree = forms_agree();
  if (agree)
    walk.blocks.emplace_back(
        say("Given the object's weights, the function computes the same numbers: the object calls "
            "it.",
            "객체의 가중치를 넘겨주면 함수는 같은 수를 계산합니다. 객체가 그 함수를 부르기 "
            "때문입니다."));
  walk.document = Fields{{"topic", "module-vs-functional"},
                         {"rows", std::move(rows)},
                         {"object_code", kObjectCode},
                         {"function_code", kFunctionCode},
                         {"same_numbers", agree}};
  return walk;
}

}  // namespace fovea::explain
