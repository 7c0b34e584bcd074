// A device without fused kernels, for tests: the CPU's memory and kernels, less every one that the
// kernel table calls optional. What operations give there is what they give on the CPU, within
// rounding.
#pragma once

#include "fovea/core/device.h"

namespace fovea::test {

/// The device, which the first call registers as "plain".
Device plain_device();

/// While it lives, tensors are made on plain_device unless a test says otherwise.
class OnPlainDevice {
 public:
  OnPlainDevice() : before_(default_device()) { set_default_device(plain_device()); }
  ~OnPlainDevice() { set_default_device(before_); }
  OnPlainDevice(const OnPlainDevice&) = delete;
  OnPlainDevice& operator=(const OnPlainDevice&) = delete;

 private:
  Device before_;
};

}  // namespace fovea::test
