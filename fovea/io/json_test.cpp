#include "fovea/io/json.h"

#include <gtest/gtest.h>

namespace fovea::io {
namespace {

TEST(Json, KeepsTheOrderOfKeys) {
  const Json value = {{"b", 1}, {"a", {1, 2.5, nullptr}}};
  EXPECT_EQ(json_line(value), R"({"b":1,"a":[1,2.5,null]})");
  EXPECT_EQ(json_lines(value), "{\n  \"b\": 1,\n  \"a\": [\n    1,\n    2.5,\n    null\n  ]\n}");
  EXPECT_EQ(parse_json(json_line(value)), value);
}

TEST(Json, WritesWhatIsNotUtf8AsTheReplacementCharacter) {
  EXPECT_EQ(json_line("caf\xE9"), "\"caf\xEF\xBF\xBD\"");
  EXPECT_EQ(json_line("\xEA\xB0\x80"), "\"\xEA\xB0\x80\"");
  EXPECT_EQ(json_ascii("\xEA\xB0\x80"), R"("\uac00")");
}

TEST(Json, IsReadWholeOrNotAtAll) {
  for (const char* text : {"", "{", "[1] 2", "{\"a\":}", "\"caf\xE9\"", "nan", "[1,]"})
    EXPECT_FALSE(parse_json(text)) << text;
  EXPECT_EQ(parse_json(" null\n"), Json());
}

TEST(Json, IsNestedAsDeepAsIsAllowed) {
  EXPECT_TRUE(parse_json("[[{}]]", 2));
  EXPECT_FALSE(parse_json("[[{}]]", 1));
  EXPECT_TRUE(parse_json("[[1]]", 2));
  const std::string deep(1'000'000, '[');
  EXPECT_FALSE(parse_json(deep));
  EXPECT_FALSE(parse_json(deep + std::string(deep.size(), ']')));
}

}  // namespace
}  // namespace fovea::io
