#include "fovea/core/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

TEST(Utf8, TakesWhatTheStandardTakes) {
  for (const char* text : {"", "cat", "caf\xc3\xa9", "\xea\xb3\xa0\xec\x96\x91\xec\x9d\xb4",
                           "\xf0\x9f\x90\x88", "\xf4\x8f\xbf\xbf", "\xee\x80\x80"})
    EXPECT_TRUE(is_utf8(text)) << text;
  EXPECT_EQ(utf8_length("\xc3\xa9"), 2u);
  EXPECT_EQ(utf8_length("a\xc3"), 1u);
}

TEST(Utf8, RefusesTheRest) {
  // Latin-1, cut off, a stray continuation, the long form of '/', a surrogate, beyond U+10FFFF.
  for (const char* text :
       {"caf\xe9", "\xc3", "\xea\xb3", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xff", "a\xc3(", "\xf0\x80\x80\xaf"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

}  // namespace
}  // namespace fovea
