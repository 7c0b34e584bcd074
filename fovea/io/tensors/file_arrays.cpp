#include "fovea/io/tensors/file_arrays.h"

namespace fovea::io {

NamedTensors read_arrays(const FileArrays& content, const FileBytes& file) {
  NamedTensors tensors;
  tensors.reserve(content.arrays.size());
  for (const NamedArray& named : content.arrays)
    tensors.emplace_back(named.name, read_array(named.array, file));
  return tensors;
}

}  // namespace fovea::io
