#include "fovea/train/checkpoint.h"

#include <gmock/gmock.h>

#include <cstddef>
#include <string>

#include "fovea/core/error.h"
#include "fovea/io/atomic_file.h"
#include "fovea/io/read_file.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/tensor/ops.h"
#include "tests/support/temp_dir.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class CheckpointTest : public testing::Test {
 protected:
  static Checkpoint at(std::int64_t step) {
    return {.position = {.epoch = 2,
                         .step = step,
                         .step_in_epoch = 3,
                         .samples = 12,
                         .correct = 7,
                         .loss_sum = 0.1,
                         .lr = 1e-3,
                         .time_s = 12.5,
                         .epoch_s = 2.25,
                         .data_wait_s = 0.125,
                         .judged = 1},
            .plan = {.epochs = 4,
                     .steps_per_epoch = 10,
                     .train_samples = 40,
                     .val_samples = 0,
                     .test_samples = 5},
            .epochs = {{.epoch = 1,
                        .step = 10,
                        .time_s = 1.0 / 3,
                        .lr = 0.1,
                        .train = {2, 0.5},
                        .val = {},
                        .test = Score{0.25, 1.0 / 7, 1.0 / 9},
                        .images_per_s = 1e5,
                        .data_wait_s = 0.5}},
            .best_epoch = 1,
            .best_score = Score{0.5, 0.75},
            .seed = 0xfedcba9876543210,
            .generator_position = 17,
            .model = {{"fc.weight", tensor({{1, 2}, {3, 4}})},
                      {"bn.num_batches_tracked", full({}, 3, {.dtype = i64})}},
            .optimizer = {{"param.0.exp_avg", tensor({0.5, -0.5})}},
            .average = {{"fc.weight", tensor({{1.5, 2}, {3, 4}})}},
            .logs = {{"results.csv", 120}, {"steps.csv", 34}}};
  }

  test::TempDir folder_;
  fs::path path_ = folder_ / "step-13.safetensors";
};

TEST_F(CheckpointTest, KeepsEveryNumber) {
  save_checkpoint(path_, at(13));
  const Checkpoint read = load_checkpoint(path_), meant = at(13);
  EXPECT_EQ(read.position.epoch, 2);
  EXPECT_EQ(read.position.step, 13);
  EXPECT_EQ(read.position.step_in_epoch, 3);
  EXPECT_EQ(read.position.samples, 12);
  EXPECT_EQ(read.position.correct, 7);
  EXPECT_EQ(read.position.loss_sum, 0.1);
  EXPECT_EQ(read.position.lr, 1e-3);
  EXPECT_EQ(read.position.time_s, 12.5);
  EXPECT_EQ(read.position.epoch_s, 2.25);
  EXPECT_EQ(read.position.data_wait_s, 0.125);
  EXPECT_EQ(read.position.judged, 1);
  EXPECT_EQ(read.plan.epochs, 4);
  EXPECT_EQ(read.plan.steps_per_epoch, 10);
  EXPECT_EQ(read.plan.train_samples, 40);
  EXPECT_EQ(read.plan.val_samples, 0);
  EXPECT_EQ(read.plan.test_samples, 5);
  ASSERT_EQ(read.epochs.size(), 1u);
  EXPECT_EQ(results_row(read.epochs[0]), results_row(meant.epochs[0]));
  EXPECT_EQ(read.epochs[0].test->accuracy, 1.0 / 7);
  EXPECT_EQ(read.epochs[0].test->macro_f1, 1.0 / 9);
  EXPECT_FALSE(read.epochs[0].val);
  EXPECT_EQ(read.best_epoch, 1);
  EXPECT_EQ(read.best_score->accuracy, 0.75);
  EXPECT_EQ(read.seed, 0xfedcba9876543210);
  EXPECT_EQ(read.generator_position, 17u);
  EXPECT_EQ(read.logs, meant.logs);
  ASSERT_EQ(read.model.size(), 2u);
  EXPECT_EQ(find(read.model, "fc.weight")->to_vector(), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(find(read.model, "bn.num_batches_tracked")->item<std::int64_t>(), 3);
  ASSERT_EQ(read.average.size(), 1u);
  EXPECT_EQ(find(read.average, "fc.weight")->to_vector(), (std::vector<float>{1.5, 2, 3, 4}));
  EXPECT_EQ(find(read.optimizer, "param.0.exp_avg")->to_vector(), (std::vector<float>{0.5, -0.5}));
}

// Whatever bit of it changes, and wherever it is cut.
TEST_F(CheckpointTest, KnowsWhenItIsDamaged) {
  save_checkpoint(path_, at(13));
  const std::vector<std::byte> whole = io::read_file(path_);
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::vector<std::byte> damaged = whole;
    damaged[at] ^= std::byte{1} << (at % 8);
    io::write_file(path_, damaged);
    EXPECT_THROW(load_checkpoint(path_), ParseError) << "bit " << at % 8 << " of byte " << at;
  }
  for (const std::size_t length : {whole.size() - 1, whole.size() / 2, std::size_t{9}}) {
    io::write_file(path_, std::span(whole).first(length));
    EXPECT_THROW(load_checkpoint(path_), ParseError) << length;
  }
}

