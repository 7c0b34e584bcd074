#include "apps/base/command_line.h"

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "apps/base/exit_code.h"
#include "fovea/core/suggest.h"

namespace fovea::cli {

namespace {

/// One command as CLI11 knows it: CLI11 cuts the line into flags and their values, and the values
/// go to the command's own targets once the whole line is understood.
struct Parser {
  const Command* command = nullptr;
  std::string path;
  CLI::App* app = nullptr;
  bool help = false;
  bool version = false;
  std::map<const Option*, std::vector<std::string>> values;
  std::map<const Option*, std::int64_t> switches;
  std::vector<std::unique_ptr<Parser>> children;
};

void declare(Parser& parser, CLI::App& app) {
  parser.app = &app;
  app.set_help_flag();
  app.allow_extras();  // what is left over gets a message of ours
  app.add_flag("-h,--help", parser.help);
  for (const Option& option : parser.command->options) {
    if (option.is_switch()) {
      app.add_flag(option.name, parser.switches[&option]);
    } else {
      app.add_option(option.name, parser.values[&option])
          ->type_size(1)
          ->expected(1)
          ->allow_extra_args(false)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
  app.require_subcommand(0, 1);
  for (const Command& child : parser.command->children) {
    auto below = std::make_unique<Parser>();
    below->command = &child;
    below->path = parser.path + " " + child.name;
    declare(*below, *app.add_subcommand(child.name));
    parser.children.push_back(std::move(below));
  }
}

/// Whether a command that was named, or one above it, speaks Korean.
bool speaks_korean(const Parser& parser) {
  if (parser.command->speaks_korean) return true;
  return std::any_of(parser.children.begin(), parser.children.end(), [](const auto& child) {
    return child->app->parsed() && speaks_korean(*child);
  });
}

/// What --lang says, or else the environment.
Language language_of(const std::vector<std::string>& words) {
  const std::string assigned = std::string(kLanguageFlag) + "=";
  for (std::size_t i = words.size(); i-- > 0;) {
    std::string said;
    if (words[i].starts_with(assigned)) said = words[i].substr(assigned.size());
    if (words[i] == kLanguageFlag && i + 1 < words.size()) said = words[i + 1];
    if (said == "ko") return Language::kKorean;
    if (said == "en") return Language::kEnglish;
  }
  return environment_language();
}

const Parser& innermost(const Parser& parser) {
  for (const auto& child : parser.children) {
    if (child->app->parsed()) return innermost(*child);
  }
  return parser;
}

bool looks_like_flag(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

Text describe_unknown_flag(const Command& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> known = {kHelpFlag};
  for (const Option& option : command.options) known.push_back(option.name);
  const Text hint = meant_word(name, known);
  return {fmt::format("unknown flag \"{}\"{}", name, hint.english),
          fmt::format("모르는 플래그 \"{}\"{}", name, hint.korean)};
}

Text describe_unknown_command(const Command& command, const std::string& word) {
  const std::vector<std::string> known = names_of(command.children);
  Text hint = meant_word(word, known);
  if (hint.empty())
    hint = {"; there are: " + join_words(known), "; 있는 명령: " + join_words(known)};
  return {fmt::format("unknown command \"{}\"{}", word, hint.english),
          fmt::format("모르는 명령 \"{}\"{}", word, hint.korean)};
}

void check_word(const Option& option, const std::string& value) {
  if (option.words.empty() || option.words_are == Words::kOpen) return;
  if (std::find(option.words.begin(), option.words.end(), value) != option.words.end()) return;
  const Text hint = meant_word(value, option.words);
  throw InBoth<UsageError>({fmt::format("{} expected one of {}, got \"{}\"{}", option.name,
                                        join_words(option.words), value, hint.english),
                            fmt::format("{}: {} 가운데 하나여야 하는데 \"{}\"입니다{}", option.name,
                                        join_words(option.words), value, hint.korean)});
}

/// Gives values to the target of a flag or argument; of several for a flag that takes one, the
/// last.
void assign(const Option& option, std::vector<std::string> values) {
  if (values.empty()) {
    if (!option.required) return;
    throw InBoth<UsageError>(
        {fmt::format("{} is missing: {}", option.name, option.help.english),
         fmt::format("{}이(가) 없습니다: {}", option.name, option.help.korean)});
  }
  if (!option.repeatable) values.erase(values.begin(), values.end() - 1);
  for (const std::string& value : values) {
    if (value.empty())  // of a script's variable that is not set
      throw InBoth<UsageError>({option.name + " expected a value, got an empty one",
                                option.name + ": 값이 비어 있습니다"});
    check_word(option, value);
    option.set(value);
  }
}

/// Words that are no flags go to the positional arguments in their order.
void assign_positionals(const Command& command, std::vector<std::string> words) {
  auto next = words.begin();
  for (const Option& option : command.positionals) {
    const auto end = option.repeatable || next == words.end() ? words.end() : next + 1;
    assign(option, {next, end});
    next = end;
  }
  if (next == words.end()) return;
  throw InBoth<UsageError>({fmt::format("argument \"{}\" is one too many", *next),
                            fmt::format("인수 \"{}\"은(는) 더 필요하지 않습니다", *next)});
}

/// Gives the whole line to the command's targets. `verbatim` are the words after "--".
void assign_all(const Parser& parser, const std::vector<std::string>& verbatim) {
  const Command& command = *parser.command;
  std::vector<std::string> words = parser.app->remaining();
  const auto flag = std::find_if(words.begin(), words.end(), looks_like_flag);
  const auto word = std::find_if_not(words.begin(), words.end(), looks_like_flag);
  // The flags of a command that is not known are not known either: the command is the mistake.
  if (!command.children.empty() && word != words.end()) {
    throw InBoth<UsageError>(describe_unknown_command(command, *word));
  }
  if (flag != words.end()) throw InBoth<UsageError>(describe_unknown_flag(command, *flag));
  if (!command.run) {
    const std::string known = join_words(names_of(command.children));
    throw InBoth<UsageError>({fmt::format("a command is missing: {}", known),
                              fmt::format("명령이 없습니다: {}", known)});
  }
  for (const Option& option : command.options) {
    if (!option.is_switch()) {
      assign(option, parser.values.at(&option));
    } else if (parser.switches.at(&option) > 0) {
      option.set("");
    }
  }
  words.insert(words.end(), verbatim.begin(), verbatim.end());
  assign_positionals(command, std::move(words));
}

}  // namespace

CommandLine parse_command_line(const Command& root, const std::vector<std::string>& words) {
  Parser parser;
  parser.command = &root;
  parser.path = root.name;
  CLI::App app;
  declare(parser, app);
  app.add_flag("--version", parser.version);

  CommandLine result;
  // Words after "--" are arguments, whatever they look like.
  const auto split = std::find(words.begin(), words.end(), "--");
  const std::vector<std::string> verbatim(split == words.end() ? split : split + 1, words.end());
  std::vector<std::string> reversed(words.begin(), split);
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(reversed);  // CLI11 takes its vector from the back
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();  // "--lr: 1 required TEXT missing"
    const std::string flag = text.substr(0, text.find(':'));
    result.mistake = {flag + " expected a value, got none", flag + ": 값이 없습니다"};
  } catch (const CLI::ParseError& error) {
    result.mistake = Text(error.what());
  }
  const Parser& inner = innermost(parser);
  result.command = inner.command;
  result.path = inner.path;
  if (speaks_korean(parser)) result.language = language_of(words);
  if (inner.help || parser.help) {
    // Help on a command that is not there would be taken for help on one that is.
    const std::vector<std::string> rest = inner.app->remaining();
    const auto word = std::find_if(rest.begin(), rest.end(),
                                   [](const std::string& one) { return !one.starts_with('-'); });
    if (!inner.command->children.empty() && word != rest.end()) {
      result.mistake = describe_unknown_command(*inner.command, *word);
      return result;
    }
    result.wish = CommandLine::Wish::kHelp;
    result.mistake = {};
    return result;
  }
  if (!result.mistake.empty()) return result;
  // Words that nobody knows are a mistake beside --version too.
  if (parser.version && inner.app->remaining().empty()) {
    result.wish = CommandLine::Wish::kVersion;
    return result;
  }
  try {
    assign_all(inner, verbatim);
  } catch (const Error&) {
    result.mistake = describe_failure(std::current_exception()).message;
  }
  return result;
}

}  // namespace fovea::cli
