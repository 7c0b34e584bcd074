#include "apps/base/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/base/help.h"

namespace fovea::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A command with a flag of each kind.
class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() : root_("tool", "A tool") {
    Command child("go", "Go there");
    child.examples = {{"tool go x", "to x"}};
    child.add("--count", "N", count_, "how often");
    child.add("--rate", "X", rate_, "how fast");
    child.add("--kind", "K", kind_, "which kind").one_of({"red", "green"});
    child.add("--tag", "T", tags_, "any number of them");
    child.add_switch("--loud", loud_, "with noise");
    child.add_positional("FROM", from_, "where it starts").must();
    child.add_positional("TO", to_, "where it goes");
    child.run = [] { return 0; };
    root_.examples = {{"tool go x", "to x"}};
    root_.children.push_back(std::move(child));
  }

  CommandLine parse(const std::vector<std::string>& words) {
    return parse_command_line(root_, words);
  }

  std::int64_t count_ = 1;
  double rate_ = 0.5;
  std::string kind_ = "red", from_;
  std::vector<std::string> tags_, to_;
  bool loud_ = false;
  Command root_;
};

TEST_F(CommandLineTest, SetsTargetsOfFlagsAndArguments) {
  const CommandLine line = parse({"go", "a", "--count=-3", "b", "--rate", "1e-3", "--loud", "--tag",
                                  "x", "c", "--tag", "y", "--kind", "green", "--", "--d"});
  EXPECT_EQ(line.mistake.english, "");
  EXPECT_EQ(line.path, "tool go");
  EXPECT_EQ(count_, -3);
  EXPECT_EQ(rate_, 1e-3);
  EXPECT_EQ(kind_, "green");
  EXPECT_TRUE(loud_);
  EXPECT_THAT(tags_, ElementsAre("x", "y"));
  EXPECT_EQ(from_, "a");
  EXPECT_THAT(to_, ElementsAre("b", "c", "--d"));
}

TEST_F(CommandLineTest, TheLastOfSeveralValuesCounts) {
  EXPECT_EQ(parse({"go", "a", "--count", "3", "--count", "4"}).mistake.english, "");
  EXPECT_EQ(count_, 4);
}

TEST_F(CommandLineTest, SaysWhatIsWrong) {
  const auto mistake = [this](const std::vector<std::string>& words) {
    return parse(words).mistake.english;
  };
  EXPECT_EQ(mistake({}), "a command is missing: go");
  EXPECT_EQ(mistake({"goo"}), "unknown command \"goo\"; did you mean \"go\"?");
  EXPECT_EQ(mistake({"elsewhere"}), "unknown command \"elsewhere\"; there are: go");
  EXPECT_EQ(mistake({"go"}), "FROM is missing: where it starts");
  EXPECT_EQ(mistake({"go", "a", "--cuont", "3"}),
            "unknown flag \"--cuont\"; did you mean \"--count\"?");
  EXPECT_EQ(mistake({"go", "a", "--count", "3x"}), "--count expected a whole number, got \"3x\"");
  EXPECT_EQ(mistake({"go", "a", "--count", "9223372036854775808"}),
            "--count expected a whole number, got \"9223372036854775808\"");
  EXPECT_EQ(mistake({"go", "a", "--rate", ""}), "--rate expected a value, got an empty one");
  EXPECT_EQ(mistake({"go", "a", "--kind", "gren"}),
            "--kind expected one of red, green, got \"gren\"; did you mean \"green\"?");
  EXPECT_THAT(mistake({"go", "a", "--count"}), HasSubstr("--count"));
}

TEST_F(CommandLineTest, HelpAndVersionComeFirst) {
  EXPECT_EQ(parse({"go", "--help", "--nonsense"}).wish, CommandLine::Wish::kHelp);
  EXPECT_EQ(parse({"-h"}).command, &root_);
  EXPECT_EQ(parse({"--version"}).wish, CommandLine::Wish::kVersion);
  EXPECT_THAT(parse({"--version", "--bogus"}).mistake.english, testing::HasSubstr("\"--bogus\""));
  EXPECT_EQ(parse({"go", "-h"}).path, "tool go");
}

TEST_F(CommandLineTest, HelpShowsWhatThereIs) {
  EXPECT_EQ(help_text(root_.children[0], "tool go", {}),
            "Examples\n"
            "  tool go x  to x\n"
            "\n"
            "Usage\n"
            "  tool go FROM [TO...] [flags]\n"
            "\n"
            "Go there.\n"
            "\n"
            "Arguments\n"
            "  FROM  where it starts\n"
            "  TO    where it goes\n"
            "\n"
            "Flags\n"
            "  --count N  how often (default 1)\n"
            "  --rate X   how fast (default 0.5)\n"
            "  --kind K   which kind: red, green (default red)\n"
            "  --tag T    any number of them\n"
            "  --loud     with noise\n");
}

TEST_F(CommandLineTest, AnswersInKoreanWhereTheCommandSpeaksIt) {
  EXPECT_EQ(parse({"go", "a", "--lang", "ko"}).language, Language::kEnglish) << "it does not yet";
  root_.children[0].speaks_korean = true;
  root_.children[0].options[0].help = {"how often", "몇 번"};
  std::string language;
  root_.children[0].add(kLanguageFlag, "L", language, {"language", "언어"}).one_of({"en", "ko"});
  const auto korean = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--lang", "ko"});
    const CommandLine line = parse(words);
    EXPECT_EQ(line.language, Language::kKorean);
    return line.mistake.in(line.language);
  };
  EXPECT_EQ(korean({"go", "a"}), "");
  EXPECT_EQ(korean({"go", "a", "--cuont", "1"}), "모르는 플래그 \"--cuont\"; \"--count\"입니까?");
  EXPECT_EQ(korean({"go", "a", "--count", "x"}), "--count: 정수여야 하는데 \"x\"입니다");
  EXPECT_EQ(korean({"go", "a", "--rate", "x"}), "--rate: 수여야 하는데 \"x\"입니다");
  EXPECT_EQ(korean({"go", "a", "--kind", "blue"}),
            "--kind: red, green 가운데 하나여야 하는데 \"blue\"입니다");
  EXPECT_EQ(korean({"go"}), "FROM이(가) 없습니다: where it starts");
  EXPECT_EQ(parse({"go", "--lang=ko", "a", "--count"}).mistake.korean, "--count: 값이 없습니다");
  EXPECT_EQ(parse({"go", "a", "--lang=en"}).language, Language::kEnglish);
  const CommandLine help = parse({"go", "--help", "--lang", "ko"});
  const std::string text = help_text(*help.command, help.path, {.columns = 80}, help.language);
  EXPECT_THAT(text, AllOf(HasSubstr("사용법"), HasSubstr("몇 번 (기본값 1)"), HasSubstr("플래그")));
}

}  // namespace
}  // namespace fovea::cli
