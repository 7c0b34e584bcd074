// How large rounding errors of Winograd's F(4x4, 3x3) can be: the sums that it forms, in f64, with
// every matrix and every value replaced by its absolute value.
//
// A path from an input to a result that rounds N times multiplies by at most (1 + u)^N. The
// transforms reach each result from each input by one path, so the error of a result is at most
//     gamma_N |A'| [ sum |G| |g| |G'| * |B'| |d| |B| ] |A|,   gamma_N = N u / (1 - N u),
// and likewise for the adjoints. Source: Higham, "Accuracy and Stability of Numerical Algorithms",
// 2nd ed., sections 3.1 and 3.5; Barabasz et al. 2020, "Error Analysis and Improving the Accuracy
// of Winograd Convolution for Deep Neural Networks", for the same with norms.
#pragma once

#include <vector>

#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::test {

/// The sums for a convolution and its gradients, in the memory order of their arrays.
struct WinogradMagnitudes {
  std::vector<double> y, dx, dweight, dbias;

  /// All views f64; x and dy channels-last.
  WinogradMagnitudes(const kernels::ConvSpec& spec, kernels::ConstView x, kernels::ConstView weight,
                     kernels::ConstView bias, kernels::ConstView dy);
};

}  // namespace fovea::test
