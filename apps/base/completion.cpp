#include "apps/base/completion.h"

#include <algorithm>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "fovea/core/error.h"

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
std::string quoted(const std::string& text) { return "'" + replaced(text, '\'', "'\\''") + "'"; }

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::vector<std::string> flags_of(const Command& command) {
  std::vector<std::string> names = {"--help"};
  names.reserve(command.options.size() + 1);
  for (const Option& option : command.options) names.push_back(option.name);
  return names;
}

std::vector<std::string> names_of(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const Command& command : commands) names.push_back(command.name);
  return names;
}

/// What bash's compgen is to offer for a value.
std::string bash_offer(const Option& option) {
  switch (option.completes) {
    case Completes::kWords:
      return fmt::format("COMPREPLY=($(compgen -W {} -- \"$current\"))",
                         quoted(joined(option.words)));
    case Completes::kFiles:
      return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))";
    case Completes::kDirectories:
      return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$current\"))";
    case Completes::kNothing:
      return "COMPREPLY=()";
  }
  no_case_for("completion", option.completes);
}

/// The branch of the bash script for one command: first its flags' values, then what else may
/// stand.
std::string bash_branch(const Command& command, const std::string& path) {
  std::string out = fmt::format("    {})\n      case $previous in\n", quoted(path));
  std::vector<std::string> takers;
  for (const Option& option : command.options) {
    if (option.is_switch()) continue;
    out += fmt::format("        {}) {}; return ;;\n", option.name, bash_offer(option));
  }
  out += "      esac\n";
  std::string words = joined(names_of(command.children));
  std::string rest;
  for (const Option& option : command.positionals) {
    if (option.completes == Completes::kWords)
      words += (words.empty() ? "" : " ") + joined(option.words);
    if (option.completes == Completes::kFiles) rest = bash_offer(option);
  }
  out += fmt::format(
      "      if [[ $current == -* ]]; then COMPREPLY=($(compgen -W {} -- \"$current\"))\n",
      quoted(joined(flags_of(command))));
  if (!rest.empty()) {
    out += fmt::format("      else {}\n", rest);
  } else {
    out += fmt::format("      else COMPREPLY=($(compgen -W {} -- \"$current\"))\n", quoted(words));
  }
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

std::string zsh_action(const Option& option) {
  switch (option.completes) {
    case Completes::kWords:
      return fmt::format("({})", joined(option.words));
    case Completes::kFiles:
      return "_files";
    case Completes::kDirectories:
      return "_files -/";
    case Completes::kNothing:
      return " ";
  }
  no_case_for("completion", option.completes);
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
    std::string spec = fmt::format("{}{}[{}]", star, option.name, zsh_text(option.help));
    if (!option.is_switch()) {
      spec += fmt::format(":{}:{}", zsh_text(option.value_name), zsh_action(option));
    }
    specs += " \\\n    " + quoted(spec);
  }
  if (command.children.empty()) {
    for (const Option& option : command.positionals) {
      const std::string head = option.repeatable ? "*" : "";
      specs += " \\\n    " + quoted(fmt::format("{}:{}:{}", head, option.name, zsh_action(option)));
    }
    return out + "  _arguments -S" + specs + "\n}\n";
  }
  out += "  local line state\n  _arguments -C" + specs +
         " \\\n    '1: :->command' '*::argument:->rest'\n";
  out += "  case $state in\n    command)\n      local -a commands=(\n";
  for (const Command& child : command.children) {
    out += "        " + quoted(child.name + ":" + zsh_text(child.summary)) + "\n";
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
  const auto value_of = [&](const Option& option) -> std::string {
    switch (option.completes) {
      case Completes::kWords:
        return " -a " + fish_quoted(joined(option.words));
      case Completes::kFiles:
        return " -F";
      case Completes::kDirectories:
        return " -a '(__fish_complete_directories)'";
      case Completes::kNothing:
        return "";
    }
    no_case_for("completion", option.completes);
  };
  for (const Command& child : command.children) {
    out += fmt::format("{} -a {} -d {}\n", when, child.name, fish_quoted(child.summary));
  }
  for (const Option& option : command.options) {
    out += fmt::format("{} -l {}{}{} -d {}\n", when, option.name.substr(2),
                       option.is_switch() ? "" : " -x", value_of(option), fish_quoted(option.help));
  }
  for (const Option& option : command.positionals) {
    if (option.completes != Completes::kNothing) {
      out += fmt::format("{}{} -d {}\n", when, value_of(option), fish_quoted(option.help));
    }
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
  for (const std::string& path : all_paths(root)) known += " | " + quoted(path);
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
      "#compdef fovea\n# Completion of fovea for zsh, written by `fovea completion zsh`.\n";
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
