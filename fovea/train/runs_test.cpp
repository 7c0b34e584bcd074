#include "fovea/train/runs.h"

#include <gmock/gmock.h>

#include <atomic>

#include "fovea/core/error.h"
#include "fovea/io/read_file.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/training.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_data.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;
using test::put_file;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class Runs : public testing::Test {
 protected:
  Runs() { test::write_tiny_data(root_ / "data", 60, 30); }

  TrainConfig config(const std::string& name) const {
    TrainConfig config;
    config.model = "fashion-dnn";
    config.data_root = (root_ / "data").string();
    config.project = project().string();
    config.name = name;
    config.epochs = 2;
    config.batch_size = 20;
    config.log_every = 1;
    config.tensorboard = "off";
    return config;
  }
  fs::path project() const { return root_ / "runs"; }
  fs::path train(const std::string& name) const { return run_training(config(name)).directory; }

  const test::TempDir root_;
};

/// Asks for a stop after a step.
struct StopAt : TrainObserver {
  explicit StopAt(std::int64_t step) : at(step) {}
  void on_step(const StepEvent& event) override { stop = event.step >= at; }
  std::int64_t at;
  std::atomic<bool> stop{false};
};

fs::path stopped_run(const TrainConfig& config, std::int64_t step) {
  StopAt stop(step);
  return run_training(config, {.observers = {&stop}, .stop = &stop.stop}).directory;
}

TEST_F(Runs, SayHowTheyStand) {
  train("done");
  const fs::path stopped = stopped_run(config("stopped"), 2);
  put_file(project() / "broken" / "config.toml", "epochs = \"many\"\n");
  put_file(project() / "notes" / "readme.txt", "no run\n");
  EXPECT_EQ(status_of_run(project() / "done"), RunStatus::kDone);
  EXPECT_EQ(status_of_run(stopped), RunStatus::kStopped);
  EXPECT_EQ(status_of_run(project() / "broken"), RunStatus::kBroken);
  fs::remove(stopped / RunDirectory::kStoppedMark);  // as if it had been killed
  EXPECT_EQ(status_of_run(stopped), RunStatus::kDied);
  {
    const RunDirectory held{stopped};
    EXPECT_EQ(status_of_run(stopped), RunStatus::kRunning);
  }
  EXPECT_EQ(status_of_run(stopped), RunStatus::kDied);
  EXPECT_EQ(list_runs(project()).size(), 3U);
  EXPECT_TRUE(list_runs(project() / "none").empty());
}

TEST_F(Runs, AreListedWithWhatTheySay) {
  train("exp");
  const std::vector<RunEntry> runs = list_runs(project());
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].name, "exp");
  EXPECT_EQ(runs[0].config.model, "fashion-dnn");
  EXPECT_EQ(runs[0].epochs_done, 2);
  EXPECT_EQ(runs[0].last->epoch, 2);
  EXPECT_EQ(runs[0].last->step, 6);
  EXPECT_EQ(runs[0].parameters, 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10);
  EXPECT_TRUE(runs[0].last->test);
  EXPECT_FALSE(runs[0].last->val);
  EXPECT_NEAR(*runs[0].accuracy, runs[0].last->test->accuracy, 1e-7);
  EXPECT_GT(runs[0].bytes, 1'000'000U);
  const auto now = fs::file_time_type::clock::now();
  EXPECT_LT(now - runs[0].modified, std::chrono::hours(1));
  EXPECT_EQ(run_epochs(project() / "exp").size(), 2U);
  const StepLosses steps = run_steps(project() / "exp");
  EXPECT_THAT(steps.steps, ElementsAre(1, 2, 3, 4, 5, 6));
  const StepLosses fewer = run_steps(project() / "exp", 3);
  EXPECT_THAT(fewer.steps, ElementsAre(2, 4, 6));
  EXPECT_NEAR(fewer.losses[0], (steps.losses[0] + steps.losses[1]) / 2, 1e-12);
  const std::vector<CheckpointEntry> checkpoints = run_checkpoints(project() / "exp");
  ASSERT_EQ(checkpoints.size(), 2U);
  EXPECT_EQ(checkpoints[0].step, 6);
  EXPECT_EQ(checkpoints[0].epoch, 2);
  EXPECT_EQ(checkpoints[1].step, 3);
  EXPECT_EQ(checkpoints[1].epoch, 1);
}

TEST_F(Runs, RowsThatAreCutOffAreLeftOut) {
  put_file(project() / "exp" / "results.csv",
           "epoch,step,test_loss,test_accuracy\n1,3,0.5,0.75\n2,6,0");
  const std::vector<EpochEvent> epochs = run_epochs(project() / "exp");
  ASSERT_EQ(epochs.size(), 1U);
  EXPECT_EQ(epochs[0].test->accuracy, 0.75);
  EXPECT_TRUE(run_steps(project() / "exp").steps.empty());
}

