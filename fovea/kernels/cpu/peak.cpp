#include "fovea/kernels/cpu/peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/product/bf16.h"
#include "fovea/kernels/cpu/product/bf16_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fovea/kernels/cpu/peak.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// foreach_target.h must come first.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Chains of dependent products. A processor with two units of latency 4 or 5 needs 8 to 10 chains
// to be busy; 12 and two operands fit the 16 registers of AVX2.
constexpr int kChains = 12;

/// Runs `rounds` products in each chain and returns floating-point operations done. `seed` comes
/// from the outside and the sum goes there, so that nothing can be computed beforehand or left out.
double MultiplyAdds(std::int64_t rounds, float seed, float* sum) {
  const hn::ScalableTag<float> d;
  // x -> 0.5 x + 1 tends to 2: no overflow, no denormals. Chains that begin alike would be merged.
  const auto half = hn::Set(d, 0.5f + 0 * seed);
  const auto one = hn::Set(d, 1.0f + 0 * seed);
  auto c0 = hn::Set(d, seed), c1 = hn::Set(d, seed + 1), c2 = hn::Set(d, seed + 2);
  auto c3 = hn::Set(d, seed + 3), c4 = hn::Set(d, seed + 4), c5 = hn::Set(d, seed + 5);
  auto c6 = hn::Set(d, seed + 6), c7 = hn::Set(d, seed + 7), c8 = hn::Set(d, seed + 8);
  auto c9 = hn::Set(d, seed + 9), c10 = hn::Set(d, seed + 10), c11 = hn::Set(d, seed + 11);
  for (std::int64_t i = 0; i < rounds; ++i) {
    c0 = hn::MulAdd(c0, half, one);
    c1 = hn::MulAdd(c1, half, one);
    c2 = hn::MulAdd(c2, half, one);
    c3 = hn::MulAdd(c3, half, one);
    c4 = hn::MulAdd(c4, half, one);
    c5 = hn::MulAdd(c5, half, one);
    c6 = hn::MulAdd(c6, half, one);
    c7 = hn::MulAdd(c7, half, one);
    c8 = hn::MulAdd(c8, half, one);
    c9 = hn::MulAdd(c9, half, one);
    c10 = hn::MulAdd(c10, half, one);
    c11 = hn::MulAdd(c11, half, one);
  }
  const auto total = hn::Add(hn::Add(hn::Add(c0, c1), hn::Add(c2, c3)),
                             hn::Add(hn::Add(hn::Add(c4, c5), hn::Add(c6, c7)),
                                     hn::Add(hn::Add(c8, c9), hn::Add(c10, c11))));
  *sum = hn::GetLane(hn::SumOfLanes(d, total));
  return 2.0 * kChains * static_cast<double>(rounds) * static_cast<double>(hn::Lanes(d));
}

void Triad(const float* HWY_RESTRICT b, const float* HWY_RESTRICT c, float* HWY_RESTRICT a,
           std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) a[i] = b[i] + 3.0f * c[i];
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(MultiplyAdds);
HWY_EXPORT(Triad);

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The best rate of `chains(rounds, seed, &sum)` on `threads` threads; see MultiplyAdds.
template <class Chains>
double best_gflops(int threads, double seconds, const Chains& chains) {
  constexpr std::int64_t kRounds = 400'000;  // about 0.6 ms: long against a fork and join
  // A line each: threads that write to one line would wait for each other.
  struct alignas(64) Slot {
    float sum = 0;
    double operations = 0;
  };
  std::vector<Slot> slots(static_cast<std::size_t>(threads));
  const auto run = [&] {
    parallel_parts(threads, threads, [&](int part, std::int64_t, std::int64_t) {
      Slot& slot = slots[static_cast<std::size_t>(part)];
      slot.operations = chains(kRounds, 1 + slot.sum * 1e-9f, &slot.sum);
    });
  };
  run();  // wakes the threads and the clock
  // The best run is the peak: whatever else the machine does can only take away from it.
  double best = 0;
  const auto start = Clock::now();
  do {
    const auto run_start = Clock::now();
    run();
    const double elapsed = seconds_since(run_start);
    double operations = 0;
    for (const Slot& slot : slots) operations += slot.operations;
    best = std::max(best, operations / elapsed * 1e-9);
  } while (seconds_since(start) < seconds);
  return best;
}

}  // namespace

double measure_peak_f32_gflops(int threads, double seconds) {
  return best_gflops(threads, seconds, [](std::int64_t rounds, float seed, float* sum) {
    return HWY_DYNAMIC_DISPATCH(MultiplyAdds)(rounds, seed, sum);
  });
}

double measure_peak_bf16_gflops(int threads, double seconds) {
  return has_bf16_products() ? best_gflops(threads, seconds, pair_chains) : 0;
}

double measure_memory_gb_per_s(int threads, double seconds) {
  constexpr std::int64_t kCount = 16 << 20;  // 64 MiB an array
  std::vector<float> a(kCount, 0.0f), b(kCount, 1.0f), c(kCount, 2.0f);
  const auto run = [&] {
    parallel_parts(kCount, threads, [&](int, std::int64_t begin, std::int64_t end) {
      HWY_DYNAMIC_DISPATCH(Triad)
      (b.data() + begin, c.data() + begin, a.data() + begin, end - begin);
    });
  };
  run();
  double best = 0;
  const auto start = Clock::now();
  do {
    const auto run_start = Clock::now();
    run();
    best = std::max(best, 12e-9 * static_cast<double>(kCount) / seconds_since(run_start));
  } while (seconds_since(start) < seconds);
  return best;
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
