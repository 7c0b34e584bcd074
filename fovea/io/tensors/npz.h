// NumPy's .npz files: a ZIP archive of .npy files, one for each array, named after it.
//
// Source   numpy.savez, numpy.savez_compressed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/io/archive/zip.h"
#include "fovea/tensor/state_dict.h"

namespace fovea::io {

/// Reads a .npz file: tensors by the names they were saved under, in the archive's order. Arrays
/// may be stored or deflated, in any byte order and index order.
/// Throws   IoError when it cannot be read; ParseError naming file, entry and byte when the archive
///          is damaged (zip.h), an entry is no array, or an array is of a type that Fovea does not
///          have (npy.h): objects, which are pickles, above all.
NamedTensors load_npz(const std::filesystem::path& path);

/// Reads .npz data from memory; `name` stands for the file in messages. Throws ParseError.
NamedTensors parse_npz(std::span<const std::byte> content, const std::string& name);

/// Writes tensors as numpy.savez does, or as numpy.savez_compressed with kDeflated.
/// Throws   ArgumentError for a name given twice or empty, or an undefined tensor; DTypeError for
///          bf16, which NumPy does not have; IoError. Nothing is written then.
void save_npz(const std::filesystem::path& path, const NamedTensors& tensors,
              ZipMethod method = ZipMethod::kStored);

/// What save_npz writes. Throws ArgumentError, DTypeError.
std::vector<std::byte> encode_npz(const NamedTensors& tensors,
                                  ZipMethod method = ZipMethod::kStored);

}  // namespace fovea::io
