// Everything here sees a matrix [rows, channels]. Few channels would leave vectors half empty, so
// `fold` rows are taken as one row of fold * channels columns; what belongs to one channel is added
// up at the end.

#include "fovea/kernels/cpu/norm/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/loops.h"
#include "fovea/kernels/cpu/norm/batch_norm_moments.h"
#include "fovea/kernels/cpu/norm/batch_norm_rows.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/reference/batch_norm.h"

namespace fovea::kernels::cpu {

namespace {

/// Columns that make a row worth a loop; from there on tails are small.
constexpr std::int64_t kWideRow = 64;
/// Floats of the widest vector: folded rows are a multiple of it.
constexpr std::int64_t kWidestVector = 16;
/// Parts of a sum. More would only make the merging of their totals longer.
constexpr std::int64_t kMostParts = 32;

/// A matrix [rows, channels] and how it is folded.
struct Matrix {
  std::int64_t channels = 0;
  std::int64_t rows = 0;
  std::int64_t fold = 1;       ///< rows taken as one
  std::int64_t columns = 0;    ///< fold * channels
  std::int64_t folded = 0;     ///< rows / fold
  std::int64_t left_over = 0;  ///< rows that are not part of a folded row

  explicit Matrix(const Shape& sizes) : channels(sizes[1]) {
    rows = channels == 0 ? 0 : sizes.numel() / channels;
    if (channels < kWideRow && channels % kWidestVector != 0) {
      fold = kWidestVector / std::gcd(channels, kWidestVector);
    }
    if (channels > 0) {
      while (fold * channels < kWideRow) fold *= 2;
    }
    columns = fold * channels;
    folded = rows / fold;
    left_over = rows % fold;
  }

  std::int64_t left_over_offset() const { return folded * columns; }
  int parts() const {
    return static_cast<int>(
        std::clamp<std::int64_t>(folded * columns / (2 * kElementGrain), 1, kMostParts));
  }
  std::int64_t grain() const { return std::max<std::int64_t>(1, kElementGrain / columns); }
};

std::vector<double> doubles(std::int64_t count) {
  return std::vector<double>(static_cast<std::size_t>(count));
}
std::vector<float> floats(std::int64_t count) {
  return std::vector<float>(static_cast<std::size_t>(count));
}

/// `values` of the channels, once for each folded row.
std::vector<float> repeat(const Matrix& matrix, const float* values) {
  std::vector<float> result;
  result.reserve(static_cast<std::size_t>(matrix.columns));
  for (std::int64_t i = 0; i < matrix.fold; ++i)
    result.insert(result.end(), values, values + matrix.channels);
  return result;
}

// --- Sums for backward ---------------------------------------------------------------------------

/// Adds to sums[0, columns) the sums of dy and to sums[columns, 2 columns) those of dy (x - mean),
/// over rows [begin, end). `block` is memory for 2 * columns.
void add_sums(const float* dy, const float* x, const float* mean, std::int64_t begin,
              std::int64_t end, std::int64_t columns, float* block, double* sums) {
  for (std::int64_t row = begin; row < end; row += kNormBlock) {
    const std::int64_t offset = row * columns;
    norm_add_sums(dy + offset, x + offset, mean, std::min(kNormBlock, end - row), columns, block,
                  sums);
  }
}

/// weight / sqrt(var + eps) of every channel, or without weight.
std::vector<float> scales(const Matrix& matrix, ConstView var, double eps, ConstView weight) {
  std::vector<float> result = floats(matrix.channels);
  for (std::int64_t c = 0; c < matrix.channels; ++c) {
    const float inverse = reference::inverse_deviation<float>(var, eps, c);
    result[static_cast<std::size_t>(c)] = weight.data ? inverse * weight.as<float>()[c] : inverse;
  }
  return result;
}

}  // namespace

void batch_norm_stats(Queue&, ConstView x, View mean, View var) {
  if (x.dtype != f32) return reference::batch_norm_stats<double>(x, mean, var);
  const Matrix matrix(x.sizes);
  const int parts = matrix.parts();
  const std::int64_t columns = matrix.columns, channels = matrix.channels;
  std::vector<double> means = doubles(parts * columns), squares = doubles(parts * columns);
  std::vector<double> counts = doubles(parts);
  const PartScratch<> blocks(parts, moments_floats(columns));
  parallel_parts(matrix.folded, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    NormMoments moments{0, means.data() + part * columns, squares.data() + part * columns};
    add_moments(x.as<float>() + begin * columns, end - begin, columns, blocks.of(part), moments);
    counts[static_cast<std::size_t>(part)] = moments.count;
  });
  std::vector<double> total_mean = doubles(channels), total_squares = doubles(channels);
  NormMoments total{0, total_mean.data(), total_squares.data()};
  for (std::int64_t at = 0; at < parts * columns; at += channels) {
    const double count = counts[static_cast<std::size_t>(at / columns)];
    merge_moments({count, means.data() + at, squares.data() + at}, channels, total);
  }
  add_moments(x.as<float>() + matrix.left_over_offset(), matrix.left_over, channels, blocks.of(0),
              total);
  write_statistics(total, channels, mean, var);
}

