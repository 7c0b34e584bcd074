// Runs the real command in directories of the tests' own, on a data set that is learned within
// seconds.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace fovea::test {

/// The command line `fovea WORDS...`.
std::vector<std::string> fovea_line(std::vector<std::string> words);
/// Runs `fovea WORDS...` to its end.
ProcessResult fovea(std::vector<std::string> words, const ProcessOptions& options = {});
/// What it prints, as JSON; expects that it ends with 0.
nlohmann::json json_of(std::vector<std::string> words, const ProcessOptions& options = {});

/// A data root with Fashion-MNIST, 400 training and 100 test images of ten classes, and CIFAR-10,
/// 500 and 60; made once.
const std::string& tiny_root();
/// A run directory of fashion-dnn on them, made once.
const std::string& trained_run();
/// Its weights/best.safetensors.
std::string trained_weights();

/// A folder of 90 and 15 pictures of three classes, made once.
const std::string& photos();

/// Trains for an epoch in `directory` and gives the run's path. `notes` are said of the data.
std::string run_of(std::vector<std::string> words, const TempDir& directory,
                   const std::string& notes = "");

/// `fovea train fashion-dnn` on the tiny data for one epoch, with more words after that.
std::vector<std::string> quick_training(std::vector<std::string> more = {});

/// Expects exit code `code`, nothing on standard output, and on standard error one line that begins
/// with `prefix` and holds `part`.
void expect_failure(const ProcessResult& result, int code, const std::string& prefix,
                    const std::string& part);

/// The words of a line as a shell reads them: single quotes hold words together; a remark (" #")
/// and what follows " > " are left out.
std::vector<std::string> shell_words(const std::string& line);

/// All regular files below `folder`, relative to it, sorted.
std::vector<std::string> files_below(const std::filesystem::path& folder);

}  // namespace fovea::test
