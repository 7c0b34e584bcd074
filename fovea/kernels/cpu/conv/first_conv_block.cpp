#include "fovea/kernels/cpu/conv/first_conv_block.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/conv/first_conv_windows.h"
#include "fovea/kernels/cpu/conv/patch_covariance.h"
#include "fovea/kernels/cpu/conv/patches.h"
#include "fovea/kernels/cpu/norm/norm_pool.h"
#include "fovea/kernels/cpu/product/small_gemm.h"
#include "fovea/kernels/cpu/rounding.h"
#include "fovea/kernels/cpu/scratch.h"

namespace fovea::kernels::cpu {

namespace {

/// Patches of more values have covariances that cost too much beside the convolution.
constexpr std::int64_t kMostElements = 32;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// S w for kernel w.
void times_covariance(const PatchProblem& p, const PatchMoments& moments, const float* w,
                      double* to) {
  for (std::int64_t i = 0; i < p.elements; ++i) {
    to[i] = 0;
    for (std::int64_t j = 0; j < p.elements; ++j)
      to[i] += moments.covariance[i * p.elements + j] * static_cast<double>(w[j]);
  }
}

/// w.v
template <class T>
double dot(std::int64_t count, const float* w, const T* v) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += static_cast<double>(w[i]) * v[i];
  return sum;
}

/// Statistics of the convolution's result. The mean less the bias goes to `centre` [k], in f64.
void write_statistics(const PatchProblem& p, const PatchMoments& moments, const ConvBlockInputs& in,
                      const ConvBlockResults& out, double* centre) {
  std::vector<double> product(at(p.elements));
  const std::int64_t taps = p.elements / p.c;
  for (std::int64_t k = 0; k < out.mean.numel(); ++k) {
    const float* w = in.weight.as<float>() + k * p.elements;
    times_covariance(p, moments, w, product.data());
    double sum = dot(p.elements, w, moments.mean);
    for (std::int64_t i = 0; i < p.elements; ++i)
      sum += static_cast<double>(w[i]) * moments.pivot[i / taps];
    centre[k] = sum;
    const double bias = in.bias.data ? static_cast<double>(in.bias.as<float>()[k]) : 0;
    out.mean.as<float>()[k] = static_cast<float>(sum + bias);
    out.var.as<float>()[k] = static_cast<float>(std::max(dot(p.elements, w, product.data()), 0.0));
  }
}

/// The rows of windows of one image, and where they lie in it when it is laid out.
struct Windows {
  std::int64_t rows, height;  ///< of windows in an image; of a window
  std::vector<std::int64_t> pixels;
  PatchWindows row;

  Windows(const ConvBlockSpec& spec, const PatchProblem& problem)
      : rows(problem.out_h / spec.epilogue.window_h), height(spec.epilogue.window_h) {
    const BlockSpec& block = spec.epilogue;
    for (std::int64_t i = 0; i < block.window_h; ++i)
      for (std::int64_t j = 0; j < block.window_w; ++j)
        pixels.push_back(i * problem.stride_h * problem.row + j);
    row = {.columns = problem.out_w / block.window_w,
           .step = block.window_w,
           .window = block.window(),
           .pixels = pixels.data(),
           .elements = problem.elements,
           .offsets = problem.offsets.data(),
           .channels = spec.conv_sizes[1],
           .padded = round_up(spec.conv_sizes[1], gemm_lanes()),
           .relu = block.relu};
  }
  std::int64_t row_size() const { return row.columns * row.channels; }  ///< of outputs
};

/// Kernels [elements, k] with the normalisation's scale folded in, in rows of `padded` floats, and
/// what is left to be added [padded].
struct Folded {
  Scratch<> kernels;
  std::vector<float> shift;