TEST_F(Runs, AreRenamedAndDeleted) {
  const fs::path run = train("exp");
  train("other");
  for (const std::string name :
       {"", ".hidden", "a/b", "..", "a\\b", " a", "a ", "-a", "a\n", "\xff"})
    EXPECT_THAT(
        [&] { rename_run(run, name); },
        ThrowsMessage<ArgumentError>(HasSubstr(
            "run: name expected to be a folder's, of at most 100 bytes, that begins with no "
            "\".\", \"-\" or space, got \"")))
        << name;
  for (const char* name : {"a b", "실험 1", "exp2.1"}) EXPECT_TRUE(is_run_name(name)) << name;
  EXPECT_FALSE(is_run_name(std::string(101, 'a')));
  EXPECT_THAT([&] { rename_run(run, "other"); },
              ThrowsMessage<ArgumentError>("run: name expected to be free, got \"other\""));
  rename_run(run, "mine");
  EXPECT_FALSE(fs::exists(run));
  EXPECT_EQ(status_of_run(project() / "mine"), RunStatus::kDone);
  put_file(project() / ".deleted-1-1" / "weights" / "last.safetensors", "of a crash");
  delete_run(project() / "mine");
  EXPECT_FALSE(fs::exists(project() / "mine"));
  const std::vector<RunEntry> left = list_runs(project());
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name, "other");
  EXPECT_EQ(std::distance(fs::directory_iterator(project()), {}), 1);  // nothing is left aside
}

TEST_F(Runs, ThatRunAreLeftAlone) {
  const fs::path run = train("exp");
  const RunDirectory held{run};
  const auto runs = [](const char* what) {
    return ThrowsMessage<StateError>(
        str("run: one that nobody trains expected to be ", what, ", got one that runs (exp)"));
  };
  EXPECT_THAT([&] { rename_run(run, "mine"); }, runs("renamed"));
  EXPECT_THAT([&] { delete_run(run); }, runs("deleted"));
  EXPECT_THAT([&] { rewind_run(run, 3); }, runs("rewound"));
  EXPECT_TRUE(fs::exists(run / "report.json"));
}

TEST_F(Runs, GoBackToACheckpointAndOnToTheSameBits) {
  const fs::path run = train("exp");
  const std::string before = io::read_text(run / "weights" / "last.safetensors");
  const std::string best = io::read_text(run / "weights" / "best.safetensors");
  EXPECT_THAT(
      [&] { rewind_run(run, 4); },
      ThrowsMessage<ArgumentError>("run: checkpoint expected after step 4, got none (exp)"));
  EXPECT_EQ(status_of_run(run), RunStatus::kDone);  // nothing was changed
  const std::string steps = io::read_text(run / "steps.csv");
  rewind_run(run, 3);
  EXPECT_EQ(status_of_run(run), RunStatus::kStopped);
  EXPECT_EQ(run_checkpoints(run).size(), 1U);
  EXPECT_EQ(run_epochs(run).size(), 1U);
  EXPECT_THAT(run_steps(run).steps, ElementsAre(1, 2, 3));
  fs::remove(run / "weights" / "last.safetensors");
  fs::remove(run / "weights" / "best.safetensors");
  resume_training(run, run_config(run));
  EXPECT_EQ(status_of_run(run), RunStatus::kDone);
  EXPECT_EQ(io::read_text(run / "weights" / "last.safetensors"), before);
  EXPECT_EQ(io::read_text(run / "weights" / "best.safetensors"), best);
  EXPECT_EQ(io::read_text(run / "steps.csv"), steps);
  EXPECT_EQ(run_epochs(run).size(), 2U);
}

// The later checkpoint is all that is left of the run then.
TEST_F(Runs, DoNotGoBackToACheckpointThatIsDamaged) {
  const fs::path run = train("exp");
  put_file(run / "state" / "step-3.safetensors", "cut off");
  EXPECT_THROW(rewind_run(run, 3), ParseError);
  EXPECT_EQ(run_checkpoints(run).size(), 2U);
  EXPECT_EQ(status_of_run(run), RunStatus::kDone);
}

TEST_F(Runs, AStoppedOneStaysSoWhereItCannotGoBack) {
  const fs::path run = stopped_run(config("exp"), 2);
  EXPECT_THROW(rewind_run(run, 1), ArgumentError);
  EXPECT_EQ(status_of_run(run), RunStatus::kStopped);
}

// Finished, then trained further, then killed.
TEST_F(Runs, ThatDiedWhileTheyWentOnAreNotDone) {
  const fs::path run = train("exp");
  TrainConfig longer = run_config(run);
  longer.epochs = 3;
  StopAt stop(8);
  resume_training(run, longer, {.observers = {&stop}, .stop = &stop.stop});
  EXPECT_EQ(status_of_run(run), RunStatus::kStopped);
  fs::remove(run / RunDirectory::kStoppedMark);
  EXPECT_EQ(status_of_run(run), RunStatus::kDied);
}

TEST_F(Runs, SayWhatTheSystemRefuses) {
  const auto says = [](const char* what) {
    return testing::Throws<IoError>(testing::Property(&IoError::what, testing::StartsWith(what)));
  };
  EXPECT_THAT([&] { rename_run(project() / "none", "some"); }, says("run: cannot be renamed: "));
  EXPECT_THAT([&] { delete_run(project() / "none"); }, says("run: cannot be deleted: "));
  const fs::path run = train("exp");
  fs::remove(run / "report.json");
  put_file(run / "report.json" / "inside", "a folder in its place");
  EXPECT_THAT([&] { rewind_run(run, 3); }, says("run: cannot be rewound: "));
}

}  // namespace
}  // namespace fovea::train
