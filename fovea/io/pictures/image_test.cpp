#include "fovea/io/pictures/image.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/pictures/image_codec.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/image_file.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::as_bytes;
using test::jpeg_of;
using test::message_of;
using test::png_of;
using test::PngFile;
using test::TempDir;
using Bytes = std::vector<std::uint8_t>;

Image decode(std::string_view content, Channels channels = Channels::kAsStored) {
  return decode_image(as_bytes(content), "a.png", channels);
}
Bytes values(std::string_view content, Channels channels = Channels::kAsStored) {
  return decode(content, channels).to_vector<std::uint8_t>();
}
std::string defect(std::string_view content) {
  return message_of<ParseError>([&] { decode(content); });
}

TEST(Png, KeepsWhatIsWritten) {
  const TempDir dir;
  for (const Shape& shape : {Shape{1, 5, 7}, Shape{3, 5, 7}, Shape{1, 1, 1}, Shape{3, 300, 2}}) {
    const Tensor image = arange(0, static_cast<double>(shape.numel())).view(shape).to(u8);
    write_png(dir / "a.png", image);
    EXPECT_TRUE(equal(read_image(dir / "a.png"), image)) << shape;
    EXPECT_EQ(encode_png(image), encode_png(image));
  }
}

TEST(Png, WritesViews) {
  const Tensor image = arange(0, 12).view({2, 3, 2}).permute({1, 0, 2}).to(u8);
  EXPECT_TRUE(equal(decode_image(encode_png(image), "a.png"), image));
  const Tensor row = image.slice(0, 1, 2);
  EXPECT_TRUE(equal(decode_image(encode_png(row), "a.png"), row));
}

TEST(Png, RefusesToWriteWhatIsNoImage) {
  EXPECT_EQ(message_of<DTypeError>([] {
              encode_png(zeros({1, 2, 2}));
            }),
            "write_png: dtype expected u8, got f32 (image [1, 2, 2])");
  const auto refused = [](const Shape& shape) {
    return message_of<ShapeError>([&] { encode_png(zeros(shape, {.dtype = u8})); });
  };
  EXPECT_EQ(refused({2, 2}), "write_png: image expected [1, h, w] or [3, h, w], got [2, 2]");
  EXPECT_EQ(refused({2, 2, 2}), "write_png: image expected [1, h, w] or [3, h, w], got [2, 2, 2]");
  EXPECT_EQ(refused({1, 0, 2}), "write_png: image expected [1, h, w] or [3, h, w], got [1, 0, 2]");
  EXPECT_EQ(refused({1, 1, 65537}),
            "write_png: image expected at most 65536 a side, got [1, 1, 65537]");
  // What libpng itself refuses, which encode_png lets nobody ask for.
  EXPECT_EQ(message_of<IoError>([] { pack_png({}); }),
            "write_png: image expected to be packed, got \"Invalid IHDR data\"");
}

