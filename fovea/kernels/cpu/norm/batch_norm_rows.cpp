#include "fovea/kernels/cpu/norm/batch_norm_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/norm/batch_norm_rows.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/cover-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

/// Two sums over the rows of four accumulators each, so that one addition need not wait for the
/// last: `f(row, first, second)` adds a row.
template <class D, class F>
HWY_INLINE void SumRows(D d, std::int64_t rows, const F& f, hn::Vec<D>& first, hn::Vec<D>& second) {
  auto a0 = hn::Zero(d), a1 = a0, a2 = a0, a3 = a0;
  auto b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  std::int64_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    f(row, a0, b0);
    f(row + 1, a1, b1);
    f(row + 2, a2, b2);
    f(row + 3, a3, b3);
  }
  for (; row < rows; ++row) f(row, a0, b0);
  first = hn::Add(hn::Add(a0, a1), hn::Add(a2, a3));
  second = hn::Add(hn::Add(b0, b1), hn::Add(b2, b3));
}

/// Merges a block's moments into the total's.
HWY_INLINE void Merge(const NormBlock& block, double rows, std::int64_t channels,
                      NormMoments& total) {
  const double per_row = 1 / rows, count = total.count + rows;
  const double share = rows / count, cross = total.count * rows / count;
  double* HWY_RESTRICT mean = total.mean;
  double* HWY_RESTRICT squares = total.squares;
  for (std::int64_t c = 0; c < channels; ++c) {
    // The block's mean was rounded to f32; the distances from it say by how much.
    const double distance = static_cast<double>(block.distance[c]);
    const double off = distance * per_row;
    const double delta = static_cast<double>(block.mean[c]) + off - mean[c];
    mean[c] += delta * share;
    squares[c] += static_cast<double>(block.squares[c]) - distance * off + delta * delta * cross;
  }
  total.count = count;
}

void AddMoments(const float* x, std::int64_t rows, std::int64_t channels, const NormBlock& block,
                NormMoments& total) {
  const float per_row = 1.0f / static_cast<float>(rows);
  Cover(channels, [&](auto d, std::int64_t c) HWY_ATTR {
    using V = hn::Vec<decltype(d)>;
    const float* from = x + c;
    V sum, unused, distance, squares;
    SumRows(
        d, rows,
        [&](std::int64_t row, V& s, V&)
            HWY_ATTR { s = hn::Add(s, hn::LoadU(d, from + row * channels)); },
        sum, unused);
    const V mean = hn::Mul(sum, hn::Set(d, per_row));
    // The block is in the first-level cache by now: a second walk costs no memory traffic.
    SumRows(
        d, rows,
        [&](std::int64_t row, V& s, V& q) HWY_ATTR {
          const V centred = hn::Sub(hn::LoadU(d, from + row * channels), mean);
          s = hn::Add(s, centred);
          q = hn::MulAdd(centred, centred, q);
        },
        distance, squares);
    hn::StoreU(mean, d, block.mean + c);
    hn::StoreU(distance, d, block.distance + c);
    hn::StoreU(squares, d, block.squares + c);
  });
  Merge(block, static_cast<double>(rows), channels, total);
}

void AddSums(const float* dy, const float* x, const float* mean, std::int64_t rows,
             std::int64_t channels, float* block, double* sums) {
  Cover(channels, [&](auto d, std::int64_t c) HWY_ATTR {
    using V = hn::Vec<decltype(d)>;
    const V average = hn::LoadU(d, mean + c);
    V sum, product;
    SumRows(
        d, rows,
        [&](std::int64_t row, V& s, V& p) HWY_ATTR {
          const V gradient = hn::LoadU(d, dy + row * channels + c);
          s = hn::Add(s, gradient);
          p = hn::MulAdd(gradient, hn::Sub(hn::LoadU(d, x + row * channels + c), average), p);
        },
        sum, product);
    hn::StoreU(sum, d, block + c);
    hn::StoreU(product, d, block + channels + c);
  });
  for (std::int64_t i = 0; i < 2 * channels; ++i) sums[i] += static_cast<double>(block[i]);
}

void ApplyRows(const float* x, const float* mean, const float* scale, const float* shift,
               std::int64_t rows, std::int64_t channels, float* y) {
  for (std::int64_t row = 0; row < rows; ++row, x += channels, y += channels) {
    CoverOnce(channels, [&](auto d, std::int64_t c) HWY_ATTR {
      const auto centred = hn::Sub(hn::LoadU(d, x + c), hn::LoadU(d, mean + c));
      hn::StoreU(hn::MulAdd(centred, hn::LoadU(d, scale + c), hn::LoadU(d, shift + c)), d, y + c);
    });
  }
}

void BackwardRows(const float* dy, const float* x, const float* mean, const float* scale,
                  const float* shift, const float* slope, std::int64_t rows, std::int64_t channels,
                  float* dx) {
  for (std::int64_t row = 0; row < rows; ++row, dy += channels, x += channels, dx += channels) {
    CoverOnce(channels, [&](auto d, std::int64_t c) HWY_ATTR {
      const auto centred = hn::Sub(hn::LoadU(d, x + c), hn::LoadU(d, mean + c));
      const auto shifted = hn::Sub(hn::LoadU(d, dy + c), hn::LoadU(d, shift + c));
      const auto projected = hn::NegMulAdd(centred, hn::LoadU(d, slope + c), shifted);
      hn::StoreU(hn::Mul(projected, hn::LoadU(d, scale + c)), d, dx + c);
    });
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(AddMoments);
HWY_EXPORT(AddSums);
HWY_EXPORT(ApplyRows);
HWY_EXPORT(BackwardRows);

void norm_add_moments(const float* x, std::int64_t rows, std::int64_t channels,
                      const NormBlock& block, NormMoments& total) {
  HWY_DYNAMIC_DISPATCH(AddMoments)(x, rows, channels, block, total);
}

void norm_add_sums(const float* dy, const float* x, const float* mean, std::int64_t rows,
                   std::int64_t channels, float* block, double* sums) {
  HWY_DYNAMIC_DISPATCH(AddSums)(dy, x, mean, rows, channels, block, sums);
}

void norm_apply_rows(const float* x, const float* mean, const float* scale, const float* shift,
                     std::int64_t rows, std::int64_t channels, float* y) {
  HWY_DYNAMIC_DISPATCH(ApplyRows)(x, mean, scale, shift, rows, channels, y);
}

void norm_backward_rows(const float* dy, const float* x, const float* mean, const float* scale,
                        const float* shift, const float* slope, std::int64_t rows,
                        std::int64_t channels, float* dx) {
  HWY_DYNAMIC_DISPATCH(BackwardRows)(dy, x, mean, scale, shift, slope, rows, channels, dx);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