void batch_norm_apply(Queue&, ConstView x, ConstView mean, ConstView var, double eps,
                      ConstView weight, ConstView bias, View y) {
  if (x.dtype != f32)
    return reference::batch_norm_apply<double>(x, mean, var, eps, weight, bias, y);
  const Matrix matrix(x.sizes);
  if (matrix.rows == 0) return;
  const std::vector<float> none = floats(matrix.channels);
  const std::vector<float> means = repeat(matrix, mean.as<float>());
  const std::vector<float> scale = repeat(matrix, scales(matrix, var, eps, weight).data());
  const std::vector<float> shift = repeat(matrix, bias.data ? bias.as<float>() : none.data());
  const auto apply = [&](std::int64_t offset, std::int64_t rows, std::int64_t columns) {
    norm_apply_rows(x.as<float>() + offset, means.data(), scale.data(), shift.data(), rows, columns,
                    y.as<float>() + offset);
  };
  parallel_for(matrix.folded, matrix.grain(), [&](std::int64_t begin, std::int64_t end) {
    apply(begin * matrix.columns, end - begin, matrix.columns);
  });
  apply(matrix.left_over_offset(), matrix.left_over, matrix.channels);
}

void batch_norm_backward_sums(Queue&, ConstView dy, ConstView x, ConstView mean, ConstView var,
                              double eps, View sum_dy, View sum_dy_xhat) {
  if (x.dtype != f32) {
    return reference::batch_norm_backward_sums<double>(dy, x, mean, var, eps, sum_dy, sum_dy_xhat);
  }
  const Matrix matrix(x.sizes);
  const int parts = matrix.parts();
  const std::int64_t columns = matrix.columns, channels = matrix.channels;
  const std::vector<float> means = repeat(matrix, mean.as<float>());
  std::vector<double> sums = doubles(parts * 2 * columns), left_over = doubles(2 * channels);
  const PartScratch<> blocks(parts, 2 * columns);
  parallel_parts(matrix.folded, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    add_sums(dy.as<float>(), x.as<float>(), means.data(), begin, end, columns, blocks.of(part),
             sums.data() + part * 2 * columns);
  });
  const std::int64_t offset = matrix.left_over_offset();
  add_sums(dy.as<float>() + offset, x.as<float>() + offset, means.data(), 0, matrix.left_over,
           channels, blocks.of(0), left_over.data());
  for (std::int64_t c = 0; c < channels; ++c) {
    double gradient = left_over[static_cast<std::size_t>(c)];
    double product = left_over[static_cast<std::size_t>(channels + c)];
    for (std::int64_t part = 0; part < parts; ++part) {
      const double* of_part = sums.data() + part * 2 * columns;
      for (std::int64_t column = c; column < columns; column += channels) {
        gradient += of_part[column];
        product += of_part[columns + column];
      }
    }
    const double inverse = 1 / std::sqrt(static_cast<double>(var.as<float>()[c]) + eps);
    sum_dy.as<float>()[c] = static_cast<float>(gradient);
    sum_dy_xhat.as<float>()[c] = static_cast<float>(product * inverse);
  }
}

void batch_norm_backward_input(Queue&, ConstView dy, ConstView x, ConstView mean, ConstView var,
                               double eps, ConstView weight, ConstView sum_dy,
                               ConstView sum_dy_xhat, View dx) {
  if (x.dtype != f32) {
    return reference::batch_norm_backward_input<double>(dy, x, mean, var, eps, weight, sum_dy,
                                                        sum_dy_xhat, dx);
  }
  const Matrix matrix(x.sizes);
  if (matrix.rows == 0) return;
  // dx = scale (dy - shift - (x - mean) slope) with shift = mean of dy, slope = mean of dy xhat /
  // deviation.
  std::vector<float> shift = floats(matrix.channels), slope = floats(matrix.channels);
  const auto count = static_cast<float>(matrix.rows);
  for (std::int64_t c = 0; c < matrix.channels; ++c) {
    const auto i = static_cast<std::size_t>(c);
    shift[i] = sum_dy.as<float>()[c] / count;
    slope[i] =
        sum_dy_xhat.as<float>()[c] / count * reference::inverse_deviation<float>(var, eps, c);
  }
  const std::vector<float> means = repeat(matrix, mean.as<float>());
  const std::vector<float> scale = repeat(matrix, scales(matrix, var, eps, weight).data());
  shift = repeat(matrix, shift.data());
  slope = repeat(matrix, slope.data());
  const auto apply = [&](std::int64_t offset, std::int64_t rows, std::int64_t columns) {
    norm_backward_rows(dy.as<float>() + offset, x.as<float>() + offset, means.data(), scale.data(),
                       shift.data(), slope.data(), rows, columns, dx.as<float>() + offset);
  };
  parallel_for(matrix.folded, matrix.grain(), [&](std::int64_t begin, std::int64_t end) {
    apply(begin * matrix.columns, end - begin, matrix.columns);
  });
  apply(matrix.left_over_offset(), matrix.left_over, matrix.channels);
}

}  // namespace fovea::kernels::cpu
