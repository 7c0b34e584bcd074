#include "fovea/vision/image_list.h"

#include <gmock/gmock.h>

#include <string>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/open_data.h"
#include "tests/support/close.h"
#include "tests/support/image_tree.h"

namespace fovea::vision {
namespace {

namespace fs = std::filesystem;

using test::message_of;
using test::plain_image;
using test::put_file;
using test::put_png;
using testing::ElementsAre;

class Lists : public testing::Test {
 protected:
  Lists() {
    for (int i = 0; i < 4; ++i)
      put_png(dir / "pictures" / (std::to_string(i) + ".png"), plain_image({10 + i}, 3, 3));
  }
  ImageList list(const std::string& text,
                 const PictureSetOptions& options = {.channels = 1}) const {
    put_file(dir / "a.csv", text);
    return ImageList(dir / "a.csv", options);
  }
  std::string defect(const std::string& text,
                     const PictureSetOptions& options = {.channels = 1}) const {
    const std::string place = (dir.path() / "a.csv").string();
    std::string message = message_of<ParseError>([&] { list(text, options); });
    for (std::size_t at = message.find(place); at != std::string::npos; at = message.find(place))
      message.replace(at, place.size(), "a.csv");
    return message;
  }
  test::TempDir dir;
};

TEST_F(Lists, NamePicturesAndTheirClasses) {
  const ImageList pictures =
      list("pictures/2.png,dog\npictures/0.png,cat\npictures/1.png,\"dog\"\n");
  EXPECT_THAT(pictures.classes(), ElementsAre("cat", "dog"));
  EXPECT_EQ(pictures.name_of(1), (dir / "pictures/0.png").string());
  EXPECT_THAT(pictures.left_out(), testing::IsEmpty());
  const std::vector<std::int64_t> all = {0, 1, 2};
  const auto [images, labels] = pictures.get_batch(all);
  EXPECT_THAT(labels.to_vector<int>(), ElementsAre(1, 0, 1));
  EXPECT_THAT(images.select(2, 0).select(2, 0).reshape({3}).to_vector<int>(),
              ElementsAre(12, 10, 11));
}

TEST_F(Lists, MayHaveAHeading) {
  const ImageList pictures = list(
      "weight,Label,more,PATH\r\n1,\"cat, small\",x,pictures/0.png\r\n2,dog,y,pictures/3.png\r\n");
  EXPECT_THAT(pictures.classes(), ElementsAre("cat, small", "dog"));
  EXPECT_EQ(pictures.size(), 2);
  EXPECT_EQ(pictures.name_of(1), (dir / "pictures/3.png").string());
  EXPECT_EQ(list("path , label\npictures/0.png,cat\n").size(), 1);
  EXPECT_EQ(list("path,\tlabels\npictures/0.png,a;b\n").classes().size(), 2u);
  // Without the words for both there is none, and the first row is a picture.
  EXPECT_EQ(
      defect("path,species\npictures/0.png,cat\n"),
      "image_list: picture expected at " + (dir / "path").string() + ", got none (a.csv, line 1)");
}

TEST_F(Lists, HaveClassesInTheOrderOfTheirNumbers) {
  EXPECT_THAT(list("pictures/0.png,10\npictures/1.png,9\npictures/2.png,0\n").classes(),
              ElementsAre("0", "9", "10"));
  EXPECT_THAT(list("pictures/0.png,10\npictures/1.png,9\npictures/2.png,x\n").classes(),
              ElementsAre("10", "9", "x"));
}

TEST_F(Lists, NameTheLineOfWhatIsWrong) {
  EXPECT_EQ(defect("pictures/0.png,cat\npictures/1.png\n"),
            "image_list: row expected 2 fields, got 1 (a.csv, line 2)");
  EXPECT_EQ(
      defect("path;labels\npictures/0.png;cat\n"),
      "image_list: row expected 2 fields, got 1; commas stand between fields (a.csv, line 1)");
  EXPECT_EQ(defect("path,label,x\npictures/0.png,cat\n"),
            "image_list: row expected 3 fields as the heading, got 2 (a.csv, line 2)");
  EXPECT_EQ(defect("\npictures/0.png,\n"),
            "image_list: class of a picture expected, got none (a.csv, line 2)");
  EXPECT_EQ(defect(",cat\n"), "image_list: path of a picture expected, got none (a.csv, line 1)");
  EXPECT_EQ(defect("path,label\n"),
            "image_list: rows with a path and a class expected in a.csv, got none");
  EXPECT_EQ(defect("pictures/0.png,\"cat\n"),
            "csv: field in quotes expected to end (a.csv, line 1)");
  EXPECT_EQ(defect("pictures/0.png,cat\nno/such.png,cat\n"), "image_list: picture expected at " +
                                                                 (dir / "no/such.png").string() +
                                                                 ", got none (a.csv, line 2)");
  EXPECT_EQ(defect("pictures/0.png,cat\npictures/1.png,dug\n",
                   {.channels = 1, .classes = {"cat", "dog"}}),
            "image_list: class expected one of the 2 of the training, got \"dug\"; did you mean "
            "\"dog\"? (a.csv, line 2)");
  EXPECT_EQ(message_of<IoError>([&] { ImageList(dir / "none.csv"); }),
            "read_file: " + (dir / "none.csv").string() +
                " expected to be readable, got \"No such file or directory\"");
}

TEST_F(Lists, LeaveOutWhatIsNotThereWhenTheyAreTold) {
  std::vector<std::string> told;
  const ImageList pictures =
      list("pictures/0.png,cat\nno/such.png,cat\n",
           {.channels = 1, .skip_corrupt = true, .on_corrupt = [&](const CorruptImage& corrupt) {
              told.push_back(corrupt.name);
            }});
  EXPECT_EQ(pictures.size(), 1);
  EXPECT_THAT(told, ElementsAre((dir / "no/such.png").string()));
}

TEST_F(Lists, HaveAChecksumOfNamesClassesAndLengths) {
  const auto sums = list("pictures/0.png,cat\npictures/1.png,dog\n").checksums();
  ASSERT_EQ(sums.size(), 1u);
  EXPECT_EQ(sums[0].first, "a.csv (names, classes and lengths of 2 files)");
  EXPECT_NE(list("pictures/0.png,cat\npictures/1.png,cat\n").checksums(), sums);
  fs::remove(dir / "pictures/1.png");
  put_png(dir / "pictures/1.png", plain_image({11}, 30, 30));
  EXPECT_NE(list("pictures/0.png,cat\npictures/1.png,dog\n").checksums(), sums);
  const ImageList lost = list("pictures/0.png,cat\n");
  fs::remove(dir / "pictures/0.png");
  EXPECT_EQ(message_of<IoError>([&] { (void)lost.checksums(); }),
            "image_list: " + (dir / "pictures/0.png").string() +
                " expected to be there, got \"No such file or directory\"");
}

TEST_F(Lists, AreSplitWhereTheyComeInOnePiece) {
  const std::string data = (dir / "a.csv").string();
  list("pictures/0.png,cat\npictures/1.png,cat\npictures/2.png,dog\npictures/3.png,dog\n");
  const auto open = [&](Split split) {
    return open_folder({.data = data,
                        .split = split,
                        .folder = {.channels = 1},
                        .held_out = models::HeldOut{.share = 0.5, .seed = 0}});
  };
  EXPECT_TRUE(names_folder("a.csv"));
  EXPECT_TRUE(is_one_piece(data));
  EXPECT_EQ(open(Split::kTrain)->size(), 2);
  EXPECT_EQ(open(Split::kTest)->size(), 2);
  EXPECT_NE(open(Split::kTrain)->name_of(0), open(Split::kTest)->name_of(0));
  EXPECT_EQ(open(Split::kTest)->checksums()[0].first,
            "a.csv (names, classes and lengths of 2 files, held out)");
  EXPECT_EQ(open_folder({.data = data, .folder = {.channels = 1}})->size(), 4);
  list("pictures/0.png,cat\npictures/1.png,dog\n");
  EXPECT_EQ(message_of<ParseError>([&] { open(Split::kTest); }),
            "image_list: pictures that can be held out expected in " + data +
                ", two of a class at least, got none");
  EXPECT_EQ(message_of<IoError>([&] { open_data({.data = "none.csv"}); }),
            "data: list of pictures expected at none.csv, got none");
}

TEST_F(Lists, StandForTheSplitsOfAFolder) {
  put_file(dir / "train.csv", "pictures/0.png,cat\npictures/1.png,dog\n");
  put_file(dir / "val.csv", "pictures/2.png,cat\n");
  const std::string data = dir.path().string();
  EXPECT_FALSE(is_one_piece(data));
  EXPECT_EQ(open_data({.data = data, .folder = {.channels = 1}})->size(), 2);
  EXPECT_EQ(split_folder(data, Split::kTest), dir / "val.csv");
  put_file(dir / "test.csv", "pictures/3.png,cat\npictures/2.png,dog\n");
  EXPECT_EQ(split_folder(data, Split::kTest), dir / "test.csv");
  EXPECT_EQ(split_folder(data, Split::kVal), dir / "val.csv");
  EXPECT_THAT(unused_folders(data), testing::IsEmpty()) << "pictures/ is what lists name";
  // A folder of pictures beside its list; and one of class folders, which goes before a list.
  put_png(dir / "train/0.png", plain_image({1}, 3, 3));
  EXPECT_EQ(split_folder(data, Split::kTrain), dir / "train.csv");
  put_png(dir / "train/cat/0.png", plain_image({1}, 3, 3));
  EXPECT_EQ(split_folder(data, Split::kTrain), dir / "train");
}

using Sets = std::vector<std::vector<std::int64_t>>;

TEST_F(Lists, HaveSeveralLabelsAPictureWhereTheirHeadingSaysSo) {
  const ImageList pictures = list(
      "path,labels\npictures/2.png,dog; cat\npictures/0.png,\npictures/1.png,eel | dog;eel;\n");
  EXPECT_EQ(pictures.targets(), data::Targets::kMultiLabel);
  EXPECT_THAT(pictures.classes(), ElementsAre("cat", "dog", "eel"));
  EXPECT_EQ(pictures.label_sets(), (Sets{{0, 1}, {}, {1, 2}}));
  const std::vector<std::int64_t> two = {2, 0};
  const Tensor target = pictures.get_batch(two).target;
  EXPECT_EQ(target.dtype(), f32);
  EXPECT_EQ(target.sizes(), (Shape{2, 3}));
  EXPECT_THAT(target.to_vector<float>(), ElementsAre(0, 1, 1, 1, 1, 0));
  EXPECT_EQ(message_of<ShapeError>([&] { (void)pictures.labels(); }),
            "labels: targets expected a class each, got multi-label ones (image_list)");
  for (const char* heading : {"image,TAGS", "path,Classes"})
    EXPECT_EQ(list(std::string(heading) + "\npictures/0.png,a b|c\n").classes(),
              (std::vector<std::string>{"a b", "c"}));
  // What stands between names is part of a name where a picture has one class.
  EXPECT_THAT(list("path,label,labels\npictures/0.png,a;b,c\n").classes(), ElementsAre("a;b"));
  EXPECT_THAT(list("pictures/0.png,a;b\n").classes(), ElementsAre("a;b"));
}

TEST_F(Lists, JoinTheLabelsOfAPictureInSeveralRows) {
  const std::string rows = "pictures/0.png,b\npictures/1.png,a\npictures/0.png,a\n";
  const ImageList pictures = list("path,labels\n" + rows);
  EXPECT_EQ(pictures.size(), 2);
  EXPECT_EQ(pictures.name_of(1), (dir / "pictures/1.png").string());
  EXPECT_EQ(pictures.label_sets(), (Sets{{0, 1}, {0}}));
  // However their paths are written.
  const ImageList same =
      list("path,labels\n./pictures/0.png,b\npictures/1.png,a\npictures//../pictures/0.png,a\n");
  EXPECT_EQ(same.label_sets(), (Sets{{0, 1}, {0}}));
  EXPECT_EQ(list("path,label\n" + rows).size(), 3) << "of one class each, all rows are samples";
}

TEST_F(Lists, OfSeveralLabelsNameTheLineOfWhatIsWrong) {
  EXPECT_EQ(defect("path,labels\npictures/0.png,\n"),
            "image_list: a row with a class at least expected in a.csv, got none");
  EXPECT_EQ(defect("path,labels\npictures/0.png,cat\npictures/1.png,cat;dug\n",
                   {.channels = 1, .classes = {"cat", "dog"}}),
            "image_list: class expected one of the 2 of the training, got \"dug\"; did you mean "
            "\"dog\"? (a.csv, line 3)");
  EXPECT_EQ(defect("path,labels\npictures/0.png,cat\npictures/1.png,\npictures/0.png,dog;dug\n",
                   {.channels = 1, .classes = {"cat", "dog"}}),
            "image_list: class expected one of the 2 of the training, got \"dug\"; did you mean "
            "\"dog\"? (a.csv, line 4)")
      << "of the picture's second row";
}

TEST_F(Lists, OfSeveralLabelsAreSplitAndLimitedWithoutClasses) {
  const std::string data = (dir / "a.csv").string();
  list("path,labels\npictures/0.png,a\npictures/1.png,a;b\npictures/2.png,\npictures/3.png,c\n");
  const auto open = [&](Split split, double share) {
    return open_folder({.data = data,
                        .split = split,
                        .folder = {.channels = 1},
                        .held_out = models::HeldOut{.share = share, .seed = 3}});
  };
  EXPECT_EQ(open(Split::kTrain, 0.5)->size(), 2);
  EXPECT_EQ(open(Split::kTest, 0.25)->size(), 1);
  EXPECT_EQ(open(Split::kTest, 0.25)->classes().size(), 3u) << "of the whole list";
  const auto all = open_data({.data = data, .folder = {.channels = 1}});
  EXPECT_EQ(limited_samples(all, 2).indices(), (std::vector<std::int64_t>{0, 2}));
  EXPECT_EQ(limited_samples(all, 9).size(), 4);
  EXPECT_EQ(limited_samples(all, 2).label_sets(), (Sets{{0}, {}}));
  EXPECT_EQ(limited_samples(all, 2).targets(), data::Targets::kMultiLabel);
  list("path,labels\npictures/0.png,a\n");
  EXPECT_EQ(
      message_of<ParseError>([&] { open(Split::kTest, 0.5); }),
      "image_list: pictures that can be held out expected in " + data + ", two at least, got none");
}

TEST_F(Lists, OfSeveralLabelsCountThem) {
  put_file(dir / "pictures/bad.png", "no picture");
  const std::string text =
      "path,labels\npictures/0.png,a\npictures/1.png,a;b\npictures/2.png,\npictures/bad.png,b\n";
  const ImageCheck check = list(text).check_images();
  EXPECT_THAT(check.per_class, ElementsAre(2, 1));
  EXPECT_THAT(check.per_count, ElementsAre(1, 1, 1));
  ASSERT_EQ(check.corrupt.size(), 1u);
  EXPECT_THAT(check.corrupt[0].labels, ElementsAre(1));
  EXPECT_EQ(list(text, {.channels = 1, .skip_corrupt = true}).size(), 3);
  EXPECT_EQ(defect("path,labels\npictures/0.png,a\npictures/bad.png,a;b\n",
                   {.channels = 1, .skip_corrupt = true}),
            "image_list: pictures of class \"b\" expected at least 1 that can be decoded, got none "
            "(" +
                (dir / "pictures/bad.png").string() + ")");
}

TEST_F(Lists, OfSeveralLabelsHaveAChecksumOfAllOfThem) {
  const auto sum = [&](const char* labels) {
    return list("path,labels\npictures/0.png,a;b;c\npictures/1.png," + std::string(labels) + "\n")
        .checksums();
  };
  EXPECT_EQ(sum("a;b"), sum("b|a"));
  EXPECT_NE(sum("a;b"), sum("a;c"));
  EXPECT_NE(sum("a"), sum(""));
  const std::string rows = "pictures/0.png,a\npictures/1.png,b\n";
  EXPECT_NE(list("path,labels\n" + rows).checksums(), list("path,label\n" + rows).checksums())
      << "another loss is to be learned by";
  EXPECT_EQ(list("path,label\n" + rows).checksums(), list(rows).checksums());
}

}  // namespace
}  // namespace fovea::vision
