#include "fovea/core/text_width.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fovea {
namespace {

TEST(TextWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("Ankle Boot"), 10);
  EXPECT_EQ(display_width("─█▏"), 3);
  EXPECT_EQ(display_width("바지"), 4);      // Hangul is wide
  EXPECT_EQ(display_width("e\u0301"), 1);   // a combining accent
  EXPECT_EQ(display_width("\xff\xc3"), 2);  // broken UTF-8: a column a byte
}

TEST(TextWidth, AHeadFits) {
  EXPECT_EQ(fitting_head("Ankle Boot", 5), "Ankle");
  EXPECT_EQ(fitting_head("바지바지", 5), "바지");  // half a wide character cannot be shown
  EXPECT_EQ(fitting_head("바지", 9), "바지");
  EXPECT_EQ(fitting_head("a", 0), "");
}

TEST(TextWidth, LinesBreakAtSpaces) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrap("one two three", 80), Lines{"one two three"});
  EXPECT_EQ(wrap("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrap("one two three", 6), (Lines{"one", "two", "three"}));
  EXPECT_EQ(wrap("Conv    y     [n, 3]", 12, 2), (Lines{"Conv    y", "  [n, 3]"}));
  EXPECT_EQ(wrap("abcdefgh", 3), (Lines{"abc", "def", "gh"}));
  EXPECT_EQ(wrap("abcdefgh", 4, 2), (Lines{"abcd", "  ef", "  gh"}));
  EXPECT_EQ(wrap("바지바지", 5), (Lines{"바지", "바지"}));
  EXPECT_EQ(wrap("  indented text", 10), (Lines{"  indented", "text"}));
  EXPECT_EQ(wrap("ab   ", 2), Lines{"ab"});
  EXPECT_EQ(wrap("", 5), Lines{""});
  EXPECT_EQ(wrap("abc", 1, 4), (Lines{"a", "b", "c"}));
}

}  // namespace
}  // namespace fovea
