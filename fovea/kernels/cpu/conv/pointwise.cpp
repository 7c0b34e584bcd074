#include "fovea/kernels/cpu/conv/pointwise.h"

#include <algorithm>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/conv/strided_pointwise.h"
#include "fovea/kernels/cpu/rounding.h"
#include "fovea/kernels/cpu/scratch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/conv/pointwise.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/conv/epilogue-inl.h"
#include "fovea/kernels/cpu/product/small_gemm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

/// Sums that are finished and written to y; of the last vectors some columns may not be there.
struct FinishedOut {
  EpilogueRows epilogue;
  float* y;
  std::int64_t stride, columns;

  HWY_INLINE gemm::V Start(int, int) const { return hn::Zero(gemm::D()); }
  HWY_INLINE void Finish(int i, int j, gemm::V sum) const {
    const gemm::D d;
    const auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d)), column = j * lanes;
    if (column + lanes <= columns) return Write(d, i, column, sum);
    HWY_ALIGN float rest[hn::MaxLanes(d)];
    hn::Store(sum, d, rest);
    ForChannels(columns - column, [&](auto few, std::int64_t k) HWY_ATTR {
      Write(few, i, column + k, hn::LoadU(few, rest + k));
    });
  }
  HWY_INLINE FinishedOut From(std::int64_t rows, std::int64_t more) const {
    FinishedOut result = *this;
    result.y += rows * stride + more;
    result.columns -= more;
    if (epilogue.bias) result.epilogue.bias += more;
    if (epilogue.residual) result.epilogue.residual += rows * stride + more;
    return result;
  }

 private:
  template <class D, class V>
  HWY_INLINE void Write(D d, int i, std::int64_t column, V sum) const {
    const std::int64_t at = i * stride + column;
    if (epilogue.bias) sum = hn::Add(sum, hn::LoadU(d, epilogue.bias + column));
    const float* const residual = epilogue.residual ? epilogue.residual + at : nullptr;
    hn::StoreU(AddAndClamp(d, sum, residual, epilogue), d, y + at);
  }
};

void MultiplyAndFinish(std::int64_t rows, std::int64_t columns, std::int64_t steps, const float* x,
                       const float* weight, const EpilogueRows& epilogue, float* y,
                       std::int64_t y_stride) {
  const std::int64_t padded = round_up(columns, static_cast<std::int64_t>(hn::Lanes(gemm::D())));
  gemm::MultiplyInto(rows, padded, steps, {x, steps, 1}, weight, padded,
                     FinishedOut{epilogue, y, y_stride, columns});
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(MultiplyAndFinish);

namespace {

/// Pixels are taken in multiples of this, one of small_gemm's rows for all instruction sets.
constexpr std::int64_t kTogether = 48;
/// Bytes of x that one thread takes through all panels: half of a second cache of 1 MiB.
constexpr std::int64_t kResident = std::int64_t{1} << 19;

std::int64_t panel_width() { return 4 * gemm_lanes(); }

/// The product of pixels [pixels, c] and the packed weight, a share at a time.
struct PointwiseProduct {
  std::int64_t c, k;
  const float *x, *weight, *bias;
  ConstView residual;
  ConvEpilogue epilogue;
  float* y;

  /// `count` pixels from `first` on beside the panel of columns from `column` on.
  void block(std::int64_t first, std::int64_t count, std::int64_t column) const {
    EpilogueRows rows(epilogue, residual, first * k + column);
    rows.bias = bias ? bias + column : nullptr;
    HWY_DYNAMIC_DISPATCH(MultiplyAndFinish)
    (count, std::min(panel_width(), k - column), c, x + first * c, weight + column * c, rows,
     y + first * k + column, k);
  }

  /// Pixels [begin, end) beside the panels [first, last). Each panel is read once for as many
  /// pixels as stay in cache.
  void run(std::int64_t begin, std::int64_t end, std::int64_t first, std::int64_t last) const {
    const std::int64_t bytes = c * std::int64_t{sizeof(float)};
    const std::int64_t resident = std::max(kTogether, kResident / bytes / kTogether * kTogether);
    for (std::int64_t from = begin; from < end; from += resident) {
      const std::int64_t count = std::min(resident, end - from);
      for (std::int64_t panel = first; panel < last; ++panel)
        block(from, count, panel * panel_width());
    }
  }
};

}  // namespace

bool pointwise_suits(const ConvSpec& spec, ConstView x, ConstView weight) {
  if (x.dtype != f32 || spec.groups != 1 || !spec.weight_kept) return false;
  for (int i = 0; i < spec.spatial; ++i) {
    if (weight.size(i + 2) != 1 || spec.padding_begin[i] != 0 || spec.padding_end[i] != 0)
      return false;
  }
  return true;
}

std::int64_t pointwise_prepared_floats(const Shape& weight) {
  return weight[1] * round_up(weight[0], gemm_lanes());
}

void pointwise_prepare(ConstView weight, float* prepared) {
  const std::int64_t k = weight.size(0), c = weight.size(1);
  const auto* const from = weight.as<float>();
  parallel_for(ceil_div(k, panel_width()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t panel = begin; panel < end; ++panel) {
      const std::int64_t column = panel * panel_width();
      const std::int64_t wide = std::min(panel_width(), k - column),
                         padded = round_up(wide, gemm_lanes());
      float* to = prepared + column * c;
      for (std::int64_t i = 0; i < c; ++i) {
        for (std::int64_t j = 0; j < padded; ++j)
          *to++ = j < wide ? from[(column + j) * c + i] : 0.0f;
      }
    }
  });
}

void pointwise_forward(Queue& queue, const ConvSpec& spec, const ConvEpilogue& epilogue,
                       const ConvInputs& in, View y) {
  const std::int64_t k = y.size(1), c = in.x.size(1), pixels = y.numel() / k;
  const bool strided = in.x.numel() != pixels * c;
  const Scratch<> own_weight(in.prepared.data ? 0 : pointwise_prepared_floats(in.weight.sizes));
  if (!in.prepared.data) pointwise_prepare(in.weight, own_weight.data());
  const Scratch<> own_x(strided ? pixels * c : 0);
  if (strided) gather_standing(queue, spec, in.x, y.sizes, own_x.data());
  const PointwiseProduct product{
      c,
      k,
      strided ? own_x.data() : in.x.as<float>(),
      in.prepared.data ? static_cast<const float*>(in.prepared.data) : own_weight.data(),
      in.bias.data ? in.bias.as<float>() : nullptr,
      in.residual,
      epilogue,
      y.as<float>()};
  // Pixels are cut as the operations around cut them, so that a thread finds its own in its cache,
  // unless the weight is too large for every thread to have all of it.
  const std::int64_t panels = ceil_div(k, panel_width());
  const bool large = c * k * std::int64_t{sizeof(float)} > 2 * kResident;
  if (large && k > pixels && panels >= num_threads()) {
    parallel_for(panels, 1,
                 [&](std::int64_t begin, std::int64_t end) { product.run(0, pixels, begin, end); });
  } else {
    parallel_for(pixels, kTogether / 4,
                 [&](std::int64_t begin, std::int64_t end) { product.run(begin, end, 0, panels); });
  }
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
