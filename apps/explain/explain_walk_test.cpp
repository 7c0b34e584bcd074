#include <gmock/gmock.h>

#include "apps/base/exit_code.h"
#include "apps/explain/explain.h"
#include "fovea/explain/render.h"
#include "fovea/explain/topics/topics.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"
#include "tests/support/temp_dir.h"
#include "tests/support/walk_reader.h"

namespace fovea::cli {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// A line's mistake.
std::function<void()> line(std::vector<std::string> args, FilesAllowed files = FilesAllowed::kNo) {
  return [args = std::move(args), files] { explain_walk(args, files); };
}

TEST(ExplainWalk, IsWhatTheCommandShows) {
  const explain::Walk walk = explain_walk({"conv"}, FilesAllowed::kNo);
  EXPECT_EQ(explain::to_json(walk), explain::to_json(explain::walk_conv()));
  EXPECT_EQ(explain::to_text(walk), explain::to_text(explain::walk_conv()));
  const explain::Walk own = explain_walk(
      {"conv", "--image", "1 2 3; 4 5 6; 7 8 9", "--kernel", "1 0; 0 -1", "--stride=1"},
      FilesAllowed::kNo);
  EXPECT_THAT(test::numbers(test::get(own, "output")), testing::ElementsAre(-4, -4, -4, -4));
  for (const explain::Topic& topic : explain::topics())
    EXPECT_EQ(explain_walk({topic.name}, FilesAllowed::kNo).title.english,
              topic.make().title.english);
}

TEST(ExplainWalk, ShowsOneStepAlone) {
  const explain::Walk walk =
      explain_walk({"pool", "--kind", "max", "--step", "4"}, FilesAllowed::kNo);
  EXPECT_EQ(test::boards(walk).at(0)->only, 3u);
  EXPECT_THAT(line({"pool", "--kind", "max", "--step", "5"}),
              ThrowsMessage<UsageError>(HasSubstr("--step expected")));
}

TEST(ExplainWalk, KnowsSizesOfModelsByName) {
  const explain::Walk walk = explain_walk({"sizes", "fashion-cnn"}, FilesAllowed::kNo);
  EXPECT_THAT(test::notes(walk), HasSubstr("28 -> 28 -> 14 -> 12 -> 6"));
  EXPECT_THAT(line({"sizes", "/etc/passwd.toml"}),
              ThrowsMessage<UsageError>(HasSubstr("MODEL expected one of")));
}

TEST(ExplainWalk, ReadsAndWritesNoFilesUnlessAllowed) {
  const test::TempDir folder;
  const std::string file = (folder / "five.png").string();
  io::write_png(file, full({1, 3, 3}, 5, {.dtype = u8}));
  EXPECT_THAT(line({"conv", "--image", file}),
              ThrowsMessage<UsageError>("--image expected no file here, got \"" + file + "\""));
  const explain::Walk read = explain_walk({"conv", "--image", file}, FilesAllowed::kYes);
  EXPECT_THAT(test::numbers(test::get(read, "input")), testing::Each(5));
  for (const FilesAllowed files : {FilesAllowed::kNo, FilesAllowed::kYes}) {
    EXPECT_THAT(line({"conv", "--output", (folder / "x.svg").string()}, files),
                ThrowsMessage<UsageError>("--output cannot be given here"));
    EXPECT_THAT(line({"conv", "--format", "json"}, files),
                ThrowsMessage<UsageError>("--format cannot be given here"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "x.svg"));
  EXPECT_THAT(line({"layer", "--weights", "x"}),
              ThrowsMessage<UsageError>(HasSubstr("unknown command \"layer\"")));
}

TEST(ExplainWalk, SaysMistakesInBothLanguages) {
  EXPECT_THAT(line({}), ThrowsMessage<UsageError>(HasSubstr("a command is missing: ")));
  EXPECT_THAT(line({"conf"}), ThrowsMessage<UsageError>(HasSubstr("did you mean \"conv\"?")));
  EXPECT_THAT(line({"conv", "--help"}),
              ThrowsMessage<UsageError>("a topic is expected, got a question for help"));
  EXPECT_THAT(line({"conv", "--stride", "0"}), ThrowsMessage<UsageError>(HasSubstr("stride")));
  try {
    explain_walk({"conv", "--image", "shoe.png"}, FilesAllowed::kNo);
    ADD_FAILURE();
  } catch (const SaidInBoth& error) {
    EXPECT_EQ(error.message().korean, "--image: 여기서는 파일을 쓸 수 없는데 \"shoe.png\"입니다");
  }
}

}  // namespace
}  // namespace fovea::cli
