#include "fovea/kernels/cpu/winograd.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/rounding.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/cpu/small_gemm.h"
#include "fovea/kernels/cpu/winograd_tiles.h"

namespace fovea::kernels::cpu {

namespace {

/// The problem, and how it is cut into tiles.
struct Problem {
  std::int64_t n, c, h, w, k, out_h, out_w, pad_h, pad_w;
  std::int64_t tiles_h, tiles_w;
  std::int64_t lanes, c_padded, k_padded, panel;

  Problem(const ConvSpec& spec, ConstView x, ConstView weight, const Shape& y)
      : n(x.size(0)),
        c(x.size(1)),
        h(x.size(2)),
        w(x.size(3)),
        k(weight.size(0)),
        out_h(y[2]),
        out_w(y[3]),
        pad_h(spec.padding_begin[0]),
        pad_w(spec.padding_begin[1]),
        tiles_h(ceil_div(out_h, kWinogradOut)),
        tiles_w(ceil_div(out_w, kWinogradOut)),
        lanes(gemm_lanes()),
        c_padded(round_up(c, lanes)),
        k_padded(round_up(k, lanes)),
        panel(4 * lanes) {}

  std::int64_t tiles_per_image() const { return tiles_h * tiles_w; }

  /// Planes of `rows` rows in panels, as small_gemm's right operand.
  Planes panels(float* data, std::int64_t rows, std::int64_t columns) const {
    return {data, rows, columns, panel};
  }
  /// Planes of `rows` dense rows, as small_gemm's left operand.
  static Planes rows(float* data, std::int64_t rows, std::int64_t columns) {
    return {data, rows, columns, columns};
  }

  /// Tiles handled together. More tiles use each loaded kernel more often; the planes of both sides
  /// should stay in L2 (1 MiB on Zen 4 and 5) beside the kernels: 2/3 MiB measured best on Zen 4,
  /// and at least 16 tiles where the kernels alone overflow it.
  std::int64_t tiles_together() const {
    constexpr std::int64_t kBytes = std::int64_t{2} << 18;
    const std::int64_t per_tile = kWinogradPlanes * (c_padded + k_padded) * 4;
    return std::clamp<std::int64_t>(kBytes / per_tile, 16, 96);
  }

  struct Place {
    std::int64_t image, row, column;
  };
  Place place(std::int64_t tile) const {
    return {tile / tiles_per_image(), tile % tiles_per_image() / tiles_w, tile % tiles_w};
  }

  /// The 6x6 patch of an image-like array [n, h, w, c] that tile reads (or adds to).
  template <class T>
  Patch<T> input_patch(T* data, std::int64_t tile) const {
    const auto [image, row, column] = place(tile);
    const std::int64_t y0 = row * kWinogradOut - pad_h, x0 = column * kWinogradOut - pad_w;
    return patch(data + (image * h + y0) * w * c + x0 * c, c, h, w, y0, x0, kWinogradIn);
  }
  /// The 4x4 patch of an array [n, out_h, out_w, k] that tile writes (or reads).
  template <class T>
  Patch<T> output_patch(T* data, std::int64_t tile) const {
    const auto [image, row, column] = place(tile);
    const std::int64_t y0 = row * kWinogradOut, x0 = column * kWinogradOut;
    return patch(data + (image * out_h + y0) * out_w * k + x0 * k, k, out_h, out_w, y0, x0,
                 kWinogradOut);
  }

 private:
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

/// The product of the planes: c (+)= a b, a's rows being tiles (or, transposed, channels).
void multiply_planes(std::int64_t p, std::int64_t rows, std::int64_t steps, const GemmA& a,
                     const Planes& b, const Planes& c, GemmC mode) {
  for (std::int64_t j = 0; j < b.columns; j += b.width) {
    const std::int64_t width = b.width_at(j);
    // c lies in panels like b, or in whole rows.
    const bool paneled = c.width == b.width;
    float* to = paneled ? c.panel(p, j) : c.data + p * c.stride() + j;
    small_gemm(rows, width, steps, a, b.panel(p, j), width, to, paneled ? width : c.columns, mode);
  }
}

/// All kernels transformed: for forward, rows are input channels and columns output channels.
void transform_kernels(const Problem& s, const float* weight, const Planes& u) {
  parallel_for(s.c, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) winograd_weight(weight + c * 9, s.c * 9, s.k, u, c);
  });
}

/// The same, transposed: rows are output channels and columns input channels.
void transform_kernels_transposed(const Problem& s, const float* weight, const Planes& u) {
  parallel_for(s.k, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin; k < end; ++k) winograd_weight(weight + k * s.c * 9, 9, s.c, u, k);
  });
}

}  // namespace

