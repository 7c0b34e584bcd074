// Trainings that are left and go on.
#include <gmock/gmock.h>

#include <fstream>
#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/train/checkpoint.h"
#include "fovea/train/training.h"
#include "tests/support/same_run.h"
#include "tests/support/short_training.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

using test::expect_same_run;
using test::read;
using test::StopAt;
using test::timeless_results;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;

class ResumeTest : public test::ShortTraining {
 protected:
  ResumeTest() {
    // Everything that has a state: moments, a schedule, random changes and a random order.
    config_.augment = "flip+crop+rotate+randaugment+mixup:0.4+cutmix";
    config_.schedule = "onecycle";
    config_.optimizer = "adamw";
    config_.val_fraction = 0.1;
    config_.batch_size = 90;
  }

  /// Expects that a run which is stopped after `step` and resumed is the one that never was.
  void expect_the_same_after(std::int64_t step) {
    const fs::path whole = run_training(config_).directory;
    const fs::path run = stopped_after(step);
    EXPECT_EQ(resume_training(run, run_config(run)).end, TrainEnd::kDone);
    expect_same_run(run, whole);
  }

  /// A run that was stopped after `step`.
  fs::path stopped_after(std::int64_t step) {
    StopAt stop(step);
    const TrainingResult result = run_training(config_, {.observers = {&stop}, .stop = &stop.stop});
    EXPECT_EQ(result.end, TrainEnd::kInterrupted);
    return result.directory;
  }
};

TEST_F(ResumeTest, GoesOnToTheSameBytes) {
  const fs::path whole = run_training(config_).directory;
  for (const std::int64_t at : {1, 4, 5, 7, 9}) {
    const fs::path run = stopped_after(at);
    const TrainingResult result = resume_training(run, run_config(run));
    EXPECT_EQ(result.end, TrainEnd::kDone);
    EXPECT_EQ(result.directory, run);
    expect_same_run(run, whole);
  }
}

TEST_F(ResumeTest, GoesOnAsOftenAsItIsStopped) {
  const fs::path whole = run_training(config_).directory;
  const fs::path run = stopped_after(2);
  for (const std::int64_t at : {3, 5, 8}) {
    StopAt stop(at);
    EXPECT_EQ(resume_training(run, run_config(run), {.observers = {&stop}, .stop = &stop.stop}).end,
              TrainEnd::kInterrupted);
  }
  EXPECT_EQ(resume_training(run, run_config(run)).end, TrainEnd::kDone);
  expect_same_run(run, whole);
}

TEST_F(ResumeTest, AConvolutionalNetworkGoesOnToo) {
  config_.model = "resnet18";  // with batch norm's statistics
  config_.epochs = 1;
  config_.limit_train = 40;
  config_.limit_test = 10;
  config_.val_fraction = 0;
  config_.batch_size = 10;
  if (default_device() != cpu) GTEST_SKIP() << "slow on devices that only tests have";
  expect_the_same_after(2);
}

// Averages, weights of classes from a file that is gone by then, drawn samples, steps of several
// batches, of which an epoch's last has fewer.
TEST_F(ResumeTest, EverythingThatMayBeSetGoesOn) {
  const std::string weights = (folder_ / "weights.csv").string();
  test::put_file(weights, "1,2,1,2,1,2,1,2,1,2\n");
  config_.ema = 0.9;
  config_.class_weights = weights;
  config_.sampling = "balanced";
  config_.accumulate = 2;
  config_.clip_grad = 0.5;
  config_.monitor = "val_loss";
  const fs::path whole = run_training(config_).directory;
  for (const std::int64_t at : {2, 3, 4}) {
    const fs::path run = stopped_after(at);
    fs::rename(weights, weights + ".away");
    EXPECT_EQ(resume_training(run, run_config(run)).end, TrainEnd::kDone);
    fs::rename(weights + ".away", weights);
    expect_same_run(run, whole);
    EXPECT_EQ(read(run / "weights/ema.safetensors"), read(whole / "weights/ema.safetensors"));
  }
  EXPECT_NE(read(whole / "weights/ema.safetensors"), read(whole / "weights/last.safetensors"));
}

// What was written after the checkpoint is cut off: a row twice would be a row too many.
TEST_F(ResumeTest, RowsAfterTheCheckpointAreWrittenAgain) {
  const fs::path whole = run_training(config_).directory;
  config_.save_every = "3";
  const fs::path run = stopped_after(8);
  for (const fs::path& path : CheckpointFolder(run / "state").files())
    if (path.filename() == "step-8.safetensors") fs::remove(path);  // as if killed before it
  std::ofstream(run / "steps.csv", std::ios::app) << "9,";
  EXPECT_EQ(resume_training(run, run_config(run)).end, TrainEnd::kDone);
  expect_same_run(run, whole);
}

