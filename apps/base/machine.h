// The machine that a command runs on: its processor, its libraries, its threads.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "apps/base/command.h"

namespace fovea::cli {

/// The instruction set that Fovea's vector loops use here: "AVX3", "AVX2", ...
std::string instruction_set();

/// Names and versions of the libraries in use, as they say themselves at run time.
std::vector<std::pair<std::string, std::string>> library_versions();

/// Adds --threads.
void add_threads_flag(Command& command, std::int64_t& threads);
/// Uses so many threads from now on; 0 means all that this process may use. Throws UsageError.
void use_threads(std::int64_t threads);

/// Adds --conv.
void add_conv_flag(Command& command, std::string& conv);
/// Convolutions are done by that method from now on.
void use_conv(const std::string& conv);

}  // namespace fovea::cli