bool winograd_suits(const ConvSpec& spec, ConstView x, ConstView weight, ConstView y) {
  if (x.dtype != f32 || spec.spatial != 2 || spec.groups != 1 || y.numel() == 0) return false;
  const Shape ones = {1, 1};
  if (spec.stride != ones || spec.dilation != ones) return false;
  if (weight.size(2) != 3 || weight.size(3) != 3) return false;
  for (int i = 0; i < 2; ++i) {
    if (spec.padding_begin[i] > 2 || spec.padding_end[i] > 2) return false;
  }
  const Problem s(spec, x, weight, y.sizes);
  // In multiplications a tile: the products at small_gemm's speed, and the transforms, which cost
  // about 12 passes over 36 values a channel; against 9 for each output at the direct method's
  // speed. Both near 0.9 of peak (Zen 4).
  const double tiles = static_cast<double>(s.tiles_per_image());
  const double winograd = tiles * 36 *
                          (static_cast<double>(s.c_padded * s.k_padded) +
                           12.0 * static_cast<double>(s.c_padded + s.k_padded));
  const double direct = static_cast<double>(s.out_h * s.out_w) * 9 * static_cast<double>(s.c * s.k);
  return winograd < direct;
}

void winograd_forward(const ConvSpec& spec, ConstView x, ConstView weight, ConstView bias, View y) {
  const Problem s(spec, x, weight, y.sizes);
  const Scratch<> kernels(kWinogradPlanes * s.c * s.k_padded);
  const Planes u = s.panels(kernels.data(), s.c, s.k_padded);
  transform_kernels(s, weight.as<float>(), u);

  const std::int64_t together = s.tiles_together(), tiles = s.n * s.tiles_per_image();
  const std::int64_t blocks = ceil_div(tiles, together);
  const int parts = static_cast<int>(std::min<std::int64_t>(num_threads(), blocks));
  const std::int64_t v_size = kWinogradPlanes * together * s.c_padded,
                     m_size = kWinogradPlanes * together * s.k_padded;
  const Scratch<> planes(parts * (v_size + m_size));
  parallel_parts(blocks, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    float* own = planes.data() + part * (v_size + m_size);
    const Planes v = Problem::rows(own, together, s.c_padded),
                 m = s.panels(own + v_size, together, s.k_padded);
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t first = block * together, count = std::min(together, tiles - first);
      for (std::int64_t t = 0; t < count; ++t)
        winograd_input(s.input_patch(x.as<float>(), first + t), v, t);
      for (std::int64_t p = 0; p < kWinogradPlanes; ++p) {
        multiply_planes(p, count, s.c, {v.panel(p, 0), s.c_padded, 1}, u, m, GemmC::kReplace);
      }
      const float* shift = bias.data ? bias.as<float>() : nullptr;
      for (std::int64_t t = 0; t < count; ++t)
        winograd_output(m, t, shift, s.output_patch(y.as<float>(), first + t));
    }
  });
}

namespace {

/// What one thread of backward works in, cut from one scratch buffer.
struct BackwardPlanes {
  Planes v, dm, dv, du;
  float* dbias;

