#include "fovea/kernels/cpu/conv/depthwise.h"

#include <algorithm>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/rounding.h"
#include "fovea/kernels/cpu/scratch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/conv/depthwise.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/conv/depthwise_row.h"
#include "fovea/kernels/cpu/conv/epilogue-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

/// kPixels outputs from column `ox` on, whose kernels' columns [kx.begin, kx.end) lie inside for
/// all of them.
template <int kPixels>
HWY_INLINE void Pixels(const DepthwiseRow& r, std::int64_t ox, const DepthwiseTaps& kx) {
  const float* const first = r.x + (ox * r.stride - r.padding) * r.c;
  const std::int64_t step = r.stride * r.c;
  float* const y = r.y + ox * r.c;
  const float* const residual = r.epilogue.residual ? r.epilogue.residual + ox * r.c : nullptr;
  ForChannels(r.c, [&](auto d, std::int64_t j) HWY_ATTR {
    using V = hn::Vec<decltype(d)>;
    V sum[kPixels];
    for (int p = 0; p < kPixels; ++p)
      sum[p] = r.epilogue.bias ? hn::LoadU(d, r.epilogue.bias + j) : hn::Zero(d);
    for (std::int64_t i = r.ky.begin; i < r.ky.end; ++i) {
      const float* const row = first + i * r.row_step + j;
      const float* const weight = r.weight + i * r.kernel_w * r.c + j;
      for (std::int64_t t = kx.begin; t < kx.end; ++t) {
        const V w = hn::LoadU(d, weight + t * r.c);
        const float* const x = row + t * r.dilation * r.c;
        for (int p = 0; p < kPixels; ++p)
          sum[p] = hn::MulAdd(w, hn::LoadU(d, x + p * step), sum[p]);
      }
    }
    for (int p = 0; p < kPixels; ++p) {
      const float* const other = residual ? residual + p * r.c + j : nullptr;
      hn::StoreU(AddAndClamp(d, sum[p], other, r.epilogue), d, y + p * r.c + j);
    }
  });
}

void OneRow(const DepthwiseRow& r, std::int64_t columns, std::int64_t inside_begin,
            std::int64_t inside_end) {
  constexpr int kTogether = 6;
  const DepthwiseTaps all{0, r.kernel_w};
  std::int64_t ox = 0;
  const auto edge = [&](std::int64_t end) {
    for (; ox < end; ++ox) Pixels<1>(r, ox, r.taps_inside(ox));
  };
  edge(inside_begin);
  for (; ox + kTogether <= inside_end; ox += kTogether) Pixels<kTogether>(r, ox, all);
  for (; ox + 2 <= inside_end; ox += 2) Pixels<2>(r, ox, all);
  edge(columns);
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(OneRow);

bool depthwise_suits(const ConvSpec& spec, ConstView x, ConstView weight) {
  return x.dtype == f32 && spec.spatial == 2 && spec.groups == x.size(1) &&
         weight.size(0) == spec.groups;
}

std::int64_t depthwise_prepared_floats(const Shape& weight) { return weight.numel(); }

void depthwise_prepare(ConstView weight, float* prepared) {
  const std::int64_t channels = weight.size(0), taps = weight.numel() / channels;
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t t = 0; t < taps; ++t)
      prepared[t * channels + c] = weight.as<float>()[c * taps + t];
}

void depthwise_forward(const ConvSpec& spec, const ConvEpilogue& epilogue, const ConvInputs& in,
                       View y) {
  const Scratch<> own(in.prepared.data ? 0 : depthwise_prepared_floats(in.weight.sizes));
  if (!in.prepared.data) depthwise_prepare(in.weight, own.data());
  const std::int64_t c = y.size(1), h = in.x.size(2), w = in.x.size(3), out_h = y.size(2),
                     out_w = y.size(3), kernel_h = in.weight.size(2);
  DepthwiseRow row{
      .c = c,
      .w = w,
      .stride = spec.stride[1],
      .padding = spec.padding_begin[1],
      .dilation = spec.dilation[1],
      .kernel_w = in.weight.size(3),
      .row_step = spec.dilation[0] * w * c,
      .weight = in.prepared.data ? static_cast<const float*>(in.prepared.data) : own.data(),
      .x = nullptr,
      .y = nullptr,
      .ky = {},
      .epilogue = EpilogueRows(epilogue, {}, 0)};
  // Outputs whose kernels lie inside the image from left to right.
  const std::int64_t reach = (row.kernel_w - 1) * row.dilation;
  const std::int64_t begin = std::min(ceil_div(row.padding, row.stride), out_w);
  const std::int64_t room = w - 1 - reach + row.padding;  // of the last such output's left end
  const std::int64_t end = room < 0 ? begin : std::clamp(room / row.stride + 1, begin, out_w);
  parallel_for(y.size(0) * out_h, 1, [&](std::int64_t first, std::int64_t last) {
    DepthwiseRow mine = row;
    for (std::int64_t at = first; at < last; ++at) {
      const std::int64_t top = at % out_h * spec.stride[0] - spec.padding_begin[0];
      mine.ky = taps_inside(top, spec.dilation[0], kernel_h, h);
      mine.x = in.x.as<float>() + (at / out_h * h + top) * w * c;
      mine.y = y.as<float>() + at * out_w * c;
      mine.epilogue = EpilogueRows(epilogue, in.residual, at * out_w * c);
      mine.epilogue.bias = in.bias.data ? in.bias.as<float>() : nullptr;
      HWY_DYNAMIC_DISPATCH(OneRow)(mine, out_w, begin, end);
    }
  });
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
