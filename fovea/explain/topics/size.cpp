#include "fovea/explain/topics/size.h"

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/explain/topics/numbers.h"

namespace fovea::explain {

namespace {

/// "3", or for a dilated kernel how far it reaches: "(2x(3 - 1) + 1)".
std::string reach_text(const WindowWay& way) {
  if (way.dilation == 1) return std::to_string(way.kernel);
  return str("(", way.dilation, "x(", way.kernel, " - 1) + 1)");
}

std::string padding_text(const WindowWay& way, NoPadding none) {
  if (way.padding_begin != way.padding_end)
    return str(" + ", way.padding_begin, " + ", way.padding_end);
  if (way.padding_begin == 0 && none == NoPadding::kLeftOut) return "";
  return str(" + 2x", way.padding_begin);
}

/// The ways along all dimensions.
std::vector<WindowWay> ways_of(const SizeTopic& topic) {
  const int dims = topic.input.values().ndim();
  check<ArgumentError>(dims >= 1 && dims <= 3, "explain size: input expected 1 to 3 sizes, got ",
                       dims, " (", topic.input.values(), ")");
  const Shape input = topic.input.expand(dims, "explain size", "input", 1);
  const Shape kernel = topic.kernel_size.expand(dims, "explain size", "kernel_size", 1);
  const Shape stride = topic.stride.expand(dims, "explain size", "stride", 1);
  const Shape dilation = topic.dilation.expand(dims, "explain size", "dilation", 1);
  const auto [begin, end] = topic.padding.resolve("explain size", kernel, stride, dilation);
  check<ArgumentError>(topic.filters >= 0, "explain size: filters expected at least 0, got ",
                       topic.filters);
  std::vector<WindowWay> ways;
  ways.reserve(static_cast<std::size_t>(dims));
  for (int i = 0; i < dims; ++i)
    ways.push_back({.input = input[i],
                    .kernel = kernel[i],
                    .stride = stride[i],
                    .padding_begin = begin[i],
                    .padding_end = end[i],
                    .dilation = dilation[i]});
  return ways;
}

std::int64_t size_after(const WindowWay& way) {
  return sliding_output_size(way.input, way.kernel, way.stride,
                             checked_add(way.padding_begin, way.padding_end), way.dilation);
}

}  // namespace

Text dimension_name(int dimension, int dims) {
  if (dims == 1) return {"length", "길이"};
  switch (dimension + 3 - dims) {
    case 0:
      return {"depth", "깊이"};
    case 1:
      return {"height", "높이"};
    default:
      return {"width", "너비"};
  }
}

std::string size_formula(const WindowWay& way, NoPadding none) {
  check<ArgumentError>(way.input >= 1 && way.kernel >= 1 && way.stride >= 1 &&
                           way.padding_begin >= 0 && way.padding_end >= 0 && way.dilation >= 1,
                       "explain size: numbers expected at least 1, padding at least 0, got input ",
                       way.input, ", kernel ", way.kernel, ", stride ", way.stride, ", padding ",
                       way.padding_begin, " and ", way.padding_end, ", dilation ", way.dilation);
  const std::int64_t size = size_after(way);
  check_in_both<ShapeError>(size >= 1, [&] {
    return Text(
        str("explain size: kernel expected to fit the padded input, got ", reach_text(way), " for ",
            way.input, " (padding ", way.padding_begin, " and ", way.padding_end, ")"),
        str("explain size: 커널 ", reach_text(way), "이(가) 패딩한 입력 ", way.input,
            "보다 큽니다 (패딩 ", way.padding_begin, ", ", way.padding_end, ")"));
  });
  const std::int64_t room =
      way.input + way.padding_begin + way.padding_end - (way.dilation * (way.kernel - 1) + 1);
  const std::string ratio =
      str("(", way.input, " - ", reach_text(way), padding_text(way, none), ") / ", way.stride);
  return room % way.stride == 0 ? str(ratio, " + 1 = ", size)
                                : str("floor(", ratio, ") + 1 = ", size);
}

Walk walk_size(const SizeTopic& topic) {
  const std::vector<WindowWay> ways = ways_of(topic);
  const int dims = static_cast<int>(ways.size());
  const bool is_conv = topic.filters > 0;
  const NoPadding none = is_conv ? NoPadding::kWritten : NoPadding::kLeftOut;
  Walk walk{.title = is_conv
                         ? Text("How large the output of a convolution is", "합성곱 출력의 크기")
                         : Text("How large the output of a pooling is", "풀링 출력의 크기")};
  walk.blocks.emplace_back(say(
      "A window of size F that moves by the stride S over W1 numbers, with P zeros of padding "
      "at each end, stops so many times as it fits:",
      "크기 F의 창이 양쪽 끝에 0을 P개씩 덧댄(패딩) W1개의 수 위를 스트라이드 S만큼씩 움직이면, "
      "창이 들어가는 횟수만큼 멈춥니다."));
  walk.blocks.emplace_back(say_formula("W2 = floor((W1 - F + 2P) / S) + 1"));
  Shape output;
  std::vector<Value> formulas;
  Table table{.headings = {{"Dimension", "차원"}, {"Formula", "식"}, {"Output", "출력"}}};
  for (int i = 0; i < dims; ++i) {
    const WindowWay& way = ways[static_cast<std::size_t>(i)];
    const std::string formula = size_formula(way, none);
    output.push_back(size_after(way));
    formulas.emplace_back(formula);
    table.rows.push_back({dimension_name(i, dims), formula, std::to_string(output.back())});
  }
  walk.blocks.emplace_back(std::move(table));
  walk.blocks.emplace_back(
      is_conv ? say(str("The output has one channel for each filter: ", topic.filters, "."),
                    str("출력의 채널 수는 필터의 수와 같습니다: ", topic.filters, "개."))
              : say("Pooling takes each channel by itself: their number stays.",
                    "풀링은 채널마다 따로 하므로 채널 수는 그대로입니다."));
  const WindowWay& last = ways.back();
  const std::int64_t total = last.dilation * (last.kernel - 1);
  if (last.dilation > 1)
    walk.blocks.emplace_back(
        say(str("With dilation ", last.dilation, " a kernel of ", last.kernel, " reaches over ",
                total + 1, " numbers, which stand for F."),
            str("팽창(dilation) ", last.dilation, "에서는 크기 ", last.kernel, "인 커널이 ",
                total + 1, "개의 수에 걸치므로, F 자리에 이 값을 넣습니다.")));
  walk.blocks.emplace_back(
      say(str("Padding \"same\" keeps the size at stride 1: it takes F - 1 = ", total,
              " zeros together, ", total / 2, " before and ", total - total / 2, " after."),
          str("패딩 \"same\"은 스트라이드 1에서 크기를 그대로 둡니다. 0이 모두 F - 1 = ", total,
              "개 필요하며, 앞에 ", total / 2, "개, 뒤에 ", total - total / 2, "개를 둡니다.")));
  walk.blocks.emplace_back(say_formula(size_formula({.input = last.input,
                                                     .kernel = last.kernel,
                                                     .padding_begin = total / 2,
                                                     .padding_end = total - total / 2,
                                                     .dilation = last.dilation})));
  walk.document = Fields{{"topic", "size"},
                         {"layer", is_conv ? "conv" : "pool"},
                         {"input", list_of(topic.input.values())},
                         {"formula", std::move(formulas)},
                         {"output", list_of(output)},
                         {"same_padding", list_of({total / 2, total - total / 2})}};
  return walk;
}

}  // namespace fovea::explain
