// WebP, TIFF and BMP: every kind of file against what Pillow decodes of it (tests/golden/pictures),
// and what is damaged or too large. PNG and JPEG are tested in image_test.cpp.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "fovea/core/error.h"
#include "fovea/io/pictures/image.h"
#include "fovea/io/tensors/npz.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::as_bytes;
using test::get_file;
using test::message_of;
using testing::HasSubstr;
using testing::StartsWith;

const std::filesystem::path kPictures = FOVEA_SOURCE_DIR "/tests/golden/pictures";

std::string defect(std::string_view content) {
  return message_of<ParseError>([&] { decode_image(as_bytes(content), "a.bin"); });
}

std::string golden(const std::string& name) { return get_file(kPictures / name); }

/// `content` with `bytes` in place of those at `at`.
std::string changed(std::string content, std::size_t at, std::string_view bytes) {
  return content.replace(at, bytes.size(), bytes);
}

TEST(Formats, AreReadAsPillowReadsThem) {
  const NamedTensors expected = load_npz(kPictures / "values.npz");
  EXPECT_EQ(expected.size(), 33u);
  for (const auto& [name, values] : expected) {
    const Image image = read_image(kPictures / name);
    EXPECT_EQ(image.sizes(), values.sizes()) << name;
    EXPECT_EQ(image.to_vector<int>(), values.to_vector<int>()) << name;
  }
}

TEST(Formats, GiveTheChannelsAskedFor) {
  for (const char* name : {"grey.tif", "rgb.bmp", "alpha.webp"}) {
    EXPECT_EQ(read_image(kPictures / name, Channels::kGrey).size(0), 1) << name;
    EXPECT_EQ(read_image(kPictures / name, Channels::kRgb).size(0), 3) << name;
  }
}

TEST(Formats, AreCheckedForTheirSizeBeforeTheyAreUnpacked) {
  const auto refused = [](std::string_view content, std::uint64_t most) {
    return message_of<ParseError>(
        [&] { decode_image(as_bytes(content), "a.bin", Channels::kRgb, most); });
  };
  EXPECT_EQ(refused(golden("lossless.webp"), 116),
            "webp: size expected at most 65536 a side and 116 pixels (max_pixels), got 13x9 "
            "(a.bin, byte 12)");
  EXPECT_THAT(refused(golden("animated.webp"), 41),
              StartsWith("webp: size expected at most 65536 a side and 41 pixels"));
  EXPECT_THAT(refused(golden("rgb_lzw.tif"), 125),
              StartsWith("tiff: size expected at most 65536 a side and 125 pixels (max_pixels), "
                         "got 14x9 (a.bin, byte "));
  EXPECT_EQ(refused(golden("rgb.bmp"), 69),
            "bmp: size expected at most 65536 a side and 69 pixels (max_pixels), got 10x7 (a.bin, "
            "byte 18)");
  const std::string bmp = golden("rgb.bmp");
  EXPECT_THAT(defect(changed(bmp, 18, "\xff\xff\xff\x7f")), HasSubstr("got 2147483647x7 ("));
  EXPECT_THAT(defect(changed(bmp, 18, "\xff\xff\xff\xff")), HasSubstr("got 0x7 ("));
  EXPECT_THAT(defect(changed(bmp, 22, {"\0\0\0\x80", 4})), HasSubstr("got 10x2147483648 ("));
}

TEST(WebP, NamesDamage) {
  const std::string good = golden("lossy.webp");
  for (const std::size_t length : {std::size_t{12}, std::size_t{25}, good.size() - 5})
    EXPECT_EQ(defect(good.substr(0, length)),
              str("webp: data expected to be undamaged, got \"the end of the file\" (a.bin, byte ",
                  length, ")"));
  EXPECT_EQ(defect(changed(golden("lossless.webp"), 20, "x")),
            "webp: data expected to be undamaged, got \"a damaged bitstream\" (a.bin, byte 12)");
  const std::string animated = golden("animated.webp");
  EXPECT_EQ(defect(animated.substr(0, animated.size() - 40)),
            "webp: data expected to be undamaged, got \"a damaged bitstream\" (a.bin, byte 12)");
}

TEST(Tiff, NamesDamageAndWhatItIsNot) {
  const std::string good = golden("rgb_lzw.tif");
  for (std::size_t length = 8; length < good.size(); length += 23)
    EXPECT_THAT(defect(good.substr(0, length)),
                StartsWith("tiff: data expected to be undamaged, got \""));
  EXPECT_THAT(defect(golden("rgb_deflate.tif").replace(20, 8, "damaged!")),
              StartsWith("tiff: data expected to be undamaged, got \""));
  // Tables that are their own next ones, or lie behind the end.
  EXPECT_THAT(defect({"II*\0\xff\xff\xff\xff", 8}), StartsWith("tiff: data expected"));
}

