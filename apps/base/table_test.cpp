#include "apps/base/table.h"

#include <limits>

#include <gtest/gtest.h>

namespace fovea::cli {
namespace {

TEST(Table, ColumnsLineUpWhateverTheirScript) {
  Table table({{"class", Align::kLeft}, {"n", Align::kRight}});
  table.add_row({"바지", "7"});
  table.add_row({"Shirt", "1,000"});
  table.add_rule();
  table.add_row({"sum"});
  EXPECT_EQ(table.to_string({}),
            "  class      n\n"
            "  ------------\n"
            "  바지       7\n"
            "  Shirt  1,000\n"
            "  ------------\n"
            "  sum\n");
}

TEST(Table, ANameWithANewlineStaysInItsRow) {
  Table table({{"class", Align::kLeft}, {"n", Align::kRight}});
  table.add_row({"a\nb\x1b[31m", "7"});
  EXPECT_EQ(table.to_string({}), "  class     n\n  -----------\n  a b [31m  7\n");
}

TEST(Table, NumbersForPeople) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
  EXPECT_EQ(percent(0.8794), "87.94 %");
  EXPECT_EQ(clock_time(7.4), "0:07");
  EXPECT_EQ(clock_time(750), "12:30");
  EXPECT_EQ(clock_time(7509), "2:05:09");
  EXPECT_EQ(clock_time(std::numeric_limits<double>::infinity()), "-:--");
  EXPECT_EQ(byte_count(999), "999 B");
  EXPECT_EQ(byte_count(5902136), "5.9 MB");
}

}  // namespace
}  // namespace fovea::cli
