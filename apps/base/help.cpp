#include "apps/base/help.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace fovea::cli {

namespace {

/// Lines longer than this are hard to read, however wide the terminal is.
constexpr int kMostColumns = 100;
/// The widest left column; what is longer gets a line of its own.
constexpr int kMostLeft = 34;
/// The same for examples, whose left side is what counts.
constexpr int kMostLeftOfExamples = 54;

struct Row {
  std::string left;
  std::string right;
};

void add_rows(std::string& out, const std::string& heading, const std::vector<Row>& rows,
              const Terminal& terminal, int most_left = kMostLeft) {
  if (rows.empty()) return;
  if (!out.empty()) out += '\n';
  out += styled(terminal, Style::kBold, heading) + '\n';
  int left = 0;
  for (const Row& row : rows) {
    if (const int width = display_width(row.left); width <= most_left) left = std::max(left, width);
  }
  const int columns = std::max(24, std::min(terminal.columns, kMostColumns) - left - 4);
  const std::string indent(static_cast<std::size_t>(left) + 4, ' ');
  for (const Row& row : rows) {
    out += "  " + styled(terminal, Style::kAccent, row.left);
    const int width = display_width(row.left);
    const bool own_line = width > left;
    if (row.right.empty()) {
      out += '\n';
      continue;
    }
    out += own_line ? "\n" + indent : std::string(static_cast<std::size_t>(left - width) + 2, ' ');
    const std::vector<std::string> lines = wrap(row.right, columns);
    for (std::size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? "" : indent) + lines[i] + '\n';
  }
}

std::string describe(const Option& option, Language language) {
  std::string text = option.help.in(language);
  if (!option.words.empty() && text.find('|') == std::string::npos) {
    text += fmt::format(": {}{}", fmt::join(option.words, ", "),
                        option.words_are == Words::kOpen ? ", ..." : "");
  }
  if (!option.default_text.empty()) {
    const Text heading = {"default", "기본값"};
    text += fmt::format(" ({} {})", heading.in(language), option.default_text);
  }
  return text;
}

std::string usage(const Command& command, const std::string& path) {
  std::string text = path;
  if (!command.children.empty()) text += command.run ? " [COMMAND]" : " COMMAND";
  for (const Option& option : command.options) {
    if (option.required) text += fmt::format(" {} {}", option.name, option.value_name);
  }
  for (const Option& option : command.positionals) {
    const std::string word = option.name + (option.repeatable ? "..." : "");
    text += option.required ? " " + word : " [" + word + "]";
  }
  const bool optional_flags = std::any_of(command.options.begin(), command.options.end(),
                                          [](const Option& option) { return !option.required; });
  return optional_flags ? text + " [flags]" : text;
}

/// The rows of the flags under `group`.
std::vector<Row> flag_rows(const Command& command, const Text& group, Language language) {
  std::vector<Row> rows;
  for (const Option& option : command.options) {
    if (option.group.english != group.english) continue;
    rows.push_back({option.is_switch() ? option.name : option.name + " " + option.value_name,
                    describe(option, language)});
  }
  return rows;
}

}  // namespace

std::string help_text(const Command& command, const std::string& path, const Terminal& terminal,
                      Language language) {
  const auto said = [language](const Text& text) { return text.in(language); };
  std::string out;
  std::vector<Row> rows;
  for (const Example& example : command.examples)
    rows.push_back({example.line, said(example.meaning)});
  add_rows(out, said({"Examples", "예"}), rows, terminal, kMostLeftOfExamples);

  add_rows(out, said({"Usage", "사용법"}), {{usage(command, path), ""}}, terminal);
  const int columns = std::min(terminal.columns, kMostColumns);
  for (const std::string& line : wrap(said(command.summary) + ".", columns)) out += '\n' + line;
  out += '\n';
  if (!command.details.empty()) {
    for (const std::string& line : wrap(said(command.details), columns)) out += line + '\n';
  }

  rows.clear();
  for (const Command& child : command.children) rows.push_back({child.name, said(child.summary)});
  add_rows(out, said({"Commands", "명령"}), rows, terminal);
  rows.clear();
  for (const Option& option : command.positionals)
    rows.push_back({option.name, describe(option, language)});
  add_rows(out, said({"Arguments", "인수"}), rows, terminal);

  std::vector<Text> groups;
  for (const Option& option : command.options) {
    if (std::none_of(groups.begin(), groups.end(),
                     [&](const Text& group) { return group.english == option.group.english; })) {
      groups.push_back(option.group);
    }
  }
  for (const Text& group : groups)
    add_rows(out, said(group), flag_rows(command, group, language), terminal);
  if (!command.children.empty()) {
    const std::string more = path + " COMMAND --help";
    out += "\n" + said({more + " says more.", "더 보기: " + more}) + "\n";
  }
  return out;
}

}  // namespace fovea::cli
