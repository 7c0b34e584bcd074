#include "apps/cli/bench/timing.h"

#include <gtest/gtest.h>

namespace fovea::cli {
namespace {

TEST(Timing, TheMedianIsTheMiddle) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_EQ(median({7}), 7);
}

TEST(Timing, PiecesTakeTurns) {
  std::string order;
  std::vector<Timed> pieces = {{.name = "a", .work = [&] { order += 'a'; }},
                               {.name = "b", .work = [&] { order += 'b'; }}};
  time_in_turns(pieces, 3, 0, [&] { order += '|'; });
  EXPECT_EQ(order, "aaaaabbbbb|ab|ab|ab");
  EXPECT_EQ(pieces[0].seconds.size(), 3u);
  EXPECT_EQ(pieces[1].seconds.size(), 3u);
}

}  // namespace
}  // namespace fovea::cli
