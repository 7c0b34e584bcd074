#include "apps/serve/api/recent.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

TEST(Recent, LetsGoOfWhatWasNotUsedForLongest) {
  Recent<std::string, int> recent(2);
  recent.put("a", 1);
  recent.put("b", 2);
  ASSERT_NE(recent.find("a"), nullptr);
  recent.put("c", 3);
  EXPECT_EQ(recent.find("b"), nullptr);
  ASSERT_NE(recent.find("a"), nullptr);
  EXPECT_EQ(*recent.find("a"), 1);
  EXPECT_EQ(recent.put("a", 4), 4);
  EXPECT_EQ(*recent.find("a"), 4);
  EXPECT_EQ(*recent.find("c"), 3);
  EXPECT_EQ(recent.size(), 2u);
}

}  // namespace
}  // namespace fovea::serve
