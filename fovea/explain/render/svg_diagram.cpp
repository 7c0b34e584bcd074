// Diagrams as pictures: boxes in levels, each below, or where there are few beside, the last that
// leads to it.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "fovea/explain/render/svg_layout.h"
#include "fovea/explain/render/svg_parts.h"

namespace fovea::explain {

namespace {

constexpr double kBoxLabel = 16, kBoxDetail = 14, kBoxPad = 16;
constexpr double kNarrowestBox = 92, kWidestBox = 300;
constexpr double kLevelGap = 34, kLabelledGap = 52, kNeighbourGap = 28;
/// How far arrows past other boxes stand away from them, and from one another.
constexpr double kArc = 46;

class DiagramPicture {
 public:
  DiagramPicture(io::SvgCanvas& canvas, const SvgFrame& frame, const Diagram& diagram)
      : canvas_(canvas), frame_(frame), diagram_(diagram) {}

  double draw() {
    const double top = svg_title(canvas_, frame_, diagram_.title);
    place_boxes();
    std::vector<double> arcs = place_arcs();
    const double reach = arcs.empty() ? 0 : *std::ranges::max_element(arcs);
    // Arrows past boxes stand out at the right, or below where levels go to the right.
    const double width = (across_ ? along_end_ : widest_) + (across_ ? 0 : 2 * reach);
    const double left = frame_.left + std::max((frame_.width - width) / 2, 0.0);
    canvas_.group({.shift = {left + (across_ ? 0 : reach), top}}, [&] {
      std::size_t next = 0;
      for (const Diagram::Arrow& arrow : diagram_.arrows) {
        if (!is_arrow(arrow)) continue;
        if (is_past(arrow))
          draw_arc(arrow, arcs[next++]);
        else
          draw_straight(arrow);
      }
      for (const Label& label : labels_) draw_label(label);
      for (std::size_t i = 0; i < boxes_.size(); ++i) draw_box(diagram_.boxes[i], boxes_[i]);
    });
    return top + (across_ ? widest_ + reach : along_end_);
  }

 private:
  /// The name of an arrow, drawn after all of them.
  struct Label {
    std::string text;
    io::SvgPoint at;
    io::SvgAnchor anchor;
  };

  bool is_arrow(const Diagram::Arrow& arrow) const {
    return arrow.from < arrow.to && arrow.to < diagram_.boxes.size();
  }
  bool is_past(const Diagram::Arrow& arrow) const {
    return level_[arrow.to] - level_[arrow.from] > 1;
  }

  SvgBox sized_box(const Diagram::Box& box) const {
    const double label = 1.1 * svg_text_width(box.label.in(frame_.language), kBoxLabel);
    const double detail = 1.05 * svg_text_width(box.detail.in(frame_.language), kBoxDetail);
    return {0, 0, std::clamp(std::max(label, detail) + 2 * kBoxPad, kNarrowestBox, kWidestBox),
            box.detail.empty() ? 40.0 : 58.0};
  }

  /// A level below the last that leads to it for each box; levels beside one another where there is
  /// room, else below; the boxes of a level in the middle of the other direction.
  void place_boxes() {
    level_.assign(diagram_.boxes.size(), 0);
    for (std::size_t i = 0; i < diagram_.boxes.size(); ++i) {
      boxes_.push_back(sized_box(diagram_.boxes[i]));
      for (const Diagram::Arrow& arrow : diagram_.arrows)
        if (is_arrow(arrow) && arrow.to == i)
          level_[i] = std::max(level_[i], level_[arrow.from] + 1);
    }
    // What nothing leads to stands just before the first to which it leads.
    for (std::size_t i = boxes_.size(); i-- > 0;) {
      std::size_t first = boxes_.size();
      bool is_source = true;
      for (const Diagram::Arrow& arrow : diagram_.arrows) {
        if (!is_arrow(arrow)) continue;
        is_source = is_source && arrow.to != i;
        if (arrow.from == i) first = std::min(first, level_[arrow.to]);
      }
      if (is_source && first < boxes_.size()) level_[i] = first - 1;
    }
    levels_.resize(boxes_.empty() ? 0 : *std::ranges::max_element(level_) + 1);
    for (std::size_t i = 0; i < boxes_.size(); ++i) levels_[level_[i]].push_back(i);
    // Those from which arrows go past others stand at the side where these stand out.
    for (auto& level : levels_)
      std::stable_partition(level.begin(), level.end(), [&](std::size_t box) {
        return std::ranges::none_of(diagram_.arrows, [&](const Diagram::Arrow& arrow) {
          return is_arrow(arrow) && arrow.from == box && is_past(arrow);
        });
      });
    for (const Diagram::Arrow& arrow : diagram_.arrows) labelled_ |= !arrow.label.empty();
    across_ = true;
    across_ = extent() <= frame_.width;
    set_places();
  }

