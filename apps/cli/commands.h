// The commands of fovea, one file each.
#pragma once

#include "apps/base/command.h"

namespace fovea::cli {

Command train_command();       ///< fovea train
Command eval_command();        ///< fovea eval
Command predict_command();     ///< fovea predict
Command run_command();         ///< fovea run
Command export_command();      ///< fovea export
Command summary_command();     ///< fovea summary
Command data_command();        ///< fovea data list|info|download|grid
Command weights_command();     ///< fovea weights list|info|convert
Command bench_command();       ///< fovea bench
Command checks_command();      ///< fovea checks
Command completion_command();  ///< fovea completion bash|zsh|fish

}  // namespace fovea::cli
