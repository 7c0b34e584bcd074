// The papers' command lines, run as they stand on a small data set: a flag that is renamed, or a
// step that no longer works after the one before it, is found here.

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "fovea/io/pictures/image.h"
#include "fovea/tensor/tensor.h"
#include "tests/e2e/fovea.h"
#include "tests/support/image_tree.h"

namespace fovea::test {
namespace {

namespace fs = std::filesystem;

struct Block {
  std::string language;
  std::vector<std::string> lines;
};

std::vector<Block> blocks_of(const fs::path& page) {
  std::vector<Block> blocks;
  std::ifstream in(page);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), {}});
    } else if (inside) {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

/// Flags that make a command quick; given last, they win.
std::vector<std::string> in_a_hurry(const std::string& command) {
  if (command == "train")
    return {"--epochs", "1", "--limit-train", "100", "--limit-test", "50", "--quiet"};
  if (command == "bench") return {"--rounds", "1", "--seconds", "0.001"};
  return {};
}

/// The weights of torch.safetensors as PyTorch's torch.save writes them, made once.
const fs::path& pytorch_file() {
  static const TempDir directory;
  static const fs::path file = [] {
    const std::string golden = FOVEA_SOURCE_DIR "/tests/golden";
    const std::string program = "import sys; sys.path.insert(0, '" + golden + R"(')
import safetensors_file, torch
tensors, _ = safetensors_file.read(sys.path[0] + '/fashion_cnn.safetensors')
torch.save({name: torch.from_numpy(array) for name, array in tensors.items()}, 'model.pth')
)";
    const ProcessResult result =
        run_process({"/usr/bin/python3", "-c", program}, {.directory = directory.path()});
    if (result.exit_code != 0) throw std::runtime_error(result.err);
    return directory / "model.pth";
  }();
  return file;
}

/// What the papers take for granted: a picture, a folder of pictures, weights from PyTorch, the
/// repository's recipes.
void furnish(const fs::path& directory) {
  io::write_png(directory / "shoe.png", full({1, 40, 30}, 200, {.dtype = u8, .device = cpu}));
  write_image_tree(directory / "photos", 12, 4);
  fs::copy(FOVEA_SOURCE_DIR "/tests/golden/fashion_cnn.safetensors",
           directory / "torch.safetensors");
  fs::copy(FOVEA_SOURCE_DIR "/configs", directory / "configs");
  fs::copy(pytorch_file(), directory / "model.pth");
}

/// Writes the file that a block stands for: it names one of the reader's own, or is a recipe.
void write_block(const Block& block, const fs::path& directory) {
  const std::size_t space = block.language.find(' ');
  std::string file = space == std::string::npos ? "" : block.language.substr(space + 1);
  if (block.language == "toml") file = "recipe.toml";
  if (file.empty() || file.find('/') != std::string::npos) return;
  std::string text;
  for (const std::string& line : block.lines) text += line + "\n";
  put_file(directory / file, text);
}

/// Runs every `fovea` line of a page, and those of `python3`, in the page's order, and returns the
/// number of the former.
int run_page(const fs::path& page) {
  const TempDir directory;
  furnish(directory.path());
  const std::string developer = get_file(FOVEA_SOURCE_DIR "/dev");
  int count = 0;
  for (const Block& block : blocks_of(page)) {
    write_block(block, directory.path());
    if (block.language != "sh") continue;
    for (const std::string& line : block.lines) {
      SCOPED_TRACE(page.filename().string() + ": " + line);
      std::vector<std::string> words = shell_words(line);
      if (words.size() > 1 && words[0] == "./dev") {
        EXPECT_THAT(developer, testing::HasSubstr("cmd_" + words[1] + "()"));
      }
      if (!words.empty() && words[0] == "python3") {
        words[0] = "/usr/bin/python3";
        const ProcessResult result = run_process(words, {.directory = directory.path()});
        EXPECT_EQ(result.exit_code, 0) << result.err;
      }
      if (words.empty() || words[0] != "fovea") continue;
      words.erase(words.begin());
      for (const std::string& word : in_a_hurry(words.at(0))) words.push_back(word);
      const ProcessResult result = fovea(
          words, {.directory = directory.path(), .environment = {{"FOVEA_DATA", tiny_root()}}});
      EXPECT_EQ(result.exit_code, 0) << result.err;
      ++count;
    }
  }
  return count;
}

TEST(Papers, TheReadmesCommandsRun) { EXPECT_GE(run_page(FOVEA_SOURCE_DIR "/README.md"), 8); }

TEST(Papers, TheDocsCommandsRun) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(FOVEA_SOURCE_DIR "/docs")) {
    if (entry.path().extension() == ".md") count += run_page(entry.path());
  }
  EXPECT_GE(count, 6);
}

}  // namespace
}  // namespace fovea::test
