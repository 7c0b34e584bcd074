// Files damaged at random: each reader either reads one or throws a ParseError of one line that
// names the file. A sanitised build shows what else could go wrong.
#include <gtest/gtest.h>

#include <string>

#include "fovea/io/pictures/image.h"
#include "fovea/io/tensors/idx.h"
#include "fovea/io/tensors/npy.h"
#include "fovea/io/tensors/npz.h"
#include "fovea/io/tensors/pth.h"
#include "fovea/io/tensors/safetensors.h"
#include "tests/support/damage.h"
#include "tests/support/gzip_file.h"
#include "tests/support/image_file.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::Reader;
using test::survive;

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

// One of each way that pixels lie in these files.
TEST(Mutation, WebPAndTiffAndBmp) {
  const Reader read = [](auto bytes) { decode_image(bytes, "hostile"); };
  for (const char* file :
       {"lossless.webp", "lossy.webp", "alpha.webp", "turned.webp", "animated.webp", "grey_16.tif",
        "rgb_lzw.tif", "rgb_jpeg.tif", "by_hand_big.tif", "palette.tif", "bits.tif", "palette.bmp",
        "rgba.bmp", "runs_8.bmp", "runs_4.bmp", "core.bmp"}) {
    SCOPED_TRACE(file);
    survive(test::get_file(std::string(FOVEA_SOURCE_DIR "/tests/golden/pictures/") + file), read,
            1000);
  }
}

}  // namespace
}  // namespace fovea::io
