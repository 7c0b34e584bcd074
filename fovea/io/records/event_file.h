// Event files, which TensorBoard shows: scalars, images and histograms by tag and step.
//
// A file is a row of records, each flushed to the system when it is added, and never changed
// afterwards. A record cut off by a crash at the end is what TensorBoard expects of a run that is
// still going on.
//
//   8 bytes    N, the event's length, little-endian
//   4 bytes    CRC-32C of those 8, masked
//   N bytes    the event, a protobuf message tensorflow.Event
//   4 bytes    CRC-32C of the event, masked
//
// A directory may hold several files: TensorBoard reads them in the order of their names, which
// begin with the time they were made.
//
// Source   tensorflow/core/lib/io/record_writer.cc; event.proto and summary.proto in
//          tensorboard/compat/proto.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/io/growing_file.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/tensor.h"

namespace fovea::io {

/// How values are distributed.
struct Histogram {
  double min = 0;                   ///< smallest value
  double max = 0;                   ///< largest value
  double count = 0;                 ///< how many values
  double sum = 0;                   ///< of the values
  double sum_squares = 0;           ///< of their squares
  std::vector<double> limits = {};  ///< the upper end of each bucket, which belongs to the next one
  std::vector<double> counts = {};  ///< values in each bucket
};

/// The histogram of a tensor's finite values, in `buckets` of equal width from the smallest to the
/// largest, or in one when they are all alike; empty when there are none.
Histogram histogram_of(const Tensor& values, int buckets = 64);

/// The part of an event file that is kept when a training goes on: whole records; what is behind
/// them is cut off.
struct EventFilePart {
  std::filesystem::path path;  ///< of the file
  std::uint64_t length = 0;    ///< bytes from its beginning
};

/// Writes an event file. See the head of this file.
class EventFile {
 public:
  /// Makes a file in `directory`. `first_step` above 0 says that a training goes on there: what
  /// other files of the directory hold from that step on was lost, and TensorBoard forgets it.
  /// Throws   IoError.
  explicit EventFile(const std::filesystem::path& directory, std::int64_t first_step = 0);
  /// Goes on in a file that is there. Throws IoError.
  explicit EventFile(const EventFilePart& part) : file_(part.path, part.length) {}

  const std::filesystem::path& path() const { return file_.path(); }  ///< of the file
  GrowingFile& file() { return file_; }                               ///< the file itself
  /// Adds a number. Throws IoError, as all of these.
  void add_scalar(std::string_view tag, std::int64_t step, double value);
  /// Adds a picture. Throws as encode_png.
  void add_image(std::string_view tag, std::int64_t step, const Image& image);
  /// Adds a distribution.
  void add_histogram(std::string_view tag, std::int64_t step, const Histogram& histogram);

 private:
  void add_summary(std::int64_t step, const std::string& value);
  void add_event(const std::string& event);

  GrowingFile file_;
};

/// The CRC-32C (Castagnoli) of `bytes`. Source: RFC 3720, appendix B.4.
std::uint32_t crc32c(std::span<const std::byte> bytes);
/// A CRC-32C as records hold it: a checksum of data with checksums in it would be a weak one.
std::uint32_t masked_crc32c(std::span<const std::byte> bytes);

}  // namespace fovea::io
