#include "fovea/kernels/cpu/onednn_version.h"

#include <cstdlib>

#include <gmock/gmock.h>

namespace fovea::kernels::cpu {
namespace {

/// FOVEA_TEST_ONEDNN names the version that these tests were linked with, where that is not the one
/// that Fovea is built with: see cmake/FoveaOneDNNVersions.cmake.
TEST(OneDnn, IsTheVersionThatIsTested) {
  const char* meant = std::getenv("FOVEA_TEST_ONEDNN");
  if (meant == nullptr) GTEST_SKIP() << "oneDNN " << onednn::version();
  EXPECT_THAT(onednn::version(), testing::StartsWith(std::string(meant) + "."));
}

}  // namespace
}  // namespace fovea::kernels::cpu
