#include "fovea/kernels/cpu/conv/epilogue.h"

#include "fovea/core/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/conv/epilogue.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/conv/epilogue-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

void EpilogueOfRows(std::int64_t rows, std::int64_t columns, const float* from,
                    std::int64_t from_stride, const EpilogueRows& e, float* y,
                    std::int64_t y_stride) {
  for (std::int64_t i = 0; i < rows; ++i, from += from_stride, y += y_stride) {
    const float* residual = e.residual ? e.residual + i * y_stride : nullptr;
    ForChannels(columns, [&](auto d, std::int64_t j) HWY_ATTR {
      auto v = hn::LoadU(d, from + j);
      if (e.bias) v = hn::Add(v, hn::LoadU(d, e.bias + j));
      hn::StoreU(AddAndClamp(d, v, residual ? residual + j : nullptr, e), d, y + j);
    });
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(EpilogueOfRows);

void conv_epilogue(std::int64_t rows, std::int64_t columns, const float* from,
                   std::int64_t from_stride, const EpilogueRows& epilogue, float* y,
                   std::int64_t y_stride) {
  HWY_DYNAMIC_DISPATCH(EpilogueOfRows)
  (rows, columns, from, from_stride, epilogue, y, y_stride);
}

void conv_epilogue(const ConvEpilogue& epilogue, ConstView residual, View y) {
  if (!epilogue.clamps() && !residual.data) return;
  constexpr std::int64_t kGrain = 4096;  // elements: less than this a thread is not worth waking
  parallel_for(y.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    float* const at = y.as<float>() + begin;
    conv_epilogue(1, end - begin, at, 0, EpilogueRows(epilogue, residual, begin), at, 0);
  });
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
