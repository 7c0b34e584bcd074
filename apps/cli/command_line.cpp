#include "apps/cli/command_line.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "apps/cli/exit_code.h"
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
  for (const Option& option : parser.command->positionals) {
    app.add_option(option.name, parser.values[&option])->expected(1, option.repeatable ? -1 : 1);
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

const Parser& innermost(const Parser& parser) {
  for (const auto& child : parser.children) {
    if (child->app->parsed()) return innermost(*child);
  }
  return parser;
}

std::string join_alternatives(const std::vector<std::string>& words) { return join_words(words); }

/// What is wrong with a word that no command, flag or argument takes.
std::string describe_extra(const Command& command, const std::string& word) {
  std::vector<std::string> known;
  if (word.size() > 1 && word[0] == '-') {
    const std::string name = word.substr(0, word.find('='));
    for (const Option& option : command.options) known.push_back(option.name);
    known.emplace_back(kHelpFlag);
    return fmt::format("unknown flag \"{}\"{}", name, did_you_mean(name, known));
  }
  for (const Command& child : command.children) known.push_back(child.name);
  if (!known.empty()) {
    const std::string hint = did_you_mean(word, known);
    return hint.empty() ? fmt::format("unknown command \"{}\"; there are: {}", word,
                                      join_alternatives(known))
                        : fmt::format("unknown command \"{}\"{}", word, hint);
  }
  return fmt::format("argument \"{}\" is one too many", word);
}

void check_word(const Option& option, const std::string& value) {
  if (option.words.empty() || option.words_are == Words::kOpen) return;
  if (std::find(option.words.begin(), option.words.end(), value) != option.words.end()) return;
  throw UsageError(fmt::format("{} expected one of {}, got \"{}\"{}", option.name,
                               join_alternatives(option.words), value,
                               did_you_mean(value, option.words)));
}

/// Gives the values of one flag or argument to its target.
void assign(const Parser& parser, const Option& option) {
  if (option.is_switch()) {
    if (parser.switches.at(&option) > 0) option.set("");
    return;
  }
  const std::vector<std::string>& values = parser.values.at(&option);
  if (values.empty() && option.required) {
    throw UsageError(fmt::format("{} is missing: {}", option.name, option.help));
  }
  for (std::size_t i = option.repeatable || values.empty() ? 0 : values.size() - 1;
       i < values.size(); ++i) {
    check_word(option, values[i]);
    option.set(values[i]);
  }
}

void assign_all(const Parser& parser) {
  const Command& command = *parser.command;
  const std::vector<std::string> extras = parser.app->remaining();
  if (!extras.empty()) throw UsageError(describe_extra(command, extras.front()));
  if (!command.run) {
    std::vector<std::string> known;
    for (const Command& child : command.children) known.push_back(child.name);
    throw UsageError(fmt::format("a command is missing: {}", join_alternatives(known)));
  }
  for (const Option& option : command.options) assign(parser, option);
  for (const Option& option : command.positionals) assign(parser, option);
}

/// Words after a command that is not known are its flags: the first word that is none is the
/// culprit.
std::string first_word(const std::vector<std::string>& words) {
  const auto found = std::find_if(words.begin(), words.end(),
                                  [](const std::string& word) { return word[0] != '-'; });
  return found == words.end() ? words.front() : *found;
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
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);  // CLI11 takes its vector from the back
  } catch (const CLI::ParseError& error) {
    result.mistake = error.what();
  }
  const Parser& inner = innermost(parser);
  result.command = inner.command;
  result.path = inner.path;
  if (inner.help || parser.help) {
    result.wish = CommandLine::Wish::kHelp;
    result.mistake.clear();
    return result;
  }
  if (parser.version) {
    result.wish = CommandLine::Wish::kVersion;
    result.mistake.clear();
    return result;
  }
  if (!result.mistake.empty()) return result;
  try {
    if (!inner.command->children.empty() && !inner.app->remaining().empty()) {
      throw UsageError(describe_extra(*inner.command, first_word(inner.app->remaining())));
    }
    assign_all(inner);
  } catch (const Error& error) {
    result.mistake = error.what();
  }
  return result;
}

}  // namespace fovea::cli
