#include "fovea/kernels/cpu/peak.h"

#include <gtest/gtest.h>

#include "fovea/kernels/cpu/product/bf16.h"

namespace fovea::kernels::cpu {
namespace {

// No time is asserted, only that there was arithmetic to be measured: a loop that the compiler had
// removed would seem to do far more than any processor can.
TEST(Peak, IsWhatAProcessorCanDo) {
  for (const int threads : {1, 2}) {
    const double gflops = measure_peak_f32_gflops(threads, 0.01);
    EXPECT_GT(gflops, 0.01);
    EXPECT_LT(gflops, 2000.0 * threads);
  }
}

TEST(Peak, Bf16IsThereWhereTheProcessorHasIt) {
  const double gflops = measure_peak_bf16_gflops(1, 0.01);
  EXPECT_EQ(gflops > 0, has_bf16_products());
  EXPECT_LT(gflops, 4000.0);
}

TEST(Peak, MemoryIsSlowerThanArithmetic) {
  const double gb_per_s = measure_memory_gb_per_s(2, 0.01);
  EXPECT_GT(gb_per_s, 0.01);
  EXPECT_LT(gb_per_s, 5000);
}

}  // namespace
}  // namespace fovea::kernels::cpu
