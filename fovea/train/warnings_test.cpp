#include "fovea/train/warnings.h"

#include <gmock/gmock.h>

namespace fovea::train {
namespace {

using testing::ElementsAre;

TEST(Warnings, AreToldOnceAFileAndRepeatedAtTheEnd) {
  std::vector<std::string> told;
  Warnings warnings([&](const std::string& line) { told.push_back(line); });
  EXPECT_TRUE(warnings.tolerate("a", [] {}));
  EXPECT_TRUE(warnings.lines().empty());
  for (const char* file : {"a", "b", "a", "a"})
    EXPECT_FALSE(warnings.tolerate(file, [&] { throw IoError(str(file, " is full")); }));
  EXPECT_THAT(told, ElementsAre("warning: a is full", "warning: b is full"));
  EXPECT_THAT(warnings.lines(),
              ElementsAre("warning: a is full, and 2 times more", "warning: b is full"));
}

TEST(Warnings, OtherErrorsAreErrors) {
  Warnings warnings;
  EXPECT_THROW(warnings.tolerate("a", [] { throw NumericError("NaN"); }), NumericError);
}

}  // namespace
}  // namespace fovea::train
