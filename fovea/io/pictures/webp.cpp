// WebP through libwebp; what lies around the pixels (EXIF, the frames of an animation) through its
// libwebpdemux.
#include <algorithm>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include <webp/decode.h>
#include <webp/demux.h>

#include "fovea/core/error.h"
#include "fovea/io/pictures/image_codec.h"

namespace fovea::io {

namespace {

constexpr std::size_t kFirstChunk = 12;  // behind "RIFF", a length and "WEBP"

struct DeleteWebP {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

WebPData data_of(const ImageSource& source) {
  return {reinterpret_cast<const std::uint8_t*>(source.content.data()), source.content.size()};
}

/// Throws unless all went well. libwebp does not tell at which byte it did not.
void need(VP8StatusCode status, const ImageSource& source) {
  if (status == VP8_STATUS_OK) return;
  if (status == VP8_STATUS_OUT_OF_MEMORY) throw std::bad_alloc();
  const bool ends = status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED;
  const std::size_t byte = ends ? source.content.size() : kFirstChunk;
  throw ParseError(str("webp: data expected to be undamaged, got \"",
                       ends ? "the end of the file" : "a damaged bitstream", "\" (", source.name,
                       ", byte ", byte, ")"));
}

/// Of the chunk EXIF; of XMP where that says nothing.
int orientation_of(const WebPData& data) {
  const std::unique_ptr<WebPDemuxer, DeleteWebP> demuxer(WebPDemux(&data));
  if (!demuxer) return 0;  // damaged behind the pixels
  const auto look_at = [&](const char* name, auto orientation) {
    WebPChunkIterator chunk;
    if (WebPDemuxGetChunk(demuxer.get(), name, 1, &chunk) == 0) return 0;
    const int found = orientation(std::as_bytes(std::span(chunk.chunk.bytes, chunk.chunk.size)));
    WebPDemuxReleaseChunkIterator(&chunk);
    return found;
  };
  const int by_exif = look_at("EXIF", exif_orientation);
  if (by_exif != 0) return by_exif;
  return look_at("XMP ", [](std::span<const std::byte> text) {
    return xmp_orientation({reinterpret_cast<const char*>(text.data()), text.size()});
  });
}

void read_still(const WebPData& data, const ImageSource& source, Pixels& pixels) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) throw std::bad_alloc();  // of another version: cannot be
  config.output.colorspace = pixels.channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {.rgba = pixels.values.data(),
                          .stride = static_cast<int>(pixels.width * pixels.channels),
                          .size = pixels.values.size()};
  need(WebPDecode(data.bytes, data.size, &config), source);
}

/// The first picture of an animation, on the whole of its canvas.
void read_first_frame(const WebPData& data, const ImageSource& source, Pixels& pixels) {
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0) throw std::bad_alloc();
  options.color_mode = MODE_RGBA;
  const std::unique_ptr<WebPAnimDecoder, DeleteWebP> decoder(WebPAnimDecoderNew(&data, &options));
  std::uint8_t* canvas = nullptr;
  int time_ms = 0;
  const bool ok = decoder && WebPAnimDecoderGetNext(decoder.get(), &canvas, &time_ms) != 0;
  need(ok ? VP8_STATUS_OK : VP8_STATUS_BITSTREAM_ERROR, source);
  std::copy_n(canvas, pixels.values.size(), pixels.values.data());
}

}  // namespace

bool is_webp(std::span<const std::byte> content) {
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  return text.size() >= kFirstChunk && text.starts_with("RIFF") && text.substr(8, 4) == "WEBP";
}

Pixels decode_webp(const ImageSource& source) {
  const WebPData data = data_of(source);
  WebPBitstreamFeatures features;
  need(WebPGetFeatures(data.bytes, data.size, &features), source);
  Pixels pixels;
  pixels.width = static_cast<std::size_t>(features.width);
  pixels.height = static_cast<std::size_t>(features.height);
  check_image_size("webp", pixels.width, pixels.height, source, kFirstChunk);
  const bool animated = features.has_animation != 0;
  pixels.channels = animated || features.has_alpha != 0 ? 4 : 3;
  pixels.values.resize(pixels.width * pixels.height * pixels.channels);
  if (animated) {
    read_first_frame(data, source, pixels);
  } else {
    read_still(data, source, pixels);
  }
  return upright(std::move(pixels), orientation_of(data));
}

}  // namespace fovea::io
