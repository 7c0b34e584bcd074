#include "fovea/train/event_recorder.h"

#include <gtest/gtest.h>

#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "tests/support/temp_dir.h"

namespace fovea::train {
namespace {

using test::TempDir;

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(EventRecorder, WritesStepsAndEpochs) {
  const TempDir dir;
  nn::Sequential model(nn::Linear(4, 3), nn::Linear(3, 2));
  Warnings warnings;
  EventRecorder recorder(dir.path(), warnings, model, {1, 2, 2}, 2);
  for (std::int64_t step = 1; step <= 5; ++step) recorder.on_step({.step = step, .loss = 1});
  recorder.on_epoch_end({.epoch = 1, .step = 5, .train = {1, 0.5}, .val = {}, .test = Score{2, 0}});
  const std::string content = test::get_file(dir.path() / dir.names().at(0));
  EXPECT_EQ(count_of(content, "loss/step"), 2);
  EXPECT_EQ(count_of(content, "learning_rate"), 2);
  for (const char* tag : {"loss/train", "accuracy/train", "loss/test", "accuracy/test",
                          "parameters/0.weight", "parameters/1.bias", "first_layer"})
    EXPECT_EQ(count_of(content, tag), 1) << tag;
  EXPECT_EQ(count_of(content, "loss/val"), 0);
}

TEST(EventRecorder, WithoutStepsTheRateComesWithTheEpoch) {
  const TempDir dir;
  nn::Linear model(4, 3);
  Warnings warnings;
  EventRecorder recorder(dir.path(), warnings, model, {1, 2, 2}, 0);
  recorder.on_step({.step = 1});
  recorder.on_epoch_end({.epoch = 1, .step = 1, .lr = 0.5, .train = {}});
  EXPECT_EQ(count_of(test::get_file(dir.path() / dir.names().at(0)), "learning_rate"), 1);
}

TEST(EventRecorder, GoesOnInTheSameFile) {
  const TempDir dir;
  nn::Linear model(4, 3);
  Warnings warnings;
  FileLengths lengths;
  {
    EventRecorder recorder(dir.path(), warnings, model, {1, 2, 2}, 1);
    recorder.on_step({.step = 1, .loss = 1});
    add_synced(recorder.file(), warnings, lengths);
    recorder.on_step({.step = 2, .loss = 1});
  }
  EventRecorder recorder(dir.path(), warnings, model, {1, 2, 2}, 1, lengths, 1);
  recorder.on_step({.step = 2, .loss = 1});
  ASSERT_EQ(dir.names().size(), 1u);
  EXPECT_EQ(count_of(test::get_file(dir.path() / dir.names().at(0)), "loss/step"), 2);
}

// 6,000 epochs with all of it were 400 MB.
TEST(EventRecorder, WhatIsLargeIsThinnedOut) {
  const TempDir dir;
  nn::Linear model(4, 3);
  Warnings warnings;
  EventRecorder recorder(dir.path(), warnings, model, {1, 2, 2}, 0);
  for (std::int64_t epoch = 1; epoch <= 300; ++epoch)
    recorder.on_epoch_end({.epoch = epoch, .step = epoch, .train = {}});
  const std::string content = test::get_file(dir.path() / dir.names().at(0));
  // All of 64, half of 64, a quarter of 128, an eighth of 44.
  EXPECT_EQ(count_of(content, "first_layer"), 64 + 32 + 32 + 5);
  EXPECT_EQ(count_of(content, "loss/train"), 300);
}

TEST(EventRecorder, WhatCannotBeWrittenIsAWarning) {
  const TempDir dir;
  nn::Linear model(4, 3);
  Warnings warnings;
  EventRecorder recorder(dir.path() / "none", warnings, model, {1, 2, 2}, 1);
  recorder.on_step({.step = 1});
  recorder.on_epoch_end({.epoch = 1, .step = 1, .train = {}});
  EXPECT_EQ(recorder.file(), nullptr);
  EXPECT_EQ(warnings.lines().size(), 1u);
}

}  // namespace
}  // namespace fovea::train