  static std::int64_t size(const Problem& s, std::int64_t together) {
    return kWinogradPlanes * (together * (2 * s.c_padded + s.k_padded) + s.c * s.k_padded) +
           s.k_padded;
  }
  BackwardPlanes(const Problem& s, std::int64_t together, float* own) {
    const auto take = [&own](std::int64_t count) {
      float* taken = own;
      own += count;
      return taken;
    };
    v = Problem::rows(take(kWinogradPlanes * together * s.c_padded), together, s.c_padded);
    dm = s.panels(take(kWinogradPlanes * together * s.k_padded), together, s.k_padded);
    dv = Problem::rows(take(kWinogradPlanes * together * s.c_padded), together, s.c_padded);
    du = s.panels(take(kWinogradPlanes * s.c * s.k_padded), s.c, s.k_padded);
    dbias = take(s.k_padded);
  }
};

/// dV = dM U' for plane p: a sum over the panels of dM.
void multiply_back(const Problem& s, std::int64_t p, std::int64_t count, const Planes& dm,
                   const Planes& u_transposed, const Planes& dv) {
  for (std::int64_t j = 0; j < s.k; j += dm.width) {
    const std::int64_t steps = std::min(dm.width, s.k - j);
    const GemmA left = {dm.panel(p, j), dm.width_at(j), 1};
    for (std::int64_t i = 0; i < u_transposed.columns; i += u_transposed.width) {
      const std::int64_t width = u_transposed.width_at(i);
      small_gemm(count, width, steps, left, u_transposed.panel(p, i) + j * width, width,
                 dv.data + p * dv.stride() + i, dv.columns, j == 0 ? GemmC::kReplace : GemmC::kAdd);
    }
  }
}

/// Adds the parts' sums into the first and transforms them back to kernels.
void finish_kernels(const Problem& s, const std::vector<BackwardPlanes>& parts, float* dweight) {
  const Planes& total = parts[0].du;
  parallel_for(kWinogradPlanes * total.stride(), 4096, [&](std::int64_t begin, std::int64_t end) {
    for (std::size_t part = 1; part < parts.size(); ++part) {
      const float* from = parts[part].du.data;
      for (std::int64_t i = begin; i < end; ++i) total.data[i] += from[i];
    }
  });
  parallel_for(s.c, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c)
      winograd_weight_adjoint(total, c, dweight + c * 9, s.c * 9, s.k);
  });
}

}  // namespace

void winograd_backward(const ConvSpec& spec, ConstView x, ConstView weight, ConstView dy, View dx,
                       View dweight, View dbias) {
  const Problem s(spec, x, weight, dy.sizes);
  const Scratch<> kernels(kWinogradPlanes * s.k * s.c_padded);
  const Planes u = s.panels(kernels.data(), s.k, s.c_padded);
  if (dx.data) transform_kernels_transposed(s, weight.as<float>(), u);

  const std::int64_t together = s.tiles_together();
  const int threads = static_cast<int>(std::min<std::int64_t>(num_threads(), s.n));
  const std::int64_t size = BackwardPlanes::size(s, together);
  const Scratch<> scratch(threads * size);
  std::vector<BackwardPlanes> parts;
  for (int part = 0; part < threads; ++part)
    parts.emplace_back(s, together, scratch.data() + part * size);

  // By whole images: the tiles' input gradients overlap, and one thread adds them up in order.
  parallel_parts(s.n, threads, [&](int part, std::int64_t first_image, std::int64_t last_image) {
    const BackwardPlanes& own = parts[static_cast<std::size_t>(part)];
    std::memset(own.du.data, 0,
                static_cast<std::size_t>(kWinogradPlanes * own.du.stride() + s.k_padded) * 4);
    const std::int64_t image_size = s.h * s.w * s.c;
    if (dx.data) {
      std::memset(dx.as<float>() + first_image * image_size, 0,
                  static_cast<std::size_t>((last_image - first_image) * image_size) * 4);
    }
    const std::int64_t end = last_image * s.tiles_per_image();
    for (std::int64_t first = first_image * s.tiles_per_image(); first < end; first += together) {
      const std::int64_t count = std::min(together, end - first);
      for (std::int64_t t = 0; t < count; ++t) {
        if (dweight.data) winograd_input(s.input_patch(x.as<float>(), first + t), own.v, t);
        winograd_output_adjoint(s.output_patch(dy.as<float>(), first + t), own.dm, t,
                                dbias.data ? own.dbias : nullptr);
      }
      for (std::int64_t p = 0; p < kWinogradPlanes; ++p) {
        if (dx.data) multiply_back(s, p, count, own.dm, u, own.dv);
        if (dweight.data)
          multiply_planes(p, s.c, count, {own.v.panel(p, 0), 1, s.c_padded}, own.dm, own.du,
                          GemmC::kAdd);
      }
      if (!dx.data) continue;
      for (std::int64_t t = 0; t < count; ++t) {
        winograd_input_adjoint(own.dv, t, s.input_patch(dx.as<float>(), first + t));
      }
    }
  });
  if (dweight.data) finish_kernels(s, parts, dweight.as<float>());
  if (!dbias.data) return;
  for (std::int64_t k = 0; k < s.k; ++k) {
    float sum = 0;
    for (const BackwardPlanes& part : parts) sum += part.dbias[k];
    dbias.as<float>()[k] = sum;
  }
}

}  // namespace fovea::kernels::cpu
