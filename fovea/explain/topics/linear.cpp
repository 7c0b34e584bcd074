#include "fovea/explain/topics/linear.h"

#include <utility>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/linear.h"

namespace fovea::explain {

namespace {

/// A fully connected layer that can be walked.
struct LinearCase {
  Tensor image = {}, x = {};  ///< [h, w] and the same as [h w]
  Tensor weight = {}, bias = {}, y = {};
};

/// Rows of -1, 0 and 1.
Tensor plain_weights(std::int64_t rows, std::int64_t columns) {
  std::vector<double> values;
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t i = 0; i < columns; ++i)
      values.push_back(static_cast<double>((i + row) % 3 - 1));
  return exact_list(values).view({rows, columns});
}

LinearCase make_linear_case(const LinearTopic& topic) {
  const Tensor given =
      topic.image.defined() ? topic.image : tensor({{1, 0, 2}, {0, 3, 1}, {2, 1, 0}}, kExact);
  LinearCase layer{.image = exact(given, "linear", "image")};
  check<ShapeError>(layer.image.dim() == 2, "explain linear: image expected 2 dimensions, got ",
                    layer.image.dim(), " (image ", layer.image.sizes(), ")");
  layer.x = layer.image.flatten();
  const std::int64_t inputs = layer.x.numel();
  if (topic.weight.defined()) {
    layer.weight = exact(topic.weight, "linear", "weight");
    if (topic.bias.defined()) layer.bias = exact(topic.bias, "linear", "bias");
  } else {
    layer.weight = plain_weights(2, inputs);
    layer.bias =
        topic.bias.defined() ? exact(topic.bias, "linear", "bias") : tensor({1, -2}, kExact);
  }
  check_in_both<ShapeError>(layer.weight.dim() == 2 && layer.weight.size(1) == inputs, [&] {
    return Text(
        str("explain linear: weight expected [out, ", inputs, "], got ", layer.weight.sizes()),
        str("explain linear: 가중치는 [출력, ", inputs, "]이어야 하는데 ", layer.weight.sizes(),
            "입니다"));
  });
  const Shape outputs{layer.weight.size(0)};
  check_in_both<ShapeError>(!layer.bias.defined() || layer.bias.sizes() == outputs, [&] {
    return Text(
        str("explain linear: bias expected ", outputs, ", got ", layer.bias.sizes()),
        str("explain linear: 편향은 ", outputs, "이어야 하는데 ", layer.bias.sizes(), "입니다"));
  });
  check_stops("linear", layer.weight.size(0), inputs);
  layer.y = linear(layer.x, layer.weight, layer.bias);
  return layer;
}

Stop linear_stop(const LinearCase& layer, std::int64_t output) {
  const Tensor weights = layer.weight[output], products = layer.x * weights;
  const double value = layer.y[output].item<double>();
  const double sum = layer.bias.defined() ? products.sum().item<double>() : value;
  const std::int64_t inputs = layer.x.numel(), step = output + 1;
  Stop stop{.title = {str("Step ", step, ": output ", output), str(step, "단계: 출력 ", output)}};
  stop.lines.push_back(str(
      products_text(layer.x.to_vector<double>(), weights.to_vector<double>(), layer.image.size(1)),
      " = ", number_text(sum)));
  stop.facts = {{"step", step},
                {"output", output},
                {"weights", weights},
                {"products", products},
                {"sum", sum}};
  if (layer.bias.defined()) {
    const std::vector<double> terms{sum, layer.bias[output].item<double>()};
    stop.lines.push_back(str(sum_text(terms), " = ", number_text(value)));
    stop.facts.emplace_back("value", value);
  }
  stop.marks = {{.role = Role::kRead,
                 .cells = {.grid = 0, .rows = layer.image.size(0), .columns = layer.image.size(1)}},
                {.role = Role::kRead, .cells = {.grid = 1, .columns = inputs}},
                {.role = Role::kWeigh, .cells = {.grid = 2, .row = output, .columns = inputs}},
                {.role = Role::kWrite, .cells = {.grid = 3, .column = output}}};
  return stop;
}

Board linear_board(const LinearCase& layer) {
  const std::int64_t inputs = layer.x.numel(), outputs = layer.y.numel();
  Board board{.grids = {{.title = {"Image", "이미지"}, .values = layer.image},
                        {.title = {"Flattened", "펼친 입력"}, .values = layer.x.view({1, inputs})},
                        {.title = {"Weights W", "가중치 W"}, .values = layer.weight},
                        {.title = {"Output y", "출력 y"},
                         .values = layer.y.contiguous().view({1, outputs}),
                         .grows = true}},
              .signs = {"=", "x", "="}};
  for (std::int64_t output = 0; output < outputs; ++output)
    board.stops.push_back(linear_stop(layer, output));
  return board;
}

}  // namespace

Walk walk_linear(const LinearTopic& topic) {
  const LinearCase layer = make_linear_case(topic);
  const std::int64_t inputs = layer.x.numel(), outputs = layer.y.numel();
  const std::string size = by_text(layer.image.sizes());
  Walk walk{.title = {str("Fully connected: a ", size, " image as ", inputs, " inputs"),
                      str("완전연결층: ", size, " 이미지를 입력 ", inputs, "개로")}};
  walk.blocks.emplace_back(
      say(str("A fully connected layer flattens the image: ", size, " pixels become ", inputs,
              " inputs in a row. Each output is a sum of all of them, each with a weight of its "
              "own, and a bias:"),
          str("완전연결층은 이미지를 한 줄로 펼칩니다. ", size, " 픽셀이 입력 ", inputs,
              "개가 됩니다. 출력은 저마다 모든 입력에 자기 가중치를 곱해 더하고 편향을 더한 "
              "값입니다.")));
  walk.blocks.emplace_back(say_formula("y = x W^T + b"));
  walk.blocks.emplace_back(linear_board(layer));
  if (layer.image.size(0) > 1)
    walk.blocks.emplace_back(say(
        str("Which pixel was next to which is lost: row 0, column 0 and row 1, column 0 were "
            "neighbours; now they are inputs 0 and ",
            layer.image.size(1), ", and nothing says so."),
        str("어느 픽셀이 어느 픽셀 옆에 있었는지는 사라집니다. 0행 0열과 1행 0열은 이웃이었지만 "
            "이제 입력 0과 입력 ",
            layer.image.size(1), "일 뿐, 이웃이었다는 표시는 없습니다.")));
  walk.blocks.emplace_back(say(
      str("Each pair of an input and an output has a weight: ", inputs, " x ", outputs, " = ",
          inputs * outputs,
          " here; a Linear(784, 256) has 784 x 256 + 256 = 200,960 numbers, 32 kernels of 3x3 "
          "have 320."),
      str("입력과 출력의 쌍마다 가중치가 있습니다. 여기서는 ", inputs, " x ", outputs, " = ",
          inputs * outputs,
          "개입니다. Linear(784, 256)에는 784 x 256 + 256 = 200,960개가 있고, 3x3 커널 32개에는 "
          "320개가 있습니다.")));
  Fields document{{"topic", "linear"},
                  {"input", layer.image},
                  {"flattened", layer.x},
                  {"weight", layer.weight}};
  if (layer.bias.defined()) document.emplace_back("bias", layer.bias);
  document.emplace_back("stops", StopsHere{});
  document.emplace_back("output", layer.y);
  walk.document = std::move(document);
  return walk;
}

}  // namespace fovea::explain
