#include "apps/serve/http/router.h"

#include <gtest/gtest.h>

#include <new>
#include <string>

namespace fovea::serve {
namespace {

TEST(ARouter, AsksWhoAnswersAPath) {
  Router router;
  router.get("/a", [](const Request&) { return Response{.body = "got"}; });
  router.post("/a", [](const Request&) { return Response{.body = "posted"}; });
  router.post("/b", [](const Request&) { return Response{}; });
  EXPECT_EQ(router.answer({.path = "/a"}).body, "got");
  EXPECT_EQ(router.answer({.method = Method::kPost, .path = "/a"}).body, "posted");
  EXPECT_EQ(router.answer({.path = "/A"}).status, 404);
  EXPECT_EQ(router.answer({.path = "/a/"}).status, 404);
  EXPECT_EQ(router.answer({.path = "/none"}).body,
            "{\"error\":\"serve: there is nothing at this address\"}\n");
  const Response wrong = router.answer({.path = "/b"});
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.body, "{\"error\":\"serve: method expected to be the other of GET and POST\"}\n");
}

/// The status of an answer whose handler throws `error`.
template <class E>
int status_of_thrown(const E& error) {
  Router router;
  router.get("/", [&](const Request&) -> Response { throw error; });
  return router.answer({.path = "/"}).status;
}

TEST(ARouter, MakesAStatusOfWhatIsThrown) {
  EXPECT_EQ(status_of_thrown(BadRequest("x")), 400);
  EXPECT_EQ(status_of_thrown(ArgumentError("x")), 400);
  EXPECT_EQ(status_of_thrown(IndexError("x")), 400);
  EXPECT_EQ(status_of_thrown(ShapeError("x")), 400);
  EXPECT_EQ(status_of_thrown(NotFound("x")), 404);
  EXPECT_EQ(status_of_thrown(Conflict("x")), 409);
  EXPECT_EQ(status_of_thrown(ParseError("x")), 422);
  EXPECT_EQ(status_of_thrown(IoError("x")), 500);
  EXPECT_EQ(status_of_thrown(std::bad_alloc()), 500);
  EXPECT_EQ(status_of_thrown(1), 500);
}

TEST(ARouter, SaysWhatWasWrong) {
  Router router;
  router.get("/a", [](const Request&) -> Response { throw ParseError("a \"b\"\nc\xff"); });
  router.get("/b", [](const Request&) -> Response { throw 1; });
  EXPECT_EQ(router.answer({.path = "/a"}).body, "{\"error\":\"a \\\"b\\\"\\nc\xEF\xBF\xBD\"}\n");
  EXPECT_EQ(router.answer({.path = "/b"}).body,
            "{\"error\":\"serve: an answer expected, got none\"}\n");
}

}  // namespace
}  // namespace fovea::serve
