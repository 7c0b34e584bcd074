#include "fovea/kernels/cpu/conv/patches.h"

#include <algorithm>

#include "fovea/kernels/cpu/conv/patch_loops.h"
#include "fovea/kernels/cpu/product/small_gemm.h"
#include "fovea/kernels/cpu/rounding.h"

namespace fovea::kernels::cpu {

PatchProblem::PatchProblem(const ConvSpec& spec, const Shape& x, const Shape& weight,
                           const Shape& y)
    : n(x[0]),
      c(x[1]),
      h(x[2]),
      w(x[3]),
      out_h(y[2]),
      out_w(y[3]),
      stride_h(spec.stride[0]),
      stride_w(spec.stride[1]),
      top(spec.padding_begin[0]),
      left(spec.padding_begin[1]),
      elements(c * weight[2] * weight[3]),
      padded_h((out_h - 1) * stride_h + (weight[2] - 1) * spec.dilation[0] + 1),
      run(ceil_div((out_w - 1) * stride_w + (weight[3] - 1) * spec.dilation[1] + 1, stride_w)),
      row(run * stride_w),
      plane(padded_h * row) {
  for (std::int64_t channel = 0; channel < c; ++channel) {
    for (std::int64_t i = 0; i < weight[2]; ++i) {
      for (std::int64_t j = 0; j < weight[3]; ++j) {
        const std::int64_t column = j * spec.dilation[1];
        offsets.push_back(channel * plane + i * spec.dilation[0] * row + column % stride_w * run +
                          column / stride_w);
      }
    }
  }
}

PatchImage::PatchImage(const PatchProblem& problem, const double* pivot, float* memory)
    : problem_(problem), image_(memory), pivot_(memory + problem.image_size()) {
  for (std::int64_t i = 0; i < problem.c; ++i)
    pivot_[i] = pivot == nullptr ? 0.0f : static_cast<float>(pivot[i]);
}

void PatchImage::set(const float* x, std::int64_t index) {
  if (index == index_) return;
  index_ = index;
  const PatchProblem& p = problem_;
  const std::int64_t rows = std::min(p.h, p.padded_h - p.top);
  for (std::int64_t channel = 0; channel < p.c; ++channel) {
    const float pivot = pivot_[channel];
    float* plane = image_ + channel * p.plane;
    std::fill_n(plane, p.plane, -pivot);
    for (std::int64_t i = 0; i < rows; ++i) {
      const float* from = x + (index * p.h + i) * p.w * p.c + channel;
      for (std::int64_t phase = 0; phase < p.stride_w; ++phase) {
        // Column q * stride_w + phase of the padded row is column q * stride_w + phase - left.
        float* to = plane + (i + p.top) * p.row + phase * p.run;
        const std::int64_t shift = phase - p.left;
        const std::int64_t begin = ceil_div(std::max<std::int64_t>(0, -shift), p.stride_w);
        const std::int64_t end =
            std::min(p.run, ceil_div(std::max<std::int64_t>(0, p.w - shift), p.stride_w));
        for (std::int64_t q = begin; q < end; ++q)
          to[q] = from[(q * p.stride_w + shift) * p.c] - pivot;
      }
    }
  }
}

std::int64_t PatchRows::floats(const PatchProblem& problem, std::int64_t most_rows) {
  return round_up(problem.elements, kPatchGroup) *
         round_up(most_rows * problem.out_w, gemm_lanes());
}

PatchRows::PatchRows(const PatchProblem& problem, float* memory)
    : problem_(problem), count_(round_up(problem.elements, kPatchGroup)), matrix_(memory) {}

void PatchRows::set_rows(std::int64_t rows) {
  if (rows == rows_) return;
  rows_ = rows;
  length_ = round_up(rows * problem_.out_w, gemm_lanes());
  std::fill_n(matrix_, count_ * length_, 0.0f);
}

void PatchRows::gather(const PatchImage& image, std::int64_t first, std::int64_t rows) {
  set_rows(rows);
  const PatchProblem& p = problem_;
  for (std::int64_t e = 0; e < p.elements; ++e) {
    patch_gather_row(image.row(first) + p.offsets[static_cast<std::size_t>(e)], p.stride_h * p.row,
                     rows, p.out_w, matrix_ + e * length_);
  }
}

}  // namespace fovea::kernels::cpu
