#include "apps/base/machine_flags.h"

#include "apps/base/flag_checks.h"
#include "apps/base/setting_flags.h"
#include "fovea/core/parallel.h"

namespace fovea::cli {

void add_machine_flags(Command& command, MachineFlags& flags) {
  add_setting(command, "threads", flags.threads);
  add_setting(command, "precision", flags.precision);
  add_setting(command, "conv", flags.conv);
  add_setting(command, "device", flags.device);
}

train::MachineScope use_machine(const MachineFlags& flags) {
  check_range("--threads", flags.threads, 0, kMaxThreads);
  return train::MachineScope(flags);
}

}  // namespace fovea::cli
