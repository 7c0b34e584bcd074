#include "fovea/core/device.h"

#include <cstdlib>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "fovea/core/error.h"

namespace fovea {
namespace {

// In a process of its own, which is full then.
TEST(DeviceDeathTest, ThereIsRoomForSoManyKinds) {
  const auto fill = [] {
    try {
      for (int i = 0;; ++i) register_device_kind("kind-" + std::to_string(i), 1);
    } catch (const StateError& error) {
      std::cerr << error.what();
      std::exit(0);
    }
  };
  // The CPU is the first.
  EXPECT_EXIT(fill(), testing::ExitedWithCode(0),
              "register_device_kind: kinds of devices expected at most 16, got \"kind-15\" "
              "besides");
}

}  // namespace
}  // namespace fovea
