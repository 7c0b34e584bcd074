// Runs a test executable as an older processor would: with FOVEA_TEST_TARGET=avx2 (Highway's names,
// or "baseline", what any processor of this architecture has) the vector loops use no better
// instruction set. oneDNN takes its own variable, ONEDNN_MAX_CPU_ISA.

#include <strings.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "fovea/kernels/cpu/elementwise/vector_rows.h"
#include "hwy/highway.h"

namespace fovea::test {

namespace {

// CTest shows a test that ends with this as skipped: SKIP_RETURN_CODE.
constexpr int kSkipped = 77;

/// The instruction set called `name` among those compiled in (a bit each, the better the lower), or
/// 0.
std::int64_t target_of(const char* name) {
  std::int64_t last = 0;
  for (std::int64_t rest = HWY_TARGETS; rest != 0; rest &= rest - 1) {
    last = rest & -rest;
    if (strcasecmp(hwy::TargetName(last), name) == 0) return last;
  }
  return std::strcmp(name, "baseline") == 0 ? last : 0;
}

class VectorTarget final : public testing::Environment {
 public:
  void SetUp() override {
    const char* name = std::getenv("FOVEA_TEST_TARGET");
    if (name == nullptr) return;
    const std::int64_t target = target_of(name);
    if (target == 0 || (hwy::SupportedTargets() & target) == 0) {
      std::printf("FOVEA_TEST_TARGET=%s: this build or this processor does not have it\n", name);
      std::exit(kSkipped);
    }
    hwy::DisableTargets(target - 1);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    // The runs would prove nothing if the loops went on with the best.
    ASSERT_STREQ(kernels::cpu::vector_target(), hwy::TargetName(target));
  }
};

[[maybe_unused]] testing::Environment* const kEnvironment =
    testing::AddGlobalTestEnvironment(new VectorTarget);

}  // namespace

}  // namespace fovea::test
