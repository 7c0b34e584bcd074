// That the devices of the tests bite: what they are there to find ends the program.

#include <cstddef>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/kernels.h"
#include "fovea/kernels/memory.h"
#include "tests/test_devices.h"

namespace fovea::kernels {
namespace {

const Shape kOnes = {1};

/// Four values of f32 on a device, which a kernel has filled with 7.
struct Values {
  Device device;
  Memory memory;

  explicit Values(const char* name) : device(name), memory(4 * sizeof(float), device) {
    launch(device, &KernelTable::fill, 7.0, view());
  }
  View view() const { return {memory.data(), f32, {4}, kOnes}; }
  volatile float* address() const { return reinterpret_cast<float*>(memory.data()); }
  std::vector<float> read() const {
    std::vector<float> values(4);
    download(device, memory.data(), values.data(), 4 * sizeof(float));
    return values;
  }
};

// In a process that starts anew: a fork of one that has threads may hang.
class DeviceDeathTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

INSTANTIATE_TEST_SUITE_P(On, DeviceDeathTest, testing::Values("protected", "late"));

// After a launch, an upload and a download alike: each opens the memory and closes it again.
TEST_P(DeviceDeathTest, WhoTouchesItsMemoryDies) {
  const Values values(GetParam());
  EXPECT_DEATH(static_cast<void>(values.address()[0]), "") << "after a launch";
  EXPECT_DEATH(values.address()[0] = 1, "") << "after a launch";
  synchronize(values.device);
  EXPECT_DEATH(static_cast<void>(values.address()[0]), "") << "after waiting";
  EXPECT_EQ(values.read(), std::vector<float>(4, 7));
  EXPECT_DEATH(static_cast<void>(values.address()[0]), "") << "after a download";
  const float one = 1;
  upload(values.device, &one, values.memory.data(), sizeof one);
  EXPECT_DEATH(static_cast<void>(values.address()[0]), "") << "after an upload";
  EXPECT_EQ(values.read(), (std::vector<float>{1, 7, 7, 7}));
}

TEST(LateDevice, RunsKernelsWhenTheHostWaitsForThem) {
  const Device late("late");
  synchronize(late);
  const Values a("late"), b("late");
  EXPECT_EQ(test::late_pending(late), 2u);
  {
    // Arguments are copied: these are gone when the kernel runs.
    const auto op = std::make_unique<UnaryOp>(UnaryOp{Unary::kSquare});
    const auto x = std::make_unique<View>(a.view()), y = std::make_unique<View>(b.view());
    launch(late, &KernelTable::unary, *op, *x, *y);
  }
  EXPECT_EQ(test::late_pending(late), 3u);
  EXPECT_EQ(b.read(), std::vector<float>(4, 49));
  EXPECT_EQ(test::late_pending(late), 0u);
}

TEST(LateDevice, DoesNotCollectWorkForEver) {
  const Values values("late");
  for (int i = 0; i < 2000; ++i) launch(values.device, &KernelTable::fill, 1.0, values.view());
  EXPECT_LT(test::late_pending(values.device), 1000u);
}

// A block may go while kernels that read it wait, and its next owner's values come after theirs.
TEST(LateDevice, FreesInTheOrderOfItsQueue) {
  const Values result("late");
  void* place = nullptr;
  {
    const Values source("late");
    place = source.memory.data();
    launch(source.device, &KernelTable::copy, source.view(), result.view());
  }
  const Values next("late");
  EXPECT_EQ(next.memory.data(), place);
  launch(next.device, &KernelTable::fill, 5.0, next.view());
  EXPECT_EQ(result.read(), std::vector<float>(4, 7));
  EXPECT_EQ(next.read(), std::vector<float>(4, 5));
}

TEST(LateDevice, SpoilsWhatWasFreed) {
  { const Values freed("late"); }
  const Device late("late");
  const Memory again(4 * sizeof(float), late);
  float value = 0;
  download(late, again.data(), &value, sizeof value);
  EXPECT_NE(value, value) << "NaN";
}

TEST(LateDeviceDeathTest, AKernelThatIsGivenHostMemoryEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Values values("late");
  float host = 0;
  EXPECT_DEATH(launch(values.device, &KernelTable::copy, View{&host, f32, kOnes, kOnes},
                      View{values.memory.data(), f32, kOnes, kOnes}),
               "late: a view expected in the device's memory, got one elsewhere");
}

}  // namespace
}  // namespace fovea::kernels
