#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "apps/base/output.h"
#include "apps/base/signals.h"
#include "apps/cli/app.h"

namespace {

// Makes threads that wait for each other spin for about 0.1 ms and then sleep. The OpenMP runtime's
// own default is to spin for milliseconds, which takes the processor from the very thread that is
// waited for as soon as another program runs: on two Zen 4 cores with one busy neighbour a training
// step took 67 to 500 ms, and 40 with this. The runtime reads its settings once, before main, so
// the program starts itself again.
void start_again_with_short_spins(int argc, char** argv) {
  static constexpr std::string_view kParallel[] = {"train", "eval",    "predict",
                                                   "run",   "explain", "bench"};
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (std::find(std::begin(kParallel), std::end(kParallel), command) == std::end(kParallel)) return;
  // Somebody who sets these knows; and a runtime that pins threads has pinned this one, which the
  // program that starts again would take for the only processor there is.
  for (const char* const setting :
       {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"}) {
    if (std::getenv(setting) != nullptr) return;
  }
  // A signal that comes meanwhile waits until there is a handler again.
  fovea::cli::hold_signals();
  if (setenv("GOMP_SPINCOUNT", "10000", 1) == 0) execv("/proc/self/exe", argv);
  fovea::cli::end_at_signals();
  // Going on with long spins is slower, not wrong.
}

}  // namespace

int main(int argc, char** argv) {
  fovea::cli::occupy_standard_streams();
  fovea::cli::end_at_signals();
  // Started again by way of /proc/self/exe, the process would be called "exe".
  (void)prctl(PR_SET_NAME, "fovea");
  start_again_with_short_spins(argc, argv);
  return fovea::cli::run(std::vector<std::string>(argv + 1, argv + argc));
}
