#include "fovea/vision/tiles.h"

#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea::vision {
namespace {

using test::message_of;

Tile tile(const Shape& sizes, std::vector<TileLine> lines, std::string description = {}) {
  return {.image = zeros(sizes, {.dtype = u8}),
          .lines = std::move(lines),
          .description = std::move(description)};
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(Tiles, StandInRowsWithTheirLinesBelow) {
  const std::vector<Tile> tiles = {
      tile({1, 4, 4}, {{.text = "Bag 99.0 %", .fill = "@series2"}, {.text = "is Coat"}}, "<3>"),
      tile({3, 2, 4}, {{.text = "Coat"}}), tile({1, 4, 4}, {})};
  const io::SvgCanvas canvas = draw_tiles(tiles, {.columns = 2, .title = "T", .subtitle = "s"});
  const std::string text = canvas.to_string();
  // 20 margin, 34 title, 20 subtitle, rows of 112 and 39 pixels 16 apart.
  EXPECT_EQ(canvas.width(), 20 + 112 + 16 + 112 + 20);
  EXPECT_EQ(canvas.height(), 74 + 2 * (112 + 39) + 16 + 20);
  EXPECT_EQ(count_of(text, "<image "), 3u);
  EXPECT_EQ(count_of(text, "<image x=\"20\" y=\"74\" width=\"112\" height=\"112\""), 1u) << text;
  EXPECT_EQ(count_of(text, "<image x=\"148\" y=\"102\" width=\"112\" height=\"56\""), 1u);
  EXPECT_EQ(count_of(text, "<image x=\"20\" y=\"241\""), 1u);
  EXPECT_EQ(count_of(text, "<title>&lt;3&gt;</title>"), 1u);
  EXPECT_EQ(count_of(text, "<text x=\"76\" y=\"202\" class=\"f-series2\""), 1u);
  EXPECT_EQ(count_of(text, "<text x=\"76\" y=\"219\" class=\"f-text\""), 1u);
  EXPECT_EQ(count_of(text, ">s</text>"), 1u);
}

TEST(Tiles, LongLinesAreShortenedAndNoneIsAPictureToo) {
  const std::vector<Tile> one = {tile({1, 1, 1}, {{.text = "a very long name of a class"}})};
  EXPECT_EQ(count_of(draw_tiles(one).to_string(), ">a very long name…</text>"), 1u)
      << draw_tiles(one).to_string();
  const io::SvgCanvas empty = draw_tiles({}, {.columns = 1});
  EXPECT_EQ(empty.height(), 40);
  EXPECT_EQ(count_of(empty.to_string(), "<title>Samples</title>"), 1u);
}

TEST(Tiles, RefusesWhatItCannotDraw) {
  EXPECT_EQ(message_of<ArgumentError>([] { draw_tiles({}, {.columns = 0}); }),
            "tiles: columns expected at least 1, got 0");
}

}  // namespace
}  // namespace fovea::vision
