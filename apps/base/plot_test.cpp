#include "apps/base/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fovea::cli {
namespace {

using testing::ElementsAre;

const Curve kRising{.points = {{0, 0}, {4, 1}}};

TEST(Plot, DrawsALineInPlainLetters) {
  EXPECT_THAT(plot({kRising}, {.columns = 16, .rows = 4, .x_most = 8}, {}),
              ElementsAre(" 1.000|   **    ",  //
                          "      | **      ",  //
                          " 0.000|*        ",  //
                          "       0       8"));
}

TEST(Plot, DrawsDotsOfBraille) {
  EXPECT_THAT(plot({kRising}, {.columns = 16, .rows = 3, .x_most = 4, .x_label = "steps"},
                   {.unicode = true}),
              ElementsAre(" 1.000│    ⢀⡠⠤⠒⠉",  //
                          " 0.000│⣀⠤⠒⠊⠁    ",  //
                          "       0 steps 4"));
}

TEST(Plot, LaterCurvesLieOnTop) {
  Curve flat{.points = {{0, 0}, {4, 0}}, .letter = 'o'};
  const std::vector<std::string> lines =
      plot({kRising, flat}, {.columns = 16, .rows = 3, .x_most = 4}, {});
  EXPECT_EQ(lines[1], " 0.000|ooooooooo");
}

TEST(Plot, WritesFractionsInPerCent) {
  const Curve curve{.points = {{0, 0.5}, {1, 1}}};
  const std::vector<std::string> lines =
      plot({curve}, {.columns = 16, .rows = 3, .percent = true}, {});
  EXPECT_EQ(lines[0].substr(0, 7), "   100|");
  EXPECT_EQ(lines[1].substr(0, 7), "  50.0|");
}

TEST(Plot, EveryLineHasItsWidth) {
  for (const bool unicode : {false, true}) {
    for (int columns = 16; columns < 60; columns += 7) {
      for (const auto& points :
           {std::vector<std::pair<double, double>>{}, {{3, 2}}, {{0, 1}, {9, 1}}}) {
        const auto lines = plot({{.points = points}},
                                {.columns = columns, .rows = 8, .x_most = 1e6, .x_label = "steps"},
                                {.unicode = unicode});
        EXPECT_EQ(lines.size(), 8U);
        for (const std::string& line : lines) EXPECT_EQ(display_width(line), columns) << line;
      }
    }
  }
}

TEST(Plot, ColoursWhatATerminalCanColour) {
  const auto lines = plot({kRising}, {.columns = 16, .rows = 3}, {.colour = true});
  EXPECT_NE(lines[0].find("\x1b[36m*"), std::string::npos);
}

}  // namespace
}  // namespace fovea::cli
