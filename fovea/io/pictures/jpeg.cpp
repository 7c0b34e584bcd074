// JPEG through libjpeg. Its errors jump (longjmp) over the frames between; so every function that
// libjpeg can jump out of holds nothing that needs destruction, and all that does lives in the
// caller's JpegReader.
#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <utility>

// jpeglib.h uses FILE and size_t without including their headers.
#include <jerror.h>
#include <jpeglib.h>

#include "fovea/core/error.h"
#include "fovea/io/pictures/image_codec.h"

namespace fovea::io {

namespace {

// A progressive file may hold any number of scans, each of which passes over all pixels: a small
// file could keep a reader busy for hours. Real ones have a dozen.
constexpr int kMaxScans = 500;

struct JpegReader {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
  bool created = false;
  Pixels pixels;

  ~JpegReader() {
    if (created) jpeg_destroy_decompress(&jpeg);
  }
};

[[noreturn]] void on_error(j_common_ptr jpeg) {
  auto* state = static_cast<JpegReader*>(jpeg->client_data);
  (*jpeg->err->format_message)(jpeg, state->message);
  std::longjmp(state->jump, 1);
}

// libjpeg fills what is missing with grey and only warns; here that is an error. Other warnings
// (odd version numbers, stray bytes between segments) are about files that decode well.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      on_error(jpeg);
    default:
      break;
  }
}

void on_progress(j_common_ptr jpeg) {
  const auto* decompress = reinterpret_cast<j_decompress_ptr>(jpeg);
  if (decompress->input_scan_number <= kMaxScans) return;
  auto* state = static_cast<JpegReader*>(jpeg->client_data);
  std::snprintf(state->message, sizeof state->message, "more than %d scans", kMaxScans);
  std::longjmp(state->jump, 1);
}

bool read_header(JpegReader& state, std::span<const std::byte> content) {
  if (setjmp(state.jump)) return false;
  jpeg_create_decompress(&state.jpeg);
  state.created = true;
  state.jpeg.client_data = &state;
  state.jpeg.progress = &state.progress;
  state.progress.progress_monitor = on_progress;
  jpeg_mem_src(&state.jpeg, reinterpret_cast<const unsigned char*>(content.data()),
               static_cast<unsigned long>(content.size()));
  jpeg_save_markers(&state.jpeg, JPEG_APP0 + 1, 0xffff);  // EXIF
  jpeg_read_header(&state.jpeg, TRUE);
  state.pixels.width = state.jpeg.image_width;
  state.pixels.height = state.jpeg.image_height;
  return true;
}

// Grey stays grey, CMYK stays for the caller, anything else becomes RGB.
bool start(JpegReader& state) {
  if (setjmp(state.jump)) return false;
  const J_COLOR_SPACE stored = state.jpeg.jpeg_color_space;
  state.jpeg.out_color_space = stored == JCS_GRAYSCALE                    ? JCS_GRAYSCALE
                               : stored == JCS_CMYK || stored == JCS_YCCK ? JCS_CMYK
                                                                          : JCS_RGB;
  state.jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&state.jpeg);
  state.pixels.channels = static_cast<std::size_t>(state.jpeg.output_components);
  return true;
}

bool read_pixels(JpegReader& state) {
  if (setjmp(state.jump)) return false;
  const std::size_t row_bytes = state.pixels.width * state.pixels.channels;
  while (state.jpeg.output_scanline < state.jpeg.output_height) {
    JSAMPROW row = state.pixels.values.data() + state.jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&state.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&state.jpeg);
  return true;
}

// Files with Adobe's marker hold 255 - C, 255 - M, 255 - Y, 255 - K; others C, M, Y, K.
void cmyk_to_rgb(Pixels& pixels, bool inverted) {
  const std::size_t count = pixels.width * pixels.height;
  std::uint8_t* values = pixels.values.data();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* cmyk = values + 4 * i;
    const unsigned flip = inverted ? 0u : 255u;
    const unsigned light = cmyk[3] ^ flip;
    const std::uint8_t rgb[] = {lit(cmyk[0] ^ flip, light), lit(cmyk[1] ^ flip, light),
                                lit(cmyk[2] ^ flip, light)};
    std::copy_n(rgb, 3, values + 3 * i);
  }
  pixels.channels = 3;
  pixels.values.resize(count * 3);
}

int orientation_of(const jpeg_decompress_struct& jpeg) {
  constexpr std::string_view kExif("Exif\0\0", 6), kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
  int by_xmp = 0;
  for (jpeg_saved_marker_ptr marker = jpeg.marker_list; marker != nullptr; marker = marker->next) {
    const std::span<const std::byte> segment(reinterpret_cast<const std::byte*>(marker->data),
                                             marker->data_length);
    const std::string_view text(reinterpret_cast<const char*>(marker->data), marker->data_length);
    const int by_exif = text.starts_with(kExif) ? exif_orientation(segment) : 0;
    if (by_exif != 0) return by_exif;
    if (by_xmp == 0 && text.starts_with(kXmp)) by_xmp = xmp_orientation(text);
  }
  return by_xmp;
}

}  // namespace

bool is_jpeg(std::span<const std::byte> content) {
  return content.size() >= 3 && content[0] == std::byte{0xff} && content[1] == std::byte{0xd8} &&
         content[2] == std::byte{0xff};
}

Pixels decode_jpeg(const ImageSource& source) {
  const std::span<const std::byte> content = source.content;
  JpegReader state;
  state.jpeg.err = jpeg_std_error(&state.errors);
  // jpeg_create_decompress keeps these two; an error in it must already find the state.
  state.jpeg.client_data = &state;
  state.errors.error_exit = on_error;
  state.errors.emit_message = on_message;
  const auto position = [&] {
    return content.size() - (state.jpeg.src != nullptr ? state.jpeg.src->bytes_in_buffer : 0);
  };
  const auto need = [&](bool ok) {
    check<ParseError>(ok, "jpeg: data expected to be undamaged, got \"", state.message, "\" (",
                      source.name, ", byte ", std::min(position(), content.size()), ")");
  };
  need(read_header(state, content));
  Pixels& pixels = state.pixels;
  check_image_size("jpeg", pixels.width, pixels.height, source, position());
  // Finishing frees the markers.
  const int orientation = orientation_of(state.jpeg);
  need(start(state));
  pixels.values.resize(pixels.width * pixels.height * pixels.channels);
  need(read_pixels(state));
  if (pixels.channels == 4) cmyk_to_rgb(pixels, state.jpeg.saw_Adobe_marker != FALSE);
  return upright(std::move(pixels), orientation);
}

}  // namespace fovea::io
