#include "fovea/kernels/cpu/norm_pool.h"

#include <cmath>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/norm_pool_rows.h"
#include "fovea/kernels/reference/norm_pool.h"

namespace fovea::kernels::cpu {

namespace {

using reference::NormPoolSizes;

/// Parts that the rows are cut into for sums: by the problem alone, so that results do not depend
/// on threads.
constexpr int kSumParts = 32;

/// The walk over rows of windows that all three kernels share.
struct Rows {
  NormPoolSizes sizes;
  std::vector<std::int64_t> offsets;
  WindowRow row;

  Rows(const BlockSpec& spec, ConstView x) : sizes(spec, x) {
    for (std::int64_t p = 0; p < spec.window(); ++p)
      offsets.push_back(reference::window_offset(spec, sizes, p));
    row = {.columns = sizes.out_w,
           .channels = sizes.c,
           .step = spec.window_w * sizes.c,
           .window = spec.window(),
           .offsets = offsets.data(),
           .relu = spec.relu};
  }
  std::int64_t count() const { return sizes.n * sizes.out_h; }
  /// Rows below which a second thread does not pay.
  std::int64_t grain() const {
    return std::max<std::int64_t>(1, 8192 / (sizes.w * sizes.c * row.window + 1));
  }
  /// First element of row r's windows in x, and of row r in y.
  std::int64_t x_at(const BlockSpec& spec, std::int64_t r) const {
    return (r / sizes.out_h * sizes.h + r % sizes.out_h * spec.window_h) * sizes.w * sizes.c;
  }
  std::int64_t y_at(std::int64_t r) const { return r * sizes.out_w * sizes.c; }
};

const std::uint8_t* bytes_or_null(ConstView positions, std::int64_t at) {
  return positions.data ? positions.as<std::uint8_t>() + at : nullptr;
}

}  // namespace

NormAffine::NormAffine(std::int64_t channels, ConstView mean, ConstView var, double eps,
                       ConstView weight, ConstView bias) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const double a = reference::norm_factor<float>(var, eps, weight, c);
    const double centre = mean.data ? static_cast<double>(mean.as<float>()[c]) : 0;
    scale.push_back(static_cast<float>(a));
    shift.push_back(static_cast<float>((bias.data ? static_cast<double>(bias.as<float>()[c]) : 0) -
                                       a * centre));
  }
}

namespace {

void forward_f32(const BlockSpec& spec, ConstView x, ConstView mean, ConstView var, double eps,
                 ConstView weight, ConstView bias, View y, View positions) {
  const Rows rows(spec, x);
  const NormAffine affine(rows.sizes.c, mean, var, eps, weight, bias);
  parallel_for(rows.count(), rows.grain(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const std::int64_t at = rows.y_at(r);
      norm_pool_forward_row(rows.row, x.as<float>() + rows.x_at(spec, r), affine.scale.data(),
                            affine.shift.data(), y.as<float>() + at,
                            positions.data ? positions.as<std::uint8_t>() + at : nullptr);
    }
  });
}

void sums_f32(const BlockSpec& spec, ConstView dy, ConstView y, ConstView positions, ConstView x,
              ConstView mean, ConstView var, double eps, View sum_dz, View sum_dz_xhat) {
  const Rows rows(spec, x);
  const auto channels = static_cast<std::size_t>(rows.sizes.c);
  std::vector<double> totals(kSumParts * 2 * channels);
  parallel_parts(rows.count(), kSumParts, [&](int part, std::int64_t begin, std::int64_t end) {
    double* sum = totals.data() + static_cast<std::size_t>(part) * 2 * channels;
    for (std::int64_t r = begin; r < end; ++r) {
      const std::int64_t at = rows.y_at(r);
      norm_pool_sums_row(rows.row, dy.as<float>() + at, y.as<float>() + at,
                         bytes_or_null(positions, at), x.as<float>() + rows.x_at(spec, r),
                         mean.as<float>(), sum, sum + channels);
    }
  });
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0, centred = 0;
    for (std::size_t part = 0; part < kSumParts; ++part) {
      sum += totals[part * 2 * channels + c];
      centred += totals[(part * 2 + 1) * channels + c];
    }
    sum_dz.as<float>()[c] = static_cast<float>(sum);
    sum_dz_xhat.as<float>()[c] =
        static_cast<float>(centred / std::sqrt(static_cast<double>(var.as<float>()[c]) + eps));
  }
}