  Folded(const ConvBlockSpec& spec, const PatchProblem& p, const ConvBlockInputs& in,
         const ConvBlockResults& out, const double* centre, std::int64_t padded)
      : kernels(p.elements * padded), shift(at(padded)) {
    std::fill_n(kernels.data(), p.elements * padded, 0.0f);
    const NormAffine affine(spec.conv_sizes[1], out.mean, out.var, spec.eps, in.norm_weight,
                            in.norm_bias);
    for (std::int64_t k = 0; k < spec.conv_sizes[1]; ++k) {
      const float scale = affine.scale[at(k)];
      for (std::int64_t e = 0; e < p.elements; ++e)
        kernels.data()[e * padded + k] = in.weight.as<float>()[k * p.elements + e] * scale;
      if (centre != nullptr) {  // the bias is in the mean too, and falls out
        const double beta =
            in.norm_bias.data ? static_cast<double>(in.norm_bias.as<float>()[k]) : 0;
        shift[at(k)] = static_cast<float>(beta - static_cast<double>(scale) * centre[k]);
      } else {
        const float bias = in.bias.data ? in.bias.as<float>()[k] : 0;
        shift[at(k)] = affine.shift[at(k)] + bias * scale;
      }
    }
  }
};

/// Sums over the batch of dz and of dz times the patches: totals [elements + 1, padded], the last
/// row being sum dz.
std::vector<double> gradient_sums(const Windows& windows, const PatchProblem& p, const float* x,
                                  const ConvBlockResults& out, ConstView dy, const double* pivot) {
  const std::int64_t size = (p.elements + 1) * windows.row.padded;
  const int parts = static_cast<int>(std::min<std::int64_t>(num_threads(), p.n));
  std::vector<double> totals(at(parts * size));
  const PartScratch<> images(parts, PatchImage::floats(p)), sums_of_parts(parts, size);
  parallel_parts(p.n, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    PatchImage laid_out(p, pivot, images.of(part));
    float* const sums = sums_of_parts.of(part);
    for (std::int64_t image = begin; image < end; ++image) {
      laid_out.set(x, image);
      std::fill_n(sums, size, 0.0f);
      for (std::int64_t i = 0; i < windows.rows; ++i) {
        const std::int64_t from = (image * windows.rows + i) * windows.row_size();
        patch_gradient_row(windows.row, laid_out.row(i * windows.height), dy.as<float>() + from,
                           out.y.as<float>() + from,
                           out.positions.data ? out.positions.as<std::uint8_t>() + from : nullptr,
                           sums);
      }
      for (std::int64_t i = 0; i < size; ++i)
        totals[at(part * size + i)] += static_cast<double>(sums[i]);
    }
  });
  for (std::int64_t i = size; i < parts * size; ++i) totals[at(i % size)] += totals[at(i)];
  return totals;
}

void set(View view, std::int64_t index, double value) {
  if (view.data) view.as<float>()[index] = static_cast<float>(value);
}

}  // namespace

bool first_conv_block_suits(const ConvBlockSpec& spec, ConstView x, ConstView weight) {
  if (x.dtype != f32 || spec.conv.spatial != 2 || spec.conv.groups != 1) return false;
  if (spec.input_gradient || spec.conv_sizes.numel() == 0) return false;
  if (weight.size(1) * weight.size(2) * weight.size(3) > kMostElements) return false;
  // Strides beyond the kernel would lay out what no kernel sees.
  for (int i = 0; i < 2; ++i) {
    const std::int64_t reach = (weight.size(2 + i) - 1) * spec.conv.dilation[i] + 1;
    if (spec.conv.stride[i] > reach || spec.conv.padding_begin[i] > reach ||
        spec.conv.padding_end[i] > reach) {
      return false;
    }
  }
  return true;
}

std::int64_t first_conv_block_saved_bytes(const ConvBlockSpec& spec, ConstView weight) {
  if (spec.norm != BlockNorm::kBatch) return 0;
  return 8 * PatchMoments::size(weight.size(1), weight.size(1) * weight.size(2) * weight.size(3));
}

