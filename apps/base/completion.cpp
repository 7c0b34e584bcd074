#include "apps/base/completion.h"

#include <algorithm>
#include <functional>
#include <vector>

#include <fmt/format.h>

namespace fovea::cli {

namespace {

/// Calls `f(command, path)` for `command` and all below; a path is "data list", "" for the root.
void walk(const Command& command, const std::string& path,
          const std::function<void(const Command&, const std::string&)>& f) {
  f(command, path);
  for (const Command& child : command.children) {
    walk(child, path.empty() ? child.name : path + " " + child.name, f);
  }
}

std::string replaced(std::string text, char what, const std::string& with) {
  for (std::size_t i = 0; (i = text.find(what, i)) != std::string::npos; i += with.size()) {
    text.replace(i, 1, with);
  }
  return text;
}

/// `text` within single quotes, for bash and zsh.
std::string shell_quoted(const std::string& text) {
  return "'" + replaced(text, '\'', "'\\''") + "'";
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::vector<std::string> flags_of(const Command& command) {
  std::vector<std::string> names = {"--help"};
  names.reserve(command.options.size() + 1);
  for (const Option& option : command.options) names.push_back(option.name);
  return names;
}

/// What bash's compgen is to offer for a value; `more` are words that may stand there too.
std::string bash_offer(const std::vector<const Option*>& options,
                       std::vector<std::string> words = {}) {
  std::string names;
  for (const Option* option : options) {
    words.insert(words.end(), option->words.begin(), option->words.end());
    if (option->completes == Completes::kFiles) names = "-f";
    if (option->completes == Completes::kDirectories) names = "-d";
  }
  std::string offers;
  if (!words.empty())
    offers = fmt::format("$(compgen -W {} -- \"$current\")", shell_quoted(joined(words)));
  if (names.empty()) return "COMPREPLY=(" + offers + ")";
  if (!offers.empty()) offers += ' ';
  return fmt::format("compopt -o filenames; COMPREPLY=({}$(compgen {} -- \"$current\"))", offers,
                     names);
}

/// The branch of the bash script for one command: first its flags' values, then what else may
/// stand.
std::string bash_branch(const Command& command, const std::string& path) {
  std::string out = fmt::format("    {})\n      case $previous in\n", shell_quoted(path));
  for (const Option& option : command.options) {
    if (option.is_switch()) continue;
    out += fmt::format("        {}) {}; return ;;\n", option.name, bash_offer({&option}));
  }
  out += "      esac\n";
  std::vector<const Option*> positionals;
  for (const Option& option : command.positionals) positionals.push_back(&option);
  out += fmt::format(
      "      if [[ $current == -* ]]; then COMPREPLY=($(compgen -W {} -- \"$current\"))\n"
      "      else {}\n",
      shell_quoted(joined(flags_of(command))), bash_offer(positionals, names_of(command.children)));
  return out + "      fi ;;\n";
}

/// A zsh description: what _arguments would take as syntax is escaped.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// A space before the action keeps _arguments from adding words of its own to a function of ours.
std::string zsh_action(const Option& option) {
  const std::string words = joined(option.words);
  switch (option.completes) {
    case Completes::kFiles:
      return words.empty() ? "_files" : " _fovea_words_or files " + words;
    case Completes::kDirectories:
      return words.empty() ? "_files -/" : " _fovea_words_or folders " + words;
    case Completes::kNothing:
      break;
  }
  return words.empty() ? " " : "(" + words + ")";
}

std::string function_name(const std::string& path) {
  return "_fovea" + (path.empty() ? "" : "_" + replaced(path, ' ', "_"));
}

/// The zsh function of one command.
std::string zsh_function(const Command& command, const std::string& path) {
  std::string out = fmt::format("{}() {{\n", function_name(path));
  std::string specs = " '--help[show help]'";
  for (const Option& option : command.options) {
    const std::string star = option.repeatable ? "*" : "";
    std::string spec = fmt::format("{}{}[{}]", star, option.name, zsh_text(option.help.english));
    if (!option.is_switch()) {
      spec += fmt::format(":{}:{}", zsh_text(option.value_name), zsh_action(option));
    }
    specs += " \\\n    " + shell_quoted(spec);
  }
  if (command.children.empty()) {
    for (const Option& option : command.positionals) {
      const std::string head = option.repeatable ? "*" : "";
      specs += " \\\n    " +
               shell_quoted(fmt::format("{}:{}:{}", head, option.name, zsh_action(option)));
    }
    return out + "  _arguments -S" + specs + "\n}\n";
  }
  out += "  local line state\n  _arguments -C" + specs +
         " \\\n    '1: :->command' '*::argument:->rest'\n";
  out += "  case $state in\n    command)\n      local -a commands=(\n";
  for (const Command& child : command.children) {
    out += "        " + shell_quoted(child.name + ":" + zsh_text(child.summary.english)) + "\n";
  }
  out += "      )\n      _describe command commands ;;\n    rest)\n      case $line[1] in\n";
  for (const Command& child : command.children) {
    const std::string below = path.empty() ? child.name : path + " " + child.name;
    out += fmt::format("        {}) {} ;;\n", child.name, function_name(below));
  }
  return out + "      esac ;;\n  esac\n}\n";
}

/// The fish lines of one command.
std::string fish_lines(const Command& command, const std::string& path) {
  const auto fish_quoted = [](const std::string& text) {
    return "'" + replaced(replaced(text, '\\', "\\\\"), '\'', "\\'") + "'";
  };
  const std::string when =
      fmt::format("complete -c fovea -n {}", fish_quoted("__fovea_at " + fish_quoted(path)));
  std::string out;
  const auto value_of = [&](const Option& option) {
    std::string words = joined(option.words);
    if (option.completes == Completes::kDirectories)
      words += (words.empty() ? "" : " ") + std::string("(__fish_complete_directories)");
    const std::string offer = words.empty() ? "" : " -a " + fish_quoted(words);
    return offer + (option.completes == Completes::kFiles ? " -F" : "");
  };
  for (const Command& child : command.children) {
    out += fmt::format("{} -a {} -d {}\n", when, child.name, fish_quoted(child.summary.english));
  }
  for (const Option& option : command.options) {
    out += fmt::format("{} -l {}{}{} -d {}\n", when, option.name.substr(2),
                       option.is_switch()                      ? ""
                       : option.completes == Completes::kFiles ? " -r"
                                                               : " -x",
                       value_of(option), fish_quoted(option.help.english));
  }
  for (const Option& option : command.positionals) {
    const std::string offer = value_of(option);
    if (!offer.empty())
      out += fmt::format("{}{} -d {}\n", when, offer, fish_quoted(option.help.english));
  }
  return out;
}

/// The words of all commands, so that a script can tell them from flags and their values.
std::vector<std::string> all_paths(const Command& root) {
  std::vector<std::string> paths;
  walk(root, "", [&](const Command&, const std::string& path) {
    if (!path.empty()) paths.push_back(path);
  });
  return paths;
}

}  // namespace

std::string bash_completion(const Command& root) {
  std::string known;
  for (const std::string& path : all_paths(root)) known += " | " + shell_quoted(path);
  std::string out =
      "# Completion of fovea for bash, written by `fovea completion bash`.\n"
      "_fovea() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local path= word i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    word=${path:+$path }${COMP_WORDS[i]}\n";
  out += fmt::format("    case $word in {}) path=$word ;; esac\n", known.substr(3));
  out += "  done\n  case $path in\n";
  walk(root, "",
       [&](const Command& command, const std::string& path) { out += bash_branch(command, path); });
  return out + "  esac\n}\ncomplete -F _fovea fovea\n";
}

std::string zsh_completion(const Command& root) {
  std::string out =
      "#compdef fovea\n# Completion of fovea for zsh, written by `fovea completion zsh`.\n"
      "_fovea_words_or() {\n"
      "  local kind=\n"
      "  [[ $1 = folders ]] && kind=' -/'\n"
      "  shift\n"
      "  _alternative \"words:word:($*)\" \"files:file:_files$kind\"\n"
      "}\n";
  walk(root, "", [&](const Command& command, const std::string& path) {
    out += "\n" + zsh_function(command, path);
  });
  // The file is the function when zsh loads it, and a script when it is sourced.
  return out +
         "\nif [ \"$funcstack[1]\" = _fovea ]; then _fovea \"$@\"; else compdef _fovea fovea; fi\n";
}

std::string fish_completion(const Command& root) {
  std::string known;
  for (const std::string& path : all_paths(root)) known += " '" + path + "'";
  std::string out = fmt::format(
      "# Completion of fovea for fish, written by `fovea completion fish`.\n"
      "function __fovea_at\n"
      "  set -l path ''\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    set -l next (string trim -- \"$path $word\")\n"
      "    contains -- $next{}; and set path $next\n"
      "  end\n"
      "  test \"$path\" = \"$argv[1]\"\n"
      "end\n"
      "complete -c fovea -f\n"
      "complete -c fovea -l help -d 'show help'\n",
      known);
  walk(root, "",
       [&](const Command& command, const std::string& path) { out += fish_lines(command, path); });
  return out;
}

}  // namespace fovea::cli
