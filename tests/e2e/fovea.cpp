#include "tests/e2e/fovea.h"

#include <algorithm>

#include "tests/support/image_tree.h"
#include "tests/support/tiny_data.h"

namespace fovea::test {

std::vector<std::string> fovea_line(std::vector<std::string> words) {
  words.insert(words.begin(), FOVEA_BINARY);
  return words;
}

ProcessResult fovea(std::vector<std::string> words, const ProcessOptions& options) {
  return run_process(fovea_line(std::move(words)), options);
}

const std::string& tiny_root() {
  static const TempDir directory;
  static const std::string root = [] {
    write_tiny_data(directory.path(), 400, 100);
    write_tiny_cifar(directory.path());
    return directory.path().string();
  }();
  return root;
}

std::vector<std::string> quick_training(std::vector<std::string> more) {
  std::vector<std::string> words = {"train",    "fashion-dnn", "--data-root", tiny_root(),
                                    "--epochs", "1",           "--threads",   "2"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const std::string& trained_run() {
  static const TempDir directory;
  static const std::string run = [] {
    const ProcessResult result =
        fovea(quick_training({"--epochs", "4", "--project", directory.path().string(), "--quiet"}));
    if (result.exit_code != 0) throw std::runtime_error(result.err);
    return result.out.substr(0, result.out.find('\n'));
  }();
  return run;
}

std::string trained_weights() { return trained_run() + "/weights/best.safetensors"; }

void expect_failure(const ProcessResult& result, int code, const std::string& prefix,
                    const std::string& part) {
  EXPECT_EQ(result.exit_code, code) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, testing::StartsWith(prefix));
  EXPECT_THAT(result.err, testing::HasSubstr(part));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_THAT(result.err, testing::EndsWith("\n"));
}

std::vector<std::string> shell_words(const std::string& line) {
  std::vector<std::string> words;
  bool quoted = false, inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\'') {
      quoted = !quoted;
      if (!inside) words.emplace_back();
      inside = true;
    } else if (c == ' ' && !quoted) {
      const std::string rest = line.substr(i + 1);
      if (rest.starts_with("#") || rest.starts_with("> ")) break;
      inside = false;
    } else {
      if (!inside) words.emplace_back();
      inside = true;
      words.back() += c;
    }
  }
  return words;
}

std::vector<std::string> files_below(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) {
      files.push_back(std::filesystem::relative(entry.path(), folder).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

nlohmann::json json_of(std::vector<std::string> words, const ProcessOptions& options) {
  const ProcessResult result = fovea(std::move(words), options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return nlohmann::json::parse(result.out, nullptr, false);
}

const std::string& photos() {
  static const TempDir directory;
  static const std::string root = [] {
    write_image_tree(directory / "photos", 30, 5);
    return (directory / "photos").string();
  }();
  return root;
}

std::string run_of(std::vector<std::string> words, const TempDir& directory,
                   const std::string& notes) {
  words.insert(words.end(), {"--quiet", "--threads", "2"});
  const ProcessResult result = fovea(std::move(words), {.directory = directory.path()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, notes);
  return (directory.path() / result.out.substr(0, result.out.find('\n'))).string();
}

}  // namespace fovea::test
