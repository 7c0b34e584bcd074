#include "fovea/io/svg.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "fovea/core/error.h"
#include "fovea/core/utf8.h"
#include "fovea/io/atomic_file.h"
#include "fovea/io/base64.h"

namespace fovea::io {

namespace {

struct Role {
  std::string_view name, light, dark;
};
// Text and muted text reach a contrast of 7 and 4.5 to 1 on their paper, lines and series 3 to 1
// (WCAG 2.1, 1.4.3, 1.4.6 and 1.4.11). The series are told apart by colour-blind readers too: they
// follow Okabe and Ito 2008, darkened for white paper and lightened for dark.
constexpr std::array<Role, 10> kRoles = {{{"text", "#1f2328", "#e6edf3"},
                                          {"muted", "#59636e", "#9aa4af"},
                                          {"grid", "#d1d9e0", "#3d444d"},
                                          {"paper", "#ffffff", "#0d1117"},
                                          {"series1", "#0072b2", "#56b4e9"},
                                          {"series2", "#c04f00", "#f0883e"},
                                          {"series3", "#007a59", "#2dc79b"},
                                          {"series4", "#a63f7f", "#e08cbf"},
                                          {"series5", "#8a6d00", "#e3c23f"},
                                          {"series6", "#5f5f5f", "#b0b0b0"}}};

bool is_hex_color(std::string_view color) {
  return color.size() == 7 && color[0] == '#' &&
         std::all_of(color.begin() + 1, color.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

// One paint property. A role is a class, so that the style sheet can change it with the page.
struct Paint {
  std::string classes, attributes;

  void add(std::string_view property, std::string_view color) {
    if (color.starts_with('@')) {
      const bool known = std::any_of(kRoles.begin(), kRoles.end(), [&](const Role& role) {
        return role.name == color.substr(1);
      });
      check<ArgumentError>(known,
                           "svg: role of a colour expected @text, @muted, @grid, @paper or "
                           "@series1 to @series6, got \"",
                           color, "\"");
      classes += str(classes.empty() ? "" : " ", property[0], "-", color.substr(1));
      return;
    }
    check<ArgumentError>(color == "none" || is_hex_color(color),
                         "svg: colour expected none, #rrggbb or @role, got \"", color, "\"");
    attributes += str(" ", property, "=\"", color, "\"");
  }
  std::string to_string() const {
    return (classes.empty() ? "" : str(" class=\"", classes, "\"")) + attributes;
  }
};

std::string paint_of(const SvgStyle& style) {
  Paint paint;
  paint.add("fill", style.fill);
  if (style.stroke != "none") {
    paint.add("stroke", style.stroke);
    if (style.stroke_width != 1)
      paint.attributes += str(" stroke-width=\"", svg_number(style.stroke_width), "\"");
    if (style.dashed) paint.attributes += " stroke-dasharray=\"4 3\"";
  }
  if (style.crisp) paint.attributes += " shape-rendering=\"crispEdges\"";
  if (style.opacity != 1) paint.attributes += str(" opacity=\"", svg_number(style.opacity), "\"");
  return paint.to_string();
}

std::string attribute(std::string_view name, double value) {
  return str(" ", name, "=\"", svg_number(value), "\"");
}

std::string style_sheet(std::string_view more) {
  std::string light, dark;
  for (const Role& role : kRoles) {
    light +=
        str(".f-", role.name, "{fill:", role.light, "}.s-", role.name, "{stroke:", role.light, "}");
    dark +=
        str(".f-", role.name, "{fill:", role.dark, "}.s-", role.name, "{stroke:", role.dark, "}");
  }
  return str("<style>", light, "@media(prefers-color-scheme:dark){", dark, "}", more, "</style>\n");
}

// Length of the UTF-8 sequence at the head of `text` when XML 1.0 may hold it, else 0.
std::size_t xml_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x20 && first != '\t' && first != '\n') return 0;
  if (text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf")) return 0;
  return utf8_length(text);
}

}  // namespace

std::string xml_escape(std::string_view text) {
  std::string safe;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = xml_character(text.substr(i));
    switch (length == 1 ? text[i] : length == 0 ? '\0' : 'x') {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      case '\0':
        safe += "\xef\xbf\xbd";
        break;
      default:
        safe += text.substr(i, length);
    }
    i += std::max<std::size_t>(length, 1);
  }
  return safe;
}

std::string svg_number(double value, int digits) {
  check<ArgumentError>(std::isfinite(value), "svg: number expected to be finite, got ", value);
  // Up to 309 digits before the point, for numbers that no picture needs.
  std::array<char, 400> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          std::chars_format::fixed, digits);
  check<ArgumentError>(error == std::errc(), "svg: digits expected at most 80, got ", digits);
  std::string text(buffer.data(), end);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string svg_shortened(std::string_view text, double width) {
  constexpr unsigned char kWide = 0xE3;  // begins U+3000 and all above: East Asia's letters
  const auto most = static_cast<std::size_t>(width / 7.2 + 1e-9);  // letters; 10 * 7.2 are 10
  std::size_t letters = 0, kept = 0;                               // kept: bytes that leave one
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text.substr(i)), 1);
    letters += static_cast<unsigned char>(text[i]) >= kWide ? 2 : 1;
    if (letters > most) return str(text.substr(0, kept), "…");
    i += length;
    if (letters < most) kept = i;
  }
  return std::string(text);
}

