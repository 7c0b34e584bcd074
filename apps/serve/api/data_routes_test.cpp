#include "apps/serve/api/data_routes.h"

#include <gmock/gmock.h>

#include "apps/serve/api/samples_sheet.h"
#include "fovea/core/error.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"
#include "tests/support/desk.h"

namespace fovea::serve {
namespace {

using test::json_of;
using testing::HasSubstr;

class Data : public test::Desk {};

TEST_F(Data, SaysWhatIsInASet) {
  const io::Json json = json_of(ask("/api/data", {{"name", "fashion-mnist"}}));
  EXPECT_EQ(json.at("title"), "Fashion-MNIST");
  EXPECT_EQ(json.at("train"), 60);
  EXPECT_EQ(json.at("test"), 30);
  EXPECT_EQ(json.at("classes")[3].at("train"), 6);
  EXPECT_EQ(json.at("classes")[3].at("test"), 3);
  EXPECT_EQ(json.at("image"), io::Json({1, 28, 28}));
  EXPECT_TRUE(json.at("uneven").is_null());
  EXPECT_TRUE(json.at("unreadable").empty());
}

TEST_F(Data, ShowsSamplesOfAllClassesOrOne) {
  const io::Json all =
      json_of(ask("/api/sheet", {{"name", "fashion-mnist"}, {"from", "5"}, {"count", "12"}}));
  ASSERT_EQ(all.at("items").size(), 12U);
  EXPECT_EQ(all.at("items")[0].at("index"), 5);
  EXPECT_EQ(all.at("columns"), 10);
  EXPECT_EQ(all.at("rows"), 2);
  const io::Json one =
      json_of(ask("/api/sheet",
                  {{"name", "fashion-mnist"}, {"split", "train"}, {"class", "7"}, {"from", "1"}}));
  ASSERT_EQ(one.at("items").size(), 5U);
  EXPECT_EQ(one.at("items")[0].at("index"), 17);
  EXPECT_EQ(one.at("items")[0].at("class"), "Sneaker");
  const Response picture = ask("/api/picture", {{"name", "fashion-mnist"}, {"index", "3"}});
  EXPECT_EQ(picture.type, "image/png");
  EXPECT_EQ(ask("/api/picture", {{"name", "fashion-mnist"}, {"index", "30"}}).status, 400);
}

TEST_F(Data, SaysWhatItExpects) {
  EXPECT_EQ(error_of(ask("/api/sheet", {{"name", "fashion-mnist"}, {"split", "val"}}), 400),
            "split expected train or test");
  const data::TensorDataset numbers(zeros({2, 3}), zeros({2}, {.dtype = i64}));
  EXPECT_THAT(
      [&] { picture_of_sample(numbers, 0); },
      testing::ThrowsMessage<ShapeError>("picture expected [1 or 3, height, width], got [3]"));
}

TEST_F(Data, OfFoldersThatNobodyNamedAreRefused) {
  for (const char* name : {"/etc", "..", "fashion-mnist/../..", "none", "/proc/self"})
    EXPECT_THAT(error_of(ask("/api/data", {{"name", name}}), 400),
                HasSubstr("data expected a data set"));
  EXPECT_EQ(ask("/api/sheet", {{"name", "/etc"}}).status, 400);
}

TEST_F(Data, FoldersShowWhatCannotBeRead) {
  const std::filesystem::path photos = root / "photos";
  for (const char* split : {"train", "test"})
    for (const char* kind : {"cat", "dog"})
      for (int i = 0; i < (std::string(kind) == "cat" ? 4 : 2); ++i) {
        const auto folder = photos / split / kind;
        std::filesystem::create_directories(folder);
        io::write_png(folder / (std::to_string(i) + ".png"),
                      full({3, 20 + i, 30}, 100, {.dtype = u8}));
      }
  test::put_file(photos / "train" / "cat" / "9.png", "no picture");
  test::put_file(photos / "test" / "cat" / "!first.png", "none either");
  std::filesystem::create_directory_symlink("/etc", photos / "link");
  const Allowed wider{
      .project = allowed.project, .data_root = allowed.data_root, .folders = {photos}};
  const DataShelf open(wider);
  Router addresses;
  add_data(addresses, open);
  const auto get = [&](const std::string& path, std::map<std::string, std::string> query) {
    return addresses.answer(test::asking(path, std::move(query)));
  };
  const io::Json json = json_of(get("/api/data", {{"name", photos.string()}}));
  EXPECT_EQ(json.at("classes").size(), 2U);
  EXPECT_EQ(json.at("classes")[0].at("train"), 5);
  ASSERT_EQ(json.at("unreadable").size(), 2U);
  EXPECT_THAT(json.at("unreadable")[0].at("name").get<std::string>(), HasSubstr("9.png"));
  EXPECT_THAT(json.at("unreadable")[1].at("name").get<std::string>(), HasSubstr("!first.png"));
  EXPECT_EQ(json.at("image"), io::Json({3, 96, 96}));
  // They are tried once.
  io::write_png(photos / "train" / "cat" / "9.png", full({3, 20, 30}, 100, {.dtype = u8}));
  EXPECT_EQ(json_of(get("/api/data", {{"name", photos.string()}})).at("unreadable").size(), 2U);
  EXPECT_THAT(json.at("uneven").at("en").get<std::string>(),
              HasSubstr("cat has 5 pictures, dog 2"));
  const io::Json sheet =
      json_of(get("/api/sheet", {{"name", photos.string()}, {"split", "train"}}));
  EXPECT_EQ(sheet.at("items").size(), 7U);
  EXPECT_EQ(sheet.at("width"), 96);
  EXPECT_EQ(get("/api/data", {{"name", (photos / "link").string()}}).status, 400);
}

TEST_F(Data, SplitsMayHaveOtherClasses) {
  const std::filesystem::path photos = root / "photos";
  const auto put = [&](const char* split, const char* kind, int count) {
    const auto folder = photos / split / kind;
    std::filesystem::create_directories(folder);
    for (int i = 0; i < count; ++i)
      io::write_png(folder / (std::to_string(i) + ".png"), full({3, 20, 30}, 100, {.dtype = u8}));
  };
  put("train", "a", 3);
  put("train", "b", 2);
  put("train", "c", 4);
  const Allowed wider{
      .project = allowed.project, .data_root = allowed.data_root, .folders = {photos}};
  const auto get = [&](const std::string& path, std::map<std::string, std::string> query) {
    const DataShelf open(wider);
    Router addresses;
    add_data(addresses, open);
    query["name"] = photos.string();
    return addresses.answer(test::asking(path, std::move(query)));
  };
  const io::Json alone = json_of(get("/api/data", {}));
  EXPECT_EQ(alone.at("train"), 9);
  EXPECT_EQ(alone.at("test"), 0) << "there is no test data";
  put("test", "b", 2);
  put("test", "c", 1);
  const io::Json json = json_of(get("/api/data", {}));
  const std::vector<std::array<int, 2>> counts = {{3, 0}, {2, 2}, {4, 1}};
  ASSERT_EQ(json.at("classes").size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(json.at("classes")[i].at("train"), counts[i][0]) << i;
    EXPECT_EQ(json.at("classes")[i].at("test"), counts[i][1]) << i;
  }
  // A class is its place in that list, whatever its number in the split.
  EXPECT_EQ(json_of(get("/api/sheet", {{"split", "test"}, {"class", "1"}})).at("items").size(), 2U);
  EXPECT_EQ(json_of(get("/api/sheet", {{"split", "train"}, {"class", "2"}})).at("items").size(),
            4U);
  EXPECT_EQ(json_of(get("/api/sheet", {{"split", "test"}, {"class", "0"}})).at("items").size(), 0U);
  EXPECT_THAT(json.at("uneven").at("en").get<std::string>(), HasSubstr("c has 4 pictures, b 2"));
}

TEST(UnevenNote, SaysWhichClassesDiffer) {
  EXPECT_TRUE(uneven_note({"a", "b"}, {10, 19}).empty());
  EXPECT_TRUE(uneven_note({"a"}, {10}).empty());
  EXPECT_THAT(uneven_note({"a", "b"}, {10, 20}).english, HasSubstr("b has 20 pictures, a 10"));
  EXPECT_THAT(uneven_note({"a", "b"}, {3, 0}).korean, HasSubstr("a은(는) 3장인데 b은(는) 0장"));
}

}  // namespace
}  // namespace fovea::serve
