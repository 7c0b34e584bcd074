#include "fovea/graph/draw.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fovea::graph {

namespace {

constexpr double kWidth = 190, kHeight = 46, kGapX = 24, kGapY = 26, kMargin = 24;

struct Box {
  std::string title, subtitle, color;
  std::vector<std::size_t> from = {};  // boxes that it uses
  std::size_t level = 0;
  double x = 0, y = 0;
};

std::string_view color_of(const Node& node) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kColors = {{
      {"Conv", "@series1"},
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

std::string shortened(std::string text, std::size_t length) {
  if (text.size() > length) text = text.substr(0, length - 3) + "...";
  return text;
}

std::vector<Box> boxes_of(const Graph& graph) {
  std::vector<Box> boxes;
  std::map<std::string, std::size_t> made_by;
  for (const Value& input : graph.inputs) {
    made_by[input.name] = boxes.size();
    boxes.push_back({.title = input.name, .subtitle = sizes_to_string(input), .color = "@text"});
  }
  for (const Node& node : graph.nodes) {
    Box box{.title = node.op, .subtitle = node.name, .color = std::string(color_of(node))};
    for (const std::string& input : node.inputs) {
      const auto source = made_by.find(input);
      if (source == made_by.end()) continue;  // a weight
      box.from.push_back(source->second);
      box.level = std::max(box.level, boxes[source->second].level + 1);
    }
    const auto known = graph.values.find(node.outputs.at(0));
    if (known != graph.values.end()) box.subtitle += "  " + sizes_to_string(known->second);
    for (const std::string& output : node.outputs) made_by[output] = boxes.size();
    boxes.push_back(std::move(box));
  }
  return boxes;
}

/// Places boxes level by level, each near the boxes that it uses. Returns the widest level's width.
double place(std::vector<Box>& boxes) {
  std::vector<std::vector<std::size_t>> levels;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    levels.resize(std::max(levels.size(), boxes[i].level + 1));
    levels[boxes[i].level].push_back(i);
  }
  std::size_t most = 1;
  for (const auto& level : levels) most = std::max(most, level.size());
  const double total = static_cast<double>(most) * (kWidth + kGapX) - kGapX;
  for (std::size_t row = 0; row < levels.size(); ++row) {
    auto& level = levels[row];
    std::ranges::stable_sort(level, {}, [&](std::size_t i) {
      double sum = 0;
      for (const std::size_t from : boxes[i].from) sum += boxes[from].x;
      return boxes[i].from.empty() ? 0.0 : sum / static_cast<double>(boxes[i].from.size());
    });
    const double used = static_cast<double>(level.size()) * (kWidth + kGapX) - kGapX;
    for (std::size_t i = 0; i < level.size(); ++i) {
      boxes[level[i]].x = kMargin + (total - used) / 2 + static_cast<double>(i) * (kWidth + kGapX);
      boxes[level[i]].y = kMargin + static_cast<double>(row) * (kHeight + kGapY);
    }
  }
  return total;
}

}  // namespace

io::SvgCanvas draw(const Graph& graph) {
  std::vector<Box> boxes = boxes_of(graph);
  const double width = place(boxes);
  double height = 0;
  for (const Box& box : boxes) height = std::max(height, box.y + kHeight);
  io::SvgCanvas canvas(width + 2 * kMargin, height + kMargin, graph.name);
  for (const Box& box : boxes) {
    for (const std::size_t from : box.from) {
      const Box& source = boxes[from];
      canvas.line({source.x + kWidth / 2, source.y + kHeight}, {box.x + kWidth / 2, box.y},
                  {.stroke = "@muted"});
    }
  }
  for (const Box& box : boxes) {
    canvas.rect(box.x, box.y, kWidth, kHeight,
                {.fill = "@paper", .stroke = box.color, .stroke_width = 1.5, .corner = 6});
    canvas.rect(box.x, box.y, 6, kHeight, {.fill = box.color, .corner = 3});
    canvas.text(box.x + 16, box.y + 19, box.title, {.bold = true});
    canvas.text(box.x + 16, box.y + 36, shortened(box.subtitle, 28),
                {.size = 11, .fill = "@muted"});
  }
  return canvas;
}

}  // namespace fovea::graph
