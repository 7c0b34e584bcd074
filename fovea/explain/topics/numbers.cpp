#include "fovea/explain/topics/numbers.h"

#include <algorithm>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/size.h"

namespace fovea::explain {

Tensor exact(const Tensor& x, const char* topic, const char* name) {
  check<ArgumentError>(x.defined(), "explain ", topic, ": ", name, " expected, got none");
  check_in_both<ArgumentError>(x.numel() >= 1 && x.numel() <= kMostNumbers, [&] {
    return Text(str("explain ", topic, ": ", name, " expected 1 to ", kMostNumbers,
                    " numbers, got ", x.numel(), " (", name, " ", x.sizes(), ")"),
                str("explain ", topic, ": ", name, "에는 수가 1개에서 ", kMostNumbers,
                    "개까지여야 하는데 ", x.numel(), "개입니다 (", x.sizes(), ")"));
  });
  return x.detach().to(cpu).to(f64).contiguous().clone().detach();
}

Tensor exact_list(std::span<const double> values) { return tensor_of(values, kExact); }

void check_stops(const char* topic, std::int64_t stops, std::int64_t window) {
  check_in_both<ArgumentError>(stops <= kMostStops, [&] {
    return Text(
        str("explain ", topic, ": stops expected at most ", kMostStops, ", got ", stops),
        str("explain ", topic, ": 단계는 ", kMostStops, "개 이하여야 하는데 ", stops, "개입니다"));
  });
  check_in_both<ArgumentError>(checked_mul(stops, window) <= kMostNumbers, [&] {
    return Text(str("explain ", topic, ": numbers in all windows expected at most ", kMostNumbers,
                    ", got ", stops * window, " (", stops, " stops)"),
                str("explain ", topic, ": 모든 창의 수를 합쳐 ", kMostNumbers,
                    "개 이하여야 하는데 ", stops * window, "개입니다 (단계 ", stops, "개)"));
  });
}

Note say(std::string english, std::string korean) {
  return {.text = Text(std::move(english), std::move(korean))};
}

Note say_formula(Text text) { return {.text = std::move(text), .look = Note::Look::kFormula}; }

void say_sizes(const std::vector<std::string>& formulas, std::vector<Block>& blocks) {
  const int dims = static_cast<int>(formulas.size());
  for (int i = 0; i < dims; ++i) {
    const std::string& formula = formulas[static_cast<std::size_t>(i)];
    const Text name = dimension_name(i, dims);
    blocks.emplace_back(dims == 1 ? say_formula(formula)
                                  : say_formula({str(name.english, ": ", formula),
                                                 str(name.korean, ": ", formula)}));
  }
}

Note say_code(std::string text) {
  return {.text = Text(std::move(text)), .look = Note::Look::kCode};
}

Text stop_title(std::int64_t step, const Shape& at, const Text& what) {
  Text title(str("Step ", step, ": "), str(step, "단계: "));
  if (!what.empty()) {
    title.english += what.english + ", ";
    title.korean += what.korean + ", ";
  }
  const int dims = at.ndim();
  if (dims == 1) {
    title.english += str("position ", at[0]);
    title.korean += str("위치 ", at[0]);
    return title;
  }
  if (dims == 3) {
    title.english += str("depth ", at[0], ", ");
    title.korean += str("깊이 ", at[0], ", ");
  }
  title.english += str("row ", at[dims - 2], ", column ", at[dims - 1]);
  title.korean += str(at[dims - 2], "행 ", at[dims - 1], "열");
  return title;
}

std::string by_text(const Shape& sizes) {
  std::string text;
  for (const std::int64_t size : sizes) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

Value one_or_list(const Shape& numbers) {
  const bool one = std::all_of(numbers.begin(), numbers.end(),
                               [&](std::int64_t number) { return number == numbers[0]; });
  return one && !numbers.empty() ? Value(numbers[0]) : list_of(numbers);
}

Value list_of_texts(const std::vector<std::string>& texts) {
  return std::vector<Value>(texts.begin(), texts.end());
}

Text cell(double value, int digits) { return number_text(value, digits); }

}  // namespace fovea::explain
