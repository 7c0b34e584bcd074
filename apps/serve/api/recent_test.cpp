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

TEST(Recent, TrimsToAWeightButForTheLastOne) {
  Recent<std::string, int> recent(8);
  for (const char* key : {"a", "b", "c"}) recent.put(key, 3);
  const auto weight = [](int value) { return static_cast<std::size_t>(value); };
  recent.trim(6, weight);
  EXPECT_EQ(recent.find("a"), nullptr);
  EXPECT_EQ(recent.size(), 2u);
  recent.trim(1, weight);
  EXPECT_NE(recent.find("c"), nullptr);
  EXPECT_EQ(recent.size(), 1u);
}

}  // namespace
}  // namespace fovea::serve
