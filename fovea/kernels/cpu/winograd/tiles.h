// The transforms of Winograd's F(4x4, 3x3), a tile at a time over all channels, compiled for each
// instruction set.
//
// With d a 6x6 patch of the input, g a 3x3 kernel and y the 4x4 outputs it makes:
//     y = A' [ (B' d B) * (G g G') ] A,   * elementwise, summed over input channels.
// The 36 elements in the middle are "planes": for each of them the sum over channels is a matrix
// product. Backward uses the adjoint of each step: dM = A dy A', dV = B dV B' added into dx, dg =
// G' dU G.
//
// In one dimension, the product of two polynomials of degree 3 and 2 is known by its values at six
// points: here 0, +-a, +-b and infinity. The rows of G evaluate a kernel there, each divided by
// the product of its point's distances from the others; A' and B' are the transposed evaluation
// and interpolation:
//          | a2b2   0   -(a2+b2)     0    1  0 |        | g0       0     0    |
//          |  0   -ab2    -b2        a    1  0 |        | ga      ga a  ga a2 |
//     B' = |  0    ab2    -b2       -a    1  0 |    G = | ga     -ga a  ga a2 | g0 = 1 / a2b2
//          |  0   -a2b    -a2        b    1  0 |        | gb      gb b  gb b2 | ga = 1 / 2a2(a2-b2)
//          |  0    a2b    -a2       -b    1  0 |        | gb     -gb b  gb b2 | gb = 1 / 2b2(b2-a2)
//          |  0   a2b2     0     -(a2+b2) 0  1 |        | 0        0     1    |
//
//          | 1  1   1   1   1  0 |
//     A' = | 0  a  -a   b  -b  0 |
//          | 0  a2  a2  b2  b2 0 |
//          | 0  a3 -a3  b3 -b3 1 |
// For normally distributed images and kernels the variance of the rounding error, of the result and
// of both gradients alike, is proportional to the square of sum_i |A'_i|^2 |B'_i|^2 |G_i|^2 over
// the six points. It is least near a = 0.65, b = 1.53; a = 5/8, b = 3/2 is within 1 % of it, and
// every element of A' and B' is exact. The points 1 and 2 of Lavin and Gray have 5 times the
// variance.
// Source   Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks", section 4;
//          Barabasz et al. 2020, "Error Analysis and Improving the Accuracy of Winograd Convolution
//          for Deep Neural Networks", on the choice of points.
#pragma once

#include <cstdint>

namespace fovea::kernels::cpu {

inline constexpr std::int64_t kWinogradPlanes = 36;  ///< elements of a transformed tile
inline constexpr std::int64_t kWinogradOut = 4;      ///< outputs a side of a tile
inline constexpr std::int64_t kWinogradIn = 6;       ///< inputs a side of a tile

/// A square of pixels in a channels-last image, of which [top, bottom) x [left, right) lies inside
/// the image.
template <class T>
struct Patch {
  T* first;                      ///< pixel (0, 0) of the square, perhaps outside
  std::int64_t row_stride;       ///< from row to row
  std::int64_t channels;         ///< values of a pixel, and from pixel to pixel
  int top, bottom, left, right;  ///< what lies inside
};

/// 36 matrices [rows, columns] in panels of `width` columns, each panel's rows dense: the layout
/// that small_gemm reads fastest as its right operand. The last panel may be narrower.
struct Planes {
  float* data;           ///< the first plane
  std::int64_t rows;     ///< rows of a plane
  std::int64_t columns;  ///< columns, a multiple of the vector length
  std::int64_t width;    ///< columns of a full panel
  std::int64_t stride() const { return rows * columns; }  ///< from plane to plane
  /// Columns of the panel that starts at column c.
  std::int64_t width_at(std::int64_t c) const { return columns - c < width ? columns - c : width; }
  /// The panel that starts at column c of plane p.
  float* panel(std::int64_t p, std::int64_t c) const { return data + p * stride() + c * rows; }
};

/// Row `row` of all planes of v: the input transform of a 6x6 patch; 0 outside the image.
void winograd_input(const Patch<const float>& x, const Planes& v, std::int64_t row);
/// y = the output transform of row `row` of m, plus bias (may be null), where inside the image.
void winograd_output(const Planes& m, std::int64_t row, const float* bias, const Patch<float>& y);
/// Row `row` of all planes of dm: the output transform's adjoint of a 4x4 patch. Adds the patch's
/// sum to dbias (may be null), a channel each.
void winograd_output_adjoint(const Patch<const float>& dy, const Planes& dm, std::int64_t row,
                             float* dbias);
/// Adds the input transform's adjoint of row `row` of dv to a 6x6 patch, where inside the image.
void winograd_input_adjoint(const Planes& dv, std::int64_t row, const Patch<float>& dx);
/// Kernels of 9 elements each in rows and columns, by their strides in elements.
template <class T>
struct KernelMatrix {
  T* data;                                 ///< first element of kernel (0, 0)
  std::int64_t row_stride, column_stride;  ///< from kernel to kernel
  std::int64_t rows, columns;              ///< kernels
};

/// The kernel transform of the columns from `column` on that a vector holds, in all rows of u.
void winograd_weight(const KernelMatrix<const float>& kernels, std::int64_t column,
                     const Planes& u);
/// The kernel transform's adjoint of the same columns of du, written to the kernels.
void winograd_weight_adjoint(const Planes& du, std::int64_t column,
                             const KernelMatrix<float>& kernels);

}  // namespace fovea::kernels::cpu
