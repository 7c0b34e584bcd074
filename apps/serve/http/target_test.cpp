#include "apps/serve/http/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fovea::serve {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ATarget, IsTakenApartAndDecoded) {
  EXPECT_EQ(parse_target("/")->path, "/");
  EXPECT_EQ(parse_target("/api/maps")->path, "/api/maps");
  EXPECT_EQ(parse_target("/api/")->path, "/api/");
  EXPECT_EQ(parse_target("/%61pi/%ED%95%9C")->path, "/api/한");
  EXPECT_EQ(parse_target("/a+b")->path, "/a+b") << "only of a query a space";
  EXPECT_THAT(parse_target("/x?a=1&b=x%20y+z&c&=d&a=2&e=1=2")->query,
              ElementsAre(Pair("", "d"), Pair("a", "2"), Pair("b", "x y z"), Pair("c", ""),
                          Pair("e", "1=2")));
  EXPECT_THAT(parse_target("/?q=%26%3D%25%2f..")->query, ElementsAre(Pair("q", "&=%/..")));
  EXPECT_TRUE(parse_target("/x?&&")->query.empty());
}

TEST(ATarget, ThatLeadsElsewhereIsNone) {
  for (const char* path :
       {"",        "x",      "*",      "//",    "/a//b",   "/.",      "/..",   "/a/../b",
        "/%2e%2e", "/a\\b",  "/a%5cb", "/%",    "/%4",     "/%g0",    "/%0g",  "/%25",
        "/a%0ab",  "/a\x7f", "/%ff",   "/a%00", "/?a=%00", "/?%00=a", "/?a=%", "/?%c0%ae"})
    EXPECT_FALSE(parse_target(path)) << path;
  for (const char* path : {"/...", "/..a", "/a..", "/.a/b"})
    EXPECT_TRUE(parse_target(path)) << path;
}

}  // namespace
}  // namespace fovea::serve
