#include "fovea/kernels/cpu/patch_block.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/norm_pool.h"
#include "fovea/kernels/cpu/norm_pool_rows.h"
#include "fovea/kernels/cpu/patch_rows.h"
#include "fovea/kernels/cpu/patches.h"
#include "fovea/kernels/cpu/rounding.h"
#include "fovea/kernels/cpu/small_gemm.h"

namespace fovea::kernels::cpu {

namespace {

/// Patches of more values have covariances that cost too much beside the convolution.
constexpr std::int64_t kMostElements = 32;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// Moments of the patches, as forward leaves them for backward.
struct Moments {
  double* pivot;       ///< [c]: what is subtracted from every input
  double* mean;        ///< [elements], of the patches less the pivot
  double* covariance;  ///< [elements, elements]

  static std::int64_t size(std::int64_t channels, std::int64_t elements) {
    return channels + elements + elements * elements;
  }
  Moments(double* memory, const PatchProblem& problem)
      : pivot(memory), mean(pivot + problem.c), covariance(mean + problem.elements) {}
};

/// The result of the convolution for the windows of one row of pooled outputs, in cache, and where
/// the windows lie in it.
struct Band {
  std::int64_t rows, columns;  ///< of the convolution's result
  std::int64_t padded;         ///< floats from pixel to pixel
  std::vector<std::int64_t> offsets;
  WindowRow row;

