#include "fovea/io/svg.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/pictures/image.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::message_of;

// What a canvas of 10x10 holds after `draw`, without head and tail.
template <class F>
std::string drawn(const F& draw) {
  SvgCanvas canvas(10, 10, "t");
  const std::size_t empty = canvas.to_string().size() - 7;  // "</svg>\n"
  draw(canvas);
  const std::string text = canvas.to_string();
  return text.substr(empty, text.size() - 7 - empty);
}

TEST(SvgShortened, LeavesRoomForWhatItSays) {
  EXPECT_EQ(svg_shortened("Ankle Boot", 7.2 * 10), "Ankle Boot");
  EXPECT_EQ(svg_shortened("Ankle Boot", 7.2 * 9), "Ankle Bo…");
  EXPECT_EQ(svg_shortened("신발", 7.2 * 4), "신발");
  EXPECT_EQ(svg_shortened("신발", 7.2 * 3), "신…");
  EXPECT_EQ(svg_shortened("신발", 7.2 * 2), "…");
  EXPECT_EQ(svg_shortened("Größe…", 7.2 * 6), "Größe…");
  EXPECT_EQ(svg_shortened("", 0), "");
}

TEST(SvgNumber, IsShortAndExact) {
  EXPECT_EQ(svg_number(0), "0");
  EXPECT_EQ(svg_number(-0.001), "0");
  EXPECT_EQ(svg_number(1.5), "1.5");
  EXPECT_EQ(svg_number(100), "100");
  EXPECT_EQ(svg_number(-2.346), "-2.35");
  EXPECT_EQ(svg_number(1.0 / 3, 4), "0.3333");
  EXPECT_EQ(message_of<ArgumentError>([] { svg_number(std::nan("")); }),
            "svg: number expected to be finite, got nan");
  EXPECT_EQ(message_of<ArgumentError>([] { svg_number(-INFINITY); }),
            "svg: number expected to be finite, got -inf");
  EXPECT_EQ(svg_number(std::numeric_limits<double>::max()).size(), 309u);
  EXPECT_EQ(message_of<ArgumentError>([] { svg_number(1e300, 99); }),
            "svg: digits expected at most 80, got 99");
}

TEST(XmlEscape, MakesAnyTextSafe) {
  EXPECT_EQ(xml_escape("a<b>&\"'c"), "a&lt;b&gt;&amp;&quot;&#39;c");
  EXPECT_EQ(xml_escape("정확도 é €\t\n"), "정확도 é €\t\n");
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(xml_escape(std::string("a\0b\x1f", 4)), "a" + bad + "b" + bad);
  EXPECT_EQ(xml_escape("\xff"), bad);
  EXPECT_EQ(xml_escape("\xc3"), bad);                                // cut short
  EXPECT_EQ(xml_escape("\xc0\x80"), bad + bad);                      // overlong
  EXPECT_EQ(xml_escape("\xed\xa0\x80"), bad + bad + bad);            // surrogate
  EXPECT_EQ(xml_escape("\xf4\x90\x80\x80"), bad + bad + bad + bad);  // beyond Unicode
  EXPECT_EQ(xml_escape("\xf0\x9f\x91\x9f"), "\xf0\x9f\x91\x9f");
}

TEST(SvgCanvas, IsADocument) {
  const std::string text = SvgCanvas(320, 200.5, "A <title>").to_string();
  EXPECT_TRUE(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" ")) << text;
  EXPECT_NE(text.find(" width=\"320\" height=\"200.5\" viewBox=\"0 0 320 200.5\" "),
            std::string::npos);
  EXPECT_NE(text.find("<title>A &lt;title&gt;</title>"), std::string::npos);
  EXPECT_NE(text.find("@media(prefers-color-scheme:dark){.f-text{fill:#e6edf3}"),
            std::string::npos);
  EXPECT_NE(text.find("<rect class=\"f-paper\" width=\"100%\" height=\"100%\"/>"),
            std::string::npos);
  EXPECT_TRUE(text.ends_with("</svg>\n"));
}

TEST(SvgCanvas, DrawsShapes) {
  EXPECT_EQ(drawn([](SvgCanvas& c) {
              c.rect(1, 2, 3, 4.25, {.fill = "#aabbcc", .stroke = "@grid", .stroke_width = 2});
            }),
            "<rect x=\"1\" y=\"2\" width=\"3\" height=\"4.25\" class=\"s-grid\" fill=\"#aabbcc\" "
            "stroke-width=\"2\"/>\n");
  EXPECT_EQ(drawn([](SvgCanvas& c) {
              c.line({0, 1}, {2, 3});
            }),
            "<line x1=\"0\" y1=\"1\" x2=\"2\" y2=\"3\" class=\"s-grid\" fill=\"none\"/>\n");
  const std::vector<SvgPoint> points = {{0, 0}, {1.5, 2}};
  EXPECT_EQ(drawn([&](SvgCanvas& c) {
              c.polyline(points, {.stroke = "@series1", .opacity = 0.5, .dashed = true});
            }),
            "<polyline points=\"0,0 1.5,2\" stroke-linejoin=\"round\" stroke-linecap=\"round\" "
            "class=\"s-series1\" fill=\"none\" stroke-dasharray=\"4 3\" opacity=\"0.5\"/>\n");
  EXPECT_EQ(drawn([](SvgCanvas& c) {
              c.circle({1, 2}, 3, {.fill = "@series2"});
            }),
            "<circle cx=\"1\" cy=\"2\" r=\"3\" class=\"f-series2\"/>\n");
  EXPECT_EQ(drawn([](SvgCanvas& c) {
              c.text(1, 2, "a & b",
                     {.size = 9, .anchor = SvgAnchor::kEnd, .bold = true, .rotate = -90});
            }),
            "<text x=\"1\" y=\"2\" class=\"f-text\" font-size=\"9\" font-weight=\"600\" "
            "text-anchor=\"end\" transform=\"rotate(-90 1 2)\">a &amp; b</text>\n");
}

