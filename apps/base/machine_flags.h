// The flags of the machine, which every command that computes has.
#pragma once

#include "apps/base/command.h"
#include "fovea/train/machine.h"

namespace fovea::cli {

/// What --threads, --device, --precision and --conv say.
using MachineFlags = train::MachineSettings;

/// Adds them. `flags` must live as long as the command.
void add_machine_flags(Command& command, MachineFlags& flags);
/// Computes so for as long as the result lives, and from now on makes tensors on that device.
/// Throws   UsageError, or DeviceError that lists the devices that are there.
[[nodiscard]] train::MachineScope use_machine(const MachineFlags& flags);

}  // namespace fovea::cli
