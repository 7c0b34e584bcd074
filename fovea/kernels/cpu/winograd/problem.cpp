#include "fovea/kernels/cpu/winograd/problem.h"

#include <numeric>

#include "fovea/kernels/cpu/prefetch.h"
#include "fovea/kernels/cpu/rounding.h"

namespace fovea::kernels::cpu {

WinogradProblem::WinogradProblem(const ConvSpec& spec, const Shape& x, const Shape& weight,
                                 const Shape& y, std::int64_t band_rows)
    : n(x[0]),
      c(x[1]),
      h(x[2]),
      w(x[3]),
      k(weight[0]),
      out_h(y[2]),
      out_w(y[3]),
      pad_h(spec.padding_begin[0]),
      pad_w(spec.padding_begin[1]),
      tiles_h(ceil_div(out_h, kWinogradOut)),
      tiles_w(ceil_div(out_w, kWinogradOut)),
      band_tiles_h(std::lcm(band_rows, kWinogradOut) / kWinogradOut),
      bands(ceil_div(tiles_h, band_tiles_h)),
      c_padded(round_up(c, gemm_lanes())),
      k_padded(round_up(k, gemm_lanes())) {}

std::int64_t WinogradProblem::tiles_together(std::int64_t count) const {
  constexpr std::int64_t kBytes = std::int64_t{2} << 18;
  const std::int64_t per_tile = kWinogradPlanes * (c_padded + k_padded) * 4;
  const std::int64_t most = std::clamp<std::int64_t>(kBytes / per_tile, 16, 96);
  return ceil_div(count, ceil_div(count, most));
}

void prefetch_input(const WinogradProblem& s, const float* x, std::int64_t tile) {
  const Patch<const float> patch = s.input_patch(x, tile);
  constexpr int kShared = static_cast<int>(kWinogradIn - kWinogradOut);
  const int left = patch.left > 0 ? patch.left : kShared;
  for (int i = patch.top; i < patch.bottom; ++i) {
    prefetch(patch.first + i * patch.row_stride + left * patch.channels,
             (patch.right - left) * patch.channels);
  }
}

void multiply_planes(std::int64_t p, std::int64_t rows, std::int64_t steps, const GemmA& a,
                     const Planes& b, const Planes& c, GemmC mode) {
  for (std::int64_t j = 0; j < b.columns; j += b.width) {
    const std::int64_t width = b.width_at(j);
    small_gemm(rows, width, steps, a, b.panel(p, j), width, c.panel(p, j), width, mode);
  }
}

}  // namespace fovea::kernels::cpu
