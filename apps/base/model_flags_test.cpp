#include "apps/base/model_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/base/exit_code.h"
#include "tests/support/close.h"

namespace fovea::cli {
namespace {

using test::message_of;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(ModelFlags, OptionsAreKeysAndValues) {
  EXPECT_EQ(split_model_option("a=b=c"), std::pair(std::string("a"), std::string("b=c")));
  EXPECT_THAT(model_options_of({"a=1", "b=2", "a=3"}),
              UnorderedElementsAre(Pair("a", "3"), Pair("b", "2")));
  for (const char* none : {"=b", "ab"}) {
    EXPECT_EQ(message_of<UsageError>([&] { split_model_option(none); }),
              "--model-opt expected key=value, got \"" + std::string(none) + "\"");
  }
}

}  // namespace
}  // namespace fovea::cli
