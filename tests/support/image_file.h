// PNG and JPEG data of every kind, for tests of reading them. For tests that link libpng and
// libjpeg.
#pragma once

#include <png.h>
#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// jpeglib.h uses FILE and size_t without including their headers.
#include <jpeglib.h>

namespace fovea::test {

/// What a PNG file holds.
struct PngFile {
  int type = PNG_COLOR_TYPE_GRAY;       ///< PNG_COLOR_TYPE_...
  int depth = 8;                        ///< bits a channel
  int width = 1;                        ///< pixels a row
  int height = 1;                       ///< rows
  std::string rows;                     ///< the rows' bytes, one after the other
  bool interlaced = false;              ///< in Adam7's order
  std::vector<png_color> palette = {};  ///< colours, for PNG_COLOR_TYPE_PALETTE
  std::vector<png_byte> alpha = {};     ///< alpha of the first colours
};

/// The file's bytes.
inline std::string png_of(const PngFile& file) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep data, std::size_t count) {
        static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(data), count);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(file.width),
               static_cast<png_uint_32>(file.height), file.depth, file.type,
               file.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!file.palette.empty())
    png_set_PLTE(png, info, file.palette.data(), static_cast<int>(file.palette.size()));
  if (!file.alpha.empty())
    png_set_tRNS(png, info, file.alpha.data(), static_cast<int>(file.alpha.size()), nullptr);
  png_write_info(png, info);
  std::string rows = file.rows;
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  if (rows.size() != row_bytes * static_cast<std::size_t>(file.height))
    throw std::runtime_error("rows of another size");
  std::vector<png_bytep> pointers;
  pointers.reserve(static_cast<std::size_t>(file.height));
  for (int y = 0; y < file.height; ++y)
    pointers.push_back(reinterpret_cast<png_bytep>(rows.data()) +
                       static_cast<std::size_t>(y) * row_bytes);
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

/// A PNG that claims a size and begins its pixels, but has none.
inline std::string png_header(std::uint32_t width, std::uint32_t height) {
  const auto big = [](std::uint32_t value) {
    std::string text;
    for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(value >> shift & 0xff);
    return text;
  };
  const std::string head = "IHDR" + big(width) + big(height) + std::string("\x08\0\0\0\0", 5);
  const auto crc = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(head.data()), static_cast<uInt>(head.size())));
  return "\x89PNG\r\n\x1a\n" + big(13) + head + big(crc) + big(1000) + "IDAT" +
         std::string(1000, 'x');
}

/// What a JPEG file holds: 1, 3 or 4 bytes a pixel are grey, RGB or CMYK.
struct JpegFile {
  int width = 8;             ///< pixels a row
  int height = 8;            ///< rows
  std::string rows;          ///< the rows' bytes, one after the other
  bool progressive = false;  ///< in several scans
};

/// The file's bytes; `app1` is the content of its EXIF segment, if any.
inline std::string jpeg_of(const JpegFile& file, std::string_view app1 = {}) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = static_cast<JDIMENSION>(file.width);
  jpeg.image_height = static_cast<JDIMENSION>(file.height);
  const std::size_t row_bytes = file.rows.size() / static_cast<std::size_t>(file.height);
  jpeg.input_components = static_cast<int>(row_bytes) / file.width;
  jpeg.in_color_space = jpeg.input_components == 1   ? JCS_GRAYSCALE
                        : jpeg.input_components == 3 ? JCS_RGB
                                                     : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  for (int c = 0; c < jpeg.num_components; ++c)  // colours at full resolution
    jpeg.comp_info[c].h_samp_factor = jpeg.comp_info[c].v_samp_factor = 1;
  if (file.progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  if (!app1.empty())
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(app1.data()),
                      static_cast<unsigned>(app1.size()));
  std::string rows = file.rows;
  for (int y = 0; y < file.height; ++y) {
    auto* row = reinterpret_cast<JSAMPROW>(rows.data() + static_cast<std::size_t>(y) * row_bytes);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string out(reinterpret_cast<char*>(buffer), size);
  jpeg_destroy_compress(&jpeg);
  std::free(buffer);
  return out;
}

/// An EXIF segment with an orientation, after another tag.
inline std::string exif(int orientation, bool big_endian) {
  const auto number = [&](unsigned value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i)
      text += static_cast<char>(value >> 8 * (big_endian ? bytes - 1 - i : i) & 0xff);
    return text;
  };
  return std::string("Exif\0\0", 6) + (big_endian ? "MM" : "II") + number(42, 2) + number(8, 4) +
         number(2, 2) + number(0x0100, 2) + number(3, 2) + number(1, 4) + number(77, 2) +
         number(0, 2) + number(0x0112, 2) + number(3, 2) + number(1, 4) +
         number(static_cast<unsigned>(orientation), 2) + number(0, 2) + number(0, 4);
}

/// A grey picture as a camera held in `orientation` stores it, so that it is `upright` when turned.
/// By the table of EXIF 2.3: where the stored picture's row 0 and column 0 are in the upright one.
inline JpegFile stored_as(int orientation, int width, int height, std::string_view upright) {
  const bool rows_are_columns = orientation >= 5;
  // Row 0 is at the bottom (3, 4) or, of columns, at the right (6, 7); column 0 is at the right
  // (2, 3) or, of rows, at the bottom (7, 8).
  const bool row_from_end =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool column_from_end =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  JpegFile file{.width = rows_are_columns ? height : width,
                .height = rows_are_columns ? width : height,
                .rows = {}};
  for (int row = 0; row < file.height; ++row)
    for (int column = 0; column < file.width; ++column) {
      const int r = row_from_end ? file.height - 1 - row : row;
      const int c = column_from_end ? file.width - 1 - column : column;
      file.rows +=
          upright[static_cast<std::size_t>(rows_are_columns ? c * width + r : r * width + c)];
    }
  return file;
}

}  // namespace fovea::test