  Band(const ConvBlockSpec& spec, const PatchProblem& problem)
      : rows(spec.epilogue.window_h),
        columns(problem.out_w),
        padded(round_up(spec.conv_sizes[1], gemm_lanes())) {
    const BlockSpec& block = spec.epilogue;
    for (std::int64_t i = 0; i < block.window_h; ++i)
      for (std::int64_t j = 0; j < block.window_w; ++j)
        offsets.push_back((i * columns + j) * padded);
    row = {.columns = columns / block.window_w,
           .channels = spec.conv_sizes[1],
           .step = block.window_w * padded,
           .window = block.window(),
           .offsets = offsets.data(),
           .relu = block.relu};
  }
  std::int64_t pixels() const { return rows * columns; }
  std::int64_t size() const { return pixels() * padded; }
};

/// Means of the channels of the first image: near enough to the batch's for sums that do not cancel.
void write_pivot(const PatchProblem& p, const float* x, double* pivot) {
  for (std::int64_t channel = 0; channel < p.c; ++channel) {
    double sum = 0;
    for (std::int64_t i = 0; i < p.h * p.w; ++i) sum += static_cast<double>(x[i * p.c + channel]);
    pivot[channel] = sum / static_cast<double>(p.h * p.w);
  }
}

/// Sums of the products of the patches' elements over images [begin, end), the row of ones included:
/// adds to totals [count, count], above the diagonal.
void add_products(const PatchProblem& p, const float* x, const double* pivot, std::int64_t begin,
                  std::int64_t end, std::int64_t rows, double* totals) {
  PatchRows patches(p, rows, pivot);
  const std::int64_t count = patches.count(), lanes = gemm_lanes();
  std::vector<float> products(at(count * count * lanes));
  for (std::int64_t image = begin; image < end; ++image) {
    patches.set_image(x, image);
    for (std::int64_t first = 0; first < p.out_h; first += rows) {
      patches.gather(first, std::min(rows, p.out_h - first));
      patch_add_products(patches.matrix(), patches.length(), count, products.data());
    }
    for (std::int64_t i = 0; i < count * count; ++i) {
      float sum = 0;
      for (std::int64_t lane = 0; lane < lanes; ++lane) sum += products[at(i * lanes + lane)];
      totals[i] += static_cast<double>(sum);
    }
    std::fill(products.begin(), products.end(), 0.0f);
  }
}

void write_moments(const PatchProblem& p, const float* x, std::int64_t rows,
                   const Moments& moments) {
  write_pivot(p, x, moments.pivot);
  const std::int64_t count = round_up(p.elements + 1, kPatchGroup), size = count * count;
  const int parts = static_cast<int>(std::min<std::int64_t>(num_threads(), p.n));
  std::vector<double> totals(at(parts * size));
  parallel_parts(p.n, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    add_products(p, x, moments.pivot, begin, end, rows, totals.data() + part * size);
  });
  for (std::int64_t i = size; i < parts * size; ++i) totals[at(i % size)] += totals[at(i)];
  const double pixels = static_cast<double>(p.n * p.out_h * p.out_w);
  for (std::int64_t i = 0; i < p.elements; ++i)
    moments.mean[i] = totals[at(i * count + p.elements)] / pixels;
  for (std::int64_t i = 0; i < p.elements; ++i) {
    for (std::int64_t j = i; j < p.elements; ++j) {
      const double value = totals[at(i * count + j)] / pixels - moments.mean[i] * moments.mean[j];
      moments.covariance[i * p.elements + j] = moments.covariance[j * p.elements + i] = value;
    }
  }
}

/// S w for kernel w.
void times_covariance(const PatchProblem& p, const Moments& moments, const float* w, double* to) {
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
void write_statistics(const PatchProblem& p, const Moments& moments, const ConvBlockInputs& in,
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

/// Kernels [elements, k] with the normalisation's scale folded in, in rows of `padded` floats, and
/// what is left to be added.
struct Folded {
  Scratch<> kernels;
  std::vector<float> ones, shift;

  Folded(const ConvBlockSpec& spec, const PatchProblem& p, const ConvBlockInputs& in,
         const ConvBlockResults& out, const double* centre, std::int64_t padded)
      : kernels(p.elements * padded), ones(at(spec.conv_sizes[1]), 1.0f) {
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
        shift.push_back(static_cast<float>(beta - static_cast<double>(scale) * centre[k]));
      } else {
        const float bias = in.bias.data ? in.bias.as<float>()[k] : 0;
        shift.push_back(affine.shift[at(k)] + bias * scale);
      }
    }
  }
};

/// Sums over the batch of dz and of dz times the patches: totals [elements + 1, k], the last row
/// being sum dz.
std::vector<double> gradient_sums(const ConvBlockSpec& spec, const PatchProblem& p, const float* x,
                                  const ConvBlockResults& out, ConstView dy, const double* pivot) {
  const Band band(spec, p);
  const std::int64_t rows = p.elements + 1, size = rows * band.padded;
  const std::int64_t channels = spec.conv_sizes[1], bands = p.out_h / band.rows;
  const std::vector<float> ones(at(channels), 1.0f);
  const int parts = static_cast<int>(std::min<std::int64_t>(num_threads(), p.n));
  std::vector<double> totals(at(parts * size));
  parallel_parts(p.n, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    PatchRows patches(p, band.rows, pivot);
    const Scratch<> dz(band.size()), sums(size);
    std::fill_n(dz.data(), band.size(), 0.0f);  // what no window covers, and the padding
    for (std::int64_t image = begin; image < end; ++image) {
      patches.set_image(x, image);
      for (std::int64_t i = 0; i < bands; ++i) {
        const std::int64_t from = (image * bands + i) * band.row.columns * channels;
        patches.gather(i * band.rows, band.rows);
        norm_pool_input_row(band.row, dy.as<float>() + from, out.y.as<float>() + from,
                            out.positions.data ? out.positions.as<std::uint8_t>() + from : nullptr,
                            nullptr, ones.data(), nullptr, nullptr, dz.data());
        small_gemm(rows, band.padded, band.pixels(), {patches.matrix(), patches.length(), 1},
                   dz.data(), band.padded, sums.data(), band.padded,
                   i == 0 ? GemmC::kReplace : GemmC::kAdd);
      }
      for (std::int64_t i = 0; i < size; ++i)
        totals[at(part * size + i)] += static_cast<double>(sums.data()[i]);
    }
  });
  for (std::int64_t i = size; i < parts * size; ++i) totals[at(i % size)] += totals[at(i)];
  // Without the padding.
  std::vector<double> dense(at(rows * channels));
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t k = 0; k < channels; ++k)
      dense[at(r * channels + k)] = totals[at(r * band.padded + k)];
  }
  return dense;
}

