// A training that was stopped or killed goes on to the bytes that it would have come to.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fovea/core/rng.h"
#include "tests/e2e/fovea.h"
#include "tests/support/same_run.h"
#include "tests/test_seed.h"

namespace fovea::test {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

/// A training of 240 steps with all that has a state, a checkpoint after each of its steps.
std::vector<std::string> long_training(const fs::path& project,
                                       std::vector<std::string> more = {}) {
  std::vector<std::string> words = {
      "--epochs",     "6",        "--batch-size", "10",        "--augment",      "flip+crop",
      "--schedule",   "onecycle", "--optimizer",  "adamw",     "--val-fraction", "0.1",
      "--save-every", "1",        "--quiet",      "--project", project.string()};
  words.insert(words.end(), more.begin(), more.end());
  return quick_training(words);
}

std::vector<std::string> resume(const fs::path& run, std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"train", "--resume", run.string(), "--quiet"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Resume, KilledAtAnyMomentItComesToTheSameBytes) {
  const TempDir directory;
  ASSERT_EQ(fovea(long_training(directory / "whole")).exit_code, 0);
  Generator moments(seed());
  const fs::path run = directory / "killed/exp";
  int kills = 0;
  // From the start until there is something to go on from, then on from there.
  for (bool begun = false; kills < 20; ++kills) {
    Process process(
        fovea_line(begun ? resume(run) : long_training(directory / "killed", {"--exist-ok"})));
    std::this_thread::sleep_for(std::chrono::milliseconds(100 + moments.below(300)));
    process.send(SIGKILL);
    const ProcessResult result = process.wait();
    if (result.exit_code == 0) break;
    ASSERT_EQ(result.exit_code, 128 + SIGKILL) << result.err;
    begun = begun || (fs::is_directory(run / "state") && !fs::is_empty(run / "state"));
  }
  EXPECT_GE(kills, 3) << "it was over too soon to say anything";
  const ProcessResult end = fovea(resume(run));
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_EQ(end.out, run.string() + "\n");
  expect_same_run(run, directory / "whole/exp");
  for (const std::string& file : files_below(run))
    EXPECT_THAT(file, testing::Not(HasSubstr(".tmp")));
}

class Stopped : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(Stopped, GoesOnWhereItWas) {
  const auto [signal, code] = GetParam();
  struct sigaction present {};
  sigaction(signal, nullptr, &present);
  if (present.sa_handler == SIG_IGN) GTEST_SKIP() << "ignored here, as nohup does";
  const TempDir directory;
  ASSERT_EQ(fovea(long_training(directory / "whole")).exit_code, 0);
  std::vector<std::string> words = long_training(directory / "stopped", {"--save-every", "1epoch"});
  words.erase(std::find(words.begin(), words.end(), "--quiet"));
  Process process(fovea_line(words));
  ASSERT_TRUE(process.wait_for_error("epoch 2/")) << process.error_so_far();
  process.send(signal);
  const ProcessResult stopped = process.wait();
  EXPECT_EQ(stopped.exit_code, code);
  EXPECT_THAT(stopped.err, HasSubstr("fovea: ends after this step; once more: at once"));
  EXPECT_THAT(stopped.err, HasSubstr("to go on: fovea train --resume "));
  const ProcessResult end = fovea(resume(directory / "stopped/exp"));
  EXPECT_EQ(end.exit_code, 0) << end.err;
  expect_same_run(directory / "stopped/exp", directory / "whole/exp");
}

INSTANTIATE_TEST_SUITE_P(BySignal, Stopped,
                         testing::Values(std::pair(SIGINT, 130), std::pair(SIGTERM, 143),
                                         std::pair(SIGHUP, 143), std::pair(SIGUSR1, 143)));

TEST(Resume, AFinishedRunPrintsItsPath) {
  const TempDir directory;
  const ProcessOptions options{.directory = directory.path()};
  ASSERT_EQ(fovea(quick_training({"--quiet"}), options).exit_code, 0);
  const std::string before = get_file(directory / "runs/train/exp/report.json");
  const ProcessResult again = fovea({"train", "--resume", "runs/train/exp"}, options);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out, "runs/train/exp\n");
  EXPECT_EQ(again.err, "runs/train/exp is finished: 1 epochs; more with --epochs\n");
  const ProcessResult json = fovea(resume("runs/train/exp", {"--json"}), options);
  EXPECT_EQ(json.out, before);

  const ProcessResult longer = fovea(resume("runs/train/exp", {"--epochs", "2"}), options);
  EXPECT_EQ(longer.exit_code, 0) << longer.err;
  ASSERT_EQ(fovea(quick_training({"--quiet", "--epochs", "2"}), options).out, "runs/train/exp2\n");
  expect_same_run(directory / "runs/train/exp", directory / "runs/train/exp2");
}

TEST(Resume, RefusesWhatItCannotDo) {
  const TempDir directory;
  const ProcessOptions options{.directory = directory.path()};
  ASSERT_EQ(fovea(quick_training({"--quiet"}), options).exit_code, 0);
  const auto refused = [&](std::vector<std::string> more, int code, const char* part) {
    expect_failure(fovea(resume("runs/train/exp", std::move(more)), options), code,
                   "fovea train: ", part);
  };
  refused({"--lr", "0.5", "--epochs", "2"}, 2, "--lr expected as in the run that goes on");
  refused({"--config", "x.toml"}, 2, "--config expected without --resume");
  refused({"--epochs", "0"}, 2, "--epochs");
  expect_failure(fovea({"train", "--resume", "none"}, options), 4,
                 "fovea train: ", "run directory expected, got none (none)");
  for (const auto& file : fs::directory_iterator(directory / "runs/train/exp/state"))
    std::ofstream(file.path(), std::ios::app) << "x";
  refused({"--epochs", "2"}, 3, "step-4.safetensors");
}

}  // namespace
}  // namespace fovea::test
