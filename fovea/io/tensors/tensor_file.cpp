#include "fovea/io/tensors/tensor_file.h"

#include <algorithm>

#include "fovea/io/archive/zip.h"
#include "fovea/io/tensors/pth.h"
#include "fovea/io/tensors/safetensors_header.h"

namespace fovea::io {

namespace {

FileArrays read_description(const FileBytes& file) {
  if (is_legacy_pth(file.bytes)) return pth_arrays(file);
  if (is_zip(file.bytes)) {
    const ZipArchive zip(file);
    const auto& entries = zip.entries();
    const bool from_pytorch = std::any_of(entries.begin(), entries.end(), [](const ZipEntry& e) {
      return e.name.ends_with("/data.pkl");
    });
    return from_pytorch ? pth_arrays(file) : npz_arrays(file);
  }
  // What is text, or anything else, would be told of lengths that it never meant.
  const bool begins_with_header = file.bytes.size() > 8 && file.bytes[8] == std::byte{'{'};
  check<ParseError>(
      begins_with_header || file.name.ends_with(".safetensors"),
      "weights: file expected of safetensors, .npz or PyTorch's .pth, got none of them "
      "by its content (",
      file.name, ")");
  return safetensors_arrays(file);
}

/// A pipe may go on for ever with what is no file of tensors, or is one no longer.
CheckHead check_of(const std::filesystem::path& path) {
  return [path](std::span<const std::byte> head) {
    if (is_legacy_pth(head) || is_zip(head)) return kAnyLength;
    return safetensors_length(head, path.string());
  };
}

}  // namespace

TensorFile::TensorFile(const std::filesystem::path& path)
    : TensorFile(path, read_description, check_of(path)) {}

TensorFile::TensorFile(const std::filesystem::path& path,
                       FileArrays (*describe)(const FileBytes& file), const CheckHead& check_head)
    : mapping_(std::make_unique<MappedFile>(path, check_head)),
      file_{.bytes = mapping_->bytes(), .name = path.string(), .mapping = mapping_.get()},
      content_(describe(file_)) {}

NamedTensors TensorFile::read_all() const { return read_arrays(content_, file_); }

}  // namespace fovea::io
