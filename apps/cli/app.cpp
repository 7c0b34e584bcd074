#include "apps/cli/app.h"

#include <csignal>
#include <exception>

#include <fmt/format.h>

#include "apps/base/command_line.h"
#include "apps/base/exit_code.h"
#include "apps/base/help.h"
#include "apps/base/output.h"
#include "apps/base/serve_command.h"
#include "apps/base/terminal.h"
#include "apps/cli/commands.h"
#include "apps/explain/explain.h"
#include "fovea/core/version.h"

namespace fovea::cli {

namespace {

/// All commands, in the order of the help. One that lives in a room of its own (apps/serve, say) is
/// a function more; rooms of commands see apps/base alone.
constexpr Command (*kCommands[])() = {
    train_command,   eval_command,    predict_command,   run_command,  export_command,
    summary_command, explain_command, serve_command,     data_command, weights_command,
    bench_command,   checks_command,  completion_command};

/// Says on standard error what went wrong: one line.
void complain(const std::string& path, const std::string& message) {
  const Terminal terminal = Terminal::error();
  say("{} {}\n", styled(terminal, Style::kBad, path + ":"), message);
}

/// What `f` returns, or the code of what it throws, of which is told in one line.
template <class F>
int guarded(const std::string& path, const Language& language, const F& f) {
  try {
    return f();
  } catch (...) {
    const Failure failure = describe_failure(std::current_exception());
    complain(path, failure.message.in(language));
    return failure.code;
  }
}

/// `fovea help train` is `fovea train --help`.
std::vector<std::string> with_help_in_place(std::vector<std::string> words) {
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    words.emplace_back(kHelpFlag);
  }
  return words;
}

}  // namespace

Command make_root() {
  Command root("fovea", "Convolutional neural networks on CPUs: train, judge and use them");
  root.examples = {
      {"fovea train fashion-cnn", "train the CNN on Fashion-MNIST"},
      {"fovea eval --weights best.safetensors", "judge it, class by class"},
      {"fovea predict --weights best.safetensors shoe.png", "what is in a picture"},
      {"fovea summary fashion-cnn", "a model's layers, sizes and cost"},
      {"fovea explain conv", "every step of a convolution"},
      {"fovea data grid", "look at the data"},
  };
  for (const auto make : kCommands) root.children.push_back(make());
  return root;
}

int run(const std::vector<std::string>& words) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files is an error of the write, as a full disk
  std::signal(SIGPIPE, SIG_IGN);  // for standard output see write_output; messages may be lost
  std::string path = "fovea";
  Language language = Language::kEnglish;
  const int code = guarded(path, language, [&] {
    const Command root = make_root();
    const CommandLine line = parse_command_line(root, with_help_in_place(words));
    path = line.path;
    language = line.language;
    if (line.wish == CommandLine::Wish::kHelp) {
      put("{}", help_text(*line.command, line.path, Terminal::output(), language));
      return static_cast<int>(kExitDone);
    }
    if (line.wish == CommandLine::Wish::kVersion) {
      put("fovea {} ({})\n", version(), git_commit());
      return static_cast<int>(kExitDone);
    }
    if (!line.mistake.empty()) {
      const Text hint = {fmt::format(" (see {} --help)", path),
                         fmt::format(" ({} --help 참고)", path)};
      complain(path, line.mistake.in(language) + hint.in(language));
      return static_cast<int>(kExitUsage);
    }
    return line.command->run();
  });
  // Output that does not reach its end (a full disk) is an error, even when nobody looked while it
  // was written.
  const int written = guarded(path, language, [] {
    flush_output();
    return static_cast<int>(kExitDone);
  });
  return code == kExitDone ? written : code;
}

}  // namespace fovea::cli
