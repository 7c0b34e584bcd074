#include "fovea/explain/topics/linear.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops/linear.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using test::stops;
using testing::ElementsAre;
using testing::HasSubstr;
using Numbers = std::vector<double>;

TEST(WalkLinear, FlattensAnImageIntoNineInputs) {
  const Walk walk = walk_linear();
  EXPECT_EQ(test::as<Tensor>(get(walk, "flattened")).sizes(), Shape{9});
  EXPECT_EQ(test::numbers(get(walk, "flattened")), (Numbers{1, 0, 2, 0, 3, 1, 2, 1, 0}));
  const std::vector<const Stop*> all = stops(walk);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all[0]->lines,
              ElementsAre("(1x(-1))+(0x0)+(2x1) + (0x(-1))+(3x0)+(1x1) + (2x(-1))+(1x0)+(0x1) = 0",
                          "0 + 1 = 1"));
  EXPECT_EQ(test::as<double>(get(all[1]->facts, "sum")), 1);
  EXPECT_EQ(test::as<double>(get(all[1]->facts, "value")), -1);
  EXPECT_EQ(test::numbers(get(walk, "output")), (Numbers{1, -1}));
  EXPECT_THAT(test::notes(walk), HasSubstr("now they are inputs 0 and 3"));
  // 784 * 256 + 256, and 32 kernels of 3x3 with a bias each.
  EXPECT_THAT(test::notes(walk), HasSubstr(" 200,960 numbers, 32 kernels of 3x3 have 320"));
}

TEST(WalkLinear, IsTheOperation) {
  Generator generator(7);
  const Tensor image = randint(-4, 5, {2, 3}, {.dtype = f64, .device = cpu}, generator);
  const Tensor weight = randint(-4, 5, {4, 6}, {.dtype = f64, .device = cpu}, generator);
  const Walk walk = walk_linear({.image = image, .weight = weight});
  const Numbers expected = linear(image.flatten(), weight).to_vector<double>();
  EXPECT_EQ(test::numbers(get(walk, "output")), expected);
  const Board& board = *test::boards(walk)[0];
  for (std::size_t i = 0; i < 4; ++i) {
    const Stop& stop = board.stops[i];
    EXPECT_EQ(test::as<double>(get(stop.facts, "sum")), expected[i]);
    EXPECT_FALSE(test::has(stop.facts, "value"));
    EXPECT_EQ(test::marked(board, stop, Role::kWeigh),
              weight[static_cast<std::int64_t>(i)].to_vector<double>());
    EXPECT_EQ(test::marked(board, stop, Role::kWrite), Numbers{expected[i]});
  }
}

TEST(WalkLinear, SaysWhatItCannotShow) {
  const auto refusal = [](const LinearTopic& topic) {
    return message_of<Error>([&] { walk_linear(topic); });
  };
  EXPECT_EQ(refusal({.image = ones({9})}),
            "explain linear: image expected 2 dimensions, got 1 (image [9])");
  EXPECT_EQ(refusal({.weight = ones({2, 8})}),
            "explain linear: weight expected [out, 9], got [2, 8]");
  EXPECT_EQ(refusal({.bias = ones({3})}), "explain linear: bias expected [2], got [3]");
}

}  // namespace
}  // namespace fovea::explain
