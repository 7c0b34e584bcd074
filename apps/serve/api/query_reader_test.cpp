#include "apps/serve/api/query_reader.h"

#include <gmock/gmock.h>

namespace fovea::serve {
namespace {

using testing::ThrowsMessage;

Request asked_with(std::map<std::string, std::string> query) {
  return {.method = Method::kGet,
          .path = "/api/x",
          .query = std::move(query),
          .body = {},
          .content_type = {}};
}

TEST(QueryReader, ReadsWhatIsThere) {
  const Request request =
      asked_with({{"model", "run:exp"}, {"n", "-3"}, {"at", "5,7"}, {"on", "1"}, {"off", "0"}});
  const QueryReader query(request);
  EXPECT_EQ(query.text("model"), "run:exp");
  EXPECT_EQ(query.text_or("lang", "en"), "en");
  EXPECT_EQ(query.whole("n", -5, 5), -3);
  EXPECT_EQ(query.whole_or("m", 64, 1, 100), 64);
  EXPECT_EQ(query.maybe_whole("m", 1, 100), std::nullopt);
  EXPECT_EQ(query.place("at"), Shape({5, 7}));
  EXPECT_EQ(query.place("m"), Shape());
  EXPECT_TRUE(query.flag("on"));
  EXPECT_FALSE(query.flag("off"));
  EXPECT_FALSE(query.flag("m"));
}

TEST(QueryReader, SaysWhatIsWrong) {
  const Request request = asked_with({{"n", "7x"}, {"big", "99999999999999999999"}, {"empty", ""}});
  const QueryReader query(request);
  EXPECT_THAT([&] { (void)query.text("model"); },
              ThrowsMessage<BadRequest>("/api/x: model expected, got none"));
  EXPECT_THAT([&] { (void)query.text("empty"); },
              ThrowsMessage<BadRequest>("/api/x: empty expected, got none"));
  EXPECT_THAT([&] { (void)query.whole("n", 0, 9); },
              ThrowsMessage<BadRequest>("/api/x: n expected a whole number in 0 to 9, got \"7x\""));
  for (const char* const outside : {"-1", "10"}) {
    const Request other = asked_with({{"n", outside}});
    EXPECT_THAT([&] { (void)QueryReader(other).whole_or("n", 3, 0, 9); },
                testing::Throws<BadRequest>());
    EXPECT_THAT([&] { (void)QueryReader(other).maybe_whole("n", 0, 9); },
                testing::Throws<BadRequest>());
  }
  EXPECT_THAT([&] { (void)query.whole("big", 0, 9); }, testing::Throws<BadRequest>());
  EXPECT_THAT([&] { (void)query.flag("n"); },
              ThrowsMessage<BadRequest>("/api/x: n expected 0 or 1, got \"7x\""));
  for (const char* const place : {"1,", ",1", "1,2,3,4", "a", "1 2", "1,,2", "+1"}) {
    const Request other = asked_with({{"at", place}});
    EXPECT_THAT([&] { (void)QueryReader(other).place("at"); },
                ThrowsMessage<BadRequest>(
                    str("/api/x: at expected 1 to 3 whole numbers with commas between them, got \"",
                        place, "\"")));
  }
}

TEST(QueryReader, MessagesAreOneLine) {
  const Request request = asked_with({{"n", "1\n2"}});
  EXPECT_THAT([&] { (void)QueryReader(request).whole("n", 0, 9); },
              testing::Throws<BadRequest>(
                  testing::Property(&BadRequest::what, testing::Not(testing::HasSubstr("\n")))));
}

}  // namespace
}  // namespace fovea::serve
