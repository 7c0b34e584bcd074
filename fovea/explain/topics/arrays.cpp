#include "fovea/explain/topics/arrays.h"

#include <cmath>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/numbers.h"

namespace fovea::explain {

namespace {

constexpr std::int64_t kMostRows = 1000;

void check_arrays_topic(const ArraysTopic& topic) {
  const double count = std::ceil((topic.end - topic.start) / topic.step);
  check<ArgumentError>(count >= 1 && count <= static_cast<double>(kMostRows),
                       "explain arrays: numbers expected 1 to ", kMostRows, ", got ", count,
                       " (start ", topic.start, ", end ", topic.end, ", step ", topic.step, ")");
  check<ArgumentError>(topic.rows >= 1 && topic.columns >= 1 && topic.rows <= kMostRows &&
                           topic.columns <= kMostRows,
                       "explain arrays: rows and columns expected in 1 to ", kMostRows, ", got ",
                       topic.rows, " and ", topic.columns);
  check<IndexError>(
      topic.row >= 0 && topic.row < topic.rows && topic.column >= 0 && topic.column < topic.columns,
      "explain arrays: element expected in the ", topic.rows, "x", topic.columns, " array, got (",
      topic.row, ", ", topic.column, ")");
}

std::string list_text(const Tensor& row) {
  std::string text;
  for (const double value : row.to_vector<double>())
    text += (text.empty() ? "" : ", ") + number_text(value);
  return "[" + text + "]";
}

}  // namespace

Walk walk_arrays(const ArraysTopic& topic) {
  check_arrays_topic(topic);
  const Tensor values = arange(topic.start, topic.end, topic.step, kExact);
  Tensor resized = values.clone();
  resized.resize_({topic.rows, topic.columns});
  const std::int64_t count = values.numel(), kept = std::min(count, resized.numel());
  const Tensor row = resized[topic.row];
  const double element = resized.at({topic.row, topic.column}).item<double>();
  const std::string call = str("arange(", number_text(topic.start), ", ", number_text(topic.end),
                               ", ", number_text(topic.step), ")");
  const std::string size = str(topic.rows, "x", topic.columns);
  Walk walk{.title = {str("Arrays: ", call, " as ", size), str("배열: ", size, "로 바꾼 ", call)}};
  const std::string start = number_text(topic.start), end = number_text(topic.end),
                    step = number_text(topic.step);
  walk.blocks.emplace_back(
      say(str(call, " has ", count, " values: it starts at ", start, ", adds ", step,
              " each time, and stops before ", end, "."),
          str(call, "에는 값이 ", count, "개 있습니다. ", start, "에서 시작해 ", step, "씩 더하며 ",
              end, "에 이르기 전에 멈춥니다.")));
  walk.blocks.emplace_back(say(
      kept < count ? str("Resized to ", size, " it keeps the first ", kept, " of them, row by row.")
                   : str("Resized to ", size,
                         " it keeps all of them, row by row; new elements at the "
                         "end are 0."),
      kept < count ? str(size, "로 크기를 바꾸면 앞에서부터 ", kept, "개만 행 순서로 남습니다.")
                   : str(size,
                         "로 크기를 바꾸면 모두 행 순서로 남고, 끝에 새로 생긴 원소는 "
                         "0입니다.")));
  walk.blocks.emplace_back(
      Board{.grids = {{.title = call, .values = values.view({1, count})},
                      {.title = str("resize_({", topic.rows, ", ", topic.columns, "})"),
                       .values = resized}}});
  walk.blocks.emplace_back(say_code(
      str("Tensor a = ", call, ";\na.resize_({", topic.rows, ", ", topic.columns, "});\na[",
          topic.row, "]  // ", list_text(row), "\na.at({", topic.row, ", ", topic.column, "})  // ",
          number_text(element), "\na[", topic.row, "][", topic.column, "]  // ",
          number_text(element), "\nrandint(10)  // from 0 to 9, drawn at random")));
  walk.blocks.emplace_back(
      say("Rows and columns count from 0. randint(n) draws a whole number from 0 to n - 1.",
          "행과 열은 0부터 셉니다. randint(n)은 0부터 n - 1까지의 정수 하나를 무작위로 뽑습니다."));
  walk.document =
      Fields{{"topic", "arrays"},
             {"start", topic.start},
             {"end", topic.end},
             {"step", topic.step},
             {"count", count},
             {"values", values},
             {"kept", kept},
             {"resized", resized},
             {"row", Fields{{"index", topic.row}, {"values", row}}},
             {"element", Fields{{"at", list_of({topic.row, topic.column})}, {"value", element}}}};
  return walk;
}

}  // namespace fovea::explain
