// Shell completion, written from the description of the commands: there is no second list to
// forget.
#pragma once

#include <string>

#include "apps/base/command.h"

namespace fovea::cli {

std::string bash_completion(const Command& root);  ///< a script for bash
std::string zsh_completion(const Command& root);   ///< a script for zsh, for a file named _fovea
std::string fish_completion(const Command& root);  ///< a script for fish

}  // namespace fovea::cli
