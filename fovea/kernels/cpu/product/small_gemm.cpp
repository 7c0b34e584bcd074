#include "fovea/kernels/cpu/product/small_gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/product/small_gemm.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "fovea/kernels/cpu/product/small_gemm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

/// Sums that replace C or are added to it.
struct MatrixOut {
  float* c;
  std::int64_t ldc;
  GemmC mode;

  HWY_INLINE gemm::V Start(int i, int j) const {
    return mode == GemmC::kAdd ? hwy::HWY_NAMESPACE::LoadU(gemm::D(), At(i, j))
                               : hwy::HWY_NAMESPACE::Zero(gemm::D());
  }
  HWY_INLINE void Finish(int i, int j, gemm::V sum) const {
    hwy::HWY_NAMESPACE::StoreU(sum, gemm::D(), At(i, j));
  }
  HWY_INLINE MatrixOut From(std::int64_t rows, std::int64_t columns) const {
    return {c + rows * ldc + columns, ldc, mode};
  }

 private:
  HWY_INLINE float* At(int i, int j) const {
    return c + i * ldc + j * static_cast<std::int64_t>(hwy::HWY_NAMESPACE::MaxLanes(gemm::D()));
  }
};

void Gemm(std::int64_t rows, std::int64_t columns, std::int64_t steps, const GemmA& a,
          const float* b, std::int64_t ldb, float* c, std::int64_t ldc, GemmC mode) {
  gemm::MultiplyInto(rows, columns, steps, a, b, ldb, MatrixOut{c, ldc, mode});
}

std::int64_t Lanes() { return static_cast<std::int64_t>(hwy::HWY_NAMESPACE::Lanes(gemm::D())); }

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(Gemm);
HWY_EXPORT(Lanes);

void small_gemm(std::int64_t rows, std::int64_t columns, std::int64_t steps, const GemmA& a,
                const float* b, std::int64_t ldb, float* c, std::int64_t ldc, GemmC mode) {
  HWY_DYNAMIC_DISPATCH(Gemm)(rows, columns, steps, a, b, ldb, c, ldc, mode);
}

std::int64_t gemm_lanes() { return HWY_DYNAMIC_DISPATCH(Lanes)(); }

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
