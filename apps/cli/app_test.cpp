#include "apps/cli/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "apps/base/completion.h"

namespace fovea::cli {
namespace {

using testing::HasSubstr;

/// Calls `f` with every command of the tree.
void walk(const Command& command, const std::function<void(const Command&)>& f) {
  f(command);
  for (const Command& child : command.children) walk(child, f);
}

TEST(CommandTree, EveryCommandExplainsItself) {
  walk(make_root(), [](const Command& command) {
    SCOPED_TRACE(command.name);
    EXPECT_FALSE(command.examples.empty());
    EXPECT_NE(command.summary.english.back(), '.');
    EXPECT_EQ(command.children.empty(), command.run != nullptr);
    for (const Option& option : command.options) {
      SCOPED_TRACE(option.name);
      EXPECT_TRUE(option.name.starts_with("--"));
      EXPECT_FALSE(option.help.empty());
      EXPECT_NE(option.help.english.back(), '.');
    }
  });
}

TEST(CommandTree, CompletionKnowsEveryFlagOfEveryCommand) {
  const Command root = make_root();
  const std::string bash = bash_completion(root), zsh = zsh_completion(root),
                    fish = fish_completion(root);
  walk(root, [&](const Command& command) {
    for (const Option& option : command.options) {
      EXPECT_THAT(bash, HasSubstr(option.name));
      EXPECT_THAT(zsh, HasSubstr(option.name + "["));
      EXPECT_THAT(fish, HasSubstr(" -l " + option.name.substr(2) + " "));
    }
  });
}

// What a command that speaks Korean says is there in Korean, not in English under that name.
TEST(CommandTree, WhoSpeaksKoreanSaysAllInKorean) {
  const auto has_korean = [](const Text& text) {
    // Hangul is U+AC00 to U+D7A3: bytes 0xEA to 0xED.
    return std::any_of(text.korean.begin(), text.korean.end(),
                       [](unsigned char c) { return c >= 0xEA && c <= 0xED; });
  };
  int commands = 0;
  for (const Command& command : make_root().children) {
    if (!command.speaks_korean) continue;
    walk(command, [&](const Command& one) {
      SCOPED_TRACE(one.name);
      ++commands;
      EXPECT_TRUE(has_korean(one.summary)) << one.summary.korean;
      EXPECT_TRUE(one.details.empty() || has_korean(one.details));
      for (const Option& option : one.options) {
        EXPECT_TRUE(has_korean(option.help)) << option.name;
        EXPECT_TRUE(has_korean(option.group)) << option.group.english;
      }
      for (const Option& option : one.positionals) EXPECT_TRUE(has_korean(option.help));
    });
  }
  EXPECT_GE(commands, 20);
}

// Who computes says where and how, in the same words everywhere.
TEST(CommandTree, EveryCommandThatComputesHasTheMachinesFlags) {
  const std::set<std::string> machine = {"--threads", "--device", "--precision", "--conv"};
  std::set<std::string> with;
  std::map<std::string, std::set<std::string>> texts;
  walk(make_root(), [&](const Command& command) {
    std::size_t flags = 0;
    for (const Option& option : command.options) {
      if (!machine.contains(option.name)) continue;
      ++flags;
      std::string text = option.group.english + "|" + option.value_name + "|" + option.help.english;
      for (const std::string& word : option.words) text += "|" + word;
      texts[option.name].insert(text + "|" + option.default_text);
    }
    EXPECT_TRUE(flags == 0 || flags == machine.size()) << command.name;
    if (flags > 0) with.insert(command.name);
  });
  EXPECT_EQ(with, (std::set<std::string>{"train", "eval", "predict", "run", "export", "summary",
                                         "bench", "sizes", "receptive-field", "layer", "filters",
                                         "features", "saliency", "gradcam", "occlusion", "step"}));
  for (const auto& [name, all] : texts) EXPECT_EQ(all.size(), 1U) << name;
}

}  // namespace
}  // namespace fovea::cli
