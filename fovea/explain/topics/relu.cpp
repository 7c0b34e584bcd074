#include "fovea/explain/topics/relu.h"

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/conv_sweep.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

Board relu_board(const Tensor& x, const Tensor& y) {
  Board board{
      .grids = {{.title = {"Input x", "입력 x"}, .values = as_grid(x, x.dim())},
                {.title = {"relu(x)", "relu(x)"}, .values = as_grid(y, x.dim()), .grows = true}}};
  const std::vector<double> values = x.to_vector<double>(), results = y.to_vector<double>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i), step = place + 1;
    const std::int64_t row = place / x.size(-1), column = place % x.size(-1);
    const Shape at = x.dim() == 1 ? Shape{column} : Shape{row, column};
    board.stops.push_back(
        {.title = stop_title(step, at),
         .lines = {str("max(0, ", number_text(values[i]), ") = ", number_text(results[i]))},
         .marks = {{.role = Role::kRead, .cells = {.grid = 0, .row = row, .column = column}},
                   {.role = Role::kWrite, .cells = {.grid = 1, .row = row, .column = column}}},
         .facts = {
             {"step", step}, {"at", list_of(at)}, {"input", values[i]}, {"value", results[i]}}});
  }
  return board;
}

Chart relu_chart() {
  const Tensor x = arange(-4, 5, 1, kExact);
  return {.title = {"relu", "relu"},
          .x_label = "x",
          .y_label = "max(0, x)",
          .series = {
              {.name = "relu(x)", .x = x.to_vector<double>(), .y = relu(x).to_vector<double>()}}};
}

}  // namespace

Walk walk_relu(const ReluTopic& topic) {
  const Tensor x = topic.x.defined() ? exact(topic.x, "relu", "x")
                                     : tensor({-2, -1, -0.5, 0, 0.5, 1, 2}, kExact);
  check<ShapeError>(x.dim() == 1 || x.dim() == 2,
                    "explain relu: x expected 1 or 2 dimensions, got ", x.dim(), " (x ", x.sizes(),
                    ")");
  check_stops("relu", x.numel(), 1);
  const GradMode recording(true);
  Tensor leaf = x.clone().detach();
  leaf.set_requires_grad();
  const Tensor y = relu(leaf);
  const Tensor gradient = grad(y, {leaf}, ones(y.sizes(), kExact))[0].contiguous();
  Walk walk{.title = {"ReLU: what is below 0 becomes 0", "ReLU: 0보다 작은 값은 0으로"}};
  walk.blocks.emplace_back(
      say("An activation goes between layers that are weighted sums: without one, two such layers "
          "would be no more than one. ReLU keeps what is above 0 and makes the rest 0.",
          "활성화 함수는 가중합을 하는 층 사이에 놓입니다. 없으면 두 층을 쌓아도 한 층과 다르지 "
          "않습니다. ReLU는 0보다 큰 값은 그대로 두고 나머지는 0으로 만듭니다."));
  walk.blocks.emplace_back(relu_board(x, y.detach().contiguous()));
  walk.blocks.emplace_back(relu_chart());
  walk.blocks.emplace_back(
      say("Backward: the gradient passes where the input was above 0, and is 0 elsewhere.",
          "역전파: 입력이 0보다 컸던 곳에서는 기울기가 그대로 지나가고 나머지에서는 0이 됩니다."));
  walk.blocks.emplace_back(
      Board{.grids = {{.title = {"Gradient of the input where the output's is 1",
                                 "출력의 기울기가 1일 때 입력의 기울기"},
                       .values = as_grid(gradient, x.dim())}}});
  walk.document = Fields{{"topic", "relu"},
                         {"input", x},
                         {"stops", StopsHere{}},
                         {"output", y.detach()},
                         {"grad_input", gradient}};
  return walk;
}

}  // namespace fovea::explain
