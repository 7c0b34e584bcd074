// Runs every file of a corpus through its reader, without a fuzzer: the regression test.
//
//     fuzz_replay CORPUS [FILE...]
//
// CORPUS has a folder for each target. With files, only those are run, each through the target that
// its folder is named after.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "fovea/io/read_file.h"
#include "tests/fuzz/targets.h"

namespace {

namespace fs = std::filesystem;

void run_file(const fovea::fuzz::Target& target, const fs::path& file) {
  // Named first: a crash then tells which file it was.
  std::printf("%s\n", file.c_str());
  std::fflush(stdout);
  fovea::fuzz::run(target, fovea::io::read_file(file));
}

int fail(const char* what, const std::string& which) {
  std::fprintf(stderr, "fuzz_replay: %s: %s\n", what, which.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return fail("a folder is missing", "fuzz_replay CORPUS [FILE...]");
  for (int i = 2; i < argc; ++i) {
    const fs::path file = argv[i];
    const auto* target = fovea::fuzz::find_target(file.parent_path().filename().string());
    if (target == nullptr) return fail("no target for file", file.string());
    run_file(*target, file);
  }
  if (argc > 2) return 0;
  // A folder that nobody reads, or a target without files, is a test that tests nothing.
  for (const auto& folder : fs::directory_iterator(argv[1])) {
    if (folder.is_directory() &&
        fovea::fuzz::find_target(folder.path().filename().string()) == nullptr)
      return fail("no target for folder", folder.path().string());
  }
  for (const auto& target : fovea::fuzz::targets()) {
    int files = 0;
    for (const auto& file : fs::directory_iterator(fs::path(argv[1]) / target.name)) {
      run_file(target, file.path());
      ++files;
    }
    if (files == 0) return fail("no file for target", std::string(target.name));
  }
  return 0;
}
