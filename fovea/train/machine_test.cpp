#include "fovea/train/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/kernels/backend.h"
#include "tests/support/close.h"

namespace fovea::train {
namespace {

using test::message_of;
using testing::ElementsAre;

TEST(Machine, WordsAreThoseThatAreUnderstood) {
  EXPECT_THAT(precision_words(), ElementsAre("f32", "bf16"));
  EXPECT_THAT(conv_words(), ElementsAre("auto", "direct"));
  EXPECT_EQ(device_words().front(), "cpu");
  for (const std::string& conv : conv_words()) validate({.conv = conv});
  validate({.precision = "f32"});
  if (kernels::can(cpu, kernels::Feature::kBf16Products)) validate({.precision = "bf16"});
  for (const std::string& device : device_words()) validate({.device = device});
}

TEST(Machine, IsUsedWhileTheScopeLives) {
  const int threads = num_threads();
  EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kAuto);
  {
    const MachineScope machine({.threads = 1, .conv = "direct"});
    EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kDirect);
    EXPECT_EQ(current_precision(), Precision::kF32);
    EXPECT_EQ(num_threads(), 1);
    {
      const MachineScope inner({});
      EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kAuto);
      EXPECT_EQ(num_threads(), 1) << "nobody asked for another number";
    }
    EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kDirect);
  }
  EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kAuto);
  set_num_threads(threads);
}

TEST(Machine, HasADeviceWhileTheScopeLives) {
  const Device before = default_device(), late("late");
  {
    const MachineScope machine({.device = "late"});
    EXPECT_EQ(default_device(), late);
  }
  EXPECT_EQ(default_device(), before);
  // It is that device which must have the precision.
  EXPECT_EQ(message_of<ArgumentError>(
                [] { const MachineScope machine({.device = "late", .precision = "bf16"}); }),
            "config: precision expected f32 on late:0, which has no bf16 dot products, got bf16");
  EXPECT_EQ(default_device(), before);
}

TEST(Machine, RefusesWhatIsNotThere) {
  EXPECT_EQ(message_of<ArgumentError>([] { validate({.threads = 1025}); }),
            "config: threads expected in [0, 1024], got 1025");
  EXPECT_EQ(message_of<ArgumentError>([] { validate({.precision = "f16"}); }),
            "config: precision expected \"f32\", \"bf16\", got \"f16\"; did you mean \"bf16\"?");
  EXPECT_EQ(message_of<ArgumentError>([] { validate({.conv = "direkt"}); }),
            "config: conv expected \"auto\", \"direct\", got \"direkt\"; did you mean \"direct\"?");
  std::string devices;
  for (const std::string& name : device_words()) devices += (devices.empty() ? "" : ", ") + name;
  EXPECT_EQ(message_of<DeviceError>([] { validate({.device = "abacus"}); }),
            "device: expected one that is available (" + devices + "), got \"abacus\"");
}

}  // namespace
}  // namespace fovea::train
