// Tensors of a test on a device.
#pragma once

#include "fovea/core/device.h"

namespace fovea::test {

/// While it lives, tensors are made on `device` unless a test says otherwise.
class OnDevice {
 public:
  explicit OnDevice(Device device) : before_(default_device()) { set_default_device(device); }
  ~OnDevice() { set_default_device(before_); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

 private:
  Device before_;
};

}  // namespace fovea::test