TEST_F(ResumeTest, AFinishedRunIsLeftAlone) {
  const fs::path run = run_training(config_).directory;
  const std::string report = read(run / "report.json");
  const TrainingResult result = resume_training(run, run_config(run));
  EXPECT_TRUE(result.was_finished);
  EXPECT_EQ(result.directory, run);
  EXPECT_EQ(read(run / "report.json"), report);
}

// Its patience is over, not its epochs.
TEST_F(ResumeTest, ARunThatEndedEarlyIsFinishedUntilItHasMorePatience) {
  config_.epochs = 6;
  config_.schedule = "none";
  config_.lr = 1e-30;  // no epoch is better than the first
  config_.patience = 2;
  const TrainingResult result = run_training(config_);
  EXPECT_EQ(result.end, TrainEnd::kEnough);
  EXPECT_TRUE(result.report);
  const fs::path& run = result.directory;
  EXPECT_THAT(read(run / "results.csv"), AllOf(HasSubstr("\n3,"), Not(HasSubstr("\n4,"))));
  EXPECT_TRUE(resume_training(run, run_config(run)).was_finished);
  TrainConfig config = run_config(run);
  config.patience = 3;
  EXPECT_EQ(resume_training(run, config).end, TrainEnd::kEnough);
  EXPECT_THAT(read(run / "results.csv"), AllOf(HasSubstr("\n4,"), Not(HasSubstr("\n5,"))));
}

// A moment is up after the first step; the run is judged as it is, and goes on when it is told to.
TEST_F(ResumeTest, ARunWhoseTimeIsUpGoesOn) {
  config_.val_fraction = 0;
  const fs::path whole = run_training(config_).directory;
  config_.minutes = 1e-9;
  const TrainingResult result = run_training(config_);
  EXPECT_EQ(result.end, TrainEnd::kTimeUp);
  ASSERT_TRUE(result.report);
  const fs::path& run = result.directory;
  EXPECT_EQ(read(run / "weights/best.safetensors"), read(run / "weights/last.safetensors"));
  TrainConfig config = run_config(run);
  config.minutes = 0;
  EXPECT_EQ(resume_training(run, config).end, TrainEnd::kDone);
  expect_same_run(run, whole);
}

TEST_F(ResumeTest, EpochsMayBeRaised) {
  config_.schedule = "none";
  TrainConfig longer = config_;
  longer.epochs = 3;
  const fs::path whole = run_training(longer).directory;
  const fs::path run = run_training(config_).directory;
  longer = run_config(run);
  longer.epochs = 3;
  EXPECT_EQ(resume_training(run, longer).end, TrainEnd::kDone);
  expect_same_run(run, whole);
  EXPECT_EQ(run_config(run).epochs, 3);
}

TEST_F(ResumeTest, WhatWouldChangeTheNumbersIsRefused) {
  const fs::path run = stopped_after(3);
  const auto refused = [&](auto change, const char* message) {
    TrainConfig config = run_config(run);
    change(config);
    EXPECT_THAT([&] { resume_training(run, config); }, ThrowsMessage<ArgumentError>(message));
  };
  refused([](TrainConfig& c) { c.lr = 0.5; },
          "config: lr expected as in the run that goes on, got another");
  refused([](TrainConfig& c) { c.threads = 7; },
          "config: threads expected as in the run that goes on, got another");
  refused([](TrainConfig& c) { c.name = "other"; },
          "config: name expected as in the run that goes on, got another");
  refused([](TrainConfig& c) { c.model_options["dropout"] = "0.9"; },
          "config: model_options expected as in the run that goes on, got others");
  refused([](TrainConfig& c) { c.epochs = 1; },
          "config: epochs expected at least the run's 2, got 1");
  TrainConfig config = run_config(run);
  config.log_every = 1;
  config.save_every = "2";
  config.keep_checkpoints = 4;
  config.on_full = "wait";
  EXPECT_EQ(resume_training(run, config).end, TrainEnd::kDone);
  EXPECT_EQ(run_config(run).keep_checkpoints, 4);
  EXPECT_EQ(CheckpointFolder(run / "state").files().size(), 4U);
}

// One that was finished, and is trained further, is not finished until it is.
TEST_F(ResumeTest, AReportOfFewerEpochsIsTakenAway) {
  config_.schedule = "none";
  const fs::path run = run_training(config_).directory;
  ASSERT_TRUE(fs::exists(run / "report.json"));
  TrainConfig longer = run_config(run);
  longer.epochs = 3;
  StopAt stop(12);
  EXPECT_EQ(resume_training(run, longer, {.observers = {&stop}, .stop = &stop.stop}).end,
            TrainEnd::kInterrupted);
  EXPECT_FALSE(fs::exists(run / "report.json"));
}

