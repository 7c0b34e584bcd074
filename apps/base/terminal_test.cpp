#include "apps/base/terminal.h"

#include <gtest/gtest.h>

namespace fovea::cli {
namespace {

TEST(Terminal, WidthCountsColumnsNotBytes) {
  EXPECT_EQ(display_width("Ankle Boot"), 10);
  EXPECT_EQ(display_width("─█▏"), 3);
  EXPECT_EQ(display_width("바지"), 4);      // Hangul is wide
  EXPECT_EQ(display_width("e\u0301"), 1);   // a combining accent
  EXPECT_EQ(display_width("\xff\xc3"), 2);  // broken UTF-8: a column a byte
}

TEST(Terminal, ShortenedTextFits) {
  const Terminal unicode{.unicode = true}, ascii{};
  EXPECT_EQ(shortened(unicode, "Ankle Boot", 10), "Ankle Boot");
  EXPECT_EQ(shortened(unicode, "Ankle Boot", 6), "Ankle…");
  EXPECT_EQ(shortened(ascii, "Ankle Boot", 6), "Ankle~");
  EXPECT_EQ(shortened(unicode, "바지바지", 4), "바…");  // half a wide character cannot be shown
}

TEST(Terminal, StylesOnlyWhereColourIsWanted) {
  EXPECT_EQ(styled({}, Style::kBad, "x"), "x");
  EXPECT_EQ(styled({.colour = true}, Style::kBad, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(styled({.colour = true}, Style::kBad, ""), "");
}

}  // namespace
}  // namespace fovea::cli
