// safetensors, the file format of weights: what Fovea saves models as, and how they move to and
// from PyTorch.
//
//   8 bytes    N, the header's length, little-endian
//   N bytes    a JSON object in UTF-8 that begins with '{' and may end with spaces:
//              {"NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [BEGIN, END]}, ...,
//               "__metadata__": {"KEY": "VALUE", ...}}
//   the rest   the tensors' elements, little-endian, last index fastest; BEGIN and END count from
//              here, and the tensors cover all of it without holes or overlaps
//
// A file is believed only when it is all that the specification demands: any defect is a ParseError
// that names file and byte, and nothing of the file is used.
//
// Source   https://github.com/huggingface/safetensors, README, section "Format".
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/io/tensors/file_arrays.h"
#include "fovea/tensor/state_dict.h"

namespace fovea::io {

/// The content of a safetensors file.
struct SafeTensors {
  StateDict tensors;  ///< in the order of the header
  Metadata metadata;  ///< "__metadata__"; empty when the file has none

  /// The tensor called `name`. Throws ArgumentError when there is none.
  const Tensor& at(const std::string& name) const;
};

/// Reads a file, mapped: its bytes are copied once, into the tensors.
/// Throws   IoError when it cannot be read; ParseError naming file and byte when it breaks the
///          specification or holds a dtype that Fovea does not have.
SafeTensors load_safetensors(const std::filesystem::path& path);

/// Reads safetensors data from memory; `name` stands for the file in messages. Throws ParseError.
SafeTensors parse_safetensors(std::span<const std::byte> content, const std::string& name);

/// Writes tensors, wider dtypes first and then by name, as the Python package does: byte for byte
/// the same file, except that metadata is sorted here and in arbitrary order there. The same
/// content always gives the same bytes.
/// Throws   ArgumentError for a name given twice, "__metadata__", no UTF-8, or an undefined tensor;
///          IoError. Nothing is written then.
void save_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                      const Metadata& metadata = {});

/// What save_safetensors writes.
std::vector<std::byte> encode_safetensors(const StateDict& tensors, const Metadata& metadata = {});

}  // namespace fovea::io
