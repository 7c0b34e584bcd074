#include "fovea/explain/walk.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fovea/core/error.h"
#include "tests/support/close.h"

namespace fovea::explain {
namespace {

Board board_with(std::size_t stops) {
  Board board;
  for (std::size_t i = 0; i < stops; ++i) board.stops.push_back({.title = "stop"});
  return board;
}

std::vector<std::optional<std::size_t>> only_of(const Walk& walk) {
  std::vector<std::optional<std::size_t>> all;
  for (const Block& block : walk.blocks)
    if (const auto* board = std::get_if<Board>(&block)) all.push_back(board->only);
  return all;
}

TEST(Text, HasBothLanguages) {
  const Text same = "conv1", two("image", "이미지");
  EXPECT_EQ(same.in(Language::kEnglish), "conv1");
  EXPECT_EQ(same.in(Language::kKorean), "conv1");
  EXPECT_EQ(two.in(Language::kEnglish), "image");
  EXPECT_EQ(two.in(Language::kKorean), "이미지");
  EXPECT_TRUE(Text().empty());
  EXPECT_FALSE(two.empty());
}

TEST(Value, KeepsWhatItIsMadeOf) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(Value().kind()));
  EXPECT_EQ(std::get<bool>(Value(true).kind()), true);
  EXPECT_EQ(std::get<std::int64_t>(Value(3).kind()), 3);
  EXPECT_EQ(std::get<std::int64_t>(Value(std::size_t{4}).kind()), 4);
  EXPECT_EQ(std::get<double>(Value(0.5f).kind()), 0.5);
  EXPECT_EQ(std::get<std::string>(Value("max").kind()), "max");
  EXPECT_EQ(std::get<std::string>(Value(std::string("min")).kind()), "min");
  EXPECT_EQ(std::get<Tensor>(Value(ones({2})).kind()).numel(), 2);
  EXPECT_TRUE(std::holds_alternative<StopsHere>(Value(StopsHere{}).kind()));
  const Value list = list_of(Shape{2, 3});
  ASSERT_EQ(std::get<std::vector<Value>>(list.kind()).size(), 2u);
  EXPECT_EQ(std::get<std::int64_t>(std::get<std::vector<Value>>(list.kind())[1].kind()), 3);
  const Value fields = Fields{{"a", 1}};
  EXPECT_EQ(std::get<Fields>(fields.kind())[0].first, "a");
}

// Boards of 2, none and 3 stops.
TEST(ShowOnly, CountsThroughAllBoards) {
  Walk walk{.title = "walk", .blocks = {board_with(2), Note{}, board_with(0), board_with(3)}};
  EXPECT_EQ(count_stops(walk), 5);
  using Only = std::vector<std::optional<std::size_t>>;
  EXPECT_EQ(only_of(walk), (Only{{}, {}, {}}));
  show_only(walk, 2);
  EXPECT_EQ(only_of(walk), (Only{1, {}, 3}));
  show_only(walk, 3);
  EXPECT_EQ(only_of(walk), (Only{2, {}, 0}));
  show_only(walk, 5);
  EXPECT_EQ(only_of(walk), (Only{2, {}, 2}));
}

TEST(ShowOnly, RefusesStepsThatAreNotThere) {
  Walk walk{.title = "walk", .blocks = {board_with(2)}};
  for (const std::int64_t number : {0, 3})
    EXPECT_EQ(test::message_of<ArgumentError>([&] { show_only(walk, number); }),
              "explain: step expected in 1 to 2, got " + std::to_string(number));
  EXPECT_FALSE(std::get<Board>(walk.blocks[0]).only);
}

}  // namespace
}  // namespace fovea::explain
