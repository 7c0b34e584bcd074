#include "fovea/kernels/cpu/winograd/winograd.h"

#include <algorithm>
#include <cmath>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/conv/epilogue.h"
#include "fovea/kernels/cpu/rounding.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/cpu/winograd/problem.h"
#include "fovea/kernels/cpu/winograd/redo.h"

namespace fovea::kernels::cpu {

bool winograd_can(const ConvSpec& spec, ConstView x, ConstView weight, const Shape& y) {
  if (x.dtype != f32 || spec.spatial != 2 || spec.groups != 1 || y.numel() == 0) return false;
  const Shape ones = {1, 1};
  if (spec.stride != ones || spec.dilation != ones) return false;
  if (weight.size(2) != 3 || weight.size(3) != 3) return false;
  for (int i = 0; i < 2; ++i) {
    if (spec.padding_begin[i] > 2 || spec.padding_end[i] > 2) return false;
  }
  return true;
}

// In multiplications of a plane: the products of all tiles at small_gemm's speed; the tiles'
// transforms, which cost about 12 passes over the channels; and those of the kernels, which are
// made anew when the weight changes and cost about 84 passes over the weight, most of it waiting
// for memory. Against that 9 for each output at the direct method's speed, which is 0.77 of these.
// Three numbers, fitted to 64 convolutions of 4x4 to 14x14 images, 32 to 256 channels and batches
// of 32 and 100, forward and backward (Zen 4): of these it chooses the slower method once, by a
// twentieth.
bool winograd_pays(const ConvSpec& spec, ConstView x, ConstView weight, const Shape& y) {
  const WinogradProblem s(spec, x.sizes, weight.sizes, y, 1);
  const auto tiles = static_cast<double>(s.n * s.tiles_per_image());
  const auto products = static_cast<double>(s.c_padded * s.k_padded);
  const double transforms = 12.0 * static_cast<double>(s.c_padded + s.k_padded);
  const double kernels = spec.weight_kept ? 0 : 84.0 * products;
  const double winograd = 36 * tiles * (products + transforms) + 36 * kernels;
  const double direct =
      0.77 * static_cast<double>(s.n * s.out_h * s.out_w) * 9 * static_cast<double>(s.c * s.k);
  return winograd < direct;
}

namespace {

/// Writes the result where it belongs, and what follows over it.
class PlainSink final : public ConvSink {
 public:
  PlainSink(const ConvEpilogue& epilogue, ConstView residual, View y)
      : epilogue_(epilogue),
        residual_(residual),
        data_(y.as<float>()),
        h_(y.size(2)),
        row_(y.size(3) * y.size(1)) {}
  void start(int) override {}
  float* open(int, const ConvBand& band) override { return data_ + first(band); }
  void close(int, const ConvBand& band) override {
    if (!epilogue_.clamps() && !residual_.data) return;
    float* const y = data_ + first(band);
    const EpilogueRows rows(epilogue_, residual_, first(band));
    conv_epilogue(1, band.rows * row_, y, 0, rows, y, 0);
  }

 private:
  std::int64_t first(const ConvBand& band) const { return (band.image * h_ + band.first) * row_; }

  ConvEpilogue epilogue_;
  ConstView residual_;
  float* data_;
  std::int64_t h_, row_;
};

/// Whether something in the patch of tile `row` of the products is infinite or NaN, or grew too
/// large. Each pixel of each input channel is in one of the four corners of its transform with a
/// factor that is not 0, and from there in the sum for each output channel, whatever the kernel:
/// also 0 times infinity is NaN. So the first output channel tells.
bool is_spoilt(const Planes& m, std::int64_t row) {
  float sum = 0;
  for (const std::int64_t corner : {0, 5, 30, 35}) sum += m.panel(corner, 0)[row * m.width_at(0)];
  return !std::isfinite(sum);
}

/// What the tiles of a part read, and the memory in which they are worked on.
struct ForwardTiles {
  const float* x;
  const float* weight;  ///< as it is, and
  Planes u;             ///< transformed
  const float* bias;
  std::int64_t together;  ///< tiles
  float* own;             ///< floats(...) for this part