/// dx = by_dz dz + by_x x + constant: batch norm's backward as an affine map, a channel each.
struct InputCoefficients {
  std::vector<float> by_dz, by_x, constant;
  bool uses_x;

  InputCoefficients(std::int64_t channels, double count, ConstView mean, ConstView var, double eps,
                    ConstView weight, ConstView sum_dz, ConstView sum_dz_xhat)
      : uses_x(sum_dz.data != nullptr) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const double a = reference::norm_factor<float>(var, eps, weight, c);
      double b = 0, d = 0;
      if (sum_dz.data) {
        const double inverse = 1 / std::sqrt(static_cast<double>(var.as<float>()[c]) + eps);
        b = -a * inverse * static_cast<double>(sum_dz_xhat.as<float>()[c]) / count;
        d = -a * static_cast<double>(sum_dz.as<float>()[c]) / count -
            b * static_cast<double>(mean.as<float>()[c]);
      }
      by_dz.push_back(static_cast<float>(a));
      by_x.push_back(static_cast<float>(b));
      constant.push_back(static_cast<float>(d));
    }
  }
};

/// x may be null, for constant statistics.
void input_f32(const BlockSpec& spec, ConstView dy, ConstView y, ConstView positions, ConstView x,
               const InputCoefficients& k, View dx) {
  const Rows rows(spec, x);
  const NormPoolSizes& s = rows.sizes;
  const std::int64_t covered_w = s.out_w * spec.window_w, covered_h = s.out_h * spec.window_h;
  const float* input = k.uses_x ? x.as<float>() : nullptr;
  const auto input_at = [input](std::int64_t at) { return input ? input + at : nullptr; };
  const auto uncovered = [&](std::int64_t at, std::int64_t pixels) {
    norm_pool_uncovered(pixels, s.c, input_at(at), k.by_x.data(), k.constant.data(),
                        dx.as<float>() + at);
  };
  parallel_for(rows.count(), rows.grain(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const std::int64_t from = rows.x_at(spec, r), at = rows.y_at(r);
      norm_pool_input_row(rows.row, dy.as<float>() + at, y.as<float>() + at,
                          bytes_or_null(positions, at), input_at(from), k.by_dz.data(),
                          k.by_x.data(), k.constant.data(), dx.as<float>() + from);
      for (std::int64_t i = 0; i < spec.window_h && covered_w < s.w; ++i) {
        uncovered(from + (i * s.w + covered_w) * s.c, s.w - covered_w);
      }
      const bool last = (r + 1) % s.out_h == 0;
      if (last && covered_h < s.h)
        uncovered(from + spec.window_h * s.w * s.c, (s.h - covered_h) * s.w);
    }
  });
}

}  // namespace

void norm_pool_forward(Queue&, const BlockSpec& spec, ConstView x, ConstView mean, ConstView var,
                       double eps, ConstView weight, ConstView bias, View y, View positions) {
  if (x.dtype == f32) return forward_f32(spec, x, mean, var, eps, weight, bias, y, positions);
  reference::norm_pool_forward<double>(spec, x, mean, var, eps, weight, bias, y, positions);
}

void norm_pool_backward_sums(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                             ConstView positions, ConstView x, ConstView mean, ConstView var,
                             double eps, View sum_dz, View sum_dz_xhat) {
  if (x.dtype == f32)
    return sums_f32(spec, dy, y, positions, x, mean, var, eps, sum_dz, sum_dz_xhat);
  reference::norm_pool_backward_sums<double>(spec, dy, y, positions, x, mean, var, eps, sum_dz,
                                             sum_dz_xhat);
}

void norm_pool_backward_input(Queue&, const BlockSpec& spec, ConstView dy, ConstView y,
                              ConstView positions, ConstView x, ConstView mean, ConstView var,
                              double eps, ConstView weight, ConstView sum_dz, ConstView sum_dz_xhat,
                              View dx) {
  if (x.dtype == f32) {
    const double count = static_cast<double>(x.numel() / std::max<std::int64_t>(x.size(1), 1));
    return input_f32(
        spec, dy, y, positions, x,
        InputCoefficients(x.size(1), count, mean, var, eps, weight, sum_dz, sum_dz_xhat), dx);
  }
  reference::norm_pool_backward_input<double>(spec, dy, y, positions, x, mean, var, eps, weight,
                                              sum_dz, sum_dz_xhat, dx);
}

}  // namespace fovea::kernels::cpu
