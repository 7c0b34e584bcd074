#include "apps/base/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace fovea::cli {
namespace {

TEST(Terminal, ShortenedTextFits) {
  const Terminal unicode{.unicode = true}, ascii{};
  EXPECT_EQ(shortened(unicode, "Ankle Boot", 10), "Ankle Boot");
  EXPECT_EQ(shortened(unicode, "Ankle Boot", 6), "Ankle…");
  EXPECT_EQ(shortened(ascii, "Ankle Boot", 6), "Ankle~");
  EXPECT_EQ(shortened(unicode, "바지바지", 4), "바…");  // half a wide character cannot be shown
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
