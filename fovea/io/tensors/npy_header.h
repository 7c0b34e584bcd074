// The header of a .npy file: its magic, version, and the Python dict that describes the array; and
// the array behind it, for .npy files and those in a .npz archive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fovea/core/shape.h"
#include "fovea/io/tensors/array_bytes.h"
#include "fovea/tensor/tensor.h"

namespace fovea::io {

/// How every .npy file begins.
inline constexpr std::string_view kNpyMagic = "\x93NUMPY";

/// What a .npy header says.
struct NpyHeader {
  std::string descr;           ///< element type, "<f4"
  bool fortran_order = false;  ///< first index fastest
  Shape shape;                 ///< sizes
  std::size_t descr_byte = 0;  ///< where descr's value stands in the file, for messages
  std::size_t data_byte = 0;   ///< where the elements begin in the file
};

/// Parses the header at the beginning of `content`; `name` stands for the file in messages.
/// The dict must have the keys descr, fortran_order and shape, each once, and no other.
/// Throws   ParseError naming the byte.
NpyHeader parse_npy_header(std::span<const std::byte> content, const std::string& name);

/// The array of .npy data in memory, which must outlive the result. Throws as parse_npy.
ArrayBytes npy_array(std::span<const std::byte> content, const std::string& name);
/// The array of .npy data of `size` bytes, of which `head` is the beginning: without its bytes.
/// Throws as parse_npy.
ArrayBytes npy_array(std::span<const std::byte> head, std::uint64_t size, const std::string& name);

/// What stands before the elements of `tensor` in a .npy file. Throws DTypeError for bf16.
std::string npy_head(const Tensor& tensor);

}  // namespace fovea::io
