#include "apps/explain/show.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "apps/base/command_line.h"
#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/output.h"
#include "apps/base/terminal.h"
#include "apps/explain/walk_catch.h"
#include "fovea/explain/render.h"
#include "fovea/io/atomic_file.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::cli {

namespace {

/// A form of a walk, and how files of it are called.
struct Form {
  const char* word;
  const char* extension;
  std::string (*make)(const explain::Walk& walk, Language language);
};

std::string text_of(const explain::Walk& walk, Language language, const Terminal& terminal) {
  return explain::to_text(walk, {.language = language,
                                 .columns = terminal.columns,
                                 .unicode = terminal.unicode,
                                 .colour = terminal.colour});
}

constexpr std::array<Form, 4> kForms = {
    {{"text", ".txt",
      [](const explain::Walk& walk, Language language) {
        return text_of(walk, language, {.unicode = true, .columns = 100});
      }},
     {"svg", ".svg", explain::to_svg},
     {"html", ".html", explain::to_html},
     {"json", ".json",
      [](const explain::Walk& walk, Language) { return explain::to_json(walk); }}}};

/// Throws NumericError when what a walk says to programs has a number that is none.
void check_finite(const explain::Value& value) {
  const auto check_number = [](double number) {
    check<NumericError>(std::isfinite(number), "values expected finite, got ", number);
  };
  if (const auto* number = std::get_if<double>(&value.kind())) check_number(*number);
  if (const auto* tensor = std::get_if<Tensor>(&value.kind())) {
    const bool floating = is_floating(tensor->dtype()) && tensor->numel() > 0;
    if (floating) check_number(abs(*tensor).max().to(f64).item<double>());
  }
  if (const auto* list = std::get_if<std::vector<explain::Value>>(&value.kind()))
    std::ranges::for_each(*list, check_finite);
  if (const auto* fields = std::get_if<explain::Fields>(&value.kind()))
    for (const auto& [name, field] : *fields) check_finite(field);
}

std::vector<std::string> form_words() {
  std::vector<std::string> words;
  words.reserve(kForms.size());
  for (const Form& form : kForms) words.emplace_back(form.word);
  return words;
}

const Form& form_of(const ShowFlags& flags) {
  const std::string extension = std::filesystem::path(flags.output).extension();
  for (const Form& form : kForms)
    if (flags.format.empty() ? extension == form.extension : flags.format == form.word) return form;
  return kForms.front();
}

}  // namespace

void add_show_flags(Command& command, ShowFlags& flags, Steps steps) {
  const Text heading = {"Output", "출력"};
  command
      .add("--format", "F", flags.format,
           {"how it is shown: text|svg|html|json (default as --output is called, else text)",
            "보여 주는 형식: text|svg|html|json (기본값은 --output의 확장자, 없으면 text)"})
      .one_of(form_words())
      .in(heading);
  command
      .add("--output", "FILE", flags.output,
           {"write it to this file: .txt, .svg, .html or .json",
            "이 파일에 씁니다: .txt, .svg, .html 또는 .json"})
      .files()
      .in(heading);
  if (steps == Steps::kSome) {
    command.add("--step", "N", flags.step, {"show the N-th step alone", "N번째 단계만 보여 줍니다"})
        .in(heading);
  }
  command
      .add(kLanguageFlag, "L", flags.language,
           {"language: en|ko (default from the locale)", "언어: en|ko (기본값은 로캘)"})
      .one_of({"en", "ko"})
      .in(heading);
}

void check_show_flags(const ShowFlags& flags) {
  if (flags.step) check_at_least("--step", *flags.step, 1);
  if (flags.output.empty()) return;
  const std::string extension = std::filesystem::path(flags.output).extension();
  if (flags.format.empty()) {
    check_extension("--output", flags.output, {".txt", ".svg", ".html", ".json"});
  } else if (const char* own = form_of(flags).extension; !extension.empty() && extension != own) {
    // Nothing is written under another form's name, nor over a picture or weights.
    throw InBoth<UsageError>(
        {fmt::format("--output expected a name that ends in {} with --format {}, got \"{}\"", own,
                     flags.format, one_line(flags.output)),
         fmt::format("--output: --format {}에는 이름이 {}로 끝나야 하는데 \"{}\"입니다",
                     flags.format, own, one_line(flags.output))});
  }
}

void refuse(const Error& error) {
  const auto* const both = dynamic_cast<const SaidInBoth*>(&error);
  Text message = both != nullptr ? both->message() : Text(error.what());
  for (std::string* const text : {&message.english, &message.korean}) {
    const std::size_t colon = text->find(": ");
    if (text->starts_with("explain") && colon != std::string::npos) text->erase(0, colon + 2);
  }
  throw InBoth<UsageError>(message);
}

Language language_of(const ShowFlags& flags) {
  if (flags.language.empty()) return environment_language();
  return flags.language == "ko" ? Language::kKorean : Language::kEnglish;
}

int show(explain::Walk walk, const ShowFlags& flags) {
  check_finite(walk.document);
  if (flags.step) {
    const std::int64_t steps = explain::count_stops(walk);
    if (*flags.step > steps) check_range("--step", *flags.step, 1, steps);
    explain::show_only(walk, *flags.step);
  }
  if (WalkCatch* const waiting = WalkCatch::current()) {
    waiting->take(std::move(walk));
    return kExitDone;
  }
  const Language language = language_of(flags);
  const Form& form = form_of(flags);
  const bool on_screen = flags.output.empty() && form.word == std::string_view("text");
  const std::string shown =
      on_screen ? text_of(walk, language, Terminal::output()) : form.make(walk, language);
  if (flags.output.empty()) {
    put("{}{}", shown, shown.ends_with('\n') ? "" : "\n");
    return kExitDone;
  }
  io::write_file(flags.output, shown.ends_with('\n') ? shown : shown + "\n");
  say("{} {}\n", Text("wrote", "저장:").in(language), one_line(flags.output));
  return kExitDone;
}

}  // namespace fovea::cli
