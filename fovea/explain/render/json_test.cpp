#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "fovea/explain/render.h"
#include "fovea/io/json.h"
#include "tests/support/walks.h"

namespace fovea::explain {
namespace {

std::string json_of(Value document) {
  return to_json({.title = "t", .document = std::move(document)});
}

TEST(ToJson, WritesAllKinds) {
  EXPECT_EQ(json_of({}), "null\n");
  EXPECT_EQ(json_of(true), "true\n");
  EXPECT_EQ(json_of(-3), "-3\n");
  EXPECT_EQ(json_of("a \"b\" 합"), "\"a \\\"b\\\" 합\"\n");
  EXPECT_EQ(json_of(std::vector<Value>{1, "two", Value()}), "[1,\"two\",null]\n");
  EXPECT_EQ(json_of(Fields{}), "{}\n");
  EXPECT_EQ(json_of(Fields{{"b", 1}, {"a", list_of({2, 3})}}),
            "{\n  \"b\": 1,\n  \"a\": [2,3]\n}\n");
}

TEST(ToJson, NumbersAreShort) {
  EXPECT_EQ(json_of(3.0), "3\n");
  EXPECT_EQ(json_of(-0.0), "0\n");
  EXPECT_EQ(json_of(0.1), "0.1\n");
  EXPECT_EQ(json_of(1.0 / 3), "0.3333333333333333\n");
  EXPECT_EQ(json_of(1e300), "1e+300\n");
  EXPECT_EQ(json_of(std::nan("")), "null\n");
  EXPECT_EQ(json_of(-std::numeric_limits<double>::infinity()), "null\n");
}

TEST(ToJson, TensorsAreListsAsDeepAsTheirDimensions) {
  EXPECT_EQ(json_of(scalar(2.5)), "2.5\n");
  EXPECT_EQ(json_of(tensor({1, 2.5, -3})), "[1,2.5,-3]\n");
  EXPECT_EQ(json_of(tensor({{1, 2}, {3, 4}}).view({1, 2, 2})), "[[[1,2],[3,4]]]\n");
  EXPECT_EQ(json_of(zeros({2, 0})), "[[],[]]\n");
  EXPECT_EQ(json_of(arange(3)), "[0,1,2]\n");
  EXPECT_EQ(json_of(Tensor()), "null\n");
  EXPECT_EQ(json_of(tensor({{1, 2}, {3, 4}}).t()), "[[1,3],[2,4]]\n");
}

// 0.1f is not 0.1, yet no other float is nearer.
TEST(ToJson, FloatsHaveTheFewestDigitsThatGiveThemBack) {
  EXPECT_EQ(json_of(tensor({0.1, 1.0 / 3, 16777217})), "[0.1,0.33333334,16777216]\n");
  EXPECT_EQ(json_of(tensor({0.1, 1.0 / 3}, {.dtype = f64})), "[0.1,0.3333333333333333]\n");
  EXPECT_EQ(json_of(tensor({std::nan(""), INFINITY, 1})), "[null,null,1]\n");
}

TEST(ToJson, StopsStandWhereTheyAreWanted) {
  Walk walk = test::small_walk();
  walk.blocks.push_back(test::small_board());
  EXPECT_EQ(to_json(walk),
            "{\n"
            "  \"topic\": \"conv\",\n"
            "  \"stops\": [\n"
            "    {\"step\":1,\"at\":[0,0]},\n"
            "    {\"step\":2,\"at\":[0,1]},\n"
            "    {\"step\":1,\"at\":[0,0]},\n"
            "    {\"step\":2,\"at\":[0,1]}\n"
            "  ]\n"
            "}\n");
  show_only(walk, 2);
  EXPECT_EQ(to_json(walk),
            "{\n"
            "  \"topic\": \"conv\",\n"
            "  \"stops\": [\n"
            "    {\"step\":2,\"at\":[0,1]}\n"
            "  ]\n"
            "}\n");
  EXPECT_TRUE(io::parse_json(to_json(walk)));
  walk.document = std::vector<Value>{Fields{{"a", 1}}, Fields{{"a", 2}}};
  EXPECT_EQ(to_json(walk), "[\n  {\"a\":1},\n  {\"a\":2}\n]\n");
  EXPECT_EQ(to_json({.title = "t", .document = Fields{{"stops", StopsHere{}}}}),
            "{\n  \"stops\": []\n}\n");
}

}  // namespace
}  // namespace fovea::explain
