// Arrays as they lie in a file: described first, and copied into tensors once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fovea/core/dtype.h"
#include "fovea/core/shape.h"
#include "fovea/io/mapped_file.h"
#include "fovea/tensor/tensor.h"

namespace fovea::io {

/// Where an array's elements are and how to read them.
///
/// Element [i, j, ...] begins at byte (i * strides[0] + j * strides[1] + ...) * size_of(dtype) of
/// `bytes`, which hold all of them: readers check it. What a file has packed is unpacked when it is
/// read, so that whoever looks at dtype and sizes first pays for no other array.
struct ArrayBytes {
  DType dtype = f32;                    ///< element type
  Shape sizes;                          ///< elements a dimension
  Shape strides;                        ///< elements between neighbours, none negative
  bool big_endian = false;              ///< most significant byte first
  std::span<const std::byte> bytes;     ///< from the first element on; empty where they are packed
  const MappedFile* mapping = nullptr;  ///< what `bytes` lie in, unless it is the described file
  const char* format = "";              ///< what the file is, for messages
  std::string where;                    ///< file, and entry within it, for messages
  std::uint64_t first_byte = 0;         ///< position of the first element there, for messages
  /// Unpacks what holds the elements, from byte `skipped` on; empty where nothing is packed. Throws
  /// ParseError when that is damaged.
  std::function<std::vector<std::byte>()> unpack = {};
  std::uint64_t skipped = 0;  ///< see unpack

  /// Gapless and last index fastest.
  bool is_row_major() const;
};

/// A new tensor with the array's elements.
/// Throws   ParseError naming file and byte for a bool that is neither 0 nor 1, and for packed data
///          that is damaged.
Tensor read_array(const ArrayBytes& array, const FileBytes& file);

/// Copies the array's elements into `target`, of the same sizes, converting them to its dtype as
/// Tensor::to does. An array in row-major order passes through in pieces, each of which is given
/// back to the system at once when the file is mapped: beside `target` nothing grows.
/// Throws   ParseError as read_array.
void read_array_into(const ArrayBytes& array, const FileBytes& file, const Tensor& target);

}  // namespace fovea::io
