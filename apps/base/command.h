// What a command is: its words, its flags, its help and what it runs. Parsing (command_line.h),
// help (help.h) and shell completion (completion.h) all read this one description.
//
//     auto settings = std::make_shared<Settings>();
//     Command command("predict", "the likeliest classes of images");
//     command.add("--top", "N", settings->top, "how many classes");
//     command.run = [settings] { return predict(*settings); };
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/core/language.h"

namespace fovea::cli {

/// What a shell offers for a value, beside Option::words.
enum class Completes : std::uint8_t {
  kNothing,      ///< nothing else: a number, a name
  kFiles,        ///< a file
  kDirectories,  ///< a directory
};

/// Whether a value may be something else than one of the words.
enum class Words : std::uint8_t {
  kClosed,  ///< it may not
  kOpen,    ///< it may: a model can be a file too
};

/// A flag or a positional argument, and where its value goes.
struct Option {
  std::string name;                           ///< "--batch-size", or "MODEL" for a positional one
  std::string value_name;                     ///< "N"; empty for a switch
  Text help;                                  ///< one sentence, without a full stop
  std::string default_text;                   ///< shown in the help; empty for none
  Text group = {"Flags", "플래그"};           ///< heading of the help
  std::vector<std::string> words;             ///< values that are known
  Words words_are = Words::kClosed;           ///< whether there are others
  Completes completes = Completes::kNothing;  ///< what a shell offers beside them
  bool required = false;                      ///< an error when absent
  bool repeatable = false;                    ///< may come several times; else the last one wins
  /// Takes a value; a switch gets "". Throws UsageError.
  std::function<void(const std::string&)> set;

  bool is_switch() const { return value_name.empty(); }  ///< takes no value

  // For declarations: each returns this option.
  Option& in(Text heading);                                                    ///< sets the group
  Option& one_of(std::vector<std::string> known, Words are = Words::kClosed);  ///< sets the words
  Option& files();                          ///< completes files, beside words
  Option& directories();                    ///< completes directories, beside words
  Option& must();                           ///< required
  Option& several();                        ///< repeatable
  Option& shown_default(std::string text);  ///< sets default_text
};

/// A line to start from, shown at the head of the help.
struct Example {
  std::string line;  ///< what to type
  Text meaning;      ///< what it does
};

/// One word of the command line and what belongs to it. See the head of this file.
struct Command {
  /// A command without flags.
  Command(std::string command_name, Text command_summary)
      : name(std::move(command_name)), summary(std::move(command_summary)) {}

  std::string name;                 ///< "train"
  Text summary;                     ///< one sentence, without a full stop
  Text details;                     ///< more for its own help; may be empty
  std::vector<Example> examples;    ///< at least one
  std::vector<Option> options;      ///< flags
  std::vector<Option> positionals;  ///< in their order; only the last may be repeatable
  std::vector<Command> children;    ///< commands below
  std::function<int()> run;         ///< does it and returns the exit code; empty with children
  /// Its help, and what it says of mistakes in its words, are there in Korean too; so are those of
  /// the commands below.
  bool speaks_korean = false;

  /// Adds a flag that is stored in `target`, a string, whole number, double, bool (a switch that
  /// makes it true), optional double or list of strings; its present value is the default. `target`
  /// must live as long as the command.
  template <class T>
  Option& add(std::string flag, std::string value_name, T& target, Text help);
  /// Adds a switch that makes `target` true.
  Option& add_switch(std::string flag, bool& target, Text help);
  /// Adds a positional argument.
  template <class T>
  Option& add_positional(std::string word, T& target, Text help);
};

/// The names of commands, in their order.
std::vector<std::string> names_of(const std::vector<Command>& commands);

/// Reads `text` into `target`. Throws UsageError naming `flag` when it is not such a value.
void read_value(std::string_view flag, const std::string& text, std::string& target);
void read_value(std::string_view flag, const std::string& text,
                std::int64_t& target);                                            ///< see above
void read_value(std::string_view flag, const std::string& text, double& target);  ///< see above
void read_value(std::string_view flag, const std::string& text,
                std::optional<double>& target);  ///< see above
void read_value(std::string_view flag, const std::string& text,
                std::optional<std::int64_t>& target);  ///< see above
/// Appends `text`.
void read_value(std::string_view flag, const std::string& text, std::vector<std::string>& target);

/// A default as the help shows it; empty for nothing worth showing.
std::string default_text(const std::string& value);
std::string default_text(std::int64_t value);                        ///< see above
std::string default_text(double value);                              ///< see above
std::string default_text(const std::optional<double>& value);        ///< see above
std::string default_text(const std::optional<std::int64_t>& value);  ///< see above
std::string default_text(const std::vector<std::string>& value);     ///< see above

template <class T>
Option& Command::add(std::string flag, std::string value_name, T& target, Text help) {
  Option option;
  option.name = flag;
  option.value_name = std::move(value_name);
  option.help = std::move(help);
  option.default_text = cli::default_text(target);
  option.repeatable = std::is_same_v<T, std::vector<std::string>>;
  option.set = [flag = std::move(flag), &target](const std::string& text) {
    read_value(flag, text, target);
  };
  return options.emplace_back(std::move(option));
}

template <class T>
Option& Command::add_positional(std::string word, T& target, Text help) {
  Option& option = add(word, word, target, std::move(help));
  option.default_text.clear();
  positionals.push_back(std::move(option));
  options.pop_back();
  return positionals.back();
}

}  // namespace fovea::cli
