#include "apps/serve/http/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

using testing::MatchesRegex;
using testing::ThrowsMessage;

constexpr const char* kPass = "fovea-80=secret";

TEST(AGuard, JudgesInItsOrder) {
  const Guard guard(80, "secret");
  const Target page{.path = "/"};
  const Target enter{.path = "/", .query = {{"token", "secret"}}};
  EXPECT_EQ(guard.judge({.host = "localhost:80", .cookie = kPass}, page), Verdict::kPass);
  EXPECT_EQ(guard.judge({.host = "localhost:80"}, page), Verdict::kNobody);
  EXPECT_EQ(guard.judge({.host = "other:80"}, enter), Verdict::kForeign);
  EXPECT_EQ(guard.judge({.host = "localhost:80", .origin = "http://other:80"}, enter),
            Verdict::kForeign);
  EXPECT_EQ(guard.judge({.host = "localhost:80"}, enter), Verdict::kEnter);
  EXPECT_EQ(guard.judge(
                {.method = Method::kPost, .host = "localhost:80", .origin = "HTTP://LOCALHOST:80"},
                enter),
            Verdict::kNobody);
  EXPECT_EQ(guard.judge({.host = "localhost:80", .cookie = kPass},
                        {.path = "/", .query = {{"token", "wrong"}}}),
            Verdict::kNobody);
  EXPECT_EQ(guard.judge({.host = "localhost:80", .cookie = "fovea=secret; fovea-8=secret"}, page),
            Verdict::kNobody);
  EXPECT_EQ(guard.cookie(), "fovea-80=secret; HttpOnly; SameSite=Strict; Path=/");
}

TEST(AGuard, KnowsTheNamesThatItWasTold) {
  const Guard guard(8080, "secret", {"Box.local"});
  const auto judge = [&](const char* host) {
    return guard.judge({.host = host, .cookie = "a=b;fovea-8080=secret"}, {.path = "/"});
  };
  EXPECT_EQ(judge("box.LOCAL:8080"), Verdict::kPass);
  EXPECT_EQ(judge("[::1]:8080"), Verdict::kPass);
  EXPECT_EQ(judge("box.local"), Verdict::kForeign);
  EXPECT_EQ(judge("box.local:808"), Verdict::kForeign);
}

TEST(AGuard, OfPort80IsCalledWithoutIt) {
  const Guard guard(80, "secret");
  EXPECT_EQ(guard.judge({.method = Method::kPost,
                         .host = "localhost",
                         .origin = "http://localhost",
                         .cookie = kPass},
                        {.path = "/"}),
            Verdict::kPass);
}

TEST(AToken, IsLongAndNeverTheSame) {
  const std::string token = make_token();
  EXPECT_THAT(token, MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(token.size(), 32U);
  EXPECT_NE(token, make_token());
}

TEST(AToken, IsNotMadeUp) {
  const auto make = [] { make_token([](void*, std::size_t, unsigned) -> ssize_t { return 8; }); };
  EXPECT_THAT(make,
              ThrowsMessage<StateError>("serve: random numbers expected of the system, got none"));
}

TEST(AToken, EmptyLetsNobodyIn) {
  EXPECT_EQ(Guard(80, "").judge({.host = "localhost:80"}, {.path = "/"}), Verdict::kNobody);
  EXPECT_EQ(Guard(80, "").judge({.host = "localhost:80"}, {.path = "/", .query = {{"token", ""}}}),
            Verdict::kNobody);
}

}  // namespace
}  // namespace fovea::serve
