// The fused block batch norm, activation, max pooling, in plain loops: the oracle for the CPU's
// kernels, and what f64 runs on. Contracts: KernelTable's norm_pool_* entries.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "fovea/kernels/specs.h"
#include "fovea/kernels/view.h"

namespace fovea::kernels::reference {

/// Sizes of the block's problem.
struct NormPoolSizes {
  std::int64_t n;      ///< images
  std::int64_t c;      ///< channels
  std::int64_t h;      ///< height of x
  std::int64_t w;      ///< width of x
  std::int64_t out_h;  ///< height of y
  std::int64_t out_w;  ///< width of y

  /// For the block over x.
  NormPoolSizes(const BlockSpec& spec, ConstView x)
      : n(x.size(0)),
        c(x.size(1)),
        h(x.size(2)),
        w(x.size(3)),
        out_h(h / spec.window_h),
        out_w(w / spec.window_w) {}
};

/// Calls f(y offset, x offset of the window's first element, channel) for every element of y.
template <class F>
void for_windows(const BlockSpec& spec, const NormPoolSizes& s, const F& f) {
  for (std::int64_t n = 0; n < s.n; ++n) {
    for (std::int64_t i = 0; i < s.out_h; ++i) {
      for (std::int64_t j = 0; j < s.out_w; ++j) {
        for (std::int64_t c = 0; c < s.c; ++c) {
          f(((n * s.out_h + i) * s.out_w + j) * s.c + c,
            ((n * s.h + i * spec.window_h) * s.w + j * spec.window_w) * s.c + c, c);
        }
      }
    }
  }
}

/// Offset in x of position p of a window, from the window's first element.
inline std::int64_t window_offset(const BlockSpec& spec, const NormPoolSizes& s, std::int64_t p) {
  return (p / spec.window_w * s.w + p % spec.window_w) * s.c;
}

/// weight / sqrt(var + eps) of channel c, or 1 without statistics.
template <class T>
double norm_factor(ConstView var, double eps, ConstView weight, std::int64_t c) {
  if (!var.data) return 1;
  return (weight.data ? static_cast<double>(weight.as<T>()[c]) : 1.0) /
         std::sqrt(static_cast<double>(var.as<T>()[c]) + eps);
}

/// See KernelTable::norm_pool_forward.
template <class T>
void norm_pool_forward(const BlockSpec& spec, ConstView x, ConstView mean, ConstView var,
                       double eps, ConstView weight, ConstView bias, View y, View positions) {
  const NormPoolSizes s(spec, x);
  for_windows(spec, s, [&](std::int64_t out, std::int64_t in, std::int64_t c) {
    T best{};
    std::int64_t position = 0;
    for (std::int64_t p = 0; p < spec.window(); ++p) {
      const T value = x.as<T>()[in + window_offset(spec, s, p)];
      const T centred = mean.data ? value - mean.as<T>()[c] : value;
      const T z = centred * static_cast<T>(norm_factor<T>(var, eps, weight, c)) +
                  (bias.data ? bias.as<T>()[c] : T(0));
      if (p == 0 || z > best || (std::isnan(z) && !std::isnan(best))) {
        best = z;
        position = p;
      }
    }
    y.as<T>()[out] = spec.relu && best < 0 ? T(0) : best;
    if (positions.data) positions.as<std::uint8_t>()[out] = static_cast<std::uint8_t>(position);
  });
}

/// Calls f(dz, x offset of the position that won, channel) for every element of y whose gradient
/// passes.
template <class T, class F>
void for_winners(const BlockSpec& spec, ConstView dy, ConstView y, ConstView positions, ConstView x,
                 const F& f) {
  const NormPoolSizes s(spec, x);
  for_windows(spec, s, [&](std::int64_t out, std::int64_t in, std::int64_t c) {
    if (spec.relu && y.as<T>()[out] <= 0) return;  // NaN's gradient passes, as in PyTorch
    const std::int64_t p = positions.data ? positions.as<std::uint8_t>()[out] : 0;
    f(dy.as<T>()[out], in + window_offset(spec, s, p), c);
  });
}

/// See KernelTable::norm_pool_backward_sums.
template <class T>
void norm_pool_backward_sums(const BlockSpec& spec, ConstView dy, ConstView y, ConstView positions,
                             ConstView x, ConstView mean, ConstView var, double eps, View sum_dz,
                             View sum_dz_xhat) {
  const auto channels = static_cast<std::size_t>(x.size(1));
  std::vector<double> sums(channels), sums_xhat(channels);
  for_winners<T>(spec, dy, y, positions, x, [&](T dz, std::int64_t at, std::int64_t c) {
    const double centred =
        static_cast<double>(x.as<T>()[at]) - static_cast<double>(mean.as<T>()[c]);
    sums[static_cast<std::size_t>(c)] += static_cast<double>(dz);
    sums_xhat[static_cast<std::size_t>(c)] += static_cast<double>(dz) * centred;
  });
  for (std::size_t c = 0; c < channels; ++c) {
    sum_dz.as<T>()[c] = static_cast<T>(sums[c]);
    sum_dz_xhat.as<T>()[c] =
        static_cast<T>(sums_xhat[c] / std::sqrt(static_cast<double>(var.as<T>()[c]) + eps));
  }
}

/// See KernelTable::norm_pool_backward_input.
template <class T>
void norm_pool_backward_input(const BlockSpec& spec, ConstView dy, ConstView y, ConstView positions,
                              ConstView x, ConstView mean, ConstView var, double eps,
                              ConstView weight, ConstView sum_dz, ConstView sum_dz_xhat, View dx) {
  const NormPoolSizes s(spec, x);
  const double count = static_cast<double>(s.n * s.h * s.w);
  std::vector<double> factor(static_cast<std::size_t>(s.c));
  for (std::int64_t c = 0; c < s.c; ++c)
    factor[static_cast<std::size_t>(c)] = norm_factor<T>(var, eps, weight, c);
  for (std::int64_t at = 0; at < s.n * s.h * s.w * s.c; ++at) {
    const std::int64_t c = at % s.c;
    double value = 0;
    if (sum_dz.data) {
      const double xhat =
          (static_cast<double>(x.as<T>()[at]) - static_cast<double>(mean.as<T>()[c])) /
          std::sqrt(static_cast<double>(var.as<T>()[c]) + eps);
      value = -(static_cast<double>(sum_dz.as<T>()[c]) +
                xhat * static_cast<double>(sum_dz_xhat.as<T>()[c])) /
              count;
    }
    dx.as<T>()[at] = static_cast<T>(factor[static_cast<std::size_t>(c)] * value);
  }
  for_winners<T>(spec, dy, y, positions, x, [&](T dz, std::int64_t at, std::int64_t c) {
    dx.as<T>()[at] += static_cast<T>(factor[static_cast<std::size_t>(c)] * static_cast<double>(dz));
  });
}

}  // namespace fovea::kernels::reference