TEST(SvgCanvas, DrawsCurvesAndLettersOfOneWidth) {
  EXPECT_EQ(drawn([](SvgCanvas& c) {
              c.curve({0, 1}, {2, 3.5}, {4, 5}, {6, 7}, {.stroke = "@series1"});
            }),
            "<path d=\"M0 1C2 3.5 4 5 6 7\" stroke-linecap=\"round\" class=\"s-series1\" "
            "fill=\"none\"/>\n");
  EXPECT_EQ(drawn([](SvgCanvas& c) { c.text(1, 2, "1 + 2", {.mono = true}); }),
            "<text x=\"1\" y=\"2\" class=\"f-text\" "
            "font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\">1 + 2"
            "</text>\n");
}

TEST(SvgCanvas, GroupsHoldWhatIsDrawnInThem) {
  EXPECT_EQ(
      drawn([](SvgCanvas& c) {
        c.group({}, [&] {
          c.group(
              {.classes = "a b", .style = "animation-delay:-2s", .shift = {3, 4.5}, .opacity = 0},
              [&] {
                c.circle({1, 2}, 3, {});
              });
        });
      }),
      "<g>\n<g class=\"a b\" style=\"animation-delay:-2s\" transform=\"translate(3 4.5)\" "
      "opacity=\"0\">\n<circle cx=\"1\" cy=\"2\" r=\"3\" fill=\"none\"/>\n</g>\n</g>\n");
  EXPECT_EQ(drawn([](SvgCanvas& c) { c.group({.classes = "\"<"}, [] {}); }),
            "<g class=\"&quot;&lt;\">\n</g>\n");
}

TEST(SvgCanvas, TakesRulesADescriptionAndAnotherSize) {
  SvgCanvas canvas(10, 10, "t");
  canvas.add_style(".a{opacity:0}");
  canvas.add_style(".b{opacity:1}");
  canvas.describe("a < b");
  canvas.resize(20, 30.5);
  const std::string text = canvas.to_string();
  EXPECT_NE(text.find("}.a{opacity:0}.b{opacity:1}</style>"), std::string::npos) << text;
  EXPECT_NE(text.find("</title>\n<desc>a &lt; b</desc>\n<style>"), std::string::npos) << text;
  EXPECT_NE(text.find("width=\"20\" height=\"30.5\" viewBox=\"0 0 20 30.5\""), std::string::npos);
  EXPECT_EQ(canvas.width(), 20);
  EXPECT_EQ(canvas.height(), 30.5);
}

TEST(SvgCanvas, EmbedsImages) {
  const std::string text = drawn([](SvgCanvas& c) {
    c.image(0, 0, 8, 8, encode_png(zeros({1, 2, 2}, {.dtype = u8})), "A \"bag\"");
  });
  EXPECT_TRUE(text.starts_with("<image x=\"0\" y=\"0\" width=\"8\" height=\"8\" ")) << text;
  // 89 50 4e 47 0d 0a 1a 0a, PNG's signature, in base 64.
  EXPECT_NE(text.find("data:image/png;base64,iVBORw0KGgo"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\"><title>A &quot;bag&quot;</title></image>\n")) << text;
}

TEST(SvgCanvas, RefusesWhatCannotBeDrawn) {
  SvgCanvas canvas(10, 10, "");
  EXPECT_EQ(message_of<ArgumentError>([] { SvgCanvas(0, 5, ""); }),
            "svg: size expected above 0, got 0x5");
  EXPECT_EQ(message_of<ArgumentError>([&] { canvas.rect(0, 0, 1, 1, {.fill = "red"}); }),
            "svg: colour expected none, #rrggbb or @role, got \"red\"");
  EXPECT_EQ(message_of<ArgumentError>([&] { canvas.rect(0, 0, 1, 1, {.fill = "@ink"}); }),
            "svg: role of a colour expected @text, @muted, @grid, @paper or @series1 to @series6, "
            "got \"@ink\"");
  EXPECT_EQ(message_of<ArgumentError>([&] { canvas.resize(5, -1); }),
            "svg: size expected above 0, got 5x-1");
  EXPECT_EQ(message_of<ArgumentError>([&] { canvas.add_style("</style>"); }),
            "svg: style sheet expected without < and &, got \"</style>\"");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              canvas.circle({NAN, 0}, 1, {});
            }),
            "svg: number expected to be finite, got nan");
}

TEST(SvgCanvas, SavesWhole) {
  const test::TempDir dir;
  const SvgCanvas canvas(10, 10, "t");
  canvas.save(dir / "a.svg");
  EXPECT_EQ(test::get_file(dir / "a.svg"), canvas.to_string());
}

}  // namespace
}  // namespace fovea::io
