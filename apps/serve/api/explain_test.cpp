#include <gmock/gmock.h>

#include "apps/serve/api/explaining.h"
#include "fovea/explain/render.h"
#include "fovea/explain/topics/topics.h"
#include "tests/support/served_run.h"

namespace fovea::serve {
namespace {

using test::asking;
using test::json_of;
using testing::HasSubstr;
using testing::Throws;
using testing::ThrowsMessage;

Response explained(const std::string& args) {
  return explain_response(asking("/api/explain", {{"args", args}}));
}

TEST(ExplainAddress, ShowsATopic) {
  EXPECT_EQ(explained(R"(["conv"])").body, explain::to_page(explain::walk_conv()));
  const io::Json json = json_of(explained(R"(["conv","--stride","2","--step","3"])"));
  EXPECT_EQ(json["blocks"].back()["only"], 2);
}

TEST(ExplainAddress, ReadsAndWritesNoFiles) {
  EXPECT_THAT([] { explained(R"(["conv","--image","/etc/passwd.png"])"); },
              ThrowsMessage<BadRequest>("--image expected no file here, got \"/etc/passwd.png\""));
  EXPECT_THAT([] { explained(R"(["conv","--output","/tmp/x.svg"])"); },
              ThrowsMessage<BadRequest>("--output cannot be given here"));
  EXPECT_THAT([] { explained(R"(["layer","--weights","x"])"); }, Throws<BadRequest>());
}

TEST(ExplainAddress, SaysWhatIsWrong) {
  EXPECT_THAT([] { explained(R"(["conv","--stride","0"])"); },
              Throws<BadRequest>(testing::Property(&BadRequest::what, HasSubstr("stride"))));
  EXPECT_THAT(
      [] { explained("conv"); },
      ThrowsMessage<BadRequest>("/api/explain: args expected a JSON array of at most 64 strings"));
  EXPECT_THAT([] { explained("[1]"); },
              ThrowsMessage<BadRequest>("/api/explain: args expected strings alone"));
  EXPECT_THAT([] { explained("[[\"conv\"]]"); }, Throws<BadRequest>());
  EXPECT_THAT([] { explained("{}"); }, Throws<BadRequest>());
  EXPECT_THAT([] { explained("[" + std::string(70'000, ' ') + "]"); }, Throws<BadRequest>());
}

}  // namespace
}  // namespace fovea::serve