void first_conv_block_forward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                              const ConvBlockResults& out) {
  const PatchProblem p(spec.conv, in.x.sizes, in.weight.sizes, spec.conv_sizes);
  const Windows windows(spec, p);
  const float* x = in.x.as<float>();
  std::vector<double> centre;
  if (spec.norm == BlockNorm::kBatch) {
    const Scratch<double> own(out.saved.data ? 0 : PatchMoments::size(p.c, p.elements));
    const PatchMoments moments(out.saved.data ? static_cast<double*>(out.saved.data) : own.data(),
                               p);
    write_patch_covariance(p, x, moments);
    centre.resize(at(spec.conv_sizes[1]));
    write_statistics(p, moments, in, out, centre.data());
  }
  const Folded folded(spec, p, in, out, centre.empty() ? nullptr : centre.data(),
                      windows.row.padded);
  // Some 200000 multiply-adds, 3 us of AVX-512, are worth a second thread.
  const std::int64_t products =
      windows.row.columns * windows.row.window * p.elements * windows.row.padded;
  parallel_with_scratch(
      p.n * windows.rows, 200000 / (products + 1) + 1, PatchImage::floats(p),
      [&](std::int64_t begin, std::int64_t end, float* memory) {
        PatchImage image(p, nullptr, memory);
        for (std::int64_t i = begin; i < end; ++i) {
          image.set(x, i / windows.rows);
          const std::int64_t to = i * windows.row_size();
          patch_forward_row(windows.row, image.row(i % windows.rows * windows.height),
                            folded.kernels.data(), folded.shift.data(), out.y.as<float>() + to,
                            out.positions.data ? out.positions.as<std::uint8_t>() + to : nullptr);
        }
      });
}

void first_conv_block_backward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                               const ConvBlockResults& out, ConstView dy,
                               const ConvBlockGradients& d) {
  const PatchProblem p(spec.conv, in.x.sizes, in.weight.sizes, spec.conv_sizes);
  const bool batch = spec.norm == BlockNorm::kBatch;
  const Scratch<double> none(batch ? 0 : PatchMoments::size(p.c, p.elements));
  if (!batch) std::fill_n(none.data(), PatchMoments::size(p.c, p.elements), 0.0);
  const PatchMoments moments(batch ? static_cast<double*>(out.saved.data) : none.data(), p);
  const Windows windows(spec, p);
  const std::vector<double> sums =
      gradient_sums(windows, p, in.x.as<float>(), out, dy, moments.pivot);
  const std::int64_t channels = spec.conv_sizes[1], padded = windows.row.padded;
  std::vector<double> g(at(p.elements)), product(at(p.elements));
  for (std::int64_t k = 0; k < channels; ++k) {
    const float* w = in.weight.as<float>() + k * p.elements;
    const double s = sums[at(p.elements * padded + k)];
    for (std::int64_t e = 0; e < p.elements; ++e)
      g[at(e)] = sums[at(e * padded + k)] - s * moments.mean[e];
    double sigma = 1, gamma = 1, t = 0;
    if (spec.norm != BlockNorm::kNone) {
      sigma = std::sqrt(static_cast<double>(out.var.as<float>()[k]) + spec.eps);
      gamma = in.norm_weight.data ? static_cast<double>(in.norm_weight.as<float>()[k]) : 1;
      const double bias = in.bias.data ? static_cast<double>(in.bias.as<float>()[k]) : 0;
      t = dot(p.elements, w, g.data());
      if (!batch) t += s * (bias - static_cast<double>(out.mean.as<float>()[k]));
      t /= sigma;
    }
    times_covariance(p, moments, w, product.data());
    for (std::int64_t e = 0; e < p.elements; ++e) {
      set(d.dweight, k * p.elements + e, gamma / sigma * (g[at(e)] - t / sigma * product[at(e)]));
    }
    set(d.dbias, k, batch ? 0 : gamma / sigma * s);
    set(d.dnorm_weight, k, t);
    set(d.dnorm_bias, k, s);
  }
}

}  // namespace fovea::kernels::cpu
