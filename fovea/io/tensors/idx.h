// IDX, the file format of MNIST and Fashion-MNIST: read plain or packed with gzip.
//
//   byte 0-1   0
//   byte 2     element type: 08 u8, 09 i8, 0b i16, 0c i32, 0d f32, 0e f64
//   byte 3     number of dimensions, d
//   4 d bytes  sizes, 32-bit big-endian unsigned
//   the rest   elements, big-endian, last dimension fastest
//
// Source   Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section "File formats".
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "fovea/tensor/tensor.h"

namespace fovea::io {

/// What the beginning of an IDX file says of it.
struct IdxHeader {
  DType dtype = u8;              ///< element type
  Shape sizes;                   ///< elements a dimension
  std::uint64_t file_bytes = 0;  ///< of the whole file, unpacked
};

/// Reads the header at the beginning of `head`, which is not packed; `name` stands for the file in
/// messages. Throws ParseError, see read_idx.
IdxHeader parse_idx_header(std::span<const std::byte> head, const std::string& name);

/// Reads an IDX file. Whether it is gzip is told by its content, not by its name.
/// Throws   IoError when it cannot be read; ParseError naming file and byte when it is no IDX file,
///          is damaged, ends early, or holds more or less than its sizes say.
Tensor read_idx(const std::filesystem::path& path);

/// Reads IDX data, plain or gzip, from memory; `name` stands for the file in messages.
/// Throws   ParseError, see read_idx.
Tensor parse_idx(std::span<const std::byte> content, const std::string& name);

}  // namespace fovea::io
