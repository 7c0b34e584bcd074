// The tour of the chapter: every figure is made by the command that stands below it, and what a
// command prints is what the page says.

#include <fstream>
#include <string_view>

#include "tests/e2e/fovea.h"

namespace fovea::test {
namespace {

namespace fs = std::filesystem;

struct Figure {
  int number = 0;
  std::string file;  // that the page shows
  std::vector<std::string> commands;
};

/// What a page has: its figures, and commands with the lines that they print.
struct Page {
  std::vector<Figure> figures;
  std::vector<std::pair<std::string, std::string>> printed;
};

Page read_page(const std::string& name) {
  Page page;
  std::ifstream in(FOVEA_SOURCE_DIR "/docs/" + name);
  std::string block, text, command;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      if (block == "text" && !command.empty()) page.printed.emplace_back(command, text);
      if (block == "text") command.clear();
      block = block.empty() ? line.substr(3) : "";
      text.clear();
    } else if (block == "sh") {
      command = line;
      if (!page.figures.empty()) page.figures.back().commands.push_back(line);
    } else if (block == "text") {
      text += line + "\n";
    } else if (line.starts_with("### ")) {
      const std::size_t at = line.find("5-");
      page.figures.push_back(
          {.number = std::stoi(line.substr(at + 2)), .file = {}, .commands = {}});
    } else if (line.starts_with("![")) {
      const std::size_t at = line.find("](") + 2;
      page.figures.back().file = line.substr(at, line.size() - at - 1);
    }
  }
  return page;
}

ProcessResult run_line(const std::string& line, const TempDir& directory) {
  std::vector<std::string> words = shell_words(line);
  words.erase(words.begin());
  return fovea(words, {.directory = directory.path(), .environment = {{"LC_ALL", "C.UTF-8"}}});
}

/// A picture without the bytes of images in it, which another zlib packs otherwise.
std::string without_images(std::string svg) {
  constexpr std::string_view kBegin = "base64,";
  for (std::size_t at = svg.find(kBegin); at != std::string::npos; at = svg.find(kBegin, at + 1)) {
    at += kBegin.size();
    svg.erase(at, svg.find('"', at) - at);
  }
  return svg;
}

class Chapter : public testing::TestWithParam<const char*> {};

TEST_P(Chapter, HasAllFiguresAndMakesThem) {
  const Page page = read_page(GetParam());
  const TempDir directory;
  ASSERT_EQ(page.figures.size(), 28u);
  for (std::size_t i = 0; i < page.figures.size(); ++i) {
    const Figure& figure = page.figures[i];
    SCOPED_TRACE("figure 5-" + std::to_string(figure.number));
    EXPECT_EQ(figure.number, static_cast<int>(i) + 1);
    const std::string name = fs::path(figure.file).filename().string();
    EXPECT_THAT(name, testing::StartsWith("5-" + std::to_string(figure.number) + "."));
    const auto makes =
        std::find_if(figure.commands.begin(), figure.commands.end(),
                     [&](const std::string& line) { return line.ends_with(" --output " + name); });
    ASSERT_NE(makes, figure.commands.end());
    const ProcessResult result = run_line(*makes, directory);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(without_images(get_file(directory / name)) ==
                without_images(get_file(FOVEA_SOURCE_DIR "/docs/" + figure.file)))
        << "tools/chapter_figures.sh makes it anew";
  }
}

TEST_P(Chapter, SaysWhatItsCommandsPrint) {
  const Page page = read_page(GetParam());
  const TempDir directory;
  EXPECT_GE(page.printed.size(), 3u);
  for (const auto& [command, text] : page.printed) {
    SCOPED_TRACE(command);
    EXPECT_EQ(run_line(command, directory).out, text);
  }
}

INSTANTIATE_TEST_SUITE_P(Languages, Chapter, testing::Values("chapter.md", "chapter.ko.md"),
                         [](const auto& page) {
                           return std::string(page.index == 0 ? "English" : "Korean");
                         });

}  // namespace
}  // namespace fovea::test
