#include "apps/base/progress_line.h"

#include <gtest/gtest.h>

namespace fovea::cli {
namespace {

TEST(ProgressLine, ABarFillsByEighthsOfAColumn) {
  const Terminal unicode{.unicode = true}, ascii{};
  EXPECT_EQ(bar(0, 4, unicode), "▕    ▏");
  EXPECT_EQ(bar(0.5, 4, unicode), "▕██  ▏");
  EXPECT_EQ(bar(0.53125, 4, unicode), "▕██▏ ▏");
  EXPECT_EQ(bar(1, 4, unicode), "▕████▏");
  EXPECT_EQ(bar(7, 4, unicode), "▕████▏");
  EXPECT_EQ(bar(0.5, 4, ascii), "[##..]");
}

}  // namespace
}  // namespace fovea::cli
