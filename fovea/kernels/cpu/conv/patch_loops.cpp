#include "fovea/kernels/cpu/conv/patch_loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/conv/patch_loops.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;

HWY_INLINE std::int64_t Lanes() { return static_cast<std::int64_t>(hn::Lanes(D())); }

void GatherRow(const float* HWY_RESTRICT from, std::int64_t from_step, std::int64_t rows,
               std::int64_t columns, float* HWY_RESTRICT to) {
  const D d;
  for (std::int64_t r = 0; r < rows; ++r) {
    std::int64_t i = 0;
    for (; i + Lanes() <= columns; i += Lanes()) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
    if (i < columns && columns >= Lanes()) {  // the last vector again, further left
      hn::StoreU(hn::LoadU(d, from + columns - Lanes()), d, to + columns - Lanes());
    } else {
      for (; i < columns; ++i) to[i] = from[i];
    }
    from += from_step;
    to += columns;
  }
}

/// Products of the groups of rows that start at i and j. The sums of group i come with its own.
template <bool kOwn>
HWY_INLINE void AddGroup(const float* HWY_RESTRICT rows, std::int64_t length, std::int64_t count,
                         std::int64_t i, std::int64_t j, float* HWY_RESTRICT sums) {
  const D d;
  constexpr int kGroup = static_cast<int>(kPatchGroup);
  hn::Vec<D> product[kGroup][kGroup], sum[kGroup];
  float* const own = sums + (count * count + i) * Lanes();
  const auto place = [&](int a, int b)
                         HWY_ATTR { return sums + ((i + a) * count + j + b) * Lanes(); };
  for (int a = 0; a < kGroup; ++a) {
    if (kOwn) sum[a] = hn::LoadU(d, own + a * Lanes());
    for (int b = 0; b < kGroup; ++b) product[a][b] = hn::LoadU(d, place(a, b));
  }
  for (std::int64_t at = 0; at < length; at += Lanes()) {
    hn::Vec<D> right[kGroup];
    for (int b = 0; b < kGroup; ++b) right[b] = hn::LoadU(d, rows + (j + b) * length + at);
    for (int a = 0; a < kGroup; ++a) {
      const auto left = kOwn ? right[a] : hn::LoadU(d, rows + (i + a) * length + at);
      if (kOwn) sum[a] = hn::Add(sum[a], left);
      for (int b = kOwn ? a : 0; b < kGroup; ++b)
        product[a][b] = hn::MulAdd(left, right[b], product[a][b]);
    }
  }
  for (int a = 0; a < kGroup; ++a) {
    if (kOwn) hn::StoreU(sum[a], d, own + a * Lanes());
    for (int b = 0; b < kGroup; ++b) hn::StoreU(product[a][b], d, place(a, b));
  }
}

void AddProducts(const float* rows, std::int64_t length, std::int64_t count, float* sums) {
  for (std::int64_t i = 0; i < count; i += kPatchGroup) {
    AddGroup<true>(rows, length, count, i, i, sums);
    for (std::int64_t j = i + kPatchGroup; j < count; j += kPatchGroup)
      AddGroup<false>(rows, length, count, i, j, sums);
  }
}

void AddLanes(const float* sums, std::int64_t size, double* totals) {
  const D d;
  for (std::int64_t i = 0; i < size; ++i)
    totals[i] +=
        static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::LoadU(d, sums + i * Lanes()))));
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(GatherRow);
HWY_EXPORT(AddProducts);
HWY_EXPORT(AddLanes);

void patch_gather_row(const float* from, std::int64_t from_step, std::int64_t rows,
                      std::int64_t columns, float* to) {
  HWY_DYNAMIC_DISPATCH(GatherRow)(from, from_step, rows, columns, to);
}

void patch_add_products(const float* rows, std::int64_t length, std::int64_t count, float* sums) {
  HWY_DYNAMIC_DISPATCH(AddProducts)(rows, length, count, sums);
}

void patch_add_lanes(const float* sums, std::int64_t size, double* totals) {
  HWY_DYNAMIC_DISPATCH(AddLanes)(sums, size, totals);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
