// How a 3x3 convolution is cut into Winograd's tiles, bands of whole rows of them, and planes.
// Shared by forward and backward.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/product/small_gemm.h"
#include "fovea/kernels/cpu/winograd/tiles.h"
#include "fovea/kernels/cpu/winograd/winograd.h"

namespace fovea::kernels::cpu {

/// Planes of `rows` rows in panels, as small_gemm's right operand.
inline Planes winograd_panels(float* data, std::int64_t rows, std::int64_t columns) {
  return {data, rows, columns, 4 * gemm_lanes()};
}

/// Sizes of the problem. Tiles are numbered image by image, row by row.
struct WinogradProblem {
  std::int64_t n, c, h, w, k, out_h, out_w, pad_h, pad_w;
  std::int64_t tiles_h, tiles_w;     ///< tiles of an image
  std::int64_t band_tiles_h, bands;  ///< rows of tiles in a band; bands of an image
  std::int64_t c_padded, k_padded;   ///< channels, up to a multiple of the vector length

  /// Bands have `band_rows` rows of outputs or a multiple.
  WinogradProblem(const ConvSpec& spec, const Shape& x, const Shape& weight, const Shape& y,
                  std::int64_t band_rows);

  std::int64_t tiles_per_image() const { return tiles_h * tiles_w; }
  std::int64_t tiles() const { return n * tiles_per_image(); }
  /// First tile of band `band`, counted over all images; past the last band, tiles().
  std::int64_t first_tile(std::int64_t band) const {
    return band / bands * tiles_per_image() + band % bands * band_tiles_h * tiles_w;
  }

  /// Planes of `rows` dense rows, as small_gemm's left operand.
  static Planes rows(float* data, std::int64_t rows, std::int64_t columns) {
    return {data, rows, columns, columns};
  }

  /// Tiles handled together, of `count` or a few more to be done: about equally many in each block.
  /// More tiles use each loaded kernel more often; the planes of both sides should stay in L2 (1
  /// MiB on Zen 4 and 5) beside the kernels: 1/2 MiB measured best on Zen 4, and at least 16 tiles
  /// where the kernels alone overflow it.
  std::int64_t tiles_together(std::int64_t count) const;

  /// The 6x6 patch of an image-like array [n, h, w, c] that tile reads (or adds to).
  template <class T>
  Patch<T> input_patch(T* data, std::int64_t tile) const {
    const Place at = place(tile);
    const std::int64_t y0 = at.row * kWinogradOut - pad_h, x0 = at.column * kWinogradOut - pad_w;
    return patch(data + (at.image * h + y0) * w * c + x0 * c, c, h, w, y0, x0, kWinogradIn);
  }
  /// The 4x4 patch of a band [rows, out_w, k] that tile writes (or reads).
  template <class T>
  Patch<T> output_patch(T* data, const ConvBand& band, std::int64_t tile) const {
    const Place at = place(tile);
    const std::int64_t y0 = at.row * kWinogradOut, x0 = at.column * kWinogradOut;
    return patch(data + ((y0 - band.first) * out_w + x0) * k, k, out_h, out_w, y0, x0,
                 kWinogradOut);
  }

  bool starts_image(std::int64_t tile) const { return tile % tiles_per_image() == 0; }
  bool starts_band(std::int64_t tile) const {
    return tile % tiles_per_image() % (band_tiles_h * tiles_w) == 0;
  }
  bool ends_band(std::int64_t tile) const { return starts_band(tile + 1); }
  /// The band that `tile` lies in.
  ConvBand band_of(std::int64_t tile) const {
    const Place at = place(tile);
    const std::int64_t height = band_tiles_h * kWinogradOut;
    const std::int64_t first = at.row / band_tiles_h * height;
    return {at.image, first, std::min(height, out_h - first)};
  }

 private:
  struct Place {
    std::int64_t image, row, column;
  };
  Place place(std::int64_t tile) const {
    return {tile / tiles_per_image(), tile % tiles_per_image() / tiles_w, tile % tiles_w};
  }
  template <class T>
  static Patch<T> patch(T* first, std::int64_t channels, std::int64_t height, std::int64_t width,
                        std::int64_t y0, std::int64_t x0, std::int64_t side) {
    const auto cut = [side](std::int64_t v) {
      return static_cast<int>(std::clamp<std::int64_t>(v, 0, side));
    };
    return {first,    width * channels, channels, cut(-y0), cut(height - y0),
            cut(-x0), cut(width - x0)};
  }
};

/// Asks for what tile `tile` reads of x and its left neighbour does not.
void prefetch_input(const WinogradProblem& s, const float* x, std::int64_t tile);
/// Calls f(tile) for the share of tiles [begin, begin + count) that is to be prefetched while plane
/// p is multiplied.
template <class F>
void for_share_of_plane(std::int64_t p, std::int64_t begin, std::int64_t count, const F& f) {
  for (std::int64_t t = count * p / kWinogradPlanes; t < count * (p + 1) / kWinogradPlanes; ++t)
    f(begin + t);
}

/// The product of plane p: c (+)= a b, a's rows being tiles (or, transposed, channels).
void multiply_planes(std::int64_t p, std::int64_t rows, std::int64_t steps, const GemmA& a,
                     const Planes& b, const Planes& c, GemmC mode);
/// Calls f(column) in parallel for vectors that cover all columns of a matrix of kernels.
template <class T, class F>
void for_kernel_columns(const KernelMatrix<T>& kernels, const F& f) {
  const std::int64_t lanes = gemm_lanes(), vectors = (kernels.columns + lanes - 1) / lanes;
  // 32 vectors take some 3 us: a fork-join.
  parallel_for(vectors, 32 / kernels.rows + 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) f(i * lanes);
  });
}

}  // namespace fovea::kernels::cpu
