// fovea explain: its command, and what a line of it would show, for who shows it otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/base/command.h"
#include "fovea/explain/walk.h"

namespace fovea::cli {

Command explain_command();  ///< fovea explain TOPIC

/// Whether a line may read and write files.
enum class FilesAllowed : std::uint8_t {
  kNo,   ///< numbers and names alone: the line comes from elsewhere
  kYes,  ///< as typed on the command line
};

/// The walk that `fovea explain ARGS...` would show, for the topics of the chapter and for `sizes`
/// of a model by its name: {"conv", "--stride", "2"}. What is shown of it (--step) is done; how it
/// is shown (--lang) is for the caller.
/// Throws   UsageError in both languages: what the command would say of the line; a topic that
///          needs a model of one's own; --output and --format, and without files a picture file.
/// Threads  may be called by several at once.
explain::Walk explain_walk(const std::vector<std::string>& args, FilesAllowed files);

}  // namespace fovea::cli
