// The fused block batch norm, activation, max pooling. Contracts: KernelTable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fovea/kernels/cpu/norm/norm_pool_rows.h"
#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// A normalisation as an affine map: x * scale + shift, a channel each; without statistics, 1 and
/// the bias.
struct NormAffine {
  std::vector<float> scale, shift;
  NormAffine(std::int64_t channels, ConstView mean, ConstView var, double eps, ConstView weight,
             ConstView bias);
};

/// How rows of windows lie in the block's x, [n, c, h, w] channels-last, and y.
class NormPoolRows {
 public:
  /// For x of `sizes`.
  NormPoolRows(const BlockSpec& spec, const Shape& sizes);

  std::int64_t channels() const { return row_.channels; }
  std::int64_t height() const { return h_; }                ///< of x
  std::int64_t width() const { return w_; }                 ///< of x
  std::int64_t window_height() const { return window_h_; }  ///< also from row to row of windows
  std::int64_t count() const { return h_ / window_h_; }     ///< rows of windows in an image
  /// One of them. Good while this lives.
  WindowRow row() const {
    WindowRow row = row_;
    row.offsets = offsets_.data();
    return row;
  }
  /// First element of row `row` of image `image` in x.
  std::int64_t x_at(std::int64_t image, std::int64_t row) const {
    return (image * h_ + row) * w_ * row_.channels;
  }
  /// First element in y of the windows that begin there.
  std::int64_t y_at(std::int64_t image, std::int64_t row) const {
    return (image * count() + row / window_h_) * row_.columns * row_.channels;
  }
  /// The first of rows [first, first + rows) that begins no window that lies whole in them.
  std::int64_t end_of_windows(std::int64_t first, std::int64_t rows) const {
    return first + rows / window_h_ * window_h_;
  }

 private:
  std::int64_t h_, w_, window_h_;
  std::vector<std::int64_t> offsets_;
  WindowRow row_;
};

/// KernelTable::norm_pool_forward in f32, some rows of an image at a time.
class NormPoolForward {
 public:
  NormPoolForward(const BlockSpec& spec, const Shape& sizes, NormAffine affine, View y,
                  View positions);
  /// The windows in rows [first, first + count) of image `image`, which lie at x. `first` is where
  /// a window begins.
  void rows(std::int64_t image, std::int64_t first, std::int64_t count, const float* x) const;
  const NormPoolRows& layout() const { return rows_; }

 private:
  NormPoolRows rows_;
  NormAffine affine_;
  View y_, positions_;
};

/// KernelTable::norm_pool_backward_input in f32, some rows of an image at a time.
class NormPoolInput {
 public:
  NormPoolInput(const BlockSpec& spec, const Shape& sizes, ConstView dy, ConstView y,
                ConstView positions, ConstView x, ConstView mean, ConstView var, double eps,
                ConstView weight, ConstView sum_dz, ConstView sum_dz_xhat);
  /// Writes rows [first, first + count) of image `image` to dx. `first` is where a window begins,
  /// or behind the last.
  void rows(std::int64_t image, std::int64_t first, std::int64_t count, float* dx) const;
  /// Asks for what rows() will read.
  void prefetch(std::int64_t image, std::int64_t first, std::int64_t count) const;
  const NormPoolRows& layout() const { return rows_; }

 private:
  void uncovered(std::int64_t at, std::int64_t pixels, float* dx) const;

  NormPoolRows rows_;
  ConstView dy_, y_, positions_;
  const float* x_;  // null: constant statistics
  // dx = by_dz dz + by_x x + constant: batch norm's backward as an affine map, a channel each.
  std::vector<float> by_dz_, by_x_, constant_;
};

/// See KernelTable.
void norm_pool_forward(Queue&, const BlockSpec& spec, ConstView x, ConstView mean, ConstView var,
                       double eps, ConstView weight, ConstView bias, View y, View positions);
/// See KernelTable.
void norm_pool_backward_sums(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                             ConstView positions, ConstView x, ConstView mean, ConstView var,
                             double eps, View sum_dz, View sum_dz_xhat);
/// See KernelTable.
void norm_pool_backward_input(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                              ConstView positions, ConstView x, ConstView mean, ConstView var,
                              double eps, ConstView weight, ConstView sum_dz, ConstView sum_dz_xhat,
                              View dx);

}  // namespace fovea::kernels::cpu
