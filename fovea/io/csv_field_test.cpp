#include "fovea/io/csv_field.h"

#include <gtest/gtest.h>

namespace fovea::io {
namespace {

TEST(CsvField, IsQuotedWhereItHasToBe) {
  EXPECT_EQ(csv_field("Ankle Boot"), "Ankle Boot");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("19\" screen"), "\"19\"\" screen\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_field("old\rMac"), "\"old\rMac\"");
}

}  // namespace
}  // namespace fovea::io
