#include "fovea/io/base64.h"

#include <gtest/gtest.h>

namespace fovea::io {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// RFC 4648, section 10.
TEST(Base64, HasTheTextsOfTheStandard) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [content, text] : cases) {
    EXPECT_EQ(encode_base64(bytes_of(content)), text);
    const auto decoded = decode_base64(text);
    ASSERT_TRUE(decoded.has_value()) << text;
    EXPECT_TRUE(std::ranges::equal(*decoded, bytes_of(content))) << text;
  }
}

TEST(Base64, EveryByteComesBack) {
  std::vector<std::byte> bytes(1000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7);
  EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
}

TEST(Base64, WhatIsNoneIsRefused) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zm9v=", "====", "=", "Zg==Zg==", "Z===", "Zm9 ", "Zm9-", "Zh=="})
    EXPECT_FALSE(decode_base64(text).has_value()) << text;
}

}  // namespace
}  // namespace fovea::io
