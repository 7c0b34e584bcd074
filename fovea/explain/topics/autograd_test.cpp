#include "fovea/explain/topics/autograd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/core/error.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using testing::ElementsAre;

TEST(WalkAutograd, WalksTheTapeBack) {
  // 2 x 3 + 1 - 4 = 3, squared 9; by e 6, by w 6 x 3, by x 6 x 2, by t -6.
  const Walk walk = walk_autograd();
  const auto& values = test::as<Fields>(get(walk, "values"));
  const auto& gradients = test::as<Fields>(get(walk, "gradients"));
  const std::vector<std::pair<const char*, std::pair<double, double>>> expected{
      {"x", {3, 12}}, {"w", {2, 18}}, {"b", {1, 6}}, {"t", {4, -6}},
      {"u", {6, 6}},  {"z", {7, 6}},  {"e", {3, 6}}, {"L", {9, 1}}};
  for (const auto& [name, pair] : expected) {
    EXPECT_EQ(test::as<double>(get(values, name)), pair.first) << name;
    EXPECT_EQ(test::as<double>(get(gradients, name)), pair.second) << name;
  }
  std::vector<std::string> operations;
  for (const Value& entry : test::as<std::vector<Value>>(get(walk, "tape")))
    operations.push_back(test::as<std::string>(get(test::as<Fields>(entry), "operation")));
  EXPECT_THAT(operations, ElementsAre("mul", "add", "sub", "pow"));
  const Table& table = test::first<Table>(walk);
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[1][2].english, "#1 [], leaf []");
}

TEST(WalkAutograd, DrawsWhatFlowsAlongEachArrow) {
  const Walk walk = walk_autograd();
  const Diagram& diagram = test::first<Diagram>(walk);
  ASSERT_EQ(diagram.boxes.size(), 8u);
  EXPECT_EQ(diagram.boxes[4].label.english, "u = w x = 6");
  EXPECT_EQ(diagram.boxes[1].detail.korean, "기울기 18");
  std::vector<std::string> labels;
  for (const Diagram::Arrow& arrow : diagram.arrows) {
    EXPECT_LT(arrow.from, arrow.to);
    labels.push_back(diagram.boxes[arrow.from].label.english.substr(0, 1) + ">" +
                     diagram.boxes[arrow.to].label.english.substr(0, 1) + " " +
                     arrow.label.english);
  }
  EXPECT_THAT(labels, ElementsAre("w>u 6 x 3", "x>u 6 x 2", "u>z 6 x 1", "b>z 6 x 1", "z>e 6 x 1",
                                  "t>e 6 x (-1)", "e>L 1 x 6"));
}

TEST(WalkAutograd, SaysWhatItCannotShow) {
  EXPECT_EQ(message_of<ArgumentError>([] { walk_autograd({.w = INFINITY}); }),
            "explain autograd: numbers expected finite, got inf");
}

}  // namespace
}  // namespace fovea::explain