/// A TIFF of one entry more or another one: the table of `name` with `tag` given `value` (SHORT).
std::string with_tag(const std::string& name, unsigned tag, std::uint16_t value) {
  std::string file = golden(name);
  const auto load = [&](std::size_t at, int bytes) {
    std::size_t number = 0;
    for (int i = bytes; i-- > 0;)
      number = number << 8 | static_cast<unsigned char>(file[at + static_cast<std::size_t>(i)]);
    return number;
  };
  const std::size_t table = load(4, 4), entries = load(table, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = table + 2 + 12 * i;
    if (load(entry, 2) != tag) continue;
    file[entry + 8] = static_cast<char>(value & 0xff);
    file[entry + 9] = static_cast<char>(value >> 8);
  }
  return file;
}

TEST(Tiff, RefusesWhatHasNoMeaningAsAPicture) {
  const std::string what =
      "tiff: image expected to be one of whole numbers of 1 to 16 bits, grey, RGB, CMYK, YCbCr or "
      "with a palette, got \"";
  EXPECT_THAT(
      defect(with_tag("white_is_zero.tif", 258, 32)),
      StartsWith(what + "Sorry, can not handle images with 32-bit samples\" (a.bin, byte "));
  EXPECT_THAT(defect(with_tag("white_is_zero.tif", 259, 6)),
              StartsWith(what + "JPEG as TIFF 6.0 had it, which is given up\""));
  // The entry of SamplesPerPixel made one of SampleFormat: 2, with a sign.
  std::string file = with_tag("white_is_zero.tif", 277, 2);
  file.replace(file.find(std::string("\x15\x01\x03\0", 4)), 4, {"\x53\x01\x03\0", 4});
  EXPECT_THAT(defect(file), StartsWith(what + "numbers with a sign\""));
}

TEST(Tiff, RefusesTilesThatWouldTakeAnHour) {
  // Planes of 18x20 pixels; tiles of 16x16 made ones of 65520 x 65520.
  std::string file = with_tag("by_hand_little.tif", 322, 65520);
  const std::size_t length = file.find(std::string("\x43\x01\x03\0", 4)) + 8;
  file[length] = '\xf0', file[length + 1] = '\xff';
  EXPECT_THAT(defect(file),
              StartsWith("tiff: tiles expected not to be much larger than their image of 18x20, "
                         "got 65520x65520 (a.bin, byte "));
}

TEST(Bmp, NamesDamage) {
  const std::string good = golden("rgb.bmp");
  EXPECT_EQ(defect(good.substr(0, 100)),
            "bmp: data expected to go on for 224 bytes from byte 54, got the end of the file "
            "(a.bin, byte 100)");
  EXPECT_EQ(defect(good.substr(0, 30)),
            "bmp: data expected to go on for 4 bytes from byte 30, got the end of the file (a.bin, "
            "byte 30)");
  EXPECT_EQ(defect(changed(good, 10, {"\x35\0\0\0", 4})),
            "bmp: pixels expected behind the header, got byte 53 (a.bin, byte 10)");
  EXPECT_EQ(defect(changed(good, 30, "\4")),
            "bmp: pixels expected plain, in runs (of 4 or 8 bits) or with masks (of 16 or 32), got "
            "packing 4 of 24 bits (a.bin, byte 30)");
  EXPECT_EQ(defect(changed(golden("rgb_565.bmp"), 54, "\x01")),
            "bmp: mask of a colour expected to be bits in a row, got 63489 (a.bin, byte 54)");
  EXPECT_EQ(defect(changed(golden("runs_8.bmp"), 54 + 64, "\x08")),
            "bmp: run expected to end inside its row of 7 pixels (a.bin, byte 119)");
  EXPECT_EQ(defect(changed(golden("runs_8.bmp"), 54 + 65, "\x10")),
            "bmp: colours expected among the 16 of the palette, got 16 (a.bin, byte 118)");
}

TEST(Bmp, MayEndWithItsLastRun) {
  const std::string file = golden("runs_4.bmp");
  const Image whole = decode_image(as_bytes(file), "a.bmp");
  // Without the two bytes that say so; but not before the last row is there.
  std::string full = changed(file, file.size() - 4, "\x05\x77");
  EXPECT_EQ(decode_image(as_bytes(full.substr(0, full.size() - 2)), "a.bmp").sizes(),
            whole.sizes());
  EXPECT_THAT(defect(file.substr(0, file.size() - 2)), HasSubstr("got the end of the file"));
}

}  // namespace
}  // namespace fovea::io
