#include "apps/base/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

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

TEST(Terminal, LinesBreakAtSpaces) {
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

TEST(Terminal, TextIsFittedWhereThereIsAWidth) {
  const std::string text = "one two three\nfour\n";
  EXPECT_EQ(fitted({.columns = 7}, text, 1), text);
  EXPECT_EQ(fitted({.columns = 7, .has_width = true}, text, 1), "one two\n three\nfour\n");
}

// Standard output and error of a test are files, which have no width of their own.
TEST(Terminal, ColumnsAreHonoured) {
  for (const auto& [text, columns] :
       {std::pair{"132", 132}, {"7", 7}, {"", 80}, {"0", 80}, {"-4", 80}, {"wide", 80}}) {
    ASSERT_EQ(setenv("COLUMNS", text, 1), 0);
    const Terminal terminal = Terminal::output();
    if (terminal.is_terminal) GTEST_SKIP() << "standard output is a terminal";
    EXPECT_EQ(terminal.columns, columns) << text;
    EXPECT_EQ(terminal.has_width, columns != 80) << text;
  }
  unsetenv("COLUMNS");
  EXPECT_EQ(Terminal::output().columns, 80);
}

TEST(Terminal, StylesOnlyWhereColourIsWanted) {
  EXPECT_EQ(styled({}, Style::kBad, "x"), "x");
  EXPECT_EQ(styled({.colour = true}, Style::kBad, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(styled({.colour = true}, Style::kBad, ""), "");
}

}  // namespace
}  // namespace fovea::cli
