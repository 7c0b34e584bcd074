#include <cstdio>
#include <cstdlib>

#include <gmock/gmock.h>

#include "tests/test_seed.h"

namespace fovea::test {

namespace {

// Any fixed number would do; this one is the year and month of the first commit.
constexpr std::uint64_t kDefaultSeed = 202411;

}  // namespace

std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* text = std::getenv("FOVEA_TEST_SEED");
    return text == nullptr ? kDefaultSeed : std::strtoull(text, nullptr, 10);
  }();
  return value;
}

}  // namespace fovea::test

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  std::printf("seed %llu (FOVEA_TEST_SEED)\n",
              static_cast<unsigned long long>(fovea::test::seed()));
  return RUN_ALL_TESTS();
}
