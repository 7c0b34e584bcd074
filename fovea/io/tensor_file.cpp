#include "fovea/io/tensor_file.h"

#include "fovea/io/zip.h"

namespace fovea::io {

namespace {

FileArrays read_description(const FileBytes& file) {
  if (is_zip(file.bytes)) return npz_arrays(file);
  return safetensors_arrays(file);
}

}  // namespace

TensorFile::TensorFile(const std::filesystem::path& path)
    : mapping_(std::make_unique<MappedFile>(path)),
      file_{.bytes = mapping_->bytes(), .name = path.string(), .mapping = mapping_.get()},
      content_(read_description(file_)) {}

NamedTensors TensorFile::read_all() const { return read_arrays(content_, file_); }

}  // namespace fovea::io
