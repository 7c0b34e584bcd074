// Vector loops of a patch block over one row of windows: from the image that is laid out
// (PatchImage) to pooled outputs, and from their gradients to those of the kernels. The
// convolution's result is in registers only. Compiled once for each instruction set.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

/// A row of windows side by side. Places count floats of the laid-out image, from where the patch
/// of the first window's first pixel begins.
struct PatchWindows {
  std::int64_t columns = 0;               ///< windows in the row
  std::int64_t step = 0;                  ///< from one window to the next
  std::int64_t window = 1;                ///< pixels of a window
  const std::int64_t* pixels = nullptr;   ///< places of a window's pixels, [window]
  std::int64_t elements = 0;              ///< values of a patch
  const std::int64_t* offsets = nullptr;  ///< places of a patch's elements, [elements]
  std::int64_t channels = 0;              ///< of the result
  std::int64_t padded = 0;                ///< the same, up to a multiple of gemm_lanes()
  bool relu = true;                       ///< whether an activation follows
};

/// y = max over the window of kernels' patch + shift, cut at 0 with relu; positions (may be null)
/// of the maxima. kernels [elements, padded], shift [padded].
void patch_forward_row(const PatchWindows& row, const float* image, const float* kernels,
                       const float* shift, float* y, std::uint8_t* positions);
/// Adds to sums [elements + 1, padded] those of dz times the patches of the positions that won, and
/// in the last row of dz. dz is dy where the activation passes it.
void patch_gradient_row(const PatchWindows& row, const float* image, const float* dy,
                        const float* y, const std::uint8_t* positions, float* sums);

}  // namespace fovea::kernels::cpu
