// Pictures of any size as one batch of images of one size: read, unpacked and scaled by all threads.
// What data sets of picture files are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "fovea/data/window_transform.h"
#include "fovea/io/image.h"

namespace fovea::vision {

/// How a picture becomes an image of another size.
enum class Fit : std::uint8_t {
  kCrop,     ///< scaled, then cut: the middle of it, in its own proportions
  kStretch,  ///< scaled in both directions by themselves: all of it, out of proportion
};

/// What pictures become.
struct ImageFit {
  data::ImageSize size;                        ///< of every image
  io::Channels channels = io::Channels::kRgb;  ///< kGrey or kRgb, so that all images have as many
  Fit fit = Fit::kCrop;                        ///< how the size is reached
  /// Of kCrop: the length that the short side is scaled to before `size` is cut out; 256 for a size
  /// of 224 is usual. 0: as short as covers `size`.
  std::int64_t short_side = 0;

  /// Channels of an image.
  std::int64_t channel_count() const { return channels == io::Channels::kGrey ? 1 : 3; }
};

/// Throws ArgumentError, naming `operation`, when a size is below 1 or above io::kMaxImageSide,
/// short_side is negative or above that, or channels are left as stored.
void check_fit(const ImageFit& fit, const char* operation);

/// A picture file's bytes, and what messages call it.
struct EncodedImage {
  std::span<const std::byte> content;  ///< PNG or JPEG
  std::string name;                    ///< such as its path
};

/// Calls f(0), ..., f(count-1), shared out among the threads of this thread's parallel loops. Throws
/// what `f` threw, of several errors that of the lowest number, after all calls have ended.
void for_each_image(std::size_t count, const std::function<void(std::size_t)>& f);

/// Gives picture `i`, u8 [c, h, w] with the channels of a fit. It may be called by several threads at
/// once.
using ImageReader = std::function<io::Image(std::size_t i)>;

/// Pictures 0 to count-1 as a batch.
///
/// Shapes   u8 [count, c, fit.size.height, fit.size.width].
/// Throws   what `read` throws, of several errors that of the first picture; ShapeError when a
///          picture has other channels; ArgumentError as check_fit.
/// Numerics kCrop is data::Resize::short_side and data::CenterCrop, kStretch data::Resize.
/// Threads  as for_each_image.
Tensor fit_images(std::size_t count, const ImageReader& read, const ImageFit& fit);

/// fit_images of files in memory. Throws ParseError naming the file; as fit_images.
Tensor decode_images(std::span<const EncodedImage> images, const ImageFit& fit);

}  // namespace fovea::vision
