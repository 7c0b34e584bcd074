#include <algorithm>
#include <cstring>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/cpu/winograd/problem.h"
#include "fovea/kernels/cpu/winograd/winograd.h"

namespace fovea::kernels::cpu {

namespace {

/// Reads the gradient where it lies.
class PlainSource final : public ConvSource {
 public:
  explicit PlainSource(ConstView dy)
      : data_(dy.as<float>()), h_(dy.size(2)), row_(dy.size(3) * dy.size(1)) {}
  void start(int) override {}
  const float* open(int, const ConvBand& band) override {
    return data_ + (band.image * h_ + band.first) * row_;
  }

 private:
  const float* data_;
  std::int64_t h_, row_;
};

/// What one thread of backward works in, cut from one scratch buffer.
struct BackwardPlanes {
  Planes v, dm, dv, du;
  float* dbias;

  static std::int64_t size(const WinogradProblem& s, std::int64_t together) {
    return kWinogradPlanes * (together * (2 * s.c_padded + s.k_padded) + s.c * s.k_padded) +
           s.k_padded;
  }
  BackwardPlanes(const WinogradProblem& s, std::int64_t together, float* own) {
    const auto take = [&own](std::int64_t count) {
      float* taken = own;
      own += count;
      return taken;
    };
    v = WinogradProblem::rows(take(kWinogradPlanes * together * s.c_padded), together, s.c_padded);
    dm = winograd_panels(take(kWinogradPlanes * together * s.k_padded), together, s.k_padded);
    dv = WinogradProblem::rows(take(kWinogradPlanes * together * s.c_padded), together, s.c_padded);
    du = winograd_panels(take(kWinogradPlanes * s.c * s.k_padded), s.c, s.k_padded);
    dbias = take(s.k_padded);
  }
};

/// dV = dM U' for plane p: a sum over the panels of dM.
void multiply_back(const WinogradProblem& s, std::int64_t p, std::int64_t count, const Planes& dm,
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
void finish_kernels(const WinogradProblem& s, const std::vector<BackwardPlanes>& parts,
                    float* dweight) {
  const Planes& total = parts[0].du;
  parallel_for(kWinogradPlanes * total.stride(), 4096, [&](std::int64_t begin, std::int64_t end) {
    for (std::size_t part = 1; part < parts.size(); ++part) {
      const float* from = parts[part].du.data;
      for (std::int64_t i = begin; i < end; ++i) total.data[i] += from[i];
    }
  });
  const KernelMatrix<float> kernels{dweight, 9, s.c * 9, s.c, s.k};
  for_kernel_columns(kernels,
                     [&](std::int64_t column) { winograd_weight_adjoint(total, column, kernels); });
}

/// What all threads of backward share; x, dx and dweight may be null.
struct BackwardOperands {
  const float* x;
  Planes u;
  float* dx;
  bool dweight, dbias;
};

/// Images [begin, end) by one thread: tiles' input gradients overlap, and are added up in order.
void backward_images(const WinogradProblem& s, const BackwardOperands& in, int part,
                     std::int64_t begin, std::int64_t end, const BackwardPlanes& own,
                     ConvSource& source) {
  std::memset(own.du.data, 0,
              static_cast<std::size_t>(kWinogradPlanes * own.du.stride() + s.k_padded) * 4);
  const std::int64_t last = end * s.tiles_per_image(), together = own.v.rows;
  ConvBand band{};
  const float* dy = nullptr;
  for (std::int64_t first = begin * s.tiles_per_image(); first < last; first += together) {
    const std::int64_t count = std::min(together, last - first);
    for (std::int64_t t = 0; t < count; ++t) {
      if (s.starts_band(first + t)) {
        band = s.band_of(first + t);
        dy = source.open(part, band);
      }
      if (in.dweight) winograd_input(s.input_patch(in.x, first + t), own.v, t);
      winograd_output_adjoint(s.output_patch(dy, band, first + t), own.dm, t,
                              in.dbias ? own.dbias : nullptr);
    }
    const std::int64_t next = first + count, next_count = std::min(together, last - next);
    for (std::int64_t p = 0; p < kWinogradPlanes; ++p) {
      for_share_of_plane(p, next, next_count, [&](std::int64_t tile) {
        if (in.dweight) prefetch_input(s, in.x, tile);
        if (s.starts_band(tile)) source.prefetch(s.band_of(tile));
      });
      if (in.dx != nullptr) multiply_back(s, p, count, own.dm, in.u, own.dv);
      if (in.dweight)
        multiply_planes(p, s.c, count, {own.v.panel(p, 0), 1, s.c_padded}, own.dm, own.du,
                        GemmC::kAdd);
    }
    for (std::int64_t t = 0; t < count && in.dx != nullptr; ++t) {
      if (s.starts_image(first + t)) {
        const std::int64_t size = s.h * s.w * s.c;
        std::fill_n(in.dx + (first + t) / s.tiles_per_image() * size, size, 0.0f);
      }
      winograd_input_adjoint(own.dv, t, s.input_patch(in.dx, first + t));
    }
  }
}

}  // namespace

void winograd_backward(const ConvSpec& spec, ConstView x, ConstView weight, const Shape& sizes,
                       std::int64_t band_rows, ConvSource& dy, View dx, View dweight, View dbias) {
  const WinogradProblem s(spec, x.sizes, weight.sizes, sizes, band_rows);
  const Scratch<> memory(dx.data ? kWinogradPlanes * s.k * s.c_padded : 0);
  const Planes u = winograd_panels(memory.data(), s.k, s.c_padded);
  if (dx.data) {
    const KernelMatrix<const float> transposed{weight.as<float>(), s.c * 9, 9, s.k, s.c};
    for_kernel_columns(transposed,
                       [&](std::int64_t column) { winograd_weight(transposed, column, u); });
  }

  const int threads = static_cast<int>(std::min<std::int64_t>(num_threads(), s.n));
  const std::int64_t together = s.tiles_together(s.tiles() / threads);
  const std::int64_t size = BackwardPlanes::size(s, together);
  const Scratch<> scratch(threads * size);
  std::vector<BackwardPlanes> parts;
  parts.reserve(static_cast<std::size_t>(threads));
  for (int part = 0; part < threads; ++part)
    parts.emplace_back(s, together, scratch.data() + part * size);
  const BackwardOperands in{x.as<float>(), u, dx.data ? dx.as<float>() : nullptr,
                            dweight.data != nullptr, dbias.data != nullptr};
  dy.start(threads);
  parallel_parts(s.n, threads, [&](int part, std::int64_t begin, std::int64_t end) {
    backward_images(s, in, part, begin, end, parts[static_cast<std::size_t>(part)], dy);
  });
  if (dweight.data) finish_kernels(s, parts, dweight.as<float>());
  if (!dbias.data) return;
  for (std::int64_t k = 0; k < s.k; ++k) {
    float sum = 0;
    for (const BackwardPlanes& part : parts) sum += part.dbias[k];
    dbias.as<float>()[k] = sum;
  }
}

void winograd_backward(const ConvSpec& spec, ConstView x, ConstView weight, ConstView dy, View dx,
                       View dweight, View dbias) {
  PlainSource source(dy);
  winograd_backward(spec, x, weight, dy.sizes, 1, source, dx, dweight, dbias);
}

}  // namespace fovea::kernels::cpu
