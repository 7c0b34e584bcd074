// The patches that a convolution's kernels see: where they lie in an image that has been laid out
// for them, and, a few rows of outputs at a time, as the matrix [elements of a patch, outputs].
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::cpu {

/// Sizes of a convolution in two dimensions without groups, and where the elements of its patches
/// lie in an image that has been laid out for them.
///
/// That image is padded, a plane for each channel, and each row of it is split by the remainder of
/// the column modulo the stride: then any element of the patches of a row of outputs is a gapless
/// run.
struct PatchProblem {
  std::int64_t n, c, h, w;                 ///< of the input
  std::int64_t out_h, out_w;               ///< of the output
  std::int64_t stride_h, stride_w;         ///< of the kernel
  std::int64_t top, left;                  ///< padding
  std::int64_t elements;                   ///< of a patch
  std::int64_t padded_h, run, row, plane;  ///< rows; floats of a run, of a row, of a channel
  std::vector<std::int64_t> offsets;       ///< of the elements of output (0, 0)'s patch

  PatchProblem(const ConvSpec& spec, const Shape& x, const Shape& weight, const Shape& y);
  /// Floats of the image that is laid out.
  std::int64_t image_size() const { return c * plane; }
};

/// One image at a time, laid out as PatchProblem says. `problem` must outlive it.
class PatchImage {
 public:
  /// Floats that one needs.
  static std::int64_t floats(const PatchProblem& problem) {
    return problem.image_size() + problem.c;
  }
  /// `pivot` [c] is subtracted from every input, of the padding too; it may be null. `memory` is
  /// for floats(problem).
  PatchImage(const PatchProblem& problem, const double* pivot, float* memory);
  /// Lays out image `index` of x, unless it is the one that is laid out already.
  void set(const float* x, std::int64_t index);
  /// Where the patch of output (row, 0) begins.
  const float* row(std::int64_t row) const {
    return image_ + row * problem_.stride_h * problem_.row;
  }

 private:
  const PatchProblem& problem_;
  std::int64_t index_ = -1;
  float* image_;
  float* pivot_;  // [c]
};

/// The patches of some rows of outputs as a matrix. Behind the elements come rows of zeros up to a
/// multiple of kPatchGroup; each row ends in zeros up to a multiple of the vector length.
class PatchRows {
 public:
  /// Floats that up to `most_rows` rows of outputs need.
  static std::int64_t floats(const PatchProblem& problem, std::int64_t most_rows);
  /// For as many rows as `memory` was counted for.
  PatchRows(const PatchProblem& problem, float* memory);
  /// Makes matrix() that of the outputs of `rows` rows from `first` on.
  void gather(const PatchImage& image, std::int64_t first, std::int64_t rows);
  const float* matrix() const { return matrix_; }
  std::int64_t length() const { return length_; }  ///< of the matrix's rows
  std::int64_t count() const { return count_; }    ///< of its rows

 private:
  void set_rows(std::int64_t rows);

  const PatchProblem& problem_;
  std::int64_t rows_ = 0, count_ = 0, length_ = 0;
  float* matrix_;
};

}  // namespace fovea::kernels::cpu
