#include "fovea/train/environment.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"

namespace fovea::train {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

TEST(EnvironmentChanges, AreNamed) {
  const std::string now = environment_json({{"a.gz", "12"}, {"b.gz", "34"}});
  EXPECT_THAT(environment_changes(now, now, "env.json"), IsEmpty());
  const std::string other = environment_json({{"a.gz", "56"}});
  EXPECT_THAT(environment_changes(other, now, "env.json"), ElementsAre("data a.gz", "data b.gz"));
  std::string elsewhere = now;
  elsewhere.replace(elsewhere.find("\"cpu\": \"") + 8, 1, "another ");
  EXPECT_THAT(environment_changes(elsewhere, now, "env.json"), ElementsAre("cpu"));
}

TEST(EnvironmentChanges, SaysWhatAFileIsNot) {
  const std::string now = environment_json({});
  EXPECT_THAT([&] { environment_changes("[1]", now, "env.json"); },
              ThrowsMessage<ParseError>(
                  "run directory: env.json expected an object, got others (env.json)"));
  EXPECT_THAT(
      [&] { environment_changes("{\"data\": 1}", now, "env.json"); },
      ThrowsMessage<ParseError>("run directory: data of env.json expected an object (env.json)"));
}

}  // namespace
}  // namespace fovea::train
