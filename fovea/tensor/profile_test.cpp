#include "fovea/tensor/profile.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea {
namespace {

std::map<std::string, std::int64_t> calls_of(const Profile& profile) {
  std::map<std::string, std::int64_t> calls;
  for (const ProfileRow& row : profile.rows())
    calls[std::string(row.kernel) + (row.backward ? " back" : "")] = row.calls;
  return calls;
}

TEST(Profile, CountsKernelsByDirection) {
  const Tensor x = rand({4, 3});
  Tensor w = rand({3, 2}).set_requires_grad();
  Profile profile;
  profile.start();
  for (int i = 0; i < 3; ++i) relu(x.matmul(w)).sum().backward();
  profile.stop();
  relu(x);  // nobody looks
  const auto calls = calls_of(profile);
  EXPECT_EQ(calls.at("matmul"), 3);
  EXPECT_EQ(calls.at("matmul back"), 3);
  EXPECT_EQ(calls.at("unary"), 3);
  EXPECT_EQ(calls.at("unary_backward back"), 3);
  EXPECT_FALSE(calls.contains("unary_backward"));
  EXPECT_FALSE(in_backward());
}

TEST(Profile, KernelsTakeNoMoreThanAllOfIt) {
  Profile profile;
  profile.start();
  const Tensor x = rand({100, 100});
  for (int i = 0; i < 20; ++i) x.matmul(x);
  profile.stop();
  double sum = 0, before = profile.seconds();
  for (const ProfileRow& row : profile.rows()) {
    EXPECT_LE(row.seconds, before);  // the longest first
    before = row.seconds;
    sum += row.seconds;
  }
  EXPECT_GT(sum, 0);
  EXPECT_LE(sum, profile.seconds());
}

TEST(Profile, GoesOnAndGivesWay) {
  Profile outer, inner;
  const Tensor x = rand({5});
  outer.start();
  relu(x);
  inner.start();
  relu(x);
  inner.stop();
  relu(x);
  outer.stop();
  outer.start();
  relu(x);
  outer.stop();
  EXPECT_EQ(calls_of(outer).at("unary"), 3);
  EXPECT_EQ(calls_of(inner).at("unary"), 1);
  EXPECT_EQ(kernels::launch_observer(), nullptr);
  const double before = outer.seconds();
  outer.start();
  outer.stop();
  EXPECT_GE(outer.seconds(), before);
  outer.start();
  outer.start();  // goes on
  outer.stop();
  const double after = outer.seconds();
  outer.stop();
  EXPECT_EQ(outer.seconds(), after);
  EXPECT_EQ(kernels::launch_observer(), nullptr);
}

TEST(Profile, KernelsHaveTheNamesOfTheirEntries) {
  EXPECT_EQ(kernels::kernel_name(0), "fill");
  EXPECT_EQ(kernels::kernel_name(sizeof(kernels::KernelTable) / sizeof(void (*)()) - 1),
            "sgd_step");
  EXPECT_EQ(test::message_of<IndexError>([] { kernels::kernel_name(10000); }).substr(0, 34),
            "kernel_name: entry expected below ");
}

}  // namespace
}  // namespace fovea
