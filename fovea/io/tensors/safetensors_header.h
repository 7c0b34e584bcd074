// The header of a safetensors file, apart from the tensors' elements: parsing with every check of
// the specification, and writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/core/dtype.h"
#include "fovea/core/shape.h"

namespace fovea::io {

/// The specification's limit on the header's length in bytes.
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// One tensor as the header describes it.
struct SafetensorsEntry {
  std::string name;         ///< the tensor's name
  DType dtype = f32;        ///< element type
  Shape shape;              ///< sizes
  std::uint64_t begin = 0;  ///< first byte, counted from the end of the header
  std::uint64_t end = 0;    ///< byte past the last
};

/// A whole header.
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;        ///< in the order of the text
  std::map<std::string, std::string> metadata;  ///< "__metadata__"
};

/// Checks the header's length field against the file's size, and returns it.
/// Throws   ParseError naming file and byte.
std::uint64_t check_safetensors_length(std::uint64_t length, std::uint64_t file_bytes,
                                       const std::string& name);

/// Parses the header's text and checks it against the number of bytes that follow it, where that is
/// known.
/// Throws   ParseError naming file and header byte.
SafetensorsHeader parse_safetensors_header(std::string_view text,
                                           std::optional<std::uint64_t> data_bytes,
                                           const std::string& name);

/// How long the file is that begins with `head`: as its header says, or as long as the header is
/// where that has not been seen to its end. A CheckHead.
/// Throws   ParseError naming file and byte when it is no such file.
std::uint64_t safetensors_length(std::span<const std::byte> head, const std::string& name);

/// The header's text, padded with spaces so that the elements start at a multiple of 8.
/// Throws   ArgumentError when a name or metadata is no UTF-8, or the header is over its limit.
std::string safetensors_header_text(const SafetensorsHeader& header);

/// The specification's name of a dtype: "F32".
std::string_view safetensors_name_of(DType dtype);
/// The dtype that the specification calls `name`, if Fovea has it.
std::optional<DType> safetensors_dtype(std::string_view name);
/// Position in the Python package's order of dtypes: the widest comes first in a file.
int safetensors_rank(DType dtype);

}  // namespace fovea::io
