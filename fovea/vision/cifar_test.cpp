#include "fovea/vision/cifar.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/data_loader.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/gzip_file.h"
#include "tests/support/tar_file.h"
#include "tests/support/temp_dir.h"

namespace fovea::vision {
namespace {

using test::gzipped;
using test::message_of;
using test::put_file;
using test::tar_end;
using test::tar_file;
using test::TempDir;

constexpr std::size_t kImage = 3 * 32 * 32;

// A record with the labels given, whose pixel i is (i + first) % 251.
std::string record(std::initializer_list<int> labels, std::size_t first) {
  std::string bytes;
  for (const int label : labels) bytes += static_cast<char>(label);
  for (std::size_t i = 0; i < kImage; ++i) bytes += static_cast<char>((i + first) % 251);
  return bytes;
}

// The content of batch `number` of CIFAR-10: two records.
std::string batch(int number) {
  return record({number}, static_cast<std::size_t>(number)) +
         record({9 - number}, std::size_t{10} * static_cast<std::size_t>(number));
}
std::string name_of(int number) {
  return "cifar-10-batches-bin/data_batch_" + std::to_string(number) + ".bin";
}

// CIFAR-10 as published, its files in another order than their numbers, as in the real one.
std::string archive(const std::string& prefix = "") {
  std::string files = test::tar_header(prefix + "cifar-10-batches-bin/", '5', "0");
  files += tar_file(prefix + "cifar-10-batches-bin/batches.meta.txt", "airplane\n");
  for (const int i : {1, 3, 4}) files += tar_file(prefix + name_of(i), batch(i));
  files += tar_file(prefix + "cifar-10-batches-bin/test_batch.bin", record({7}, 70));
  for (const int i : {5, 2}) files += tar_file(prefix + name_of(i), batch(i));
  return files + tar_end();
}

class CifarFiles : public testing::Test {
 protected:
  void put_unpacked() const {
    for (int i = 1; i <= 5; ++i) put_file(folder / name_of(i), batch(i));
    put_file(folder / "cifar-10-batches-bin/test_batch.bin", record({7}, 70));
  }
  std::string defect() const {
    return message_of<ParseError>([&] { CIFAR10({.root = dir.path()}); });
  }
  TempDir dir;
  const std::filesystem::path folder = dir / "cifar10";
  const std::filesystem::path packed = folder / "cifar-10-binary.tar.gz";
};

void expect_training_samples(const CIFAR10& dataset) {
  EXPECT_EQ(dataset.data().sizes(), (Shape{10, 3, 32, 32}));
  EXPECT_EQ(dataset.data().dtype(), u8);
  EXPECT_EQ(dataset.target().to_vector<int>(), (std::vector<int>{1, 8, 2, 7, 3, 6, 4, 5, 5, 4}));
  // Red, then green, then blue, each row after row: channel 2, row 1, column 3 is pixel 2083.
  EXPECT_EQ(dataset.data().at({4, 2, 1, 3}).item<int>(), (2083 + 3) % 251);
  EXPECT_EQ(dataset.data().at({9, 0, 0, 0}).item<int>(), 50);
}

TEST_F(CifarFiles, AreReadFromTheArchive) {
  put_file(packed, gzipped(archive()));
  const CIFAR10 train({.root = dir.path()});
  expect_training_samples(train);
  EXPECT_EQ(train.classes().at(6), "frog");
  EXPECT_EQ(train.files().at(0).path, packed);
  EXPECT_EQ(train.files().at(0).entry, name_of(1));
  const CIFAR10 test({.root = dir.path(), .train = false});
  EXPECT_EQ(test.target().to_vector<int>(), (std::vector<int>{7}));
  EXPECT_EQ(test.data().at({0, 0, 0, 1}).item<int>(), 71);
  put_file(packed, gzipped(archive("./")));
  expect_training_samples(CIFAR10({.root = dir.path()}));
  put_file(packed, archive());
  EXPECT_TRUE(defect().starts_with("gzip: data expected to be undamaged")) << defect();
}

TEST_F(CifarFiles, AreReadUnpacked) {
  put_unpacked();
  const CIFAR10 unpacked({.root = dir.path()});
  expect_training_samples(unpacked);
  EXPECT_EQ(unpacked.files().at(4).path, folder / name_of(5));
  EXPECT_TRUE(data_set_state(data_set("cifar10"), dir.path()).complete());
  put_file(packed, gzipped(archive()));
  const CIFAR10 both({.root = dir.path()});
  EXPECT_EQ(both.files().at(0).path, packed);
  EXPECT_EQ(both.checksums(), unpacked.checksums());
  EXPECT_EQ(both.checksums().size(), 5u);
  EXPECT_EQ(both.checksums().at(1).first, "data_batch_2.bin");
  EXPECT_EQ(both.checksums().at(1).second.size(), 64u);
  EXPECT_NE(both.checksums().at(1).second, both.checksums().at(0).second);
}

TEST_F(CifarFiles, GiveALoaderImagesInMemory) {
  put_unpacked();
  const CIFAR10 dataset({.root = dir.path()});
  ASSERT_TRUE(dataset.stored().has_value());
  data::DataLoader loader(dataset, {.batch_size = 10});
  EXPECT_EQ(loader.prefetch(), 0) << "one pass over memory needs no background";
  for (const auto& [x, y] : loader) {
    EXPECT_EQ(x.dtype(), f32);
    EXPECT_FLOAT_EQ(x.at({0, 1, 0, 0}).item<float>(), ((1024 + 1) % 251) / 255.0f);
  }
}

TEST_F(CifarFiles, ThatAreMissingAreNamedWithTheRemedy) {
  const auto missing = [&] { return message_of<IoError>([&] { CIFAR10({.root = dir.path()}); }); };
  EXPECT_EQ(missing(), "cifar10: cifar-10-binary.tar.gz expected in " + folder.string() +
                           ", got none (get it with \"fovea data download cifar10\")");
  put_unpacked();
  std::filesystem::remove(folder / name_of(3));
  EXPECT_EQ(missing(), "cifar10: cifar-10-binary.tar.gz expected in " + folder.string() +
                           " (without cifar-10-batches-bin/data_batch_3.bin), got none (get it "
                           "with \"fovea data download cifar10\")");
  const DataSetState state = data_set_state(data_set("cifar10"), dir.path());
  EXPECT_EQ(state.missing, std::vector<std::string>{"cifar-10-binary.tar.gz"});
}

TEST_F(CifarFiles, OfWrongLengthOrLabelAreNamed) {
  put_unpacked();
  const std::string second = (folder / name_of(2)).string();
  put_file(second, batch(2) + "x");
  EXPECT_EQ(defect(),
            "cifar10: file expected to hold whole records of 3073 bytes, got 6147 bytes (" +
                second + ", byte 6146)");
  put_file(second, "");
  EXPECT_EQ(defect(), "cifar10: file expected to hold whole records of 3073 bytes, got 0 bytes (" +
                          second + ", byte 0)");
  put_file(second, record({2}, 0) + record({10}, 0));
  EXPECT_EQ(defect(), "cifar10: label expected 0 to 9, got 10 (" + second + ", byte 3073)");
  put_file(second, record({255}, 0));
  EXPECT_EQ(defect(), "cifar10: label expected 0 to 9, got 255 (" + second + ", byte 0)");
}

TEST_F(CifarFiles, ArchivesThatLackOrRepeatAFileAreNamed) {
  put_file(packed, gzipped(tar_file(name_of(1), batch(1)) + tar_end()));
  EXPECT_EQ(defect(), "cifar10: archive expected to hold " + name_of(2) + ", got none (" +
                          packed.string() + ")");
  put_file(packed, gzipped(tar_file(name_of(1), batch(1)) + archive()));
  EXPECT_EQ(defect(), "cifar10: archive expected to hold " + name_of(1) + " once, got it twice (" +
                          packed.string() + ")");
  put_file(packed, gzipped(tar_file(name_of(4), record({77}, 0)) + tar_end()));
  EXPECT_EQ(defect(), "cifar10: label expected 0 to 9, got 77 (" + packed.string() + ": " +
                          name_of(4) + ", byte 0)");
  const std::string whole = gzipped(archive());
  put_file(packed, whole.substr(0, whole.size() / 2));
  EXPECT_TRUE(defect().starts_with("gzip: data expected to go on, got the end of the file after "))
      << defect();
}

TEST(Cifar100, HasFineAndCoarseLabels) {
  const TempDir dir;
  const std::filesystem::path file = dir / "cifar100/cifar-100-binary/train.bin";
  put_file(file, record({4, 0}, 1) + record({19, 99}, 2));
  const CIFAR100 fine({.root = dir.path()});
  EXPECT_EQ(fine.target().to_vector<int>(), (std::vector<int>{0, 99}));
  EXPECT_EQ(fine.classes().size(), 100u);
  EXPECT_EQ(fine.classes().at(99), "worm");
  EXPECT_EQ(fine.data().at({1, 0, 0, 0}).item<int>(), 2);
  const CIFAR100 coarse({.root = dir.path(), .labels = LabelKind::kCoarse});
  EXPECT_EQ(coarse.target().to_vector<int>(), (std::vector<int>{4, 19}));
  EXPECT_EQ(coarse.classes().size(), 20u);
  EXPECT_EQ(coarse.classes().at(4), "fruit_and_vegetables");

  put_file(file, record({4, 100}, 1));
  EXPECT_EQ(message_of<ParseError>([&] { CIFAR100({.root = dir.path()}); }),
            "cifar100: fine label expected 0 to 99, got 100 (" + file.string() + ", byte 1)");
  put_file(file, record({20, 9}, 1));
  EXPECT_EQ(message_of<ParseError>([&] { CIFAR100({.root = dir.path()}); }),
            "cifar100: coarse label expected 0 to 19, got 20 (" + file.string() + ", byte 0)");
  EXPECT_EQ(message_of<ArgumentError>(
                [&] { CIFAR10({.root = dir.path(), .labels = LabelKind::kCoarse}); }),
            "cifar10: labels expected fine, got coarse: it has none");
}

}  // namespace
}  // namespace fovea::vision
