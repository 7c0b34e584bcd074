#include "fovea/io/tensors/array_bytes.h"

#include <algorithm>
#include <cstring>

#include "fovea/io/bytes.h"
#include "fovea/tensor/overwrite.h"
#include "fovea/tensor/tape.h"

namespace fovea::io {

namespace {

// What is copied at once: small beside the second cache, large beside a system call.
constexpr std::size_t kArrayPiece = std::size_t{2} << 20;

// The elements in logical order, last index fastest.
std::vector<std::byte> gather(const ArrayBytes& array) {
  const std::size_t width = size_of(array.dtype);
  std::vector<std::byte> row_major(static_cast<std::size_t>(array.sizes.numel()) * width);
  Shape index = Shape::filled(array.sizes.ndim(), 0);
  std::int64_t element = 0;
  for (std::size_t at = 0; at < row_major.size(); at += width) {
    std::memcpy(row_major.data() + at,
                array.bytes.data() + static_cast<std::size_t>(element) * width, width);
    for (int dim = array.sizes.ndim() - 1; dim >= 0; --dim) {
      element += array.strides[dim];
      if (++index[dim] < array.sizes[dim]) break;
      element -= array.strides[dim] * array.sizes[dim];
      index[dim] = 0;
    }
  }
  return row_major;
}

// Elements of `array` in row-major order, on their way into `target` from position `first` on.
void put(const ArrayBytes& array, std::span<const std::byte> elements, const Tensor& target,
         std::int64_t first) {
  std::vector<std::byte> swapped;
  if (array.big_endian && size_of(array.dtype) > 1) {
    swapped.assign(elements.begin(), elements.end());
    swap_bytes(swapped, size_of(array.dtype));
    elements = swapped;
  }
  if (target.dtype() == array.dtype) {
    overwrite(target, first, elements);
    return;
  }
  const auto count = static_cast<std::int64_t>(elements.size() / size_of(array.dtype));
  Tensor part = target.view({-1}).narrow(0, first, count);
  part.copy_(from_bytes(elements, {count}, array.dtype, target.device()));
}

void fill(const ArrayBytes& array, const FileBytes& file, const Tensor& target) {
  if (array.unpack) {
    const std::vector<std::byte> content = array.unpack();
    ArrayBytes plain = array;
    plain.unpack = {};
    plain.bytes = std::span(content).subspan(array.skipped);
    fill(plain, {.bytes = content, .name = file.name}, target);
    return;
  }
  std::vector<std::byte> gathered;
  std::span<const std::byte> rest;
  const std::size_t width = size_of(array.dtype);
  if (array.is_row_major()) {
    rest = array.bytes.first(static_cast<std::size_t>(array.sizes.numel()) * width);
  } else {
    gathered = gather(array);
    rest = gathered;
  }
  std::int64_t first = 0;
  while (!rest.empty()) {
    const std::span<const std::byte> piece = rest.first(std::min(kArrayPiece, rest.size()));
    if (array.dtype == boolean)
      check_bools(piece, array.format, array.where,
                  array.first_byte + static_cast<std::uint64_t>(first));
    put(array, piece, target, first);
    const MappedFile* mapping = array.mapping != nullptr ? array.mapping : file.mapping;
    if (gathered.empty() && mapping != nullptr) mapping->release(piece);
    first += static_cast<std::int64_t>(piece.size() / width);
    rest = rest.subspan(piece.size());
  }
}

}  // namespace

bool ArrayBytes::is_row_major() const {
  std::int64_t expected = 1;
  for (int dim = sizes.ndim() - 1; dim >= 0; --dim) {
    // The stride of a single element is never used.
    if (sizes[dim] != 1 && strides[dim] != expected) return false;
    expected *= sizes[dim];
  }
  return true;
}

Tensor read_array(const ArrayBytes& array, const FileBytes& file) {
  Tensor tensor = empty(array.sizes, {.dtype = array.dtype});
  fill(array, file, tensor);
  return tensor;
}

void read_array_into(const ArrayBytes& array, const FileBytes& file, const Tensor& target) {
  const NoGrad no_grad;
  if (target.is_contiguous()) {
    fill(array, file, target);
  } else {
    Tensor handle = target;
    handle.copy_(read_array(array, file).to(target.device()));
  }
}

}  // namespace fovea::io
