// A file of named tensors, whatever its format: safetensors, .npz, or what PyTorch saved.
//
// Opening one reads and checks what describes the tensors; their elements are read one tensor at a
// time, as they are asked for. A model's weights so go from the file straight to where they belong,
// and are never in memory twice.
//
//     const TensorFile file("weights.pth");
//     for (std::size_t i = 0; i < file.size(); ++i)
//       std::cout << file.name_of(i) << file.array(i).sizes << '\n';
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "fovea/io/mapped_file.h"
#include "fovea/io/tensors/file_arrays.h"
#include "fovea/tensor/state_dict.h"

namespace fovea::io {

/// See the head of this file. Threads: may be read from several threads at once.
class TensorFile {
 public:
  /// Opens a file, whose format is known by its first bytes.
  /// Throws   IoError when it cannot be read; ParseError naming file and byte when it is none of
  ///          the formats or breaks the rules of its own: see safetensors.h, npz.h, pth.h.
  explicit TensorFile(const std::filesystem::path& path);
  /// Opens a file of another format, whose reader is `describe`.
  TensorFile(const std::filesystem::path& path, FileArrays (*describe)(const FileBytes& file),
             const CheckHead& check_head = {});

  std::size_t size() const { return content_.arrays.size(); }  ///< number of tensors
  /// The name of tensor `i`.
  const std::string& name_of(std::size_t i) const { return content_.arrays[i].name; }
  /// Dtype and sizes of tensor `i`, and where it lies.
  const ArrayBytes& array(std::size_t i) const { return content_.arrays[i].array; }
  /// Strings by name: safetensors' "__metadata__", ONNX's metadata_props.
  const Metadata& metadata() const { return content_.metadata; }
  bool from_graph() const { return content_.from_graph; }  ///< FileArrays::from_graph

  const std::string& part() const { return content_.part; }  ///< FileArrays::part

  /// Tensor `i`, in memory of its own.
  Tensor read(std::size_t i) const { return read_array(array(i), file_); }
  /// Copies tensor `i` into one of the same sizes, converting it to that one's dtype.
  void read_into(std::size_t i, const Tensor& target) const {
    read_array_into(array(i), file_, target);
  }
  /// All tensors.
  NamedTensors read_all() const;

 private:
  std::unique_ptr<MappedFile> mapping_;
  FileBytes file_;
  FileArrays content_;
};

}  // namespace fovea::io
