#include "fovea/explain/topics/relu.h"

#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;
using Numbers = std::vector<double>;

TEST(WalkRelu, MakesWhatIsBelowZeroZero) {
  const Walk walk = walk_relu();
  EXPECT_EQ(test::numbers(get(walk, "output")), (Numbers{0, 0, 0, 0, 0.5, 1, 2}));
  EXPECT_EQ(test::numbers(get(walk, "grad_input")), (Numbers{0, 0, 0, 0, 1, 1, 1}));
  const std::vector<const Stop*> stops = test::stops(walk);
  ASSERT_EQ(stops.size(), 7u);
  EXPECT_EQ(stops[0]->lines.at(0), "max(0, -2) = 0");
  EXPECT_EQ(stops[4]->lines.at(0), "max(0, 0.5) = 0.5");
}

TEST(WalkRelu, TakesAMatrix) {
  const Walk walk = walk_relu({.x = tensor({{-1, 2}, {3, -4}})});
  const Board& board = *test::boards(walk)[0];
  const Stop& stop = board.stops[2];
  EXPECT_EQ(stop.title.english, "Step 3: row 1, column 0");
  EXPECT_EQ(test::marked(board, stop, Role::kRead), Numbers{3});
  EXPECT_EQ(test::marked(board, stop, Role::kWrite), Numbers{3});
  EXPECT_EQ(message_of<ShapeError>([] {
              walk_relu({.x = ones({1, 2, 3})});
            }),
            "explain relu: x expected 1 or 2 dimensions, got 3 (x [1, 2, 3])");
}

}  // namespace
}  // namespace fovea::explain
