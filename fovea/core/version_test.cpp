#include "fovea/core/version.h"

#include <string>

#include <gmock/gmock.h>

namespace fovea {
namespace {

using testing::MatchesRegex;

TEST(Version, IsThreeNumbers) {
  EXPECT_THAT(std::string(version()), MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

TEST(Version, CommitIsHexadecimalOrUnknown) {
  EXPECT_THAT(std::string(git_commit()), MatchesRegex("unknown|[0-9a-f]+(-dirty)?"));
  if (git_commit() != "unknown") {
    EXPECT_GE(git_commit().size(), 12u);
  }
}

}  // namespace
}  // namespace fovea
