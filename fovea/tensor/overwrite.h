// Host memory into a tensor that is there already.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fovea/tensor/tensor.h"

namespace fovea {

/// Replaces elements of `target`, from logical position `first` on, by those in `bytes`: elements
/// of `target`'s dtype in logical order. Not recorded.
/// Throws   ShapeError when `target` is not contiguous, when the elements would not fit, or when
///          `bytes` end within one.
void overwrite(const Tensor& target, std::int64_t first, std::span<const std::byte> bytes);

}  // namespace fovea