TEST_F(ResumeTest, OtherDataAreRefused) {
  const fs::path run = stopped_after(3);
  test::write_tiny_data(folder_ / "other", 700, 201);
  TrainConfig config = run_config(run);
  config.data_root = (folder_ / "other").string();
  EXPECT_THAT(
      [&] { resume_training(run, config); },
      ThrowsMessage<ParseError>(AllOf(
          HasSubstr("train: data "), HasSubstr("expected as the run began with it, got another"))));
}

// A checkpoint of something else: somebody copied it, or the files of a folder changed since.
TEST_F(ResumeTest, ACheckpointThatDoesNotFitIsRefused) {
  const fs::path run = stopped_after(3);
  const Checkpoint kept = CheckpointFolder(run / "state").load_newest({});
  const auto refused = [&](auto change, const char* message) {
    Checkpoint checkpoint = kept;
    change(checkpoint);
    CheckpointFolder(run / "state").save(checkpoint);
    EXPECT_THAT([&] { resume_training(run, run_config(run)); },
                ThrowsMessage<Error>(HasSubstr(message)));
  };
  refused([](Checkpoint& c) { c.plan.train_samples = 449; },
          "train: training samples expected 449 as when the run began, got 450 (");
  refused([](Checkpoint& c) { c.plan.steps_per_epoch = 6; },
          "train: steps an epoch expected 6 as when the run began, got 5 (");
  refused([](Checkpoint& c) { c.model.pop_back(); },
          "checkpoint: state expected of this model and optimizer, got another: ");
  refused([](Checkpoint& c) { c.optimizer.pop_back(); },
          "checkpoint: state expected of this model and optimizer, got another: ");
  refused([](Checkpoint& c) { c.position.epoch = 3; },
          "config: epochs expected at least the 3 that the run has begun, got 2");
}

TEST_F(ResumeTest, SaysWhatIsMissing) {
  EXPECT_THAT([&] { run_config(folder_ / "none"); },
              ThrowsMessage<IoError>("train: run directory expected, got none (" +
                                     (folder_ / "none").string() + ")"));
  const fs::path run = stopped_after(3);
  fs::remove_all(run / "state");
  EXPECT_THAT([&] { resume_training(run, run_config(run)); },
              ThrowsMessage<IoError>(HasSubstr("checkpoint: files expected in the folder")));
}

// As if it had been killed: its settings are there, and what it had begun to write.
TEST_F(ResumeTest, ARunLeftBeforeItsFirstCheckpointBeginsAgain) {
  const fs::path whole = run_training(config_).directory;
  const fs::path run = root_ / "left";
  fs::create_directories(run / "weights");
  fs::copy_file(whole / "config.toml", run / "config.toml");
  test::put_file(run / "steps.csv", "step,loss\n1,9.9\n");
  test::put_file(run / "events.out.tfevents.1.host.1.0", "begun");
  std::vector<std::string> notes;
  const TrainingResult result = resume_training(
      run, run_config(run), {.on_note = [&](const std::string& note) { notes.push_back(note); }});
  EXPECT_EQ(result.end, TrainEnd::kDone);
  EXPECT_THAT(notes, testing::ElementsAre(
                         "train: the run was left before its first checkpoint; it begins again"));
  expect_same_run(run, whole);
  EXPECT_EQ(read(run / "config.toml"), read(whole / "config.toml"));
  EXPECT_FALSE(fs::exists(run / "events.out.tfevents.1.host.1.0"));
}

TEST_F(ResumeTest, RowsOfEpochsThatWereLostAreWrittenAgain) {
  const fs::path whole = run_training(config_).directory;
  const fs::path run = stopped_after(7);
  test::put_file(run / "results.csv", "");
  test::put_file(run / "steps.csv", "step,loss\n");
  const TrainingResult result = resume_training(run, run_config(run));
  EXPECT_EQ(timeless_results(run), timeless_results(whole));
  EXPECT_THAT(result.warnings,
              testing::ElementsAre(
                  AllOf(HasSubstr("steps.csv: rows expected as when the checkpoint was written, "),
                        HasSubstr(", got 10: the others are lost ("))));
}

// The report is what says that a run is finished: it is tried again, and then said how to go on.
TEST_F(ResumeTest, AReportThatCannotBeWrittenEndsTheRunWithItsCheckpoint) {
  std::vector<std::string> notes;
  fs::path run;
  const TrainingHooks hooks{.on_note = [&](const std::string& note) { notes.push_back(note); },
                            .on_directory =
                                [&](const fs::path& directory) {
                                  run = directory;
                                  fs::create_directories(run / "report.json" / "in the way");
                                }};
  EXPECT_THAT([&] { run_training(config_, hooks); },
              ThrowsMessage<IoError>(HasSubstr("report.json")));
  EXPECT_THAT(notes,
              testing::Contains(HasSubstr("to go on: fovea train --resume " + run.string())));
  fs::remove_all(run / "report.json");
  EXPECT_EQ(resume_training(run, run_config(run)).end, TrainEnd::kDone);
  EXPECT_TRUE(fs::is_regular_file(run / "report.json"));
}

