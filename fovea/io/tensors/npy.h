// NumPy's .npy files: one array, read in versions 1 to 3, written in version 1.
//
//   byte 0-5   93 "NUMPY"
//   byte 6-7   version, major and minor
//   byte 8     header length: 2 bytes little-endian in version 1, 4 bytes in 2 and 3
//   header     a Python dict: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
//   the rest   elements, in C order (last index fastest) or Fortran order (first index fastest)
//
// Source   NumPy Enhancement Proposal 1 and numpy.lib.format.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::io {

/// Reads a .npy file into a contiguous tensor, whatever its byte order and index order.
/// Throws   IoError when it cannot be read; ParseError naming file and byte when it is no .npy
///          file, is cut short or too long, or holds a type that Fovea does not have (objects,
///          which are pickles and never executed, complex numbers, text, records).
Tensor read_npy(const std::filesystem::path& path);

/// Reads .npy data from memory; `name` stands for the file in messages. Throws ParseError.
Tensor parse_npy(std::span<const std::byte> content, const std::string& name);

/// Writes a tensor in C order as numpy.save does, byte for byte.
/// Throws   DTypeError for bf16, which NumPy does not have; IoError.
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

/// What write_npy writes. Throws DTypeError for bf16.
std::vector<std::byte> encode_npy(const Tensor& tensor);

}  // namespace fovea::io
