#include "apps/base/command.h"

#include <charconv>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "apps/base/exit_code.h"

namespace fovea::cli {

namespace {

[[noreturn]] void refuse(std::string_view flag, const Text& expected, const std::string& text) {
  throw InBoth<UsageError>(
      {fmt::format("{} expected {}, got \"{}\"", flag, expected.english, text),
       fmt::format("{}: {}여야 하는데 \"{}\"입니다", flag, expected.korean, text)});
}

template <class T>
bool read_all(const std::string& text, T& target) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, target);
  return !text.empty() && result.ec == std::errc() && result.ptr == end;
}

}  // namespace

Option& Option::in(Text heading) {
  group = std::move(heading);
  return *this;
}

Option& Option::one_of(std::vector<std::string> known, Words are) {
  words = std::move(known);
  words_are = are;
  return *this;
}

Option& Option::files() {
  completes = Completes::kFiles;
  return *this;
}

Option& Option::directories() {
  completes = Completes::kDirectories;
  return *this;
}

Option& Option::must() {
  required = true;
  return *this;
}

Option& Option::several() {
  repeatable = true;
  return *this;
}

Option& Option::shown_default(std::string text) {
  default_text = std::move(text);
  return *this;
}

Option& Command::add_switch(std::string flag, bool& target, Text help) {
  Option option;
  option.name = std::move(flag);
  option.help = std::move(help);
  option.set = [&target](const std::string&) { target = true; };
  return options.emplace_back(std::move(option));
}

std::vector<std::string> names_of(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const Command& command : commands) names.push_back(command.name);
  return names;
}

void read_value(std::string_view, const std::string& text, std::string& target) { target = text; }

void read_value(std::string_view flag, const std::string& text, std::int64_t& target) {
  if (!read_all(text, target)) refuse(flag, {"a whole number", "정수"}, text);
}

void read_value(std::string_view flag, const std::string& text, double& target) {
  if (!read_all(text, target)) refuse(flag, {"a number", "수"}, text);
}

void read_value(std::string_view flag, const std::string& text, std::optional<double>& target) {
  double value = 0;
  read_value(flag, text, value);
  target = value;
}

void read_value(std::string_view flag, const std::string& text,
                std::optional<std::int64_t>& target) {
  std::int64_t value = 0;
  read_value(flag, text, value);
  target = value;
}

void read_value(std::string_view, const std::string& text, std::vector<std::string>& target) {
  target.push_back(text);
}

std::string default_text(const std::string& value) { return value; }
std::string default_text(std::int64_t value) { return std::to_string(value); }
std::string default_text(double value) { return fmt::format("{}", value); }
std::string default_text(const std::optional<double>& value) {
  return value ? default_text(*value) : std::string();
}
std::string default_text(const std::optional<std::int64_t>& value) {
  return value ? default_text(*value) : std::string();
}
std::string default_text(const std::vector<std::string>&) { return {}; }

}  // namespace fovea::cli