const fs::path kKeptRun = fs::path(FOVEA_SOURCE_DIR) / "tests/golden/files/run-1";

// Writes kKeptRun, by hand and only on purpose: with --gtest_also_run_disabled_tests, by a Fovea
// whose checkpoints have another version than those that are kept.
TEST_F(ResumeTest, DISABLED_LeavesARunForTheFuture) {
  config_.model = (folder_ / "net.toml").string();
  test::put_file(config_.model,
                 "[[layer]]\ntype=\"Conv2d\"\nout_channels=2\nkernel_size=3\nstride=4\npadding=1\n"
                 "[[layer]]\ntype=\"BatchNorm2d\"\n[[layer]]\ntype=\"ReLU\"\n"
                 "[[layer]]\ntype=\"Flatten\"\n"
                 "[[layer]]\ntype=\"Linear\"\nout_features=\"num_classes\"\n");
  config_.threads = 1;
  config_.ema = 0.9;
  config_.tensorboard = "off";
  const fs::path run = stopped_after(7);
  TrainConfig kept = run_config(run);
  kept.data_root = kept.project = "elsewhere";
  fs::create_directories(kKeptRun / "state");
  test::put_file(kKeptRun / "config.toml", to_toml(kept));
  for (const char* file : {"env.json", "results.csv", "steps.csv", "state/step-7.safetensors"})
    test::put_file(kKeptRun / file, read(run / file));
}

// A run that version 1 of checkpoints was left in goes on for ever.
TEST_F(ResumeTest, AKeptRunGoesOn) {
  const fs::path run = folder_ / "kept";
  fs::copy(kKeptRun, run, fs::copy_options::recursive);
  fs::create_directory(run / "weights");
  const Checkpoint checkpoint = CheckpointFolder(run / "state").load_newest({});
  EXPECT_EQ(checkpoint.position.step, 7);
  EXPECT_EQ(checkpoint.position.step_in_epoch, 2);
  EXPECT_EQ(checkpoint.epochs.size(), 1u);
  EXPECT_EQ(checkpoint.model.size(), 9u);
  EXPECT_EQ(checkpoint.average.size(), 9u);
  TrainConfig config = run_config(run);
  config.device = config_.device;
  test::put_file(run / "config.toml", to_toml(config));
  config.data_root = config_.data_root;
  const TrainingResult result = resume_training(run, config);
  EXPECT_EQ(result.end, TrainEnd::kDone);
  EXPECT_TRUE(result.report);
  EXPECT_THAT(read(run / "results.csv"), AllOf(HasSubstr("\n1,5,"), HasSubstr("\n2,10,")));
  EXPECT_THAT(read(run / "steps.csv"), AllOf(HasSubstr("\n6,"), HasSubstr("\n8,")));
}

TEST_F(ResumeTest, ThePageOfAStoppedRunSaysHowToGoOn) {
  const fs::path run = stopped_after(8);
  EXPECT_THAT(read(run / "report.html"), AllOf(HasSubstr("stopped after epoch 1 of 2"),
                                               HasSubstr("fovea train --resume " + run.string()),
                                               Not(HasSubstr("http-equiv=\"refresh\""))));
  resume_training(run, run_config(run));
  EXPECT_THAT(read(run / "report.html"), Not(HasSubstr("stopped after")));
}

// A log is not worth a training.
TEST_F(ResumeTest, LogsThatCannotBeWrittenAreWarnings) {
  static constexpr const char* kLogs[] = {"results.csv", "steps.csv", "curves.svg", "report.html",
                                          "mistakes.svg"};
  const fs::path whole = run_training(config_).directory;
  std::vector<std::string> notes;
  const TrainingResult result =
      run_training(config_, {.on_note = [&](const std::string& note) { notes.push_back(note); },
                             .on_directory =
                                 [](const fs::path& run) {
                                   for (const char* file : kLogs) fs::create_directory(run / file);
                                 }});
  EXPECT_EQ(result.end, TrainEnd::kDone);
  EXPECT_EQ(read(result.directory / "weights/last.safetensors"),
            read(whole / "weights/last.safetensors"));
  EXPECT_EQ(notes.size(), 5u);
  ASSERT_EQ(result.warnings.size(), 5u);
  for (const char* file : kLogs)
    EXPECT_THAT(result.warnings,
                testing::Contains(AllOf(StartsWith("warning: "), HasSubstr(file))));
}

}  // namespace
}  // namespace fovea::train
