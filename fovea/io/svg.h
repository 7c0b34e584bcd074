// A small canvas for pictures in SVG: curves, matrices, grids of images.
//
// Colours are "#rrggbb", "none", or a role ("@text", "@muted", "@grid", "@paper", "@series1" to
// "@series6"), which has one colour on a light page and another on a dark one: the picture follows
// the reader's setting, and shows the light colours where that is not known. The paper is painted,
// so the picture is legible wherever it is put. The same calls always give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace fovea::io {

/// How a shape is painted.
struct SvgStyle {
  std::string fill = "none";    ///< colour of the inside
  std::string stroke = "none";  ///< colour of the outline
  double stroke_width = 1;      ///< in pixels
  double opacity = 1;           ///< 0 invisible to 1
  double corner = 0;            ///< radius of a rectangle's corners, in pixels
  bool dashed = false;          ///< outline in dashes
  bool crisp = false;           ///< edges on whole pixels, so that neighbours leave no seam
};

/// Where a text's position lies in it.
enum class SvgAnchor : std::uint8_t {
  kStart,   ///< its left end
  kMiddle,  ///< its middle
  kEnd,     ///< its right end
};

/// How a text is set.
struct SvgText {
  double size = 13;                      ///< height of the letters, in pixels
  SvgAnchor anchor = SvgAnchor::kStart;  ///< which end lies at the position
  std::string fill = "@text";            ///< colour
  bool bold = false;                     ///< heavier
  double rotate = 0;                     ///< degrees clockwise about the position
  bool mono = false;                     ///< all letters of one width
};

/// A point, in pixels from the top left.
struct SvgPoint {
  double x = 0;  ///< to the right
  double y = 0;  ///< downwards
};

/// What is the same for all that is drawn in a group.
struct SvgGroup {
  std::string classes = {};  ///< names for add_style's rules, with spaces between
  std::string style = {};    ///< declarations of a style sheet for this group alone
  SvgPoint shift = {};       ///< how far it lies from where it is drawn
  double opacity = 1;        ///< 0 invisible to 1, where no style says otherwise
};

/// A picture that grows by each call. Units: pixels; y goes down. Every call throws ArgumentError
/// when a number is not finite or a colour is none of those above.
class SvgCanvas {
 public:
  /// An empty picture of the given size; `title` is what screen readers say.
  SvgCanvas(double width, double height, std::string_view title);

  /// A rectangle from its top left corner.
  void rect(double x, double y, double width, double height, const SvgStyle& style);
  /// A straight line.
  void line(SvgPoint from, SvgPoint to, const SvgStyle& style = {.stroke = "@grid"});
  /// A line through points.
  void polyline(std::span<const SvgPoint> points, const SvgStyle& style);
  /// A curve that leaves `from` towards `first` and reaches `to` from `second` (a cubic Bezier).
  void curve(SvgPoint from, SvgPoint first, SvgPoint second, SvgPoint to, const SvgStyle& style);
  /// A circle.
  void circle(SvgPoint centre, double radius, const SvgStyle& style);
  /// A text whose baseline lies at `y`. Any text is safe: it is escaped, and what XML cannot hold
  /// becomes U+FFFD.
  void text(double x, double y, std::string_view text, const SvgText& style = {});
  /// An image from the bytes of a PNG file, its pixels drawn as squares.
  void image(double x, double y, double width, double height, std::span<const std::byte> png,
             std::string_view description = {});

  /// What `draw()` draws, as a group.
  template <class F>
  void group(const SvgGroup& group, const F& draw) {
    open(group);
    draw();
    body_ += "</g>\n";
  }
  /// Rules of a style sheet that come after the picture's own. Throws ArgumentError when they have
  /// a "<" or "&", which no rule needs.
  void add_style(std::string_view rules);
  /// What screen readers say after the title.
  void describe(std::string_view description);
  /// Another size. What is drawn stays where it is.
  void resize(double width, double height);

  double width() const { return width_; }    ///< of the picture
  double height() const { return height_; }  ///< of the picture

  /// The whole document.
  std::string to_string() const;
  /// Writes the document, whole or not at all. Throws IoError.
  void save(const std::filesystem::path& path) const;

 private:
  void open(const SvgGroup& group);

  double width_, height_;
  std::string title_, description_;
  std::string style_;
  std::string body_;
};

/// Text as it may stand in XML, in content or between quotes.
std::string xml_escape(std::string_view text);
/// A number as SVG and people read it: at most `digits` after the point, no trailing zeros.
/// Throws ArgumentError unless finite.
std::string svg_number(double value, int digits = 2);
/// A text of 13 pixels' height that takes at most about `width` of them, with "…" for what is left
/// out at its end; a letter is taken as 7.2 wide, one of East Asia as twice that.
std::string svg_shortened(std::string_view text, double width);

}  // namespace fovea::io
