#include "fovea/train/run_log.h"

#include <gmock/gmock.h>

#include "fovea/io/atomic_file.h"
#include "fovea/io/read_file.h"
#include "tests/support/temp_dir.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class RunLogTest : public testing::Test {
 protected:
  std::string read(const char* file) const { return io::read_text(directory_.path() / file); }

  test::TempDir folder_;
  const RunDirectory directory_{folder_ / "runs", "exp", Existing::kNextName};
  Warnings warnings_;
};

EpochEvent epoch(std::int64_t number) {
  return {.epoch = number,
          .step = 600 * number,
          .time_s = 1.5,
          .lr = 0.001,
          .train = {0.5, 0.8125},
          .val = Score{0.4, 0.875},
          .test = Score{0.25, 0.90625},
          .images_per_s = 20000.25,
          .data_wait_s = 0.125};
}

// The contract's columns, letter for letter.
TEST_F(RunLogTest, WritesTheContractsColumns) {
  RunLog log(directory_, warnings_, "fashion-cnn", 10);
  log.on_epoch_end(epoch(1));
  EpochEvent plain = epoch(2);
  plain.val.reset();
  log.on_epoch_end(plain);
  for (const auto& [step, loss] : {std::pair(10, 2.302585), {11, 5.0}, {20, 0.1f}})
    log.on_step({.step = step, .loss = loss});
  EXPECT_EQ(
      read("results.csv"),
      "epoch,step,time_s,lr,train_loss,train_accuracy,val_loss,val_accuracy,test_loss,test_"
      "accuracy,images_per_s,data_wait_s\n"
      "1,600,1.500000,0.001,0.50000000,0.81250000,0.40000000,0.87500000,0.25000000,0.90625000,"
      "20000.250,0.125000\n"
      "2,1200,1.500000,0.001,0.50000000,0.81250000,,,0.25000000,0.90625000,20000.250,0.125000\n");
  EXPECT_EQ(read("steps.csv"), "step,loss\n10,2.302585\n20,0.100000001\n");
  EXPECT_THAT(read("curves.svg"), HasSubstr("fashion-cnn"));
  EXPECT_EQ(log.epochs().size(), 2u);
}

TEST_F(RunLogTest, GoesOnBehindWhatIsKept) {
  FileLengths lengths;
  std::string first;
  {
    RunLog log(directory_, warnings_, "m", 1);
    log.on_step({.step = 1, .loss = 1});
    log.on_epoch_end(epoch(1));
    lengths = log.sync();
    EXPECT_THAT(lengths, ElementsAre(Pair("results.csv", read("results.csv").size()),
                                     Pair("steps.csv", read("steps.csv").size())));
    first = read("results.csv");
    log.on_step({.step = 2, .loss = 2});
    log.on_epoch_end(epoch(2));
  }
  RunLog log(directory_, warnings_, "m", 1, {.epochs = {epoch(1)}, .lengths = lengths});
  EXPECT_EQ(read("results.csv"), first);
  EXPECT_EQ(read("steps.csv"), "step,loss\n1,1\n");
  log.on_step({.step = 2, .loss = 3});
  log.on_epoch_end(epoch(2));
  EXPECT_EQ(read("steps.csv"), "step,loss\n1,1\n2,3\n");
  EXPECT_EQ(log.epochs().size(), 2u);
  EXPECT_TRUE(warnings_.lines().empty());
}

TEST_F(RunLogTest, WhatCannotBeWrittenIsAWarning) {
  for (const char* file : {"results.csv", "steps.csv", "curves.svg"})
    fs::create_directory(directory_.path() / file);
  RunLog log(directory_, warnings_, "m", 1);
  log.on_step({.step = 1, .loss = 1});
  log.on_epoch_end(epoch(1));
  EXPECT_EQ(warnings_.lines().size(), 3u);
  EXPECT_TRUE(log.sync().empty());
  EXPECT_EQ(log.epochs().size(), 1u) << "the checkpoint has it";
}

}  // namespace
}  // namespace fovea::train