  static std::int64_t floats(const WinogradProblem& s, std::int64_t together) {
    return kWinogradPlanes * together * (s.c_padded + s.k_padded);
  }
};

/// Tiles [begin, end), which are whole bands, by one thread.
void forward_tiles(const WinogradProblem& s, const ForwardTiles& of, int part, std::int64_t begin,
                   std::int64_t end, ConvSink& sink) {
  const float* const x = of.x;
  const std::int64_t together = of.together;
  const Planes v = WinogradProblem::rows(of.own, together, s.c_padded);
  const Planes m = winograd_panels(of.own + kWinogradPlanes * v.stride(), together, s.k_padded);
  ConvBand band{};
  float* y = nullptr;
  for (std::int64_t first = begin; first < end; first += together) {
    const std::int64_t count = std::min(together, end - first);
    for (std::int64_t t = 0; t < count; ++t) winograd_input(s.input_patch(x, first + t), v, t);
    const std::int64_t next = first + count, next_count = std::min(together, end - next);
    for (std::int64_t p = 0; p < kWinogradPlanes; ++p) {
      for_share_of_plane(p, next, next_count,
                         [&](std::int64_t tile) { prefetch_input(s, x, tile); });
      multiply_planes(p, count, s.c, {v.panel(p, 0), s.c_padded, 1}, of.u, m, GemmC::kReplace);
    }
    for (std::int64_t t = 0; t < count; ++t) {
      if (s.starts_band(first + t)) {
        band = s.band_of(first + t);
        y = sink.open(part, band);
      }
      const Patch<float> out = s.output_patch(y, band, first + t);
      winograd_output(m, t, of.bias, out);
      if (is_spoilt(m, t)) winograd_redo(s.input_patch(x, first + t), of.weight, of.bias, out);
      if (s.ends_band(first + t)) sink.close(part, band);
    }
  }
}

/// The planes of the transformed kernels: rows are input channels, columns output channels.
Planes kernel_planes(const Shape& weight, float* data) {
  return winograd_panels(data, weight[1], round_up(weight[0], gemm_lanes()));
}

}  // namespace

std::int64_t winograd_prepared_floats(const Shape& weight) {
  return kWinogradPlanes * kernel_planes(weight, nullptr).stride();
}

void winograd_prepare(ConstView weight, float* prepared) {
  const std::int64_t k = weight.size(0), c = weight.size(1);
  const KernelMatrix<const float> kernels{weight.as<float>(), 9, c * 9, c, k};
  const Planes u = kernel_planes(weight.sizes, prepared);
  for_kernel_columns(kernels, [&](std::int64_t column) { winograd_weight(kernels, column, u); });
}

void winograd_forward(const ConvSpec& spec, ConstView x, ConstView weight, const float* prepared,
                      ConstView bias, const Shape& sizes, std::int64_t band_rows, ConvSink& sink) {
  const WinogradProblem s(spec, x.sizes, weight.sizes, sizes, band_rows);
  const Scratch<> own(prepared ? 0 : winograd_prepared_floats(weight.sizes));
  if (!prepared) winograd_prepare(weight, own.data());
  // Planes are written as well as read; these are only read.
  const Planes u =
      kernel_planes(weight.sizes, prepared ? const_cast<float*>(prepared) : own.data());

  const std::int64_t bands = s.n * s.bands;
  const int parts = static_cast<int>(std::min<std::int64_t>(num_threads(), bands));
  const std::int64_t together = s.tiles_together(s.tiles() / parts);
  const std::int64_t size = ForwardTiles::floats(s, together);
  const Scratch<> planes(parts * size);
  sink.start(parts);
  parallel_parts(bands, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    const ForwardTiles tiles{.x = x.as<float>(),
                             .weight = weight.as<float>(),
                             .u = u,
                             .bias = bias.data ? bias.as<float>() : nullptr,
                             .together = together,
                             .own = planes.data() + part * size};
    forward_tiles(s, tiles, part, s.first_tile(begin), s.first_tile(end), sink);
  });
}

void winograd_forward(const ConvSpec& spec, const ConvEpilogue& epilogue, const ConvInputs& in,
                      View y) {
  PlainSink sink(epilogue, in.residual, y);
  winograd_forward(spec, in.x, in.weight, static_cast<const float*>(in.prepared.data), in.bias,
                   y.sizes, 1, sink);
}

}  // namespace fovea::kernels::cpu
