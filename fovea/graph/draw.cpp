#include "fovea/graph/draw.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "fovea/graph/draw_layout.h"

namespace fovea::graph {

namespace {

constexpr double kWidth = 190, kHeight = 62, kGapX = 24, kGapY = 26, kMargin = 24;

struct Box {
  std::string title, note, name, sizes, color;
  std::vector<std::size_t> uses = {};  // boxes
};

std::string_view color_of(const Node& node) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kColors = {{
      {"Conv", "@series1"},
      {"ConvAddClamp", "@series1"},
      {"ConvBlock", "@series1"},
      {"ConvTranspose", "@series1"},
      {"Gemm", "@series2"},
      {"MatMul", "@series2"},
      {"LinearRelu", "@series2"},
      {"MaxPool", "@series3"},
      {"AveragePool", "@series3"},
      {"GlobalAveragePool", "@series3"},
      {"BatchNormalization", "@series4"},
  }};
  const auto found = std::ranges::find(kColors, node.op, &decltype(kColors)::value_type::first);
  return found == kColors.end() ? "@muted" : found->second;
}

std::vector<std::int64_t> ints_of(const Node& node, std::string_view attribute) {
  const auto found = node.attributes.find(attribute);
  if (found == node.attributes.end()) return {};
  const auto* ints = std::get_if<std::vector<std::int64_t>>(&found->second);
  return ints == nullptr ? std::vector<std::int64_t>() : *ints;
}

std::string joined(const std::vector<std::int64_t>& sizes) {
  std::string text;
  for (const std::int64_t size : sizes) text += str(text.empty() ? "" : "x", size);
  return text;
}

/// "3x3" for an operator with windows, "3x3 / 2" where it has a stride.
std::string window_of(const Node& node) {
  std::string window = joined(ints_of(node, "kernel_shape"));
  const std::vector<std::int64_t> strides = ints_of(node, "strides");
  if (window.empty() || strides.empty()) return window;
  const bool equal = std::ranges::count(strides, strides[0]) == std::ssize(strides);
  const std::string stride = equal ? std::to_string(strides[0]) : joined(strides);
  return stride == "1" ? window : window + " / " + stride;
}

/// The last characters, which tell names of one model apart.
std::string shortened(const std::string& text, std::size_t length) {
  return text.size() > length ? "..." + text.substr(text.size() - (length - 3)) : text;
}

std::vector<Box> boxes_of(const Graph& graph) {
  std::vector<Box> boxes;
  std::map<std::string, std::size_t> made_by;
  for (const Value& input : graph.inputs) {
    made_by[input.name] = boxes.size();
    boxes.push_back({.title = "input",
                     .note = {},
                     .name = input.name,
                     .sizes = sizes_to_string(input),
                     .color = "@text"});
  }
  for (const Node& node : graph.nodes) {
    Box box{.title = node.op,
            .note = window_of(node),
            .name = node.name,
            .sizes = {},
            .color = std::string(color_of(node))};
    for (const std::string& input : node.inputs) {
      const auto source = made_by.find(input);
      if (source == made_by.end()) continue;  // a weight
      if (!std::ranges::count(box.uses, source->second)) box.uses.push_back(source->second);
    }
    const auto known = graph.values.find(node.outputs.at(0));
    if (known != graph.values.end()) box.sizes = sizes_to_string(known->second);
    for (const std::string& output : node.outputs) made_by[output] = boxes.size();
    boxes.push_back(std::move(box));
  }
  return boxes;
}

void draw_box(io::SvgCanvas& canvas, const Box& box, double left, double top) {
  canvas.rect(left, top, kWidth, kHeight,
              {.fill = "@paper", .stroke = box.color, .stroke_width = 1.5, .corner = 6});
  canvas.rect(left, top, 6, kHeight, {.fill = box.color, .corner = 3});
  canvas.text(left + 16, top + 19, box.title, {.bold = true});
  canvas.text(left + kWidth - 10, top + 19, box.note,
              {.size = 11, .anchor = io::SvgAnchor::kEnd, .fill = "@muted"});
  canvas.text(left + 16, top + 36, shortened(box.name, 28), {.size = 11, .fill = "@muted"});
  canvas.text(left + 16, top + 52, shortened(box.sizes, 28), {.size = 11, .fill = "@muted"});
}

}  // namespace

io::SvgCanvas draw(const Graph& graph) {
  const std::vector<Box> boxes = boxes_of(graph);
  std::vector<std::vector<std::size_t>> uses;
  uses.reserve(boxes.size());
  for (const Box& box : boxes) uses.push_back(box.uses);
  const std::vector<Place> places = lay_out(uses, {.box = kWidth, .gap = kGapX});
  const auto top = [](const Place& place) {
    return kMargin + static_cast<double>(place.level) * (kHeight + kGapY);
  };
  double width = 0, height = 0;
  for (const Place& place : places) {
    width = std::max(width, place.x + (place.is_box ? kWidth / 2 : 0));
    height = std::max(height, top(place) + kHeight);
  }

  io::SvgCanvas canvas(width + 2 * kMargin, height + kMargin, graph.name);
  for (const Place& place : places) {
    const double x = kMargin + place.x;
    for (const std::size_t from : place.from)
      canvas.line({kMargin + places[from].x, top(places[from]) + kHeight}, {x, top(place)},
                  {.stroke = "@muted"});
    if (!place.is_box)
      canvas.line({x, top(place)}, {x, top(place) + kHeight}, {.stroke = "@muted"});
  }
  for (std::size_t i = 0; i < boxes.size(); ++i)
    draw_box(canvas, boxes[i], kMargin + places[i].x - kWidth / 2, top(places[i]));
  return canvas;
}

}  // namespace fovea::graph