TEST_F(CheckpointTest, SaysWhatAFileIsNot) {
  const auto refused = [&](const io::Metadata& metadata, const char* message) {
    io::save_safetensors(path_, {}, metadata);
    EXPECT_THAT([&] { load_checkpoint(path_); }, ThrowsMessage<ParseError>(HasSubstr(message)));
  };
  refused({}, "checkpoint: metadata expected fovea.checkpoint, got none (");
  refused({{"fovea.checkpoint", "2"}},
          "checkpoint: version expected 1, got \"2\": written by another Fovea (");
  refused(
      {{"fovea.checkpoint", "1"}, {"fovea.sha256", "0"}},
      "checkpoint: content expected to have the SHA-256 that it names, got another: the file is "
      "damaged (");
  // The digest of nothing: a file without what it must have.
  refused({{"fovea.checkpoint", "1"},
           {"fovea.sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},
          "checkpoint: tensor \"position.epoch\" expected, got none (");
  EXPECT_THROW(load_checkpoint(folder_ / "missing"), IoError);
}

TEST_F(CheckpointTest, TheTwoNewestAreKept) {
  const CheckpointFolder state(folder_ / "state");
  EXPECT_TRUE(state.files().empty());
  for (const std::int64_t step : {5, 20, 100, 9}) {
    if (step == 9) io::write_file(folder_ / "state/notes.txt", "somebody's");
    state.save(at(step));
  }
  // Step 9 came last: what is behind it is of a way that was not gone.
  std::vector<std::string> names;
  for (const fs::path& path : state.files()) names.push_back(path.filename());
  EXPECT_THAT(names, ElementsAre("step-9.safetensors"));
  EXPECT_TRUE(fs::exists(folder_ / "state/notes.txt"));
  state.save(at(10));
  state.save(at(11));
  names.clear();
  for (const fs::path& path : state.files()) names.push_back(path.filename());
  EXPECT_THAT(names, ElementsAre("step-11.safetensors", "step-10.safetensors"));
  state.clear();
  EXPECT_TRUE(state.files().empty());
}

TEST_F(CheckpointTest, MoreAreKeptWhereMoreAreWanted) {
  const CheckpointFolder state(folder_ / "state", 3);
  for (const std::int64_t step : {1, 2, 3, 4}) state.save(at(step));
  std::vector<std::int64_t> steps;
  for (const fs::path& path : state.files()) steps.push_back(checkpoint_step(path).value());
  EXPECT_THAT(steps, ElementsAre(4, 3, 2));
  EXPECT_EQ(checkpoint_step("step-x.safetensors"), std::nullopt);
  EXPECT_EQ(checkpoint_step("step-7.safetensors.part"), std::nullopt);
}

TEST_F(CheckpointTest, SaysWhatTheDiskDoesNotLetItDo) {
  io::write_file(folder_ / "state", "a file");
  const CheckpointFolder state(folder_ / "state");
  EXPECT_THAT([&] { state.save(at(1)); },
              ThrowsMessage<IoError>(HasSubstr("checkpoint: folder expected to be made, got ")));
  EXPECT_THAT(
      [&] { state.files(); },
      ThrowsMessage<IoError>(HasSubstr("checkpoint: folder expected to be readable, got ")));
  fs::remove(folder_ / "state");
  fs::create_directories(folder_ / "state/step-1.safetensors/full");
  EXPECT_THAT([&] { state.clear(); },
              ThrowsMessage<IoError>(HasSubstr("checkpoint: file expected to be removed, got ")));
}

TEST_F(CheckpointTest, ADamagedNewestIsNamedAndTheOneBeforeItTaken) {
  const CheckpointFolder state(folder_.path());
  EXPECT_THAT([&] { state.load_newest({}); },
              ThrowsMessage<IoError>("checkpoint: files expected in the folder, got none (" +
                                     folder_.path().string() + ")"));
  state.save(at(5));
  state.save(at(6));
  EXPECT_EQ(state.load_newest({}).position.step, 6);
  io::write_file(folder_ / "step-6.safetensors", "cut off");
  std::string told;
  EXPECT_EQ(state.load_newest([&](const std::string& note) { told = note; }).position.step, 5);
  EXPECT_THAT(told, HasSubstr("step-6.safetensors"));
  EXPECT_THAT(told, HasSubstr("; the one before it is taken"));
  io::write_file(folder_ / "step-5.safetensors", "cut off too");
  EXPECT_THROW(state.load_newest({}), ParseError);
}

}  // namespace
}  // namespace fovea::train
