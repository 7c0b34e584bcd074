// What a computation runs on and how it is computed: settings that every command that computes has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/core/device.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/linear.h"

namespace fovea::train {

/// The settings of the machine, in the words of a configuration.
struct MachineSettings {
  std::int64_t threads = 0;       ///< 0: as many as the machine offers
  std::string device = "cpu";     ///< where it is computed
  std::string precision = "f32";  ///< of linear layers' products: f32 or bf16
  std::string conv = "auto";      ///< auto, direct: the convolution algorithm
};

std::vector<std::string> precision_words();  ///< what `precision` may be
std::vector<std::string> conv_words();       ///< what `conv` may be
std::vector<std::string> device_words();     ///< what `device` may be: the devices that are there

/// Throws ArgumentError, or for the device DeviceError, naming setting and value, unless each can
/// be used.
void validate(const MachineSettings& settings);

/// While it lives, what this thread starts is computed so, and tensors are made on the device by
/// all threads. The number of threads stays.
class MachineScope {
 public:
  /// Throws as validate.
  explicit MachineScope(const MachineSettings& settings);
  ~MachineScope();
  MachineScope(const MachineScope&) = delete;
  MachineScope& operator=(const MachineScope&) = delete;

 private:
  Device device_before_;
  PrecisionScope precision_;
  ConvAlgorithmScope conv_;
};

}  // namespace fovea::train
