#include "fovea/kernels/cpu/onednn/onednn.h"

#include <omp.h>

#include <array>
#include <cstdlib>
#include <new>
#include <thread>

#include <gmock/gmock.h>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/onednn/plan.h"
#include "fovea/kernels/cpu/onednn/version.h"

namespace fovea::kernels::cpu {
namespace {

/// FOVEA_TEST_ONEDNN names the version that these tests were linked with, where that is not the one
/// that Fovea is built with: see cmake/FoveaOneDNNVersions.cmake.
TEST(OneDnn, IsTheVersionThatIsTested) {
  const char* meant = std::getenv("FOVEA_TEST_ONEDNN");
  if (meant == nullptr) GTEST_SKIP() << "oneDNN " << onednn::version();
  EXPECT_THAT(onednn::version(), testing::StartsWith(std::string(meant) + "."));
}

// OpenMP gives a thread that it has not met all processors.
TEST(OneDnn, UsesAsManyThreadsAsFoveaOnAnyThread) {
  const int before = num_threads();
  int used = 0;
  for (const int threads : {3, 1}) {
    set_num_threads(threads);
    std::thread([&used] {
      constexpr std::array<float, 4> kA = {1, 2, 3, 4};
      std::array<float, 4> y{};
      onednn::matmul({.m = 2,
                      .n = 2,
                      .k = 2,
                      .a = kA.data(),
                      .b = kA.data(),
                      .y = y.data(),
                      .a_row = 2,
                      .a_column = 1,
                      .b_row = 2,
                      .b_column = 1,
                      .y_row = 2});
      EXPECT_THAT(y, testing::ElementsAre(7, 10, 15, 22));
      used = omp_get_max_threads();
    }).join();
    EXPECT_EQ(used, threads);
  }
  set_num_threads(before);
}

TEST(OneDnn, ItsErrorsAreOurs) {
  const auto thrown = [](dnnl_status_t status) {
    onednn::translated([&]() -> int { throw dnnl::error(status, "could not do it"); });
  };
  EXPECT_THAT([&] { thrown(dnnl_runtime_error); },
              testing::ThrowsMessage<Error>("onednn: primitive expected to run, got \"could not do "
                                            "it\" (status 5)"));
  EXPECT_THROW(thrown(dnnl_out_of_memory), std::bad_alloc);
}

}  // namespace
}  // namespace fovea::kernels::cpu