  double gap() const {
    if (!labelled_) return kLevelGap;
    if (!across_) return kLabelledGap;
    double widest = 0;
    for (const Diagram::Arrow& arrow : diagram_.arrows)
      if (is_arrow(arrow) && !is_past(arrow))
        widest = std::max(widest, svg_text_width(arrow.label.in(frame_.language), kBoxDetail));
    return std::max(kLevelGap, 1.1 * widest + 24);
  }

  /// The direction in which levels follow one another, and the other.
  double along(const SvgBox& box) const { return across_ ? box.width : box.height; }
  double aside(const SvgBox& box) const { return across_ ? box.height : box.width; }

  double level_extent(const std::vector<std::size_t>& level) const {
    double most = 0;
    for (const std::size_t i : level) most = std::max(most, along(boxes_[i]));
    return most;
  }

  double extent() const {
    double all = 0;
    for (const auto& level : levels_) all += level_extent(level) + gap();
    return std::max(all - gap(), 0.0);
  }

  double level_width(const std::vector<std::size_t>& level) const {
    double width = -kNeighbourGap;
    for (const std::size_t i : level) width += aside(boxes_[i]) + kNeighbourGap;
    return width;
  }

  void set_places() {
    for (const auto& level : levels_) widest_ = std::max(widest_, level_width(level));
    double at = 0;
    for (const auto& level : levels_) {
      const double thick = level_extent(level);
      double side = (widest_ - level_width(level)) / 2;
      for (const std::size_t i : level) {
        SvgBox& box = boxes_[i];
        const double middle = at + (thick - along(box)) / 2;
        box.x = across_ ? middle : side;
        box.y = across_ ? side : middle;
        side += aside(box) + kNeighbourGap;
      }
      at += thick + gap();
    }
    along_end_ = std::max(at - gap(), 0.0);
  }

  /// How far each arrow past other boxes stands out: beyond those under it.
  std::vector<double> place_arcs() const {
    std::vector<double> reaches;
    std::vector<const Diagram::Arrow*> before;
    for (const Diagram::Arrow& arrow : diagram_.arrows) {
      if (!is_arrow(arrow) || !is_past(arrow)) continue;
      double reach = kArc;
      for (std::size_t k = 0; k < before.size(); ++k)
        if (level_[before[k]->from] < level_[arrow.to] &&
            level_[arrow.from] < level_[before[k]->to])
          reach = std::max(reach, reaches[k] + kArc / 2);
      before.push_back(&arrow);
      reaches.push_back(reach);
    }
    return reaches;
  }

  void draw_box(const Diagram::Box& box, const SvgBox& place) {
    canvas_.rect(place.x, place.y, place.width, place.height, {.fill = "@paper", .corner = 9});
    canvas_.rect(place.x, place.y, place.width, place.height,
                 {.fill = "@series1", .opacity = 0.12, .corner = 9});
    canvas_.rect(place.x, place.y, place.width, place.height,
                 {.stroke = "@series1", .stroke_width = 2, .corner = 9});
    const double x = place.centre().x, y = place.centre().y;
    canvas_.text(x, box.detail.empty() ? y + 5.5 : y - 4,
                 io::svg_shortened(box.label.in(frame_.language), place.width * 13 / kBoxLabel),
                 {.size = kBoxLabel, .anchor = io::SvgAnchor::kMiddle, .bold = true});
    if (!box.detail.empty())
      canvas_.text(x, y + 17,
                   io::svg_shortened(box.detail.in(frame_.language), place.width * 13 / kBoxDetail),
                   {.size = kBoxDetail, .anchor = io::SvgAnchor::kMiddle, .fill = "@muted"});
  }

  void draw_straight(const Diagram::Arrow& arrow) {
    const SvgBox& from = boxes_[arrow.from];
    const SvgBox& to = boxes_[arrow.to];
    const io::SvgPoint start = across_ ? io::SvgPoint{from.x + from.width, from.centre().y}
                                       : io::SvgPoint{from.centre().x, from.y + from.height};
    const io::SvgPoint end =
        across_ ? io::SvgPoint{to.x - 2, to.centre().y} : io::SvgPoint{to.centre().x, to.y - 2};
    const double half = (across_ ? end.x - start.x : end.y - start.y) / 2;
    const io::SvgPoint bend = across_ ? io::SvgPoint{half, 0} : io::SvgPoint{0, half};
    const io::SvgPoint last = {end.x - (across_ ? 7 : 0), end.y - (across_ ? 0 : 7)};
    canvas_.curve(start, {start.x + bend.x, start.y + bend.y}, {last.x - bend.x, last.y - bend.y},
                  last, {.stroke = "@muted", .stroke_width = 2});
    svg_arrow_head(canvas_, {end.x - bend.x, end.y - bend.y}, end, "@muted");
    label_straight(arrow, start, end);
  }

