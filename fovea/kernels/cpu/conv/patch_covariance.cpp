#include "fovea/kernels/cpu/conv/patch_covariance.h"

#include <algorithm>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/conv/patch_loops.h"
#include "fovea/kernels/cpu/product/small_gemm.h"
#include "fovea/kernels/cpu/rounding.h"
#include "fovea/kernels/cpu/scratch.h"

namespace fovea::kernels::cpu {

namespace {

/// Pixels whose patches are laid out together: 32 values each for so many are 32 KiB.
constexpr std::int64_t kPixelsTogether = 256;

std::size_t place(std::int64_t index) { return static_cast<std::size_t>(index); }

/// Means of the channels of the first image: near enough to the batch's for sums that do not
/// cancel.
void write_pivot(const PatchProblem& p, const float* x, double* pivot) {
  for (std::int64_t channel = 0; channel < p.c; ++channel) {
    double sum = 0;
    for (std::int64_t i = 0; i < p.h * p.w; ++i) sum += static_cast<double>(x[i * p.c + channel]);
    pivot[channel] = sum / static_cast<double>(p.h * p.w);
  }
}

/// Rows and columns of the sums: the patches' elements, up to a multiple of kPatchGroup.
std::int64_t padded_elements(const PatchProblem& p) { return round_up(p.elements, kPatchGroup); }

/// Values of the sums: those of products [count, count], above the diagonal, and of elements
/// [count].
std::int64_t sums_size(const PatchProblem& p) {
  const std::int64_t count = padded_elements(p);
  return count * (count + 1);
}

/// Rows of outputs whose patches are gathered at a time.
std::int64_t rows_together(const PatchProblem& p) {
  return std::clamp<std::int64_t>(kPixelsTogether / p.out_w, 1, p.out_h);
}

/// Floats that add_products needs for an image, for patches and for sums.
struct ProductsMemory {
  std::int64_t image, patches, sums;

  explicit ProductsMemory(const PatchProblem& p)
      : image(round_up(PatchImage::floats(p), kLine)),
        patches(round_up(PatchRows::floats(p, rows_together(p)), kLine)),
        sums(sums_size(p) * gemm_lanes()) {}
  std::int64_t all() const { return image + patches + sums; }

 private:
  static constexpr std::int64_t kLine = 16;  // of the cache
};

/// Adds the sums over images [begin, end) to `totals`.
void add_products(const PatchProblem& p, const float* x, const double* pivot, std::int64_t begin,
                  std::int64_t end, float* memory, double* totals) {
  const ProductsMemory floats(p);
  const std::int64_t rows = rows_together(p);
  PatchImage laid_out(p, pivot, memory);
  PatchRows patches(p, memory + floats.image);
  float* const sums = memory + floats.image + floats.patches;
  const std::int64_t count = patches.count(), size = sums_size(p);
  for (std::int64_t image = begin; image < end; ++image) {
    laid_out.set(x, image);
    std::fill_n(sums, floats.sums, 0.0f);
    for (std::int64_t first = 0; first < p.out_h; first += rows) {
      patches.gather(laid_out, first, std::min(rows, p.out_h - first));
      patch_add_products(patches.matrix(), patches.length(), count, sums);
    }
    patch_add_lanes(sums, size, totals);
  }
}

}  // namespace

void write_patch_covariance(const PatchProblem& p, const float* x, const PatchMoments& moments) {
  write_pivot(p, x, moments.pivot);
  const std::int64_t count = padded_elements(p), size = sums_size(p);
  const int parts = static_cast<int>(std::min<std::int64_t>(num_threads(), p.n));
  std::vector<double> totals(place(parts * size));
  const PartScratch<> memory(parts, ProductsMemory(p).all());
  parallel_parts(p.n, parts, [&](int part, std::int64_t begin, std::int64_t end) {
    add_products(p, x, moments.pivot, begin, end, memory.of(part), totals.data() + part * size);
  });
  for (std::int64_t i = size; i < parts * size; ++i) totals[place(i % size)] += totals[place(i)];
  const double pixels = static_cast<double>(p.n * p.out_h * p.out_w);
  for (std::int64_t i = 0; i < p.elements; ++i)
    moments.mean[i] = totals[place(count * count + i)] / pixels;
  for (std::int64_t i = 0; i < p.elements; ++i) {
    for (std::int64_t j = i; j < p.elements; ++j) {
      const double value =
          totals[place(i * count + j)] / pixels - moments.mean[i] * moments.mean[j];
      moments.covariance[i * p.elements + j] = moments.covariance[j * p.elements + i] = value;
    }
  }
}

}  // namespace fovea::kernels::cpu
