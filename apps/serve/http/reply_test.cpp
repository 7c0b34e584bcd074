#include "apps/serve/http/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fovea/core/error.h"
#include "tests/support/gzip_file.h"

namespace fovea::serve {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

TEST(AReply, SaysWhatABrowserMayDo) {
  EXPECT_EQ(reply_head({.status = 200, .headers = {{"A", "b"}}, .body = "12345"}, After::kMore),
            "HTTP/1.1 200 OK\r\n"
            "A: b\r\n"
            "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
            "img-src 'self' data: blob:; connect-src 'self'; media-src 'self' blob:; base-uri "
            "'none'; form-action 'none'; frame-ancestors 'none'\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Referrer-Policy: no-referrer\r\n"
            "Cross-Origin-Opener-Policy: same-origin\r\n"
            "Cross-Origin-Resource-Policy: same-origin\r\n"
            "Permissions-Policy: camera=(self), microphone=(), geolocation=()\r\n"
            "Content-Length: 5\r\n"
            "Connection: keep-alive\r\n"
            "\r\n");
  EXPECT_THAT(reply_head({.status = 299}, After::kClose), HasSubstr("HTTP/1.1 299 \r\n"));
  EXPECT_THAT(reply_head({}, After::kClose), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(reply_head({}, After::kFlow), Not(HasSubstr("Content-Length")));
}

TEST(AReply, IsPackedForWhoTakesThat) {
  const std::string packed = test::gzipped("text");
  const Asset asset{.type = "text/css", .packed = packed};
  for (const char* taken : {"gzip", "br, gzip", "gzip;q=0.5", "br,gzip ; q=1.0"})
    EXPECT_EQ(reply_of(asset, taken).body, packed) << taken;
  for (const char* other : {"", "br", "gzip;q=0", "gzip; q=0.0", "xgzip", "gzip2"})
    EXPECT_EQ(reply_of(asset, other).body, "text") << other;
}

TEST(AnAsset, ThatIsDamagedSaysSo) {
  EXPECT_THROW(unpacked({.type = "", .packed = "no gzip"}), ParseError);
}

}  // namespace
}  // namespace fovea::serve