void set(View view, std::int64_t index, double value) {
  if (view.data) view.as<float>()[index] = static_cast<float>(value);
}

}  // namespace

bool patch_block_suits(const ConvBlockSpec& spec, ConstView x, ConstView weight) {
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

std::int64_t patch_block_saved_bytes(const ConvBlockSpec& spec, ConstView weight) {
  if (spec.norm != BlockNorm::kBatch) return 0;
  return 8 * Moments::size(weight.size(1), weight.size(1) * weight.size(2) * weight.size(3));
}

void patch_block_forward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                         const ConvBlockResults& out) {
  const PatchProblem p(spec.conv, in.x.sizes, in.weight.sizes, spec.conv_sizes);
  const Band band(spec, p);
  const float* x = in.x.as<float>();
  const std::int64_t channels = spec.conv_sizes[1];
  std::vector<double> centre;
  if (spec.norm == BlockNorm::kBatch) {
    const Scratch<double> own(out.saved.data ? 0 : Moments::size(p.c, p.elements));
    const Moments moments(out.saved.data ? static_cast<double*>(out.saved.data) : own.data(), p);
    write_moments(p, x, band.rows, moments);
    centre.resize(at(channels));
    write_statistics(p, moments, in, out, centre.data());
  }
  const Folded folded(spec, p, in, out, centre.empty() ? nullptr : centre.data(), band.padded);
  const std::int64_t bands = p.out_h / band.rows;
  // Some 20000 multiply-adds are worth a second thread.
  const std::int64_t grain = 20000 / (band.size() * p.elements / 16 + 1) + 1;
  parallel_for(p.n * bands, grain, [&](std::int64_t begin, std::int64_t end) {
    PatchRows patches(p, band.rows, nullptr);
    const Scratch<> z(band.size());
    for (std::int64_t i = begin; i < end; ++i) {
      patches.set_image(x, i / bands);
      patches.gather(i % bands * band.rows, band.rows);
      small_gemm(band.pixels(), band.padded, p.elements, {patches.matrix(), 1, patches.length()},
                 folded.kernels.data(), band.padded, z.data(), band.padded, GemmC::kReplace);
      const std::int64_t to = i * band.row.columns * channels;
      norm_pool_forward_row(band.row, z.data(), folded.ones.data(), folded.shift.data(),
                            out.y.as<float>() + to,
                            out.positions.data ? out.positions.as<std::uint8_t>() + to : nullptr);
    }
  });
}

void patch_block_backward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                          const ConvBlockResults& out, ConstView dy, const ConvBlockGradients& d) {
  const PatchProblem p(spec.conv, in.x.sizes, in.weight.sizes, spec.conv_sizes);
  const bool batch = spec.norm == BlockNorm::kBatch;
  const Scratch<double> none(batch ? 0 : Moments::size(p.c, p.elements));
  if (!batch) std::fill_n(none.data(), Moments::size(p.c, p.elements), 0.0);
  const Moments moments(batch ? static_cast<double*>(out.saved.data) : none.data(), p);
  const std::vector<double> sums = gradient_sums(spec, p, in.x.as<float>(), out, dy, moments.pivot);

  const std::int64_t channels = spec.conv_sizes[1];
  std::vector<double> g(at(p.elements)), product(at(p.elements));
  for (std::int64_t k = 0; k < channels; ++k) {
    const float* w = in.weight.as<float>() + k * p.elements;
    const double s = sums[at(p.elements * channels + k)];
    for (std::int64_t e = 0; e < p.elements; ++e)
      g[at(e)] = sums[at(e * channels + k)] - s * moments.mean[e];
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