TEST(Png, ReadsEveryKindOfPixel) {
  const auto file = [](int type, int depth, int width, const std::string& row) {
    return png_of({.type = type, .depth = depth, .width = width, .height = 1, .rows = row});
  };
  EXPECT_EQ(values(file(PNG_COLOR_TYPE_GRAY, 8, 2, "\x10\xff")), (Bytes{0x10, 0xff}));
  EXPECT_EQ(values(file(PNG_COLOR_TYPE_GRAY, 1, 4, "\xa0")), (Bytes{255, 0, 255, 0}));
  EXPECT_EQ(values(file(PNG_COLOR_TYPE_GRAY, 4, 2, "\x1f")), (Bytes{0x11, 255}));
  // 16 bits are rounded: 0x0180 / 257 is 1.49, 0x0181 / 257 is 1.5.
  EXPECT_EQ(values(file(PNG_COLOR_TYPE_GRAY, 16, 3, std::string("\x01\x80\x01\x83\xff\xff", 6))),
            (Bytes{1, 2, 255}));
  EXPECT_EQ(values(file(PNG_COLOR_TYPE_RGB, 8, 2, "\1\2\3\4\5\6")), (Bytes{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(decode(file(PNG_COLOR_TYPE_RGB, 8, 2, "\1\2\3\4\5\6")).sizes(), (Shape{3, 1, 2}));
  PngFile palette{.type = PNG_COLOR_TYPE_PALETTE,
                  .depth = 8,
                  .width = 2,
                  .height = 1,
                  .rows = std::string("\1\0", 2)};
  palette.palette = {{10, 20, 30}, {40, 50, 60}};
  EXPECT_EQ(values(png_of(palette)), (Bytes{40, 10, 50, 20, 60, 30}));
}

TEST(Png, LaysTransparencyOverWhite) {
  const auto file = [](int type, int width, const std::string& row) {
    return png_of({.type = type, .depth = 8, .width = width, .height = 1, .rows = row});
  };
  // Values 100 with alpha 255, 0 and 128: 100, white, and (100*128 + 255*127 + 127) / 255 = 177.
  const std::string grey("\x64\xff\x64\x00\x64\x80", 6);
  EXPECT_EQ(values(file(PNG_COLOR_TYPE_GRAY_ALPHA, 3, grey)), (Bytes{100, 255, 177}));
  const std::string rgba("\x64\x00\xff\x80", 4);
  EXPECT_EQ(values(file(PNG_COLOR_TYPE_RGB_ALPHA, 1, rgba)), (Bytes{177, 127, 255}));
  PngFile palette{.type = PNG_COLOR_TYPE_PALETTE,
                  .depth = 8,
                  .width = 2,
                  .height = 1,
                  .rows = std::string("\1\0", 2)};
  palette.palette = {{10, 20, 30}, {40, 50, 60}};
  palette.alpha = {0};
  EXPECT_EQ(values(png_of(palette)), (Bytes{40, 255, 50, 255, 60, 255}));
}

TEST(Png, ReadsInterlacedFiles) {
  std::string rows;
  for (int i = 0; i < 9 * 11; ++i) rows += static_cast<char>(i);
  PngFile file{.type = PNG_COLOR_TYPE_GRAY, .depth = 8, .width = 11, .height = 9, .rows = rows};
  const Bytes plain = values(png_of(file));
  file.interlaced = true;
  EXPECT_EQ(values(png_of(file)), plain);
}

TEST(Image, GivesTheChannelsAskedFor) {
  const std::string rgb = png_of({.type = PNG_COLOR_TYPE_RGB,
                                  .depth = 8,
                                  .width = 2,
                                  .height = 1,
                                  .rows = std::string("\xff\0\0\x0a\x14\x1e", 6)});
  // Pillow: round(255 * 0.299) = 76, and (19595*10 + 38470*20 + 7471*30 + 32768) / 65536 = 18.
  EXPECT_EQ(values(rgb, Channels::kGrey), (Bytes{76, 18}));
  const std::string grey =
      png_of({.type = PNG_COLOR_TYPE_GRAY, .depth = 8, .width = 2, .height = 1, .rows = "ab"});
  EXPECT_EQ(values(grey, Channels::kRgb), (Bytes{'a', 'b', 'a', 'b', 'a', 'b'}));
  EXPECT_EQ(decode(grey, Channels::kGrey).sizes(), (Shape{1, 1, 2}));
}

TEST(Image, NamesWhatIsNoImage) {
  EXPECT_EQ(defect(""),
            "image: first bytes expected those of PNG, JPEG, WebP, BMP or TIFF, got none (a.png, "
            "byte 0)");
  EXPECT_EQ(defect("no image"),
            "image: first bytes expected those of PNG, JPEG, WebP, BMP or TIFF, got 6e 6f 20 69 "
            "(a.png, byte 0)");
  EXPECT_EQ(defect("\x89PNG"),
            "image: first bytes expected those of PNG, JPEG, WebP, BMP or TIFF, got 89 50 4e 47 "
            "(a.png, byte 0)");
  EXPECT_EQ(message_of<IoError>([] { read_image("/no/such.png"); }),
            "read_file: /no/such.png expected to be readable, got \"No such file or directory\"");
}

TEST(Image, NamesTheFormatThatItIs) {
  const auto got = [](std::string_view content) {
    const std::string text = defect(content);
    const std::size_t start = text.find("got ") + 4;
    return text.substr(start, text.rfind(',', text.find(" (a.png")) - start);
  };
  EXPECT_EQ(defect("GIF89a"),
            "image: first bytes expected those of PNG, JPEG, WebP, BMP or TIFF, got those of GIF, "
            "47 49 46 38 "
            "(a.png, byte 0)");
  EXPECT_EQ(got({"\0\0\0\x18"
                 "ftypheic",
                 12}),
            "those of HEIC");
  EXPECT_EQ(got({"\0\0\0\x18"
                 "ftypavif",
                 12}),
            "those of AVIF");
  EXPECT_EQ(got({"\0\0\0\x0cjP  \r\n", 10}), "those of JPEG 2000");
  EXPECT_EQ(got("\xff\x0a??"), "those of JPEG XL");
  EXPECT_EQ(got({"\0\0\1\0", 4}), "those of ICO");
  EXPECT_EQ(got("%PDF-1.5"), "those of PDF");
  EXPECT_EQ(got("<!doctype html>"), "those of text (HTML or XML)");
}

TEST(Image, MayHaveAsManyPixelsAsOneSays) {
  const TempDir dir;
  write_png(dir / "a.png", zeros({1, 3, 4}, {.dtype = u8}));
  EXPECT_EQ(read_image(dir / "a.png", Channels::kGrey, 12).numel(), 12);
  EXPECT_THAT(message_of<ParseError>([&] { read_image(dir / "a.png", Channels::kGrey, 11); }),
              testing::HasSubstr("and 11 pixels (max_pixels), got 4x3 ("));
  // More than the limit there is without a word: only the header is looked at here.
  const std::string large = test::png_header(12000, 9000);
  EXPECT_THAT(message_of<ParseError>(
                  [&] { decode_image(as_bytes(large), "a.png", Channels::kRgb, 12000 * 9000); }),
              testing::HasSubstr("png: data expected to be undamaged"));
}

TEST(Png, NamesDamageWhereverItIs) {
  std::string rows(64 * 64, '\0');
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<char>(i * i >> 3);
  const std::string good =
      png_of({.type = PNG_COLOR_TYPE_GRAY, .depth = 8, .width = 64, .height = 64, .rows = rows});
  for (std::size_t length = 8; length < good.size(); length += 7)
    EXPECT_EQ(defect(good.substr(0, length)),
              str("png: data expected to be undamaged, got \"the end of the file\" (a.png, byte ",
                  length, ")"));
  std::string damaged = good;
  damaged[good.size() / 2] ^= 0x55;
  EXPECT_TRUE(defect(damaged).starts_with("png: data expected to be undamaged, got \"IDAT: "))
      << defect(damaged);
}

TEST(Png, RefusesBombs) {
  const auto with_size = [](std::uint32_t width, std::uint32_t height) {
    return test::png_header(width, height);
  };
  EXPECT_EQ(defect(with_size(65537, 1)),
            "png: size expected at most 65536 a side and 67108864 pixels (max_pixels), got 65537x1 "
            "(a.png, byte 41)");
  EXPECT_EQ(defect(with_size(60000, 60000)),
            "png: size expected at most 65536 a side and 67108864 pixels (max_pixels), got "
            "60000x60000 (a.png, byte 41)");
}

// A picture of smooth slopes, which JPEG keeps within a few steps.
std::string slopes(int width, int height, int channels) {
  std::string rows;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        rows += static_cast<char>(40 + 8 * (c == 0 ? x : c == 1 ? y : 7));
  return rows;
}

void expect_near(const Bytes& actual, const Bytes& expected, int tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    EXPECT_NEAR(int{actual[i]}, int{expected[i]}, tolerance) << i;
}

Bytes planes(std::string_view rows, int channels) {
  Bytes result;
  for (int c = 0; c < channels; ++c)
    for (std::size_t i = static_cast<std::size_t>(c); i < rows.size(); i += channels)
      result.push_back(static_cast<std::uint8_t>(rows[i]));
  return result;
}

TEST(Jpeg, ReadsGreyAndColour) {
  const std::string grey = slopes(16, 8, 1), rgb = slopes(16, 8, 3);
  EXPECT_EQ(decode(jpeg_of({.width = 16, .height = 8, .rows = grey})).sizes(), (Shape{1, 8, 16}));
  expect_near(values(jpeg_of({.width = 16, .height = 8, .rows = grey})), planes(grey, 1), 3);
  expect_near(values(jpeg_of({.width = 16, .height = 8, .rows = rgb})), planes(rgb, 3), 6);
  expect_near(values(jpeg_of({.width = 16, .height = 8, .rows = rgb, .progressive = true})),
              planes(rgb, 3), 6);
}

TEST(Jpeg, ReadsCmyk) {
  // libjpeg writes Adobe's marker, and so the values are inverted ones: C 255 means no cyan.
  std::string rows;
  for (int i = 0; i < 64; ++i) rows += "\xff\x80\x40\xc8";
  const Bytes image = values(jpeg_of({.width = 8, .height = 8, .rows = rows}));
  ASSERT_EQ(image.size(), 3u * 64u);
  EXPECT_NEAR(image[0], 200, 3);  // 255 * 200 / 255
  EXPECT_NEAR(image[64], 128 * 200 / 255.0, 3);
  EXPECT_NEAR(image[128], 64 * 200 / 255.0, 3);
}

TEST(Jpeg, StandsUpright) {
  // Upright: dark left to bright right, four pixels high and eight wide; stored as each of the
  // eight orientations says.
  const std::string upright_rows = slopes(16, 8, 1);
  const Tensor upright = decode(jpeg_of({.width = 16, .height = 8, .rows = upright_rows}));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const test::JpegFile file = test::stored_as(orientation, 16, 8, upright_rows);
    for (const bool big_endian : {false, true}) {
      const Tensor image = decode(jpeg_of(file, test::exif(orientation, big_endian)));
      ASSERT_EQ(image.sizes(), (Shape{1, 8, 16})) << orientation;
      expect_near(image.to_vector<std::uint8_t>(), planes(upright_rows, 1), 3);
    }
  }
  // Tags that mean nothing, or lie about where they are, leave the picture as it is.
  for (const std::string& segment : {test::exif(9, false), test::exif(6, false).substr(0, 20),
                                     std::string("Exif\0\0II*\0\xff\xff\xff\xff", 14)})
    EXPECT_TRUE(
        equal(decode(jpeg_of({.width = 16, .height = 8, .rows = upright_rows}, segment)), upright));
}

/// A chunk of a PNG.
std::string chunk(const std::string& kind, const std::string& content) {
  const auto big = [](std::size_t value) {
    std::string text;
    for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(value >> shift & 0xff);
    return text;
  };
  const std::string body = kind + content;
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big(content.size()) + body + big(crc);
}

/// A grey PNG of 2 rows and 3 columns, 0 to 5, with chunks before and behind its pixels.
std::string numbered_png(const std::string& before, const std::string& behind = "") {
  std::string file = png_of({.type = PNG_COLOR_TYPE_GRAY,
                             .depth = 8,
                             .width = 3,
                             .height = 2,
                             .rows = std::string("\0\1\2\3\4\5", 6)});
  file.insert(file.size() - 12, behind);
  return file.insert(33, before);
}

constexpr const char* kXmp = "<x:xmpmeta><rdf:Description tiff:Orientation=\"6\"/></x:xmpmeta>";

TEST(Png, StandsUpright) {
  // Turned as Pillow's exif_transpose turns it: the left column becomes the top row, from below.
  const Bytes turned = {3, 0, 4, 1, 5, 2}, stored = {0, 1, 2, 3, 4, 5};
  const std::string exif = test::exif(6, true), tiff = exif.substr(6);
  EXPECT_EQ(decode(numbered_png(chunk("eXIf", tiff))).sizes(), (Shape{1, 3, 2}));
  EXPECT_EQ(values(numbered_png(chunk("eXIf", tiff))), turned);
  EXPECT_EQ(values(numbered_png(chunk("eXIf", test::exif(6, false).substr(6)))), turned);
  EXPECT_EQ(values(numbered_png("", chunk("eXIf", tiff))), turned);
  EXPECT_EQ(values(numbered_png(chunk("eXIf", test::exif(9, true).substr(6)))), stored);
  EXPECT_EQ(values(numbered_png(chunk("eXIf", "MM"))), stored);
  // As ImageMagick keeps it, and in XMP.
  std::string digits;
  for (const char c : exif) {
    constexpr std::string_view kHex = "0123456789abcdef";
    digits += {kHex[static_cast<unsigned char>(c) >> 4], kHex[c & 15]};
    if (digits.size() % 72 == 0) digits += '\n';
  }
  const std::string name("Raw profile type exif\0", 22);
  const std::string profile = chunk("tEXt", name + "\nexif\n      46\n" + digits + "\n");
  EXPECT_EQ(values(numbered_png(profile)), turned);
  EXPECT_EQ(values(numbered_png(chunk("tEXt", name))), stored);
  const std::string xmp = chunk("iTXt", std::string("XML:com.adobe.xmp\0\0\0\0\0", 22) + kXmp);
  EXPECT_EQ(values(numbered_png(xmp)), turned);
  EXPECT_EQ(values(numbered_png(xmp + chunk("eXIf", test::exif(1, true).substr(6)))), stored)
      << "EXIF goes before XMP";
}

/// EXIF whose orientation is 6, stored as a number of TIFF type `type`, whose bytes are `value`.
std::string exif_with(int type, const std::string& value) {
  const auto big = [](std::size_t number, int bytes) {
    std::string text;
    for (int i = bytes; i-- > 0;) text += static_cast<char>(number >> 8 * i & 0xff);
    return text;
  };
  const std::string head = std::string("Exif\0\0MM\0*", 10) + big(8, 4) + big(1, 2) +
                           big(0x112, 2) + big(static_cast<std::size_t>(type), 2) + big(1, 4);
  if (value.size() > 4) return head + big(26, 4) + big(0, 4) + value;
  return head + value + std::string(4 - value.size(), '\0') + big(0, 4);
}

// Which types count is what Pillow's exif_transpose makes of such files.
TEST(Exif, CountsNumbersOfEveryType) {
  const auto orientation = [](int type, std::string_view value) {
    return exif_orientation(as_bytes(exif_with(type, std::string(value))));
  };
  EXPECT_EQ(orientation(3, {"\0\6", 2}), 6) << "SHORT";
  EXPECT_EQ(orientation(4, {"\0\0\0\6", 4}), 6) << "LONG";
  EXPECT_EQ(orientation(5, {"\0\0\0\6\0\0\0\1", 8}), 6) << "RATIONAL";
  EXPECT_EQ(orientation(8, {"\0\6", 2}), 6) << "SSHORT";
  EXPECT_EQ(orientation(9, {"\0\0\0\6", 4}), 6) << "SLONG";
  EXPECT_EQ(orientation(10, {"\0\0\0\x0c\0\0\0\2", 8}), 6) << "SRATIONAL";
  EXPECT_EQ(orientation(11, {"\x40\xc0\0\0", 4}), 6) << "FLOAT";
  EXPECT_EQ(orientation(12, {"\x40\x18\0\0\0\0\0\0", 8}), 6) << "DOUBLE";
  EXPECT_EQ(orientation(13, {"\0\0\0\6", 4}), 6) << "IFD";
  EXPECT_EQ(orientation(16, {"\0\0\0\0\0\0\0\6", 8}), 6) << "LONG8";
  EXPECT_EQ(orientation(1, "\6"), 1) << "BYTE";
  EXPECT_EQ(orientation(2, "6"), 1) << "ASCII";
  EXPECT_EQ(orientation(7, "\6"), 1) << "UNDEFINED";
  EXPECT_EQ(orientation(99, "\6"), 1) << "no type";
  EXPECT_EQ(orientation(4, {"\0\0\0\x09", 4}), 1) << "no orientation";
  EXPECT_EQ(orientation(5, {"\0\0\0\6\0\0\0\0", 8}), 1) << "divided by 0";
  EXPECT_EQ(exif_orientation(as_bytes(exif_with(12, "\x40\x18"))), 1) << "cut off";
}

TEST(Jpeg, StandsUprightByLongAndByXmp) {
  const std::string rows = slopes(16, 8, 1);
  const std::string xmp = std::string("http://ns.adobe.com/xap/1.0/\0", 29) + kXmp;
  for (const std::string& segment : {exif_with(4, std::string("\0\0\0\6", 4)), xmp}) {
    const test::JpegFile file = test::stored_as(6, 16, 8, rows);
    EXPECT_EQ(decode(jpeg_of(file, segment)).sizes(), (Shape{1, 8, 16}));
  }
  EXPECT_EQ(xmp_orientation("<tiff:Orientation>8</tiff:Orientation>"), 8);
  EXPECT_EQ(xmp_orientation("tiff:Orientation='8' tiff:Orientation=\"3\""), 3);
  EXPECT_EQ(xmp_orientation("tiff:Orientation=\"9\""), 1);
  EXPECT_EQ(xmp_orientation("tiff:Orientation=\""), 0);
}

TEST(Jpeg, NamesDamage) {
  std::string rows = slopes(64, 64, 1);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<char>(i * i >> 3);
  const std::string good = jpeg_of({.width = 64, .height = 64, .rows = rows});
  for (const std::size_t length :
       {std::size_t{3}, good.size() / 4, good.size() / 2, good.size() - 2})
    EXPECT_TRUE(
        defect(good.substr(0, length)).starts_with("jpeg: data expected to be undamaged, got \""))
        << length << " " << defect(good.substr(0, length));
  EXPECT_EQ(
      defect("\xff\xd8\xff\xd9"),
      "jpeg: data expected to be undamaged, got \"JPEG datastream contains no image\" (a.png, "
      "byte 4)");
}

TEST(Jpeg, RefusesBombs) {
  std::string file = jpeg_of({.width = 8, .height = 8, .rows = slopes(8, 8, 1)});
  // The frame header: ff c0, two bytes of length, one of precision, height, width.
  const std::size_t frame = file.find("\xff\xc0");
  file.replace(frame + 5, 4, "\xff\xdc\xff\xdc");
  EXPECT_TRUE(
      defect(file).starts_with("jpeg: size expected at most 65536 a side and 67108864 pixels "
                               "(max_pixels), got 65500x65500 (a.png, byte "))
      << defect(file);
}

}  // namespace
}  // namespace fovea::io
