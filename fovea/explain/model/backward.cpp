#include "fovea/explain/model/backward.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/layer_value.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/met_input.h"
#include "fovea/explain/model/operations/terms.h"
#include "fovea/explain/model/operations/values.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

constexpr std::int64_t kLargestShownMap = 64;

/// A value of a layer and what flows over it.
struct Flow {
  const Visit& visit;
  Tensor upstream;        // of the whole output
  double arrived = 0;     // at the value
  Tensor input_gradient;  // of the whole first input; undefined: there is none
};

/// The input's map and the output's gradients with the places where the weight meets the input.
void add_weight_board(const Flow& flow, const MetInput& met, const std::string& line,
                      std::vector<Block>& blocks) {
  const LayerRun& layer = flow.visit.layer;
  const Tensor& x = layer.inputs[0];
  if (!is_convolution(layer) || x.dim() != 4) return;
  const graph::WindowPlaces places = walk_of(layer).windows(layer);
  Cells on_input{.grid = 0}, on_output{.grid = 1};
  const auto place = [&](int dim, std::int64_t& first_cell, std::int64_t& cells, std::int64_t& step,
                         std::int64_t& first_output, std::int64_t& outputs) {
    // Output o meets cell o stride + shift: those inside the image.
    const std::int64_t shift = met.element[dim] * places.dilation[dim] - places.begin[dim];
    const std::int64_t stride = places.stride[dim], size = x.size(dim + 2);
    first_output = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
    const std::int64_t last =
        std::min((size - 1 - shift) / stride, layer.output().size(dim + 2) - 1);
    cells = outputs = std::max<std::int64_t>(last - first_output + 1, 0);
    first_cell = first_output * stride + shift;
    step = stride;
  };
  place(0, on_input.row, on_input.rows, on_input.row_step, on_output.row, on_output.rows);
  place(1, on_input.column, on_input.columns, on_input.column_step, on_output.column,
        on_output.columns);
  const Shape& out = layer.output().sizes();
  if (std::max({x.size(2), x.size(3), out[2], out[3]}) > kLargestShownMap) return;
  const std::string from = std::to_string(met.index[1]);
  const std::string to = std::to_string(flow.visit.index[1]);
  blocks.emplace_back(Board{
      .grids = {{.title = {"input channel " + from, "입력 채널 " + from},
                 .values =
                     x.detach().select(0, flow.visit.sample()).select(0, met.index[1]).contiguous(),
                 .look = Grid::Look::kShades},
                {.title = {"gradient of output channel " + to, "출력 채널 " + to + "의 기울기"},
                 .values =
                     flow.upstream.select(0, flow.visit.sample()).select(0, flow.visit.index[1]),
                 .look = Grid::Look::kShades}},
      .signs = {"x"},
      .stops = {{.title = {"Where the weight meets the input", "가중치가 입력과 만나는 곳"},
                 .lines = {line},
                 .marks = {{Role::kRead, on_input}, {Role::kWeigh, on_output}}}}});
}

std::string sum_line(const std::vector<GradientTerm>& terms) {
  std::string sum = number_text(sum_of_terms(terms), 6);
  if (terms.size() != 1) return sum;
  return bracketed(terms[0].activation) + " x " + bracketed(terms[0].upstream) + " = " + sum;
}

Value add_weight(const Flow& flow, const MetInput& met, std::vector<Block>& blocks) {
  const LayerRun& layer = flow.visit.layer;
  const auto terms_of = walk_of(layer).terms;
  if (terms_of == nullptr || layer.inputs.size() < 2) return {};
  const Shape index = met_weight(flow.visit, met);
  const std::vector<GradientTerm> terms = terms_of(layer, 1, index, flow.upstream);
  const std::string at = index.to_string(), count = std::to_string(terms.size());
  const double value = value_at(layer.inputs[1], index);
  blocks.emplace_back(
      Note{Text("The weight " + at + ", " + number_text(value) + ", met the input at " + count +
                    (terms.size() == 1 ? " place" : " places") +
                    " of this image. Its gradient is the sum of what it met, each times the "
                    "gradient of the output that the product went into.",
                "가중치 " + at + " (" + number_text(value) + ")은 이 이미지의 " + count +
                    "곳에서 입력과 만났습니다. 기울기는 만난 값마다 그 곱이 들어간 출력의 기울기를 "
                    "곱해 더한 것입니다.")});
  const std::string line = sum_line(terms);
  add_weight_board(flow, met, line, blocks);
  if (terms.size() > 1) blocks.emplace_back(terms_table(terms, {"activation", "활성값"}));
  blocks.emplace_back(Note{.text = Text("gradient of the weight = ", "가중치의 기울기 = "),
                           .look = Note::Look::kFormula});
  for (std::string* const text :
       {&std::get<Note>(blocks.back()).text.english, &std::get<Note>(blocks.back()).text.korean})
    *text += line;
  return Fields{{"at", list_of(index)},         {"value", value},
                {"terms", terms.size()},        {"sum", sum_of_terms(terms)},
                {"size", size_of_terms(terms)}, {"largest", largest_terms(terms, "activation")}};
}

