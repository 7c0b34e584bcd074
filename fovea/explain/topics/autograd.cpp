#include "fovea/explain/topics/autograd.h"

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// A number of the program: where it comes from, its value and its gradient.
struct TapeNumber {
  const char* name;             ///< "u"
  const char* expression;       ///< "w x"; of an input: nothing
  std::vector<std::size_t> of;  ///< places of what it was computed from
  Tensor tensor = {};
  double gradient = 0;
  std::vector<double> local = {};  ///< its derivative by each of them
};

Tensor recorded(double value) {
  Tensor leaf = full({}, value, kExact);
  return leaf.set_requires_grad();
}

/// The program, run forward and walked back.
std::vector<TapeNumber> run_program(const AutogradTopic& topic) {
  const GradMode recording(true);
  enum : std::size_t { kX, kW, kB, kTarget, kU, kZ, kE, kLoss };
  std::vector<TapeNumber> all{{"x", "", {}, recorded(topic.x)},
                              {"w", "", {}, recorded(topic.w)},
                              {"b", "", {}, recorded(topic.b)},
                              {"t", "", {}, recorded(topic.target)}};
  all.push_back({"u", "w x", {kW, kX}, all[kW].tensor * all[kX].tensor});
  all.push_back({"z", "u + b", {kU, kB}, all[kU].tensor + all[kB].tensor});
  all.push_back({"e", "z - t", {kZ, kTarget}, all[kZ].tensor - all[kTarget].tensor});
  all.push_back({"L", "e^2", {kE}, pow(all[kE].tensor, 2.0)});
  Tensors inputs;
  for (std::size_t i = 0; i < kLoss; ++i) inputs.push_back(all[i].tensor);
  const Tensors gradients = grad(all[kLoss].tensor, inputs, {}, true);
  for (std::size_t i = 0; i < kLoss; ++i) all[i].gradient = gradients[i].item<double>();
  all[kLoss].gradient = 1;
  for (TapeNumber& number : all) {
    Tensors from;
    for (const std::size_t place : number.of) from.push_back(all[place].tensor);
    if (from.empty()) continue;
    for (const Tensor& slope : grad(number.tensor, from, {}, true))
      number.local.push_back(slope.item<double>());
  }
  return all;
}

Diagram tape_diagram(const std::vector<TapeNumber>& numbers) {
  Diagram diagram{.title = {"Values forward, gradients back", "값은 앞으로, 기울기는 뒤로"}};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const TapeNumber& number = numbers[i];
    const std::string expression = number.expression;
    const std::string value = number_text(number.tensor.item<double>());
    const std::string gradient = number_text(number.gradient);
    diagram.boxes.push_back({.label = expression.empty()
                                          ? str(number.name, " = ", value)
                                          : str(number.name, " = ", expression, " = ", value),
                             .detail = {str("gradient ", gradient), str("기울기 ", gradient)}});
    for (std::size_t k = 0; k < number.of.size(); ++k)
      diagram.arrows.push_back({.from = number.of[k],
                                .to = i,
                                .label = str(number_text(number.gradient), " x ",
                                             sum_text(std::vector<double>{number.local[k]}))});
  }
  return diagram;
}

/// The tape as a learner sees it.
Table tape_table(const Tensor& output) {
  const auto joined = [](const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
  };
  Table table{.title = {"The tape", "테이프"},
              .headings = {"#",
                           {"Operation", "연산"},
                           {"Inputs", "입력"},
                           {"Saved for the way back", "역전파를 위해 저장"}}};
  for (const TapeEntry& entry : tape(output))
    table.rows.push_back({str("#", table.rows.size() + 1), entry.operation, joined(entry.inputs),
                          joined(entry.saved)});
  return table;
}

/// What the tape says that it holds.
std::vector<Value> tape_facts(const Tensor& output) {
  std::vector<Value> entries;
  for (const TapeEntry& entry : tape(output))
    entries.emplace_back(Fields{{"operation", entry.operation},
                                {"output", list_of(entry.output)},
                                {"inputs", list_of_texts(entry.inputs)}});
  return entries;
}

}  // namespace

Walk walk_autograd(const AutogradTopic& topic) {
  for (const double value : {topic.x, topic.w, topic.b, topic.target})
    check_in_both<ArgumentError>(std::isfinite(value), [&] {
      return Text(str("explain autograd: numbers expected finite, got ", value),
                  str("explain autograd: 유한한 수여야 하는데 ", value, "입니다"));
    });
  const std::vector<TapeNumber> numbers = run_program(topic);
  Walk walk{
      .title = {"Autograd: the tape of (w x + b - t)^2", "자동 미분: (w x + b - t)^2의 테이프"}};
  walk.blocks.emplace_back(
      say("Forward: every operation on a tensor that requires a gradient is written on a tape, "
          "with what its derivative will need.",
          "순전파: 기울기를 요구하는 텐서에 하는 연산은 모두, 도함수에 필요한 값과 함께 테이프에 "
          "기록됩니다."));
  walk.blocks.emplace_back(
      say_code("Tensor u = w * x;\nTensor z = u + b;\nTensor e = z - t;\nTensor L = pow(e, 2);\n"
               "L.backward();"));
  walk.blocks.emplace_back(tape_table(numbers.back().tensor));
  walk.blocks.emplace_back(tape_diagram(numbers));
  walk.blocks.emplace_back(
      say("Back: the tape is walked from its end. Each operation takes the gradient of its result "
          "and multiplies it by its own derivative: that is what goes back along each arrow.",
          "역전파: 테이프를 끝에서부터 거슬러 갑니다. 연산마다 결과의 기울기를 받아 자기 도함수를 "
          "곱합니다. 화살표를 거슬러 가는 값이 그것입니다."));
  Table table{.headings = {{"Number", "수"},
                           {"Computed as", "계산"},
                           {"Value", "값"},
                           {"Gradient of L", "L의 기울기"}}};
  Fields values, gradients;
  for (const TapeNumber& number : numbers) {
    const double value = number.tensor.item<double>();
    table.rows.push_back({number.name, number.expression, cell(value), cell(number.gradient)});
    values.emplace_back(number.name, value);
    gradients.emplace_back(number.name, number.gradient);
  }
  walk.blocks.emplace_back(std::move(table));
  walk.document = Fields{{"topic", "autograd"},
                         {"program", "(w x + b - t)^2"},
                         {"values", std::move(values)},
                         {"gradients", std::move(gradients)},
                         {"tape", tape_facts(numbers.back().tensor)}};
  return walk;
}

}  // namespace fovea::explain
