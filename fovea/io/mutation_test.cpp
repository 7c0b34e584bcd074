// Files damaged at random: each reader either reads one or throws a ParseError of one line that
// names the file. A sanitised build shows what else could go wrong.
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

#include "fovea/core/error.h"
#include "fovea/io/idx.h"
#include "fovea/io/image.h"
#include "fovea/io/npy.h"
#include "fovea/io/npz.h"
#include "fovea/io/pth.h"
#include "fovea/io/safetensors.h"
#include "tests/support/gzip_file.h"
#include "tests/support/image_file.h"
#include "tests/support/temp_dir.h"
#include "tests/test_seed.h"

namespace fovea::io {
namespace {

using Reader = std::function<void(std::span<const std::byte>)>;

// Changes, removes or repeats a few bytes; half of the damage falls on the first 200, the headers.
std::string damaged(std::string content, std::mt19937_64& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t i = 0; i <= below(4) && !content.empty(); ++i) {
    const std::size_t at =
        below(random() % 2 == 0 ? content.size() : std::min<std::size_t>(200, content.size()));
    switch (random() % 5) {
      case 0:
        content[at] = static_cast<char>(random());
        break;
      case 1:
        content[at] = static_cast<char>(content[at] ^ (1 << random() % 8));
        break;
      case 2:
        content.erase(at, 1 + below(8));
        break;
      case 3:
        content.insert(at, content.substr(below(content.size()), 1 + below(8)));
        break;
      default:
        content.resize(at);
    }
  }
  return content;
}

void survive(const std::string& good, const Reader& read, int rounds) {
  std::mt19937_64 random(test::seed());
  ASSERT_NO_THROW(read(test::as_bytes(good)));
  int refused = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::string content = damaged(good, random);
    try {
      read(test::as_bytes(content));
    } catch (const ParseError& error) {
      ++refused;
      const std::string message = error.what();
      EXPECT_NE(message.find("hostile"), std::string::npos) << i << ": " << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << i << ": " << message;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "round " << i << ": " << error.what();
    }
  }
  EXPECT_GT(refused, rounds / 4);
}

TEST(Mutation, Idx) {
  const Reader read = [](auto bytes) { parse_idx(bytes, "hostile"); };
  const std::string plain = test::idx(0x0d, {2, 3}, std::string(24, 'x'));
  survive(plain, read, 2000);
  survive(test::gzipped(plain), read, 2000);
}

TEST(Mutation, Npy) {
  const Reader read = [](auto bytes) { parse_npy(bytes, "hostile"); };
  survive(test::as_text(encode_npy(zeros({3, 4}, {.dtype = boolean}))), read, 2000);
  survive(test::as_text(encode_npy(ones({2, 1, 5}))), read, 2000);
}

TEST(Mutation, Npz) {
  const Reader read = [](auto bytes) { parse_npz(bytes, "hostile"); };
  const NamedTensors arrays = {{"a", ones({2, 3})}, {"b", zeros({5}, {.dtype = boolean})}};
  for (const ZipMethod method : {ZipMethod::kStored, ZipMethod::kDeflated})
    survive(test::as_text(encode_npz(arrays, method)), read, 4000);
}

TEST(Mutation, Pth) {
  const Reader read = [](auto bytes) { parse_pth(bytes, "hostile"); };
  for (const char* file : {"model.pth", "tensors_legacy.pth"}) {
    survive(test::get_file(std::string(FOVEA_SOURCE_DIR "/tests/golden/files/") + file), read,
            4000);
  }
}

TEST(Mutation, SafeTensors) {
  const Reader read = [](auto bytes) { parse_safetensors(bytes, "hostile"); };
  const StateDict tensors = {
      {"a.weight", ones({2, 3})}, {"b", zeros({5}, {.dtype = boolean})}, {"c", arange(3)}};
  survive(test::as_text(encode_safetensors(tensors, {{"k", "v"}})), read, 4000);
}

TEST(Mutation, Png) {
  const Reader read = [](auto bytes) { decode_image(bytes, "hostile"); };
  survive(test::as_text(encode_png(full({3, 9, 7}, 200, {.dtype = u8}))), read, 2000);
  test::PngFile file{.type = PNG_COLOR_TYPE_PALETTE,
                     .depth = 4,
                     .width = 6,
                     .height = 5,
                     .rows = std::string(15, '\x10'),
                     .interlaced = false};
  file.palette = {{1, 2, 3}, {4, 5, 6}};
  file.alpha = {7};
  survive(test::png_of(file), read, 2000);
}

TEST(Mutation, Jpeg) {
  const Reader read = [](auto bytes) { decode_image(bytes, "hostile"); };
  std::string rows;
  for (int i = 0; i < 24 * 16 * 3; ++i) rows += static_cast<char>(i * 7);
  for (const bool progressive : {false, true})
    survive(test::jpeg_of({.width = 24, .height = 16, .rows = rows, .progressive = progressive},
                          test::exif(6, progressive)),
            read, 1000);
}

}  // namespace
}  // namespace fovea::io