SvgCanvas::SvgCanvas(double width, double height, std::string_view title)
    : width_(width), height_(height), title_(xml_escape(title)) {
  resize(width, height);
}

void SvgCanvas::resize(double width, double height) {
  check<ArgumentError>(width > 0 && height > 0 && std::isfinite(width) && std::isfinite(height),
                       "svg: size expected above 0, got ", width, "x", height);
  width_ = width;
  height_ = height;
}

void SvgCanvas::describe(std::string_view description) { description_ = xml_escape(description); }

void SvgCanvas::add_style(std::string_view rules) {
  check<ArgumentError>(rules.find_first_of("<&") == std::string_view::npos,
                       "svg: style sheet expected without < and &, got \"", rules, "\"");
  style_ += rules;
}

void SvgCanvas::open(const SvgGroup& group) {
  body_ += "<g";
  if (!group.classes.empty()) body_ += str(" class=\"", xml_escape(group.classes), "\"");
  if (!group.style.empty()) body_ += str(" style=\"", xml_escape(group.style), "\"");
  if (group.shift.x != 0 || group.shift.y != 0)
    body_ += str(" transform=\"translate(", svg_number(group.shift.x), " ",
                 svg_number(group.shift.y), ")\"");
  if (group.opacity != 1) body_ += attribute("opacity", group.opacity);
  body_ += ">\n";
}

void SvgCanvas::rect(double x, double y, double width, double height, const SvgStyle& style) {
  body_ += str("<rect", attribute("x", x), attribute("y", y), attribute("width", width),
               attribute("height", height), style.corner > 0 ? attribute("rx", style.corner) : "",
               paint_of(style), "/>\n");
}

void SvgCanvas::line(SvgPoint from, SvgPoint to, const SvgStyle& style) {
  body_ += str("<line", attribute("x1", from.x), attribute("y1", from.y), attribute("x2", to.x),
               attribute("y2", to.y), paint_of(style), "/>\n");
}

void SvgCanvas::polyline(std::span<const SvgPoint> points, const SvgStyle& style) {
  std::string list;
  for (const SvgPoint& point : points)
    list += str(list.empty() ? "" : " ", svg_number(point.x), ",", svg_number(point.y));
  body_ += str("<polyline points=\"", list, "\" stroke-linejoin=\"round\" stroke-linecap=\"round\"",
               paint_of(style), "/>\n");
}

void SvgCanvas::curve(SvgPoint from, SvgPoint first, SvgPoint second, SvgPoint to,
                      const SvgStyle& style) {
  const auto pair = [](SvgPoint point) {
    return str(svg_number(point.x), " ", svg_number(point.y));
  };
  body_ += str("<path d=\"M", pair(from), "C", pair(first), " ", pair(second), " ", pair(to),
               "\" stroke-linecap=\"round\"", paint_of(style), "/>\n");
}

void SvgCanvas::circle(SvgPoint centre, double radius, const SvgStyle& style) {
  body_ += str("<circle", attribute("cx", centre.x), attribute("cy", centre.y),
               attribute("r", radius), paint_of(style), "/>\n");
}

void SvgCanvas::text(double x, double y, std::string_view text, const SvgText& style) {
  Paint paint;
  paint.add("fill", style.fill);
  if (style.size != 13) paint.attributes += attribute("font-size", style.size);
  if (style.bold) paint.attributes += " font-weight=\"600\"";
  if (style.mono)
    paint.attributes += " font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\"";
  if (style.anchor == SvgAnchor::kMiddle) paint.attributes += " text-anchor=\"middle\"";
  if (style.anchor == SvgAnchor::kEnd) paint.attributes += " text-anchor=\"end\"";
  if (style.rotate != 0)
    paint.attributes += str(" transform=\"rotate(", svg_number(style.rotate), " ", svg_number(x),
                            " ", svg_number(y), ")\"");
  body_ += str("<text", attribute("x", x), attribute("y", y), paint.to_string(), ">",
               xml_escape(text), "</text>\n");
}

void SvgCanvas::image(double x, double y, double width, double height,
                      std::span<const std::byte> png, std::string_view description) {
  const std::string label =
      description.empty() ? "" : str("<title>", xml_escape(description), "</title>");
  body_ += str("<image", attribute("x", x), attribute("y", y), attribute("width", width),
               attribute("height", height),
               " preserveAspectRatio=\"none\" "
               "style=\"image-rendering:optimizeSpeed;image-rendering:pixelated\" "
               "xlink:href=\"data:image/png;base64,",
               encode_base64(png), "\">", label, "</image>\n");
}

std::string SvgCanvas::to_string() const {
  const std::string width = svg_number(width_), height = svg_number(height_);
  // xlink:href and not SVG 2's href: older readers know only that one, newer ones know both.
  return str(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" "
      "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"",
      width, "\" height=\"", height, "\" viewBox=\"0 0 ", width, " ", height,
      "\" role=\"img\" font-family=\"system-ui,'Segoe UI',Helvetica,Arial,'Apple SD Gothic Neo',"
      "'Noto Sans KR',NanumGothic,sans-serif\" "
      "font-size=\"13\">\n<title>",
      title_, "</title>\n", description_.empty() ? "" : str("<desc>", description_, "</desc>\n"),
      style_sheet(style_), "<rect class=\"f-paper\" width=\"100%\" height=\"100%\"/>\n", body_,
      "</svg>\n");
}

void SvgCanvas::save(const std::filesystem::path& path) const { write_file(path, to_string()); }

}  // namespace fovea::io
