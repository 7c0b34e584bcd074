// How settings look as flags: name, help, heading and words are said once, for every command that
// has the flag. A setting is a key of train::TrainConfig; `--batch-size` is the flag of
// `batch_size`.
#pragma once

#include <concepts>
#include <set>
#include <string>
#include <string_view>

#include "apps/base/command.h"

namespace fovea::cli {

/// How one setting looks as a flag.
struct FlagText {
  const char* key;               ///< the setting
  const char* value_name;        ///< null for a switch
  const char* heading;           ///< of the help
  const char* help;              ///< one sentence, without a full stop
  const char* korean = nullptr;  ///< the same in Korean, for flags of commands that speak it

  Text help_text() const { return korean == nullptr ? Text(help) : Text(help, korean); }  ///< both
  Text heading_text() const;  ///< the heading in both languages
};

// Headings of the help.
inline constexpr const char* kTrainingHeading = "Training";  ///< what is learned, and how
inline constexpr const char* kDataHeading = "Data";          ///< what is learned from
inline constexpr const char* kOutputHeading = "Output";      ///< what is left behind
inline constexpr const char* kMachineHeading = "Machine";    ///< what it runs on

/// The setting's flag, or null for one that has none: `model` is an argument.
const FlagText* flag_text(std::string_view key);
/// "--batch-size" of "batch_size".
std::string flag_name(std::string key);
/// `message` with the flag's name where it is about a setting that was `given` as one, as people
/// know it then: "config: batch_size expected ..." becomes "--batch-size expected ...".
std::string named_by_flag(const std::string& message, const std::set<std::string>& given);

/// Whether the setting is a list with commas, to which each time that its flag is given adds.
bool is_list(std::string_view key);

/// Gives `option` the words that the setting may be, or that it may be among others.
void offer_words(const std::string& key, Option& option);

/// Adds the flag of the setting `key`, stored in `target`; a bool is a switch that turns it round:
/// --exist-ok sets it, --no-shuffle clears it. Requires a setting that has a flag.
template <class T>
Option& add_setting(Command& command, const std::string& key, T& target) {
  const FlagText& text = *flag_text(key);
  Option* option = nullptr;
  if constexpr (std::same_as<T, bool>) {
    option = &command.add_switch(target ? "--no-" + flag_name(key).substr(2) : flag_name(key),
                                 target, text.help_text());
    option->set = [&target, value = !target](const std::string&) { target = value; };
  } else {
    option = &command.add(flag_name(key), text.value_name, target, text.help_text());
  }
  if constexpr (std::same_as<T, std::string>) {
    if (is_list(key)) {
      option->several().set = [&target](const std::string& value) {
        target += (target.empty() ? "" : ",") + value;
      };
    }
  }
  option->in(text.heading_text());
  offer_words(key, *option);
  return *option;
}

}  // namespace fovea::cli
