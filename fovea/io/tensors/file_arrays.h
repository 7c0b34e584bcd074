// What readers of files of named arrays find in one: where each array lies, before any is copied.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fovea/io/mapped_file.h"
#include "fovea/io/tensors/array_bytes.h"
#include "fovea/tensor/state_dict.h"

namespace fovea::io {

/// Strings by name that a file has beside its tensors.
using Metadata = std::map<std::string, std::string>;

/// An array of a file and its name.
struct NamedArray {
  std::string name;  ///< as the file has it
  ArrayBytes array;  ///< what and where it is
};

/// What a reader of a format finds in a file.
struct FileArrays {
  std::vector<NamedArray> arrays = {};                ///< in the file's order
  Metadata metadata = {};                             ///< empty where the format has none
  std::vector<std::vector<std::byte>> unpacked = {};  ///< where arrays lie that were put together
  std::vector<std::shared_ptr<const MappedFile>> others = {};  ///< other files that arrays lie in
  /// They are the constants of a graph: a model's weights may be among them, but so is what no
  /// model has as a weight, and there are no counters.
  bool from_graph = false;
  /// Where in a checkpoint they are: "state_dict". Empty where they are all of the file.
  std::string part = {};
};

/// The arrays of a safetensors file. Throws ParseError: see safetensors.h.
FileArrays safetensors_arrays(const FileBytes& file);
/// The array of a .npy file, without a name. Throws ParseError: see npy.h.
FileArrays npy_arrays(const FileBytes& file);
/// The arrays of a .npz file. Throws ParseError: see npz.h.
FileArrays npz_arrays(const FileBytes& file);

/// The tensors of a file that torch.save wrote. Throws ParseError: see pth.h.
FileArrays pth_arrays(const FileBytes& file);

/// All of a file's arrays as tensors. Throws ParseError for a bool that is neither 0 nor 1.
NamedTensors read_arrays(const FileArrays& content, const FileBytes& file);

}  // namespace fovea::io
