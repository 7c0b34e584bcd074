#include "fovea/data/warp.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fovea/core/error.h"
#include "fovea/data/warp_loop.h"

namespace fovea::data {

namespace {

double radians(double degrees) { return degrees * (std::numbers::pi / 180); }

/// Eight equations in eight unknowns, each row with its right side behind it.
using System = std::array<std::array<double, 9>, 8>;

/// Gauss's elimination with the largest pivot of each column. Nothing where there is no solution.
std::optional<std::array<double, 8>> solve(System rows) {
  for (std::size_t k = 0; k < 8; ++k) {
    const auto by_pivot = [k](const auto& x, const auto& y) {
      return std::abs(x[k]) < std::abs(y[k]);
    };
    std::iter_swap(
        rows.begin() + static_cast<std::ptrdiff_t>(k),
        std::max_element(rows.begin() + static_cast<std::ptrdiff_t>(k), rows.end(), by_pivot));
    if (std::abs(rows[k][k]) < 1e-9) return {};
    for (std::size_t i = 0; i < 8; ++i) {
      if (i == k) continue;
      const double factor = rows[i][k] / rows[k][k];
      for (std::size_t j = k; j < 9; ++j) rows[i][j] -= factor * rows[k][j];
    }
  }
  std::array<double, 8> solution{};
  for (std::size_t k = 0; k < 8; ++k) solution[k] = rows[k][8] / rows[k][k];
  return solution;
}

}  // namespace

Warp Warp::affine(ImageSize image, const AffineChange& change) {
  const double turn = radians(change.degrees), lean_x = radians(change.shear_x),
               lean_y = radians(change.shear_y);
  const Place center = change.center.value_or(
      Place{static_cast<double>(image.width) / 2, static_cast<double>(image.height) / 2});
  // What becomes of a step to the right and of one down, before scaling; its determinant is 1.
  const double right_x = std::cos(turn - lean_y) / std::cos(lean_y);
  const double right_y = std::sin(turn - lean_y) / std::cos(lean_y);
  const double down_x = -right_x * std::tan(lean_x) - std::sin(turn);
  const double down_y = -right_y * std::tan(lean_x) + std::cos(turn);
  Warp warp{.a = down_y / change.scale,
            .b = -down_x / change.scale,
            .d = -right_y / change.scale,
            .e = right_x / change.scale};
  const double x = center.x + change.move.x, y = center.y + change.move.y;
  warp.c = center.x - warp.a * x - warp.b * y;
  warp.f = center.y - warp.d * x - warp.e * y;
  return warp;
}

Warp Warp::rotation(ImageSize image, double degrees) {
  return affine(image, {.degrees = -degrees});
}

Warp Warp::perspective(const Corners& from, const Corners& to) {
  System rows{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto [x, y] = from[i];
    const auto [u, v] = to[i];
    rows[2 * i] = {u, v, 1, 0, 0, 0, -x * u, -x * v, x};
    rows[2 * i + 1] = {0, 0, 0, u, v, 1, -y * u, -y * v, y};
  }
  const auto s = solve(rows);
  if (!s) return {};
  return {(*s)[0], (*s)[1], (*s)[2], (*s)[3], (*s)[4], (*s)[5], (*s)[6], (*s)[7]};
}

Tensor warp_images(const Tensor& batch, std::span<const Warp> warps, const WarpOptions& options) {
  check_pixels(batch, "warp_images");
  check<ArgumentError>(static_cast<std::int64_t>(warps.size()) == batch.size(0),
                       "warp_images: warps expected for ", batch.size(0), " images, got ",
                       warps.size());
  check_fill(options, batch.size(1), "warp_images");
  return changed_images(batch, warp_scratch(batch.size(1), batch.size(2), batch.size(3)),
                        [&](const auto& image, std::size_t i) {
                          if (warps[i] != Warp()) warp_image(image, warps[i], options);
                        });
}

}  // namespace fovea::data
