// From the words of a command line to the command that they mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/base/command.h"

namespace fovea::cli {

/// What a command line asks for.
struct CommandLine {
  /// What is to be done.
  enum class Wish : std::uint8_t { kRun, kHelp, kVersion };

  const Command* command = nullptr;        ///< the innermost command named
  std::string path;                        ///< its words: "fovea data list"
  Wish wish = Wish::kRun;                  ///< --help and --version come before anything else
  Text mistake;                            ///< why it cannot be run: one line; empty when it can
  Language language = Language::kEnglish;  ///< of the help, and of what is said of mistakes
};

/// The flag of commands that speak Korean: en or ko.
inline constexpr const char* kLanguageFlag = "--lang";

/// Reads `words` (without the program's name) as flags and arguments of `root`, whose targets they
/// set. Never throws for a wrong command line: `mistake` says what is wrong with it. The language
/// of a command that speaks Korean is what --lang says, wherever it stands, or else the
/// environment's; that of others is English.
CommandLine parse_command_line(const Command& root, const std::vector<std::string>& words);

/// The names that start a flag's help on every command: "--help".
inline constexpr const char* kHelpFlag = "--help";

}  // namespace fovea::cli
