#include "apps/base/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fovea::cli {
namespace {

using testing::HasSubstr;

/// A command whose values are words, files, folders, and words beside them.
Command tool() {
  static std::string target;
  Command go("go", "Go there");
  go.add("--kind", "K", target, "which").one_of({"red", "green"});
  go.add("--file", "F", target, "where").files();
  go.add("--data", "D", target, "what").one_of({"mnist"}, Words::kOpen).directories();
  go.add("--count", "N", target, "how often");
  go.add_positional("MODEL", target, "the model").one_of({"lenet5"}, Words::kOpen).files();
  go.run = [] { return 0; };
  Command root("fovea", "A tool");
  root.children = {go};
  return root;
}

TEST(Completion, OfBashOffersWordsAndWhatIsThereBesideThem) {
  const std::string bash = bash_completion(tool());
  EXPECT_THAT(bash, HasSubstr("--kind) COMPREPLY=($(compgen -W 'red green' -- \"$current\"));"));
  EXPECT_THAT(bash, HasSubstr("--file) compopt -o filenames; "
                              "COMPREPLY=($(compgen -f -- \"$current\"));"));
  EXPECT_THAT(bash, HasSubstr("--data) compopt -o filenames; COMPREPLY=($(compgen -W 'mnist' -- "
                              "\"$current\") $(compgen -d -- \"$current\"));"));
  EXPECT_THAT(bash, HasSubstr("--count) COMPREPLY=();"));
  EXPECT_THAT(bash, HasSubstr("else compopt -o filenames; COMPREPLY=($(compgen -W 'lenet5' -- "
                              "\"$current\") $(compgen -f -- \"$current\"))"));
}

TEST(Completion, OfZshOffersWordsAndWhatIsThereBesideThem) {
  const std::string zsh = zsh_completion(tool());
  EXPECT_THAT(zsh, HasSubstr("'--kind[which]:K:(red green)'"));
  EXPECT_THAT(zsh, HasSubstr("'--file[where]:F:_files'"));
  EXPECT_THAT(zsh, HasSubstr("'--data[what]:D: _fovea_words_or folders mnist'"));
  EXPECT_THAT(zsh, HasSubstr("'--count[how often]:N: '"));
  EXPECT_THAT(zsh, HasSubstr("':MODEL: _fovea_words_or files lenet5'"));
}

TEST(Completion, OfFishOffersWordsAndWhatIsThereBesideThem) {
  const std::string fish = fish_completion(tool());
  EXPECT_THAT(fish, HasSubstr("-l kind -x -a 'red green' -d"));
  EXPECT_THAT(fish, HasSubstr("-l file -r -F -d"));
  EXPECT_THAT(fish, HasSubstr("-l data -x -a 'mnist (__fish_complete_directories)' -d"));
  EXPECT_THAT(fish, HasSubstr(" -a 'lenet5' -F -d 'the model'"));
}

}  // namespace
}  // namespace fovea::cli
