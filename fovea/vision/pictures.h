// Pictures of any size as one batch of images of one size: read, unpacked and transformed by all
// threads. What data sets of picture files are made of.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "fovea/data/transform.h"
#include "fovea/io/pictures/image.h"

namespace fovea::vision {

/// Numbered pictures, read when they are wanted. Both functions are called by several threads at
/// once.
struct PictureSource {
  /// Picture `sample`, u8 [c, h, w]. Throws IoError, ParseError.
  std::function<io::Image(std::int64_t sample, io::Channels channels)> read;
  /// What messages call it.
  std::function<std::string(std::int64_t sample)> name;
};

/// How pictures become a batch.
struct PictureOptions {
  std::int64_t channels = 3;  ///< 1 (grey) or 3 (colour), which every picture is converted to
  /// Brings one picture, as a batch [1, channels, h, w] (u8), to the size of all. Empty: they are
  /// of one size.
  const data::Transform& image_transform;
  const char* operation;  ///< begins messages
};

/// The pictures `samples`. Each is transformed with the keys of its own place in `keys`.
///
/// Shapes   u8 [k, channels, h, w].
/// Throws   what reading throws, of several errors that of the first picture; ShapeError naming a
///          picture of another size than the first. Requires as many keys as samples.
/// Threads  pictures are shared out among the threads of this thread's parallel loops.
Tensor read_pictures(const PictureSource& source, std::span<const std::int64_t> samples,
                     const data::SampleKeys& keys, const PictureOptions& options);

/// 1 when 64 pictures, evenly spread over all `size`, are grey as they are stored; else 3.
/// Throws what reading throws.
std::int64_t find_channels(const PictureSource& source, std::int64_t size);

}  // namespace fovea::vision
