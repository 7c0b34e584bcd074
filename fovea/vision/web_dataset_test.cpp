#include "fovea/vision/web_dataset.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/data_loader.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/open_data.h"
#include "tests/support/close.h"
#include "tests/support/own_memory.h"
#include "tests/support/process.h"
#include "tests/support/sanitized.h"
#include "tests/support/tar_file.h"
#include "tests/support/temp_dir.h"
#include "tests/test_seed.h"

namespace fovea::vision {
namespace {

namespace fs = std::filesystem;
using test::bytes_of_status;
using test::message_of;
using test::tar_file;
using testing::ElementsAre;

/// A grey picture of one value.
std::string png(int value) {
  return test::as_text(io::encode_png(full({1, 4, 4}, value, {.dtype = u8})));
}

/// Shards of the given numbers of samples; sample i is grey value i of class i % 3.
void write_shards(const fs::path& folder, const std::vector<int>& sizes) {
  int sample = 0;
  for (std::size_t shard = 0; shard < sizes.size(); ++shard) {
    std::string archive;
    for (int i = 0; i < sizes[shard]; ++i, ++sample) {
      const std::string key = std::to_string(sample);
      archive +=
          tar_file(key + ".png", png(sample)) + tar_file(key + ".cls", std::to_string(sample % 3));
    }
    test::put_file(folder / ("train-0" + std::to_string(shard) + ".tar"),
                   archive + test::tar_end());
  }
}

PictureSetOptions halved() { return {.channels = 1, .image_transform = data::Resize(2)}; }

TEST(WebDataset, IsADatasetOfAllItsShards) {
  const test::TempDir dir;
  write_shards(dir.path(), {3, 0, 4});
  const WebDataset dataset((dir / "train-{00..02}.tar").string(), halved());
  EXPECT_EQ(dataset.size(), 7);
  EXPECT_THAT(dataset.classes(), ElementsAre("0", "1", "2"));
  const std::vector<std::int64_t> some = {6, 2, 3};
  const auto [images, labels] = dataset.get_batch(some);
  EXPECT_EQ(images.sizes(), (Shape{3, 1, 2, 2}));
  EXPECT_THAT(images.select(3, 0).select(2, 1).squeeze().to_vector<int>(), ElementsAre(6, 2, 3));
  EXPECT_THAT(labels.to_vector<int>(), ElementsAre(0, 2, 0));
  EXPECT_EQ(message_of<IndexError>([&] { dataset.get_batch(std::vector<std::int64_t>{7}); }),
            "WebDataset: index expected in [0, 7), got 7 (position 0 of 1)");
}

/// The samples of an epoch by their grey values, in the order in which a shuffling loader has them.
std::vector<int> shuffled_samples(const data::Dataset& dataset) {
  data::DataLoader loader(dataset, {.batch_size = 7, .shuffle = true, .seed = test::seed()});
  std::vector<int> seen;
  for (auto& [images, labels] : loader) {
    for (const float value : images.select(3, 0).select(2, 0).reshape({-1}).to_vector())
      seen.push_back(static_cast<int>(std::lround(value * 255)));
  }
  return seen;
}

/// How often the sample after another one is of another shard of 20.
int changes_of_shard(const std::vector<int>& samples) {
  int changes = 0;
  for (std::size_t i = 1; i < samples.size(); ++i)
    changes += samples[i] / 20 != samples[i - 1] / 20;
  return changes;
}

TEST(WebDataset, IsShuffledByShardsInALoader) {
  const test::TempDir dir;
  write_shards(dir.path(), {20, 20, 20});
  const WebDataset dataset((dir / "train-{00..02}.tar").string(),
                           {.image_transform = data::Resize(2)}, {.shuffle_window = 2});
  const std::vector<int> seen = shuffled_samples(dataset);
  EXPECT_EQ(std::set<int>(seen.begin(), seen.end()).size(), 60u);
  EXPECT_FALSE(std::is_sorted(seen.begin(), seen.end()));
  // A window of two leaves almost every sample among those of its shard.
  EXPECT_LE(changes_of_shard(seen), 12);
}

// As --limit-train and --val-fraction take some.
TEST(WebDataset, SomeOfItsSamplesAreShuffledByShardsToo) {
  const test::TempDir dir;
  write_shards(dir.path(), {20, 20, 20});
  const WebDataset dataset((dir / "train-{00..02}.tar").string(),
                           {.image_transform = data::Resize(2)}, {.shuffle_window = 2});
  Generator generator(test::seed());
  for (const data::Subset& part : data::random_split(dataset, {30, 30}, generator)) {
    const std::vector<int> seen = shuffled_samples(part);
    EXPECT_EQ(std::set<int>(seen.begin(), seen.end()).size(), 30u);
    EXPECT_LE(changes_of_shard(seen), 12);
  }
}

TEST(WebDataset, NamesADamagedImage) {
  const test::TempDir dir;
  const std::string good = tar_file("ok.png", png(1)) + tar_file("ok.cls", "0");
  test::put_file(dir / "a.tar", good + tar_file("d/bad.png", png(2).substr(0, 30)) +
                                    tar_file("d/bad.cls", "0") + test::tar_end());
  const WebDataset dataset((dir / "a.tar").string(), halved());
  const std::string message = message_of<ParseError>([&] {
    dataset.get_batch(std::vector<std::int64_t>{0, 1});
  });
  EXPECT_NE(message.find("a.tar: d/bad.png at byte 2560"), std::string::npos) << message;
}

TEST(WebDataset, NamesAnImageOfAnotherSize) {
  const test::TempDir dir;
  const std::string other = test::as_text(io::encode_png(full({1, 3, 4}, 9, {.dtype = u8})));
  test::put_file(dir / "a.tar", tar_file("a.png", png(1)) + tar_file("a.cls", "0") +
                                    tar_file("b.png", other) + tar_file("b.cls", "0"));
  const WebDataset dataset((dir / "a.tar").string(), {});
  EXPECT_EQ(message_of<ShapeError>([&] {
              dataset.get_batch(std::vector<std::int64_t>{0, 1});
            }),
            "WebDataset: picture expected [1, 4, 4], as the first of its batch, got [1, 3, 4]; "
            "pictures of several sizes need an image_transform (--image-size) (" +
                (dir / "a.tar").string() + ": b.png at byte 2560)");
}

TEST(WebDataset, SaysWhatIsWrong) {
  const test::TempDir dir;
  write_shards(dir.path(), {3, 0});
  const std::string first = (dir / "train-00.tar").string();
  EXPECT_EQ(message_of<ParseError>([&] {
              WebDataset(first, {.classes = {"a", "b"}});
            }),
            "WebDataset: label expected 0 to 1, got 2 (" + first + ", image at byte 4608)");
  EXPECT_EQ(message_of<ParseError>([&] { WebDataset((dir / "train-01.tar").string(), halved()); }),
            "WebDataset: samples expected at least 1, got 0 (in 1 shard)");
  EXPECT_EQ(message_of<ArgumentError>([&] { WebDataset(first, {}, {.shuffle_window = 0}); }),
            "WebDataset: shuffle_window expected at least 1, got 0");
  const std::string missing =
      message_of<IoError>([&] { WebDataset((dir / "train-{00..07}.tar").string(), halved()); });
  EXPECT_NE(missing.find("train-02.tar"), std::string::npos) << missing;
}

// Samples 0, 1 and 3 of the first shard and 0 of the second cannot be decoded.
void write_corrupt_shards(const fs::path& folder) {
  const auto member = [](const std::string& key, const std::string& image) {
    const int label = std::stoi(key) % 3;  // each class has one that can be decoded
    return tar_file(key + ".png", image) + tar_file(key + ".cls", std::to_string(label));
  };
  test::put_file(folder / "0.tar", member("0", "no") + member("1", png(1).substr(0, 40)) +
                                       member("2", png(2)) + member("3", ""));
  test::put_file(folder / "1.tar", member("4", "") + member("6", png(6)) + member("7", png(7)));
}

TEST(WebDataset, LeavesCorruptImagesOutOnRequest) {
  const test::TempDir dir;
  write_corrupt_shards(dir.path());
  std::vector<std::string> told;
  std::int64_t looked_at = 0;
  const WebDataset dataset(
      (dir / "{0,1}.tar").string(),
      {.image_transform = data::Resize(2),
       .skip_corrupt = true,
       .on_corrupt =
           [&](const CorruptImage& corrupt) {
             EXPECT_NE(corrupt.message.find(corrupt.name), std::string::npos) << corrupt.message;
             told.push_back(corrupt.name.substr(dir.path().string().size() + 1));
           },
       .progress = [&](std::int64_t done, std::int64_t total) { looked_at = done * 100 + total; }});
  EXPECT_THAT(told, ElementsAre("0.tar: 0.png at byte 512", "0.tar: 1.png at byte 2560",
                                "0.tar: 3.png at byte 6656", "1.tar: 4.png at byte 512"));
  EXPECT_EQ(looked_at, 707);
  EXPECT_EQ(dataset.channels(), 1) << "corrupt images are out before channels are looked for";
  EXPECT_EQ(dataset.size(), 3);
  EXPECT_EQ(dataset.classes().size(), 3u);
  const auto [images, labels] = dataset.get_batch(std::vector<std::int64_t>{0, 1, 2});
  EXPECT_THAT(labels.to_vector<int>(), ElementsAre(2, 0, 1));
  EXPECT_THAT(images.select(3, 0).select(2, 0).squeeze().to_vector<int>(), ElementsAre(2, 6, 7));
  EXPECT_EQ(dataset.shuffled(0)->order(0).size(), 3u);
  // Nothing left.
  test::put_file(dir / "2.tar", tar_file("a.png", "no") + tar_file("a.cls", "0"));
  const std::string last = (dir / "2.tar").string();
  EXPECT_EQ(
      message_of<ParseError>([&] { WebDataset(last, {.skip_corrupt = true}); }),
      "WebDataset: pictures that can be decoded expected at least 1, got 0 of 1 (the first is " +
          last + ": a.png at byte 512)");
}

TEST(WebDataset, SaysWhatCameToNoSample) {
  const test::TempDir dir;
  const auto sample = [](const std::string& key) {
    return tar_file(key + ".png", png(1)) + tar_file(key + ".cls", "0");
  };
  test::put_file(dir / "0.tar", sample("a") + tar_file("b.gif", "x"));
  test::put_file(dir / "1.tar", sample("v1.3") + sample("v1.4"));
  const std::string dotted =
      "2 pictures with more than one dot in the name, where a sample's key ends at the first one "
      "(1.tar: v1.3.png)";
  EXPECT_THAT(
      WebDataset((dir / "{0,1}.tar").string(), {.image_transform = data::Resize(2)}).left_out(),
      ElementsAre(dotted, "1 file of no sample: 1 .gif"));
  EXPECT_EQ(message_of<ParseError>([&] { WebDataset((dir / "1.tar").string(), {}); }),
            "WebDataset: samples expected at least 1, got 0 (in 1 shard; " + dotted + ")");
}

TEST(WebDataset, IsCheckedAltogether) {
  const test::TempDir dir;
  write_corrupt_shards(dir.path());
  const ImageCheck check = WebDataset((dir / "{0,1}.tar").string(), {.channels = 3}).check_images();
  EXPECT_THAT(check.readable, ElementsAre(2, 5, 6));
  EXPECT_EQ(check.corrupt.size(), 4u);
  EXPECT_THAT(check.per_class, ElementsAre(1, 1, 1));
  EXPECT_EQ(check.grey, 3);
  EXPECT_EQ(check.most, data::ImageSize(4));
}

TEST(WebDataset, MayBeBroughtToTwoSizes) {
  const test::TempDir dir;
  write_shards(dir.path(), {2, 2});
  const WebDataset large((dir / "train-{00,01}.tar").string(), {});
  fs::resize_file(dir / "train-00.tar", 600);  // its index is not made again
  const auto small = large.with_image_transform(data::Resize(2));
  const std::vector<std::int64_t> last = {3};
  EXPECT_EQ(small->get_batch(last).data.sizes(), (Shape{1, 1, 2, 2}));
  EXPECT_EQ(large.get_batch(last).data.sizes(), (Shape{1, 1, 4, 4}));
}

TEST(WebDataset, IsWhatAFolderOfShardsHolds) {
  const test::TempDir dir;
  write_shards(dir / "train", {2, 4});
  write_shards(dir / "val", {2});
  test::put_file(dir / "train/notes.txt", "no shard");
  test::put_file(dir / "train/.cache/x.png", "of no class");
  DataChoice choice{.data = dir.path().string(), .folder = {.image_transform = data::Resize(2)}};
  EXPECT_THAT(open_data(choice)->classes(), ElementsAre("0", "1", "2"));
  test::put_file(dir / "classes.txt", "cat\r\ndog\nfox\n\n");
  const auto train = open_folder(choice);
  EXPECT_EQ(train->size(), 6);
  EXPECT_THAT(train->classes(), ElementsAre("cat", "dog", "fox"));
  EXPECT_THAT(train->check_images().per_class, ElementsAre(2, 2, 2));
  EXPECT_EQ(train->checksums().size(), 1u);
  choice.split = Split::kTest;
  EXPECT_EQ(open_data(choice)->size(), 2);
}

// A stray archive is not taken for the data, nor a stray folder for a class.
TEST(WebDataset, IsNotGuessedBesideFolders) {
  const test::TempDir dir;
  write_shards(dir / "train", {2});
  fs::create_directories(dir / "train/cat");
  EXPECT_EQ(message_of<ParseError>([&] { open_data({.data = dir.path().string()}); }),
            "data: folder of each class, or else shards (.tar), expected in " +
                (dir / "train").string() + ", got both (" + (dir / "train/cat").string() + " and " +
                (dir / "train/train-00.tar").string() + ")");
}

TEST(ExpandShards, CountsAndLists) {
  const auto names = [](const std::string& pattern) {
    std::vector<std::string> all;
    for (const fs::path& path : expand_shards(pattern)) all.push_back(path.string());
    return all;
  };
  EXPECT_THAT(names("a.tar"), ElementsAre("a.tar"));
  EXPECT_THAT(names("{8..11}"), ElementsAre("8", "9", "10", "11"));
  EXPECT_THAT(names("x/{a,b}-{08..10}.tar"), ElementsAre("x/a-08.tar", "x/a-09.tar", "x/a-10.tar",
                                                         "x/b-08.tar", "x/b-09.tar", "x/b-10.tar"));
  const auto refusal = [&](const std::string& pattern) {
    return message_of<ArgumentError>([&] { names(pattern); });
  };
  EXPECT_EQ(refusal("{1..2"), "shards: pattern expected braces that close, got \"{1..2\"");
  EXPECT_EQ(refusal("{5..2}"), "shards: pattern expected a count that goes up, got \"{5..2}\"");
  EXPECT_EQ(refusal("{a..b}"), "shards: pattern expected numbers around .., got \"{a..b}\"");
  EXPECT_EQ(refusal("{a}"), "shards: pattern expected {first..last} or {a,b}, got \"{a}\"");
  EXPECT_EQ(refusal("{0..9999}{0..9999}"),
            "shards: pattern expected at most 1048576 shards, got \"{0..9999}{0..9999}\"");
  EXPECT_EQ(refusal("{0..18446744073709551615}"),
            "shards: pattern expected at most 1048576 shards, got \"{0..18446744073709551615}\"");
}

// --- Memory --------------------------------------------------------------------------------------

constexpr int kLargeSamples = 120;
constexpr std::int64_t kLargeSide = 600;  // drawn pixels, which do not pack: 1 MB an image
constexpr const char* kFolderVariable = "FOVEA_TEST_SHARDS";

// Run by the test below in a process of its own, whose peak is then this one's.
TEST(WebDatasetMemory, DISABLED_Child) {
  const char* folder = std::getenv(kFolderVariable);
  ASSERT_NE(folder, nullptr);
  const double before = bytes_of_status("RssAnon");
  const WebDataset dataset((fs::path(folder) / "{a,b}.tar").string(),
                           {.channels = 3, .image_transform = data::Resize(32)});
  // While the index is made, shards are mapped, and how much of a file is resident then is the
  // system's affair: only what it cannot take back counts, and then the peak starts anew.
  EXPECT_LT(bytes_of_status("RssAnon") - before, 8e6);
  std::ofstream("/proc/self/clear_refs") << 5;
  const double indexed = bytes_of_status("VmRSS");
  ASSERT_LT(bytes_of_status("VmHWM") - indexed, 1e6);
  data::DataLoader loader(dataset, {.batch_size = 8, .shuffle = true});
  std::int64_t samples = 0;
  for (auto& [images, labels] : loader) samples += images.size(0);
  EXPECT_EQ(samples, kLargeSamples);
  const double total = static_cast<double>(fs::file_size(fs::path(folder) / "a.tar")) * 2;
  EXPECT_GT(total, 120e6);
  EXPECT_LT(bytes_of_status("VmHWM") - indexed, 0.2 * total);
}

TEST(WebDatasetMemory, HoldsBatchesAndNotShards) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizers keep memory of their own";
  const test::TempDir dir;
  {
    const std::string image = test::as_text(
        io::encode_png(randint(0, 256, {3, kLargeSide, kLargeSide}, {.dtype = i64}).to(u8)));
    std::string archive;
    for (int i = 0; i < kLargeSamples / 2; ++i) {
      const std::string key = std::to_string(i);
      archive += tar_file(key + ".png", image) + tar_file(key + ".cls", "0");
    }
    for (const char* name : {"a.tar", "b.tar"}) test::put_file(dir / name, archive);
  }
  test::ProcessOptions options;
  options.environment[kFolderVariable] = dir.path().string();
  const test::ProcessResult result = test::run_process(
      {fs::read_symlink("/proc/self/exe").string(),
       "--gtest_filter=WebDatasetMemory.DISABLED_Child", "--gtest_also_run_disabled_tests"},
      options);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("[  PASSED  ] 1 test"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace fovea::vision
