// The command as a whole: all commands, and what every one of them does alike.
#pragma once

#include <string>
#include <vector>

#include "apps/base/command.h"

namespace fovea::cli {

/// The tree of all commands. Cheap: nothing is looked up or opened before a command runs.
Command make_root();

/// Does what `words` (without the program's name) ask for, and returns the exit code.
int run(const std::vector<std::string>& words);

}  // namespace fovea::cli
