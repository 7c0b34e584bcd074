// Visiting the elements of strided arrays in logical order: last dimension fastest, whatever the
// strides.
#pragma once

#include <cstdint>

#include "fovea/core/shape.h"

namespace fovea::kernels::reference {

/// The offset of one element after the other.
class Walker {
 public:
  /// Stands at element `start`; requires a start below the number of elements, or no use of
  /// offset().
  Walker(const Shape& sizes, const Shape& strides, std::int64_t start = 0)
      : sizes_(sizes), strides_(strides), index_(Shape::filled(sizes.ndim(), 0)) {
    for (int dim = sizes.ndim() - 1; dim >= 0 && start > 0; --dim) {
      index_[dim] = start % sizes[dim];
      offset_ += index_[dim] * strides[dim];
      start /= sizes[dim];
    }
  }

  /// Where the present element lies, in elements.
  std::int64_t offset() const { return offset_; }

  /// Goes to the next element; after the last one, back to the first.
  void next() {
    for (int dim = sizes_.ndim() - 1; dim >= 0; --dim) {
      offset_ += strides_[dim];
      if (++index_[dim] < sizes_[dim]) return;
      offset_ -= index_[dim] * strides_[dim];
      index_[dim] = 0;
    }
  }

 private:
  Shape sizes_;
  Shape strides_;
  Shape index_;
  std::int64_t offset_ = 0;
};

}  // namespace fovea::kernels::reference
