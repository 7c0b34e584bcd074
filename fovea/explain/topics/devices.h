// Training on several devices: one batch split over them, gradients added up.
#pragma once

#include <cstdint>

#include "fovea/explain/walk.h"

namespace fovea::explain {

/// Options of walk_devices.
struct DevicesTopic {
  std::int64_t devices = 2;  ///< how many, at most 64
  std::int64_t batch = 8;    ///< samples, at least one a device, at most 4,096
};

/// The gradient of a batch, computed whole and in as many parts as there are devices: their sum is
/// the same. The gradients are the tape's, of the model y = w x.
///
/// Throws   ArgumentError for options outside their range.
Walk walk_devices(const DevicesTopic& topic = {});

}  // namespace fovea::explain
