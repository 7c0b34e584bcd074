// How operations that slide windows hand tensors to kernels. For operations, not for programs.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea {

/// The layout that convolution and pooling compute in.
inline constexpr auto kChannelsLast = MemoryFormat::kChannelsLast;

/// `tensor` in logical order, without a trace on the tape: the operation itself is recorded with
/// `tensor`. Undefined stays undefined.
inline Tensor dense(const Tensor& tensor) {
  return tensor.defined() ? tensor.detach().contiguous() : Tensor();
}

/// x lying channels-last, without a trace on the tape.
inline Tensor dense_channels_last(const Tensor& x) { return x.detach().contiguous(kChannelsLast); }

}  // namespace fovea
