// PNG through libpng. Its errors jump (longjmp) over the frames between; so every function that
// libpng can jump out of holds nothing that needs destruction, and all that does lives in the
// caller's PngReader or PngWriter.
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <new>
#include <string_view>

#include "fovea/core/error.h"
#include "fovea/io/pictures/image_codec.h"

namespace fovea::io {

namespace {

constexpr std::size_t kSignature = 8;
constexpr std::size_t kMessage = 120;

struct PngReader {
  std::span<const std::byte> content;
  std::size_t position = 0;     // next byte to read
  char message[kMessage] = "";  // what went wrong
  png_structp png = nullptr;
  png_infop info = nullptr;
  Pixels pixels;
  std::vector<png_bytep> rows;

  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
};

struct PngWriter {
  char message[kMessage] = "";
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<png_bytep> rows;
  std::vector<std::byte> packed;
  bool out_of_memory = false;

  ~PngWriter() { png_destroy_write_struct(&png, &info); }
};

template <class State>
[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* state = static_cast<State*>(png_get_error_ptr(png));
  std::snprintf(state->message, kMessage, "%s", message);
  png_longjmp(png, 1);
}

// Warnings are about what Fovea ignores (profiles, text) or repairs.
void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep into, std::size_t count) {
  auto* state = static_cast<PngReader*>(png_get_io_ptr(png));
  if (count > state->content.size() - state->position) {
    state->position = state->content.size();
    png_error(png, "the end of the file");
  }
  std::memcpy(into, state->content.data() + state->position, count);
  state->position += count;
}

// Reads up to the pixels and has libpng make them 8-bit grey or RGB, with alpha if the file has it.
bool read_header(PngReader& state) {
  if (setjmp(png_jmpbuf(state.png))) return false;
  png_set_read_fn(state.png, &state, on_read);
  // The sizes are checked with a message of our own.
  png_set_user_limits(state.png, 0x7fffffff, 0x7fffffff);
  png_read_info(state.png, state.info);
  state.pixels.width = png_get_image_width(state.png, state.info);
  state.pixels.height = png_get_image_height(state.png, state.info);
  return true;
}

bool prepare(PngReader& state) {
  if (setjmp(png_jmpbuf(state.png))) return false;
  png_set_expand(state.png);    // palettes, 1 to 4 bits, and transparency by colour, to 8 bits
  png_set_scale_16(state.png);  // rounds; png_set_strip_16 would cut
  (void)png_set_interlace_handling(state.png);
  png_read_update_info(state.png, state.info);
  state.pixels.channels = png_get_channels(state.png, state.info);
  const std::size_t row = png_get_rowbytes(state.png, state.info);
  if (row != state.pixels.width * state.pixels.channels) png_error(state.png, "odd rows");
  return true;
}

bool read_pixels(PngReader& state) {
  if (setjmp(png_jmpbuf(state.png))) return false;
  png_read_image(state.png, state.rows.data());
  png_read_end(state.png, state.info);  // EXIF may stand behind the pixels
  return true;
}

// The bytes of a profile as ImageMagick keeps it in a text: a line for its name, one for its
// length, and its bytes in hexadecimal.
std::vector<std::byte> bytes_of_profile(std::string_view text) {
  for (int line = 0; line < 3; ++line)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  std::vector<std::byte> bytes;
  int high = -1;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) continue;
    if (high >= 0) bytes.push_back(static_cast<std::byte>(high * 16 + digit));
    high = high >= 0 ? -1 : digit;
  }
  return bytes;
}

