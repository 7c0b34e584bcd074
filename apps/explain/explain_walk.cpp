// What a line of fovea explain would show, as a walk.

#include <algorithm>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include "apps/base/command_line.h"
#include "apps/base/exit_code.h"
#include "apps/base/model_flags.h"
#include "apps/explain/explain.h"
#include "apps/explain/show.h"
#include "apps/explain/topics.h"
#include "apps/explain/walk_catch.h"
#include "fovea/explain/model/sizes.h"
#include "fovea/models/models.h"

namespace fovea::cli {

namespace {

/// Whether all of it is numbers, as --image and --kernel have them, so that it names no file.
bool is_numbers(const std::string& text) {
  return text.find_first_not_of("0123456789.+-eE ,;|\t") == std::string::npos;
}

/// Takes no file as the option's value: its words, or numbers.
void take_no_files(Option& option) {
  option.set = [name = option.name, words = option.words,
                set = std::move(option.set)](const std::string& text) {
    if (std::ranges::find(words, text) != words.end()) return set(text);
    if (!words.empty() || !is_numbers(text)) {
      throw InBoth<UsageError>(
          {fmt::format("{} expected no file here, got \"{}\"", name, text),
           fmt::format("{}: 여기서는 파일을 쓸 수 없는데 \"{}\"입니다", name, text)});
    }
    set(text + ";");  // no file's name, whatever lies in the folder
  };
}

/// The walk is what is wanted, and nothing is written.
void refuse_forms(Command& command) {
  for (Option& option : command.options) {
    if (option.name != "--output" && option.name != "--format") continue;
    option.set = [name = option.name](const std::string&) {
      throw InBoth<UsageError>({fmt::format("{} cannot be given here", name),
                                fmt::format("{}은(는) 여기서 쓸 수 없습니다", name)});
    };
  }
}

/// `sizes` of a model by its name, without what the command's own flags do to files and threads.
Command named_sizes_command() {
  auto model = std::make_shared<std::string>();
  Command command("sizes", {"How sizes change from layer to layer", "층마다 달라지는 크기"});
  command.add_positional("MODEL", *model, {"a model", "모델"}).one_of(models::model_names()).must();
  command.run = [model] {
    const models::LoadedModel loaded = load_named_model(*model, {}, {});
    return show(asked_for([&] { return explain::walk_sizes(*loaded.module, loaded.card.input); }),
                {});
  };
  return command;
}

}  // namespace

explain::Walk explain_walk(const std::vector<std::string>& args, FilesAllowed files) {
  Command root("explain", "");
  root.speaks_korean = true;
  root.children = chapter_topics();
  root.children.push_back(named_sizes_command());
  for (Command& topic : root.children) {
    refuse_forms(topic);
    if (files == FilesAllowed::kYes) continue;
    for (Option& option : topic.options)
      if (option.completes != Completes::kNothing && option.name != "--output")
        take_no_files(option);
  }
  const CommandLine line = parse_command_line(root, args);
  if (!line.mistake.empty()) throw InBoth<UsageError>(line.mistake);
  if (line.wish != CommandLine::Wish::kRun) {
    throw InBoth<UsageError>(
        {"a topic is expected, got a question for help", "도움말이 아니라 주제가 와야 합니다"});
  }
  WalkCatch wanted;
  line.command->run();
  return wanted.walk();
}

}  // namespace fovea::cli
