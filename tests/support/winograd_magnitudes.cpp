#include "tests/support/winograd_magnitudes.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace fovea::test {

namespace {

using kernels::ConstView;
using kernels::ConvSpec;

template <std::size_t kRows, std::size_t kColumns>
using Matrix = std::array<std::array<double, kColumns>, kRows>;

// Absolute values of the matrices for the points 0, +-5/8, +-3/2 and infinity, in their fractions.
constexpr Matrix<6, 6> kB = {{{225.0 / 256, 0, 169.0 / 64, 0, 1, 0},
                              {0, 45.0 / 32, 9.0 / 4, 5.0 / 8, 1, 0},
                              {0, 45.0 / 32, 9.0 / 4, 5.0 / 8, 1, 0},
                              {0, 75.0 / 128, 25.0 / 64, 3.0 / 2, 1, 0},
                              {0, 75.0 / 128, 25.0 / 64, 3.0 / 2, 1, 0},
                              {0, 225.0 / 256, 0, 169.0 / 64, 0, 1}}};
constexpr Matrix<6, 3> kG = {{{256.0 / 225, 0, 0},
                              {2048.0 / 2975, 256.0 / 595, 32.0 / 119},
                              {2048.0 / 2975, 256.0 / 595, 32.0 / 119},
                              {128.0 / 1071, 64.0 / 357, 32.0 / 119},
                              {128.0 / 1071, 64.0 / 357, 32.0 / 119},
                              {0, 0, 1}}};
constexpr Matrix<4, 6> kA = {{{1, 1, 1, 1, 1, 0},
                              {0, 5.0 / 8, 5.0 / 8, 3.0 / 2, 3.0 / 2, 0},
                              {0, 25.0 / 64, 25.0 / 64, 9.0 / 4, 9.0 / 4, 0},
                              {0, 125.0 / 512, 125.0 / 512, 27.0 / 8, 27.0 / 8, 1}}};

template <std::size_t kRows, std::size_t kColumns>
constexpr Matrix<kColumns, kRows> transposed(const Matrix<kRows, kColumns>& m) {
  Matrix<kColumns, kRows> result{};
  for (std::size_t i = 0; i < kRows; ++i)
    for (std::size_t j = 0; j < kColumns; ++j) result[j][i] = m[i][j];
  return result;
}

/// m s m'
template <std::size_t kRows, std::size_t kColumns>
Matrix<kRows, kRows> both_ways(const Matrix<kRows, kColumns>& m,
                               const Matrix<kColumns, kColumns>& s) {
  Matrix<kRows, kRows> result{};
  for (std::size_t i = 0; i < kRows; ++i)
    for (std::size_t j = 0; j < kRows; ++j)
      for (std::size_t a = 0; a < kColumns; ++a)
        for (std::size_t b = 0; b < kColumns; ++b) result[i][j] += m[i][a] * s[a][b] * m[j][b];
  return result;
}

void add_product(const Matrix<6, 6>& a, const Matrix<6, 6>& b, Matrix<6, 6>& to) {
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < 6; ++j) to[i][j] += a[i][j] * b[i][j];
}

/// Channel `channel` of image `image` of a channels-last array.
struct Plane {
  std::int64_t first, height, width, step;

  Plane(const Shape& sizes, std::int64_t image, std::int64_t channel)
      : first(image * sizes[2] * sizes[3] * sizes[1] + channel),
        height(sizes[2]),
        width(sizes[3]),
        step(sizes[1]) {}
  /// Calls f(i, j, offset) for what lies inside of the square at (top, left).
  template <class F>
  void square(std::int64_t top, std::int64_t left, std::int64_t side, const F& f) const {
    for (std::int64_t i = 0; i < side; ++i) {
      for (std::int64_t j = 0; j < side; ++j) {
        const std::int64_t row = top + i, column = left + j;
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        f(static_cast<std::size_t>(i), static_cast<std::size_t>(j),
          static_cast<std::size_t>(first + (row * width + column) * step));
      }
    }
  }
};