/// How the operation hands the gradient on, in words.
Text passing_words(const LayerRun& layer, std::size_t count) {
  const std::string& op = layer.op.empty() ? layer.type : layer.op;
  const std::string n = std::to_string(count);
  if (op == "MaxPool")
    return {"The largest value of a window gets all of its gradient, and the others none.",
            "창에서 가장 큰 값이 기울기를 모두 받고 나머지는 받지 않습니다."};
  if (op == "AveragePool" || op == "GlobalAveragePool")
    return {"All values of a window get the same share of its gradient.",
            "창의 값들은 기울기를 똑같이 나누어 받습니다."};
  if (op == "Relu")
    return {"A value above 0 lets the gradient through; another one stops it.",
            "0보다 큰 값은 기울기를 지나가게 하고, 그렇지 않은 값은 막습니다."};
  if (count == 1)
    return {"The value's gradient is the output's, times what the value was multiplied by.",
            "값의 기울기는 출력의 기울기에 그 값에 곱해졌던 수를 곱한 것입니다."};
  return {"The value went into " + n +
              " outputs. Its gradient is the sum of theirs, each times the weight that it met "
              "there.",
          "이 값은 출력 " + n +
              "개에 들어갔습니다. 기울기는 출력의 기울기마다 거기서 만난 가중치를 곱해 더한 "
              "것입니다."};
}

Value add_input(const Flow& flow, const MetInput& met, std::vector<Block>& blocks) {
  const LayerRun& layer = flow.visit.layer;
  const double value = value_at(layer.inputs[0], met.index);
  const bool has_gradient = flow.input_gradient.defined();
  const double gradient = has_gradient ? value_at(flow.input_gradient, met.index) : 0;
  Value shown_gradient;
  if (has_gradient) shown_gradient = gradient;
  Fields fields;
  fields.emplace_back("at", list_of(met.index));
  fields.emplace_back("value", value);
  fields.emplace_back("gradient", std::move(shown_gradient));
  const std::string at = met.index.to_string();
  blocks.emplace_back(Note{Text("The input value " + at + " is " + number_text(value) + ".",
                                "입력값 " + at + "은(는) " + number_text(value) + "입니다.")});
  const auto terms_of = walk_of(layer).input_terms;
  if (terms_of == nullptr) {
    if (has_gradient) {
      blocks.emplace_back(Note{
          .text = Text("gradient: " + number_text(flow.arrived) + " -> " + number_text(gradient),
                       "기울기: " + number_text(flow.arrived) + " -> " + number_text(gradient)),
          .look = Note::Look::kFormula});
    }
    for (const char* const name : {"terms", "sum", "size", "largest"})
      fields.emplace_back(name, Value());
    return fields;
  }
  const std::vector<GradientTerm> terms = terms_of(layer, met.index, flow.upstream);
  const double sum = sum_of_terms(terms), size = size_of_terms(terms);
  blocks.emplace_back(Note{passing_words(layer, terms.size())});
  if (terms.size() > 1) blocks.emplace_back(terms_table(terms, {"weight", "가중치"}));
  const std::string line = sum_line(terms);
  blocks.emplace_back(
      Note{.text = Text("gradient of the input value = " + line, "입력값의 기울기 = " + line),
           .look = Note::Look::kFormula});
  // A sum of f32 in another order is as far from it as rounding may be.
  if (has_gradient && std::abs(gradient - sum) > 1e-5 * size) {
    blocks.emplace_back(
        Note{Text("Another branch reads the value too; all together its gradient is " +
                      number_text(gradient, 6) + ".",
                  "다른 가지도 이 값을 읽습니다. 모두 합하면 기울기는 " + number_text(gradient, 6) +
                      "입니다.")});
  }
  fields.emplace_back("terms", terms.size());
  fields.emplace_back("sum", sum);
  fields.emplace_back("size", size);
  fields.emplace_back("largest", largest_terms(terms, "weight"));
  return fields;
}

}  // namespace

Walk walk_backward(const ModelRun& run, const LayerGradients& gradients,
                   const LayerOptions& options) {
  const NoGrad no_grad;
  const LayerRun& layer = find_layer(run, options.layer);
  const Shape index = value_index(layer, options);
  const Visit visit{layer, index, value_at(layer.output(), index)};
  Flow flow{.visit = visit, .upstream = gradients.of(layer.output()), .input_gradient = {}};
  check<ArgumentError>(flow.upstream.defined(),
                       "explain: layer expected to be one that the score depends on, got ",
                       layer.name);
  flow.arrived = value_at(flow.upstream, index);
  if (!layer.inputs.empty()) flow.input_gradient = gradients.of(layer.inputs[0]);
  Walk walk{.title = value_title(visit)};
  walk.title.english += ", backwards";
  walk.title.korean += ", 거꾸로";
  const std::string arrived = number_text(flow.arrived), value = number_text(visit.value);
  walk.blocks.emplace_back(
      Note{Text("The value is " + value + ". By how much the score of " + gradients.name + ", " +
                    number_text(gradients.score) +
                    ", changes with it, for a small change, is the "
                    "gradient that arrived here from behind: " +
                    arrived + ".",
                "이 값은 " + value + "입니다. 값이 조금 변할 때 " + gradients.name + "의 점수 " +
                    number_text(gradients.score) +
                    "이(가) 얼마나 변하는지가 뒤쪽에서 여기에 온 기울기입니다: " + arrived + ".")});
  Value weight, input;
  if (const std::optional<MetInput> met = met_input(flow.visit)) {
    if (is_convolution(layer) || is_product(layer)) weight = add_weight(flow, *met, walk.blocks);
    input = add_input(flow, *met, walk.blocks);
  }
  Value channel, place;
  if (index.ndim() > 1) channel = index[1];
  if (const Shape at = visit.at(); !at.empty()) place = list_of(at);
  walk.document = Fields{
      {"layer", layer.name},         {"type", layer.type},       {"channel", std::move(channel)},
      {"at", std::move(place)},      {"class", gradients.index}, {"name", gradients.name},
      {"score", gradients.score},    {"value", visit.value},     {"upstream", flow.arrived},
      {"weight", std::move(weight)}, {"input", std::move(input)}};
  return walk;
}

}  // namespace fovea::explain
