#include "fovea/vision/shard_index.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "tests/support/close.h"
#include "tests/support/damage.h"
#include "tests/support/tar_file.h"
#include "tests/support/temp_dir.h"

namespace fovea::vision {
namespace {

using test::message_of;
using test::tar_file;

std::vector<ShardSample> index_of(const std::string& archive) {
  return index_shard({.bytes = test::as_bytes(archive), .name = "a.tar"}, "label").samples;
}
ShardIndex whole_index(const std::string& archive) {
  return index_shard({.bytes = test::as_bytes(archive), .name = "a.tar"}, "label");
}
std::string defect(const std::string& archive) {
  return message_of<ParseError>([&] { index_of(archive); });
}

TEST(ShardIndex, PutsFilesTogetherByTheirNames) {
  const std::string archive = tar_file("d/0001.jpg", "picture") + tar_file("d/0001.cls", "7\n") +
                              tar_file("d/0001.txt", "words") + tar_file("d/.0002.jpg", "x") +
                              tar_file("README", "x") + tar_file("e/0001.CLS", " 12") +
                              tar_file("e/0001.seg.png", "x") + tar_file("e/0001.PNG", "longer") +
                              tar_file("0003.json", R"({"id": 5, "label": 3})") +
                              tar_file("0003.jpeg", "") + test::tar_end();
  const auto samples = index_of(archive);
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_EQ(archive.substr(samples[0].image_byte, samples[0].image_bytes), "picture");
  EXPECT_EQ(samples[0].label, 7);
  EXPECT_EQ(archive.substr(samples[1].image_byte, samples[1].image_bytes), "longer");
  EXPECT_EQ(samples[1].label, 12);
  EXPECT_EQ(samples[2].image_bytes, 0u);
  EXPECT_EQ(samples[2].label, 3);
  EXPECT_EQ(member_at({.bytes = test::as_bytes(archive), .name = ""}, samples[1].image_byte),
            "e/0001.PNG");
}

TEST(ShardIndex, TakesTheClassFileBeforeJson) {
  EXPECT_EQ(index_of(tar_file("a.json", "not looked at") + tar_file("a.png", "") +
                     tar_file("a.cls", "1"))[0]
                .label,
            1);
}

// The key of a sample ends at the first dot of its name, and what that costs is counted.
TEST(ShardIndex, CountsPicturesThatDotsTakeOutOfTheirSamples) {
  const auto sample = [](const std::string& name) {
    return tar_file(name + ".png", "x") + tar_file(name + ".cls", "1");
  };
  const ShardIndex mixed = whole_index(
      sample("a") + sample("v1.3") + sample("v1.4") + sample("d/v2.0.1") + sample("b") +
      sample("b.7") + tar_file("c.png", "x") + tar_file("c.seg.png", "x") + tar_file("c.cls", "2"));
  EXPECT_EQ(mixed.samples.size(), 3u);
  EXPECT_EQ(mixed.dotted, 4);
  EXPECT_EQ(mixed.first_dotted, "v1.3.png");
  EXPECT_TRUE(mixed.others.empty());
  EXPECT_EQ(defect(tar_file("v1.3.png", "x") + tar_file("v1.cls", "1")),
            "webdataset: sample expected a picture (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff), "
            "got none but \"v1.3.png\", "
            "whose key ends at its first dot (a.tar, v1.cls, byte 1536)");
}

TEST(ShardIndex, CountsFilesOfOtherFormats) {
  const ShardIndex index =
      whole_index(tar_file("a.gif", "x") + tar_file("b.gif", "x") + tar_file("b.txt", "x") +
                  tar_file("c.png", "x") + tar_file("c.txt", "x") + tar_file("c.cls", "0"));
  EXPECT_EQ(index.samples.size(), 1u);
  EXPECT_EQ(index.others, (CountByEnding{{".gif", 2}, {".txt", 1}}));
  EXPECT_EQ(defect(tar_file("a.gif", "x") + tar_file("a.cls", "1")),
            "webdataset: sample expected a picture (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff), "
            "got none but 1 .gif "
            "(a.tar, a.cls, byte 1536)");
}

TEST(ShardIndex, PassesOverWhatIsHiddenOnEveryLevel) {
  const ShardIndex index =
      whole_index(tar_file("./1.png", "x") + tar_file("./1.cls", "0") + tar_file("./._1.png", "x") +
                  tar_file("__MACOSX/2.png", "x") + tar_file("d/.cache/3.png", "x") +
                  tar_file("d/__MACOSX/e/4.png", "x"));
  EXPECT_EQ(index.samples.size(), 1u);
  EXPECT_TRUE(index.others.empty());
}

TEST(ShardIndex, NamesDefects) {
  const std::string jpg = tar_file("a.jpg", "x"), cls = tar_file("a.cls", "1");
  EXPECT_EQ(defect(jpg),
            "webdataset: sample expected a .cls or .json file, got none "
            "(a.tar, a.jpg, byte 512)");
  EXPECT_EQ(defect(cls),
            "webdataset: sample expected a picture (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff), "
            "got none "
            "(a.tar, a.cls, byte 512)");
  EXPECT_EQ(defect(jpg + tar_file("b.jpg", "x") + cls),
            "webdataset: sample expected a .cls or .json file, got none (a.tar, a.jpg, byte 512)");
  EXPECT_EQ(defect(jpg + cls + tar_file("a.png", "x")),
            "webdataset: sample expected one file of a kind, got two (a.tar, a.png, byte 2560)");
  EXPECT_EQ(defect(jpg + tar_file("a.cls", "seven")),
            "webdataset: label expected a whole number, got \"seven\" (a.tar, a.cls, byte 1536)");
  EXPECT_EQ(defect(jpg + tar_file("a.cls", "")),
            "webdataset: label expected a whole number, got \"\" (a.tar, a.cls, byte 1536)");
  EXPECT_EQ(defect(jpg + tar_file("a.cls", "-1")),
            "webdataset: label expected 0 to 1048575, got -1 (a.tar, a.cls, byte 1536)");
  EXPECT_EQ(defect(jpg + tar_file("a.json", "[1]")),
            "webdataset: label expected a JSON object, got \"[1]\" (a.tar, a.json, byte 1536)");
  EXPECT_EQ(defect(jpg + tar_file("a.json", R"({"label": 1.5})")),
            "webdataset: label expected a whole number \"label\" up to 1048575, got "
            "\"{\"label\": 1.5}\" (a.tar, a.json, byte 1536)");
  EXPECT_EQ(defect((jpg + cls).substr(0, 1100)),
            "tar: header expected 512 bytes, got 76 (a.tar, byte 1024)");
}

TEST(ShardIndex, SurvivesDamage) {
  const test::Reader read = [](auto bytes) {
    index_shard({.bytes = bytes, .name = "hostile"}, "label");
  };
  test::survive(tar_file("a.jpg", "x") + tar_file("a.cls", "1") + tar_file("b.png", "") +
                    tar_file("b.json", R"({"label": 3})") + test::tar_end(),
                read, 10000);
}

}  // namespace
}  // namespace fovea::vision
