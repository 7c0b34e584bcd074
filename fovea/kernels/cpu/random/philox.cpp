#include "fovea/kernels/cpu/random/philox.h"

#include <limits>

#include "fovea/kernels/reference/random.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/random/philox.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// A processor without any of Highway's vectors: no lanes to split 64-bit products over.
void PhiloxGroup(const RngKey& key, std::int64_t group, std::uint32_t* words) {
  for (std::int64_t c = 0; c < reference::kGroupCounters; ++c) {
    const auto four =
        philox(key, static_cast<std::uint64_t>(group * reference::kGroupCounters + c));
    for (std::int64_t w = 0; w < 4; ++w) words[w * reference::kGroupCounters + c] = four[w];
  }
}

void DropoutGroups(const RngKey& key, std::int64_t begin, std::int64_t end, std::int32_t threshold,
                   float scale, bool relu, const float* x, float* y) {
  for (std::int64_t group = begin; group < end; ++group) {
    std::uint32_t words[reference::kGroupElements];
    PhiloxGroup(key, group, words);
    const std::int64_t start = group * reference::kGroupElements;
    for (std::int64_t i = 0; i < reference::kGroupElements; ++i) {
      const bool keep = static_cast<std::int32_t>(words[i] >> 8) >= threshold;
      const float value = x[start + i];
      y[start + i] = keep && !(relu && value < 0) ? value * scale : 0.0f;
    }
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// One counter a lane. Groups have 16 counters, which every register of at most 16 lanes divides.
using Words = HWY_CAPPED(std::uint32_t, 16);
using Vector = hn::Vec<Words>;

/// Upper and lower halves of a * factor, lane by lane.
HWY_INLINE void MultiplyWide(Vector a, Vector factor, Vector& high, Vector& low) {
  const Words d;
  const hn::Repartition<std::uint64_t, Words> d64;
  const auto even = hn::MulEven(a, factor);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(d64, a))), factor);
  high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
  low = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
}

/// The four words of counters counter, counter + 1, ..., which must not carry into the upper 32
/// bits.
HWY_INLINE void Philox(const RngKey& key, std::uint64_t counter, Vector out[4]) {
  const Words d;
  const Vector factor0 = hn::Set(d, 0xD2511F53u), factor1 = hn::Set(d, 0xCD9E8D57u);
  Vector c0 = hn::Iota(d, static_cast<std::uint32_t>(counter));
  Vector c1 = hn::Set(d, static_cast<std::uint32_t>(counter >> 32));
  Vector c2 = hn::Set(d, static_cast<std::uint32_t>(key.stream));
  Vector c3 = hn::Set(d, static_cast<std::uint32_t>(key.stream >> 32));
  std::uint32_t k0 = static_cast<std::uint32_t>(key.seed);
  std::uint32_t k1 = static_cast<std::uint32_t>(key.seed >> 32);
  for (int round = 0; round < 10; ++round) {
    Vector high0, low0, high1, low1;
    MultiplyWide(c0, factor0, high0, low0);
    MultiplyWide(c2, factor1, high1, low1);
    c0 = hn::Xor(hn::Xor(high1, c1), hn::Set(d, k0));
    c1 = low1;
    c2 = hn::Xor(hn::Xor(high0, c3), hn::Set(d, k1));
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/// Calls f(position in the group, words) for each register of a group's words.
template <class F>
HWY_INLINE void ForGroup(const RngKey& key, std::int64_t group, F f) {
  constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(Words()));
  for (std::int64_t lane = 0; lane < reference::kGroupCounters; lane += kLanes) {
    Vector words[4];
    Philox(key, static_cast<std::uint64_t>(group * reference::kGroupCounters + lane), words);
    for (std::int64_t w = 0; w < 4; ++w) f(w * reference::kGroupCounters + lane, words[w]);
  }
}

void PhiloxGroup(const RngKey& key, std::int64_t group, std::uint32_t* words) {
  ForGroup(key, group,
           [words](std::int64_t i, Vector v) HWY_ATTR { hn::StoreU(v, Words(), words + i); });
}

void DropoutGroups(const RngKey& key, std::int64_t begin, std::int64_t end, std::int32_t threshold,
                   float scale, bool relu, const float* x, float* y) {
  const hn::RebindToFloat<Words> df;
  const hn::RebindToSigned<Words> di;
  const auto limit = hn::Set(di, threshold - 1);  // integers have Gt, not Ge
  const auto factor = hn::Set(df, scale);
  const auto floor = hn::Set(df, relu ? 0.0f : -std::numeric_limits<float>::infinity());
  for (std::int64_t group = begin; group < end; ++group) {
    const std::int64_t start = group * reference::kGroupElements;
    ForGroup(key, group, [&](std::int64_t i, Vector v) HWY_ATTR {
      const auto number =
          hn::BitCast(di, hn::ShiftRight<8>(v));  // 24 bits: the signed comparison is right
      const auto keep = hn::RebindMask(df, hn::Gt(number, limit));
      const auto value = hn::LoadU(df, x + start + i);
      const auto passed = hn::IfThenZeroElse(hn::Lt(value, floor), hn::Mul(value, factor));
      hn::StoreU(hn::IfThenElseZero(keep, passed), df, y + start + i);
    });
  }
}

#endif  // HWY_SCALAR

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(PhiloxGroup);
HWY_EXPORT(DropoutGroups);

void philox_group(const RngKey& key, std::int64_t group, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(PhiloxGroup)(key, group, words);
}

void dropout_groups(const RngKey& key, std::int64_t begin, std::int64_t end, std::int32_t threshold,
                    float scale, bool relu, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(DropoutGroups)(key, begin, end, threshold, scale, relu, x, y);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