template <std::size_t kSide>
Matrix<kSide, kSide> read(ConstView x, const Plane& plane, std::int64_t top, std::int64_t left) {
  Matrix<kSide, kSide> result{};
  plane.square(top, left, static_cast<std::int64_t>(kSide),
               [&](std::size_t i, std::size_t j, std::size_t at) {
                 result[i][j] = std::abs(x.as<double>()[at]);
               });
  return result;
}

template <std::size_t kSide>
void add(const Matrix<kSide, kSide>& from, const Plane& plane, std::int64_t top, std::int64_t left,
         std::vector<double>& to) {
  plane.square(top, left, static_cast<std::int64_t>(kSide),
               [&](std::size_t i, std::size_t j, std::size_t at) { to[at] += from[i][j]; });
}

std::vector<double> zeros(std::int64_t count) {
  return std::vector<double>(static_cast<std::size_t>(count));
}

}  // namespace

WinogradMagnitudes::WinogradMagnitudes(const ConvSpec& spec, ConstView x, ConstView weight,
                                       ConstView bias, ConstView dy)
    : y(zeros(dy.numel())),
      dx(zeros(x.numel())),
      dweight(zeros(weight.numel())),
      dbias(zeros(bias.numel())) {
  const std::int64_t channels = x.size(1), k_end = weight.size(0);
  std::vector<Matrix<6, 6>> u, du(static_cast<std::size_t>(k_end * channels));
  const Shape kernel_sizes = {k_end * channels, 1, 3, 3};
  for (std::int64_t i = 0; i < k_end * channels; ++i)
    u.push_back(both_ways(kG, read<3>(weight, Plane(kernel_sizes, i, 0), 0, 0)));
  const auto at = [&](std::int64_t k, std::int64_t c) {
    return static_cast<std::size_t>(k * channels + c);
  };
  for (std::int64_t image = 0; image < x.size(0); ++image) {
    for (std::int64_t top = 0; top < dy.size(2); top += 4) {
      for (std::int64_t left = 0; left < dy.size(3); left += 4) {
        const std::int64_t in_top = top - spec.padding_begin[0],
                           in_left = left - spec.padding_begin[1];
        std::vector<Matrix<6, 6>> v, dm;
        for (std::int64_t c = 0; c < channels; ++c)
          v.push_back(both_ways(kB, read<6>(x, Plane(x.sizes, image, c), in_top, in_left)));
        for (std::int64_t k = 0; k < k_end; ++k) {
          const Plane plane(dy.sizes, image, k);
          dm.push_back(both_ways(transposed(kA), read<4>(dy, plane, top, left)));
          Matrix<6, 6> m{};
          for (std::int64_t c = 0; c < channels; ++c) {
            add_product(u[at(k, c)], v[static_cast<std::size_t>(c)], m);
            add_product(v[static_cast<std::size_t>(c)], dm.back(), du[at(k, c)]);
          }
          add(both_ways(kA, m), plane, top, left, y);
        }
        for (std::int64_t c = 0; c < channels; ++c) {
          Matrix<6, 6> dv{};
          for (std::int64_t k = 0; k < k_end; ++k)
            add_product(u[at(k, c)], dm[static_cast<std::size_t>(k)], dv);
          add(both_ways(transposed(kB), dv), Plane(x.sizes, image, c), in_top, in_left, dx);
        }
      }
    }
  }
  for (std::int64_t i = 0; i < k_end * channels; ++i)
    add(both_ways(transposed(kG), du[static_cast<std::size_t>(i)]), Plane(kernel_sizes, i, 0), 0, 0,
        dweight);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t k = i % static_cast<std::size_t>(k_end);
    y[i] += std::abs(bias.as<double>()[k]);
    dbias[k] += std::abs(dy.as<double>()[i]);
  }
}

}  // namespace fovea::test