// Of the chunk eXIf, or a profile in a text where there is none; of XMP where that says nothing.
int orientation_of(PngReader& state) {
  png_uint_32 count = 0;
  png_bytep exif = nullptr;
  int by_exif = 0, by_xmp = 0;
  const bool chunk = png_get_eXIf_1(state.png, state.info, &count, &exif) != 0;
  if (chunk) by_exif = exif_orientation(std::as_bytes(std::span(exif, count)));
  png_textp texts = nullptr;
  int number = 0;
  png_get_text(state.png, state.info, &texts, &number);
  for (int i = 0; i < number; ++i) {
    const std::string_view key(texts[i].key);
    // A text's length stands in one of two fields, by its kind.
    const std::size_t length = std::max(texts[i].text_length, texts[i].itxt_length);
    if (texts[i].text == nullptr || length == 0) continue;
    const std::string_view text(texts[i].text, length);
    if (!chunk && key == "Raw profile type exif")
      by_exif = exif_orientation(bytes_of_profile(text));
    if (key == "XML:com.adobe.xmp") by_xmp = xmp_orientation(text);
  }
  return by_exif != 0 ? by_exif : by_xmp;
}

bool write_pixels(PngWriter& state, const Pixels& pixels) {
  if (setjmp(png_jmpbuf(state.png))) return false;
  png_set_IHDR(state.png, state.info, static_cast<png_uint_32>(pixels.width),
               static_cast<png_uint_32>(pixels.height), 8,
               pixels.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(state.png, state.info);
  png_write_image(state.png, state.rows.data());
  png_write_end(state.png, nullptr);
  return true;
}

// An exception must not cross libpng: it is noted, and libpng is told.
void on_write(png_structp png, png_bytep bytes, std::size_t count) {
  auto* state = static_cast<PngWriter*>(png_get_io_ptr(png));
  try {
    const auto* from = reinterpret_cast<const std::byte*>(bytes);
    state->packed.insert(state->packed.end(), from, from + count);
  } catch (const std::bad_alloc&) {
    state->out_of_memory = true;
  }
  if (state->out_of_memory) png_error(png, "out of memory");
}

void on_flush(png_structp) {}

// libpng wants its rows as pointers to what it may write.
std::vector<png_bytep> rows_of(std::uint8_t* values, std::size_t height, std::size_t row_bytes) {
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < height; ++y) rows[y] = values + y * row_bytes;
  return rows;
}

}  // namespace

bool is_png(std::span<const std::byte> content) {
  return content.size() >= kSignature &&
         png_sig_cmp(reinterpret_cast<png_const_bytep>(content.data()), 0, kSignature) == 0;
}

Pixels decode_png(const ImageSource& source) {
  PngReader state;
  state.content = source.content;
  state.png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, on_error<PngReader>, on_warning);
  if (state.png != nullptr) state.info = png_create_info_struct(state.png);
  if (state.info == nullptr) throw std::bad_alloc();
  const auto need = [&](bool ok) {
    check<ParseError>(ok, "png: data expected to be undamaged, got \"", state.message, "\" (",
                      source.name, ", byte ", state.position, ")");
  };
  need(read_header(state));
  Pixels& pixels = state.pixels;
  check_image_size("png", pixels.width, pixels.height, source, state.position);
  need(prepare(state));
  pixels.values.resize(pixels.width * pixels.height * pixels.channels);
  state.rows = rows_of(pixels.values.data(), pixels.height, pixels.width * pixels.channels);
  need(read_pixels(state));
  return upright(std::move(pixels), orientation_of(state));
}

std::vector<std::byte> pack_png(const Pixels& pixels) {
  PngWriter state;
  state.png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, &state, on_error<PngWriter>, on_warning);
  if (state.png != nullptr) state.info = png_create_info_struct(state.png);
  if (state.info == nullptr) throw std::bad_alloc();
  png_set_write_fn(state.png, &state, on_write, on_flush);
  // Not written to: png_write_image copies each row before it filters it.
  state.rows = rows_of(const_cast<std::uint8_t*>(pixels.values.data()), pixels.height,
                       pixels.width * pixels.channels);
  const bool ok = write_pixels(state, pixels);
  if (state.out_of_memory) throw std::bad_alloc();
  check<IoError>(ok, "write_png: image expected to be packed, got \"", state.message, "\"");
  return std::move(state.packed);
}

}  // namespace fovea::io