  /// The name of an arrow stands where it is far from those of arrows with the same end: where many
  /// leave a box, behind the middle, else before it; and on the side that the curve leaves free.
  void label_straight(const Diagram::Arrow& arrow, io::SvgPoint start, io::SvgPoint end) {
    const auto others = std::ranges::count_if(diagram_.arrows, [&](const Diagram::Arrow& other) {
      return other.from == arrow.from && is_arrow(other) && !is_past(other);
    });
    const bool late = others > 1;
    // The curve at a time of 1/3, and at 2/3.
    const double along = late ? 0.63 : 0.37, aside = late ? 0.74 : 0.26;
    const double x = across_ ? along : aside, y = across_ ? aside : along;
    const io::SvgPoint at = {start.x + x * (end.x - start.x), start.y + y * (end.y - start.y)};
    if (across_) return add_label(arrow, {at.x, at.y - 8}, io::SvgAnchor::kMiddle);
    const double turn = (end.x - start.x) * (late ? -1 : 1);
    const bool to_left = turn > 12;
    add_label(arrow, {(late ? end.x : start.x) + (to_left ? -10 : 10), at.y + 5},
              to_left ? io::SvgAnchor::kEnd : io::SvgAnchor::kStart);
  }

  /// An arrow past other boxes, around them.
  void draw_arc(const Diagram::Arrow& arrow, double reach) {
    const SvgBox& from = boxes_[arrow.from];
    const SvgBox& to = boxes_[arrow.to];
    const double out = widest_ + reach * 4 / 3 - 6;  // the curve reaches three quarters of it
    const io::SvgPoint start = across_ ? io::SvgPoint{from.centre().x, from.y + from.height}
                                       : io::SvgPoint{from.x + from.width, from.centre().y};
    const io::SvgPoint end = across_ ? io::SvgPoint{to.centre().x, to.y + to.height + 2}
                                     : io::SvgPoint{to.x + to.width + 2, to.centre().y};
    const io::SvgPoint first = across_ ? io::SvgPoint{start.x, out} : io::SvgPoint{out, start.y};
    const io::SvgPoint second = across_ ? io::SvgPoint{end.x, out} : io::SvgPoint{out, end.y};
    const io::SvgPoint last = {end.x + (across_ ? 0 : 7), end.y + (across_ ? 7 : 0)};
    canvas_.curve(start, first, second, last, {.stroke = "@series2", .stroke_width = 2.5});
    svg_arrow_head(canvas_, second, end, "@series2");
    const double far = 0.125 * ((across_ ? start.y + end.y : start.x + end.x)) + 0.75 * out;
    if (across_)
      add_label(arrow, {(start.x + end.x) / 2, far - 8}, io::SvgAnchor::kMiddle);
    else
      add_label(arrow, {far + 8, (start.y + end.y) / 2 + 5}, io::SvgAnchor::kStart);
  }

  void add_label(const Diagram::Arrow& arrow, io::SvgPoint at, io::SvgAnchor anchor) {
    if (!arrow.label.empty()) labels_.push_back({arrow.label.in(frame_.language), at, anchor});
  }

  /// The name of an arrow, on paper of its own where it lies over lines.
  void draw_label(const Label& name) {
    const auto& [label, at, anchor] = name;
    const double width = svg_text_width(label, kBoxDetail);
    const double before = anchor == io::SvgAnchor::kMiddle ? 0.5 : anchor == io::SvgAnchor::kEnd;
    const double left = at.x - before * width;
    canvas_.rect(left - 2, at.y - kBoxDetail + 1, width + 4, kBoxDetail + 3, {.fill = "@paper"});
    canvas_.text(at.x, at.y, label, {.size = kBoxDetail, .anchor = anchor, .fill = "@muted"});
  }

  io::SvgCanvas& canvas_;
  const SvgFrame& frame_;
  const Diagram& diagram_;
  std::vector<SvgBox> boxes_;
  std::vector<Label> labels_;
  std::vector<std::size_t> level_;                // of each box
  std::vector<std::vector<std::size_t>> levels_;  // the boxes of each
  bool across_ = false;                           // levels go to the right
  bool labelled_ = false;
  double widest_ = 0, along_end_ = 0;
};

}  // namespace

double svg_diagram(io::SvgCanvas& canvas, const SvgFrame& frame, const Diagram& diagram) {
  return DiagramPicture(canvas, frame, diagram).draw();
}

}  // namespace fovea::explain
