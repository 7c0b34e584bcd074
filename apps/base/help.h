// The help of a command: examples first, because most people want to do what somebody did before.
#pragma once

#include <string>

#include "apps/base/command.h"
#include "apps/base/terminal.h"

namespace fovea::cli {

/// The help text of `command`, whose words are `path`, for `terminal`.
std::string help_text(const Command& command, const std::string& path, const Terminal& terminal,
                      Language language = Language::kEnglish);

}  // namespace fovea::cli
