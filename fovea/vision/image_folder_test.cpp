#include "fovea/vision/image_folder.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/parallel.h"
#include "fovea/data/data_loader.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/open_data.h"
#include "tests/support/close.h"
#include "tests/support/image_file.h"
#include "tests/support/image_tree.h"

namespace fovea::vision {
namespace {

namespace fs = std::filesystem;

using test::message_of;
using test::plain_image;
using test::put_file;
using test::put_png;
using test::TempDir;
using testing::ElementsAre;

// Two classes; cat has pictures in a folder of its own and a JPEG, dog one picture and a text.
class Photos : public testing::Test {
 protected:
  Photos() {
    put_png(root / "dog/b.png", plain_image({50, 60, 70}, 4, 6));
    put_file(root / "dog/notes.txt", "no picture");
    put_png(root / "cat/z.PNG", plain_image({1, 2, 3}, 4, 6));
    put_png(root / "cat/Grey.png", plain_image({9}, 4, 6));
    put_file(root / "cat/more/a.jpeg",
             test::jpeg_of({.width = 6, .height = 4, .rows = std::string(4 * 6, '\x80')}));
    put_file(root / ".thumbnails/x.png", "");
  }
  void put_corrupt() const {
    put_file(root / "cat/bad.png", "not a picture");
    put_file(root / "dog/cut.png", test::png_header(4, 4));
  }
  std::vector<std::string> names(const ImageFolder& folder) const {
    std::vector<std::string> all;
    for (const ImageFile& file : folder.files())
      all.push_back(file.path.lexically_relative(root).string());
    return all;
  }
  TempDir dir;
  const fs::path root = dir / "photos";
};

std::vector<std::int64_t> all_of(const data::Dataset& dataset) {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < dataset.size(); ++i) indices.push_back(i);
  return indices;
}

TEST_F(Photos, AreListedAsTorchvisionListsThem) {
  const ImageFolder folder(root);
  EXPECT_THAT(folder.classes(), ElementsAre("cat", "dog"));
  // Capitals before small letters, and a folder's own files before those of folders in it.
  EXPECT_THAT(names(folder),
              ElementsAre("cat/Grey.png", "cat/z.PNG", "cat/more/a.jpeg", "dog/b.png"));
  EXPECT_EQ(folder.size(), 4);
  EXPECT_EQ(list_images(root).others, (CountByEnding{{".txt", 1}}));
}

TEST(ImageFolder, TakesEveryFormatThatCanBeRead) {
  const TempDir dir;
  const fs::path golden = FOVEA_SOURCE_DIR "/tests/golden/pictures";
  for (const char* name : {"lossless.webp", "rgb.bmp", "rgb_lzw.tif"}) {
    fs::create_directories(dir / "a");
    fs::copy_file(golden / name, dir / "a" / name);
  }
  fs::rename(dir / "a/rgb_lzw.tif", dir / "a/b.TIFF");
  put_png(dir / "a/a.png", plain_image({1, 2, 3}, 5, 5));
  const ImageFolder folder(dir.path(), {.image_transform = scaled_and_cut(4)});
  EXPECT_THAT(folder.left_out(), testing::IsEmpty());
  EXPECT_EQ(folder.get_batch(all_of(folder)).data.sizes(), (Shape{4, 3, 4, 4}));
}

// What macOS and notebooks leave behind is no picture, on no level.
TEST_F(Photos, ThatAreHiddenArePassedOverOnEveryLevel) {
  put_file(root / "cat/._z.png", std::string("\0\5\26\7", 4));
  put_file(root / "cat/.DS_Store", "x");
  put_file(root / "cat/.ipynb_checkpoints/z-checkpoint.png", "x");
  put_file(root / "cat/more/.cache/deep/z.png", "x");
  put_file(root / "cat/more/__MACOSX/._a.jpeg", "x");
  put_file(root / "__MACOSX/cat/._z.png", "x");
  const ImageFolder folder(root);
  EXPECT_THAT(folder.classes(), ElementsAre("cat", "dog"));
  EXPECT_EQ(folder.size(), 4);
  EXPECT_EQ(list_images(root).others, (CountByEnding{{".txt", 1}})) << "nor are they counted";
}

TEST_F(Photos, AreListedWithoutClassesToo) {
  put_png(root / "stray.png", plain_image({1}, 4, 6));
  put_file(root / "cat/.cache/z.png", "x");
  std::vector<std::string> names;
  const PictureListing listing = list_pictures(root);
  for (const fs::path& file : listing.files)
    names.push_back(file.lexically_relative(root).string());
  EXPECT_THAT(
      names, ElementsAre("stray.png", "cat/Grey.png", "cat/z.PNG", "cat/more/a.jpeg", "dog/b.png"));
  EXPECT_EQ(listing.others, (CountByEnding{{".txt", 1}}));
  EXPECT_EQ(describe_others({}), "");
  EXPECT_EQ(message_of<IoError>([&] { list_pictures(root / "none"); }),
            "image_folder: " + (root / "none").string() +
                " expected to be a readable folder, got \"No such file or directory\"");
}

TEST_F(Photos, AreCountedWhenTheyAreLeftAlone) {
  for (const char* name : {"cat/a.gif", "cat/b.GIF", "dog/c.heic", "dog/more/d.gif", "dog/README"})
    put_file(root / name, "x");
  put_png(root / "stray.png", plain_image({1}, 4, 6));
  fs::create_directory_symlink(dir / "nowhere", root / "owl");
  EXPECT_THAT(
      ImageFolder(root).left_out(),
      ElementsAre("6 files that are no pictures by their endings: 3 .gif, 1 without an "
                  "ending, 1 .heic, 1 .txt",
                  "1 picture in no class's folder", "a broken link, " + (root / "owl").string()));
  put_file(root / "elk/a.gif", "x");
  EXPECT_EQ(message_of<ParseError>([&] { ImageFolder{root}; }),
            "image_folder: pictures (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff) of class \"elk\" "
            "expected in " +
                (root / "elk").string() + ", got none but 1 .gif");
}

// A class that has lost all its pictures would be learned as if it had never been there.
TEST_F(Photos, OfAClassMayNotAllBeCorrupt) {
  put_file(root / "elk/a.png", "no picture");
  put_file(root / "elk/b.png", "nor this");
  EXPECT_EQ(message_of<ParseError>([&] { ImageFolder(root, {.skip_corrupt = true}); }),
            "image_folder: pictures of class \"elk\" expected at least 1 that can be decoded, got "
            "none (" +
                (root / "elk/a.png").string() + ")");
  put_png(root / "elk/c.png", plain_image({1, 2, 3}, 4, 6));
  EXPECT_EQ(ImageFolder(root, {.skip_corrupt = true}).size(), 5);
}

TEST_F(Photos, ThatCannotBeReadAreLeftOutLikeCorruptOnes) {
  fs::create_symlink("/no/such.png", root / "cat/lost.png");
  const ImageCheck check = ImageFolder(root, {.channels = 3}).check_images();
  ASSERT_EQ(check.corrupt.size(), 1u);
  EXPECT_EQ(check.corrupt[0].message, "read_file: " + (root / "cat/lost.png").string() +
                                          " expected to be readable, got \"No such file or "
                                          "directory\"");
  EXPECT_EQ(ImageFolder(root, {.skip_corrupt = true}).size(), 4);
}

TEST_F(Photos, NeedNamesOfClassesInUtf8) {
  put_png(root / "caf\xe9/a.png", plain_image({1, 2, 3}, 4, 6));
  EXPECT_EQ(message_of<ParseError>([&] { ImageFolder{root}; }),
            "image_folder: name of a class expected in UTF-8, got \"caf\xe9\"");
}

TEST_F(Photos, MayHaveAsManyPixelsAsOneSays) {
  EXPECT_EQ(ImageFolder(root, {.channels = 3, .max_pixels = 23}).check_images().corrupt.size(), 4u);
  EXPECT_EQ(ImageFolder(root, {.channels = 3, .max_pixels = 24}).check_images().corrupt.size(), 0u);
}

TEST(SpreadSamples, TakesAsManyOfEachClass) {
  const TempDir dir;
  const auto put = [&](const std::string& name, int count) {
    for (int i = 10; i < 10 + count; ++i)
      put_png(dir / name / (std::to_string(i) + ".png"), plain_image({i}, 2, 2));
  };
  put("a", 6), put("b", 6), put("c", 1), put("d", 3);
  const ImageFolder folder(dir.path());
  const auto spread = [&](std::int64_t count) { return spread_samples(folder, count); };
  // a is 0 to 5, b 6 to 11, c 12, d 13 to 15.
  EXPECT_THAT(spread(4), ElementsAre(0, 6, 12, 13));
  EXPECT_THAT(spread(7), ElementsAre(0, 3, 6, 9, 12, 13, 14));
  EXPECT_THAT(spread(2), ElementsAre(0, 12)) << "fewer than classes: classes are spread too";
  EXPECT_THAT(spread(10), ElementsAre(0, 2, 4, 6, 8, 10, 12, 13, 14, 15));
  EXPECT_EQ(spread(16).size(), 16u);
  EXPECT_EQ(spread(17).size(), 16u);
  EXPECT_EQ(message_of<ArgumentError>([&] { spread(0); }),
            "spread_samples: count expected at least 1, got 0");
  const auto shared = std::make_shared<ImageFolder>(dir.path());
  EXPECT_THAT(limited_samples(shared, 4).indices(), ElementsAre(0, 6, 12, 13));
  const auto stored = std::make_shared<data::TensorDataset>(zeros({5, 1}), zeros({5}));
  EXPECT_THAT(limited_samples(stored, 3).indices(), ElementsAre(0, 1, 2));
}

TEST_F(Photos, AreDecodedWithTheirLabels) {
  const ImageFolder folder(root);
  const auto [images, labels] = folder.get_batch(all_of(folder));
  EXPECT_EQ(images.sizes(), (Shape{4, 3, 4, 6}));
  EXPECT_EQ(images.dtype(), u8);
  EXPECT_THAT(labels.to_vector<int>(), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(images.select(2, 0).select(2, 0).reshape({12}).to_vector<int>(),
              ElementsAre(9, 9, 9, 1, 2, 3, 128, 128, 128, 50, 60, 70));
  const std::vector<std::int64_t> some = {3, 0, 3};
  EXPECT_THAT(folder.get_batch(some).target.to_vector<int>(), ElementsAre(1, 0, 1));
  const std::vector<std::int64_t> outside = {4};
  EXPECT_EQ(message_of<IndexError>([&] { folder.get_batch(outside); }),
            "image_folder: index expected in [0, 4), got 4 (position 0 of 1)");
}

TEST_F(Photos, AreGreyWhenAllAreOrWhenTold) {
  EXPECT_EQ(ImageFolder(root).channels(), 3);
  const ImageFolder told(root, {.channels = 1});
  const auto [images, labels] = told.get_batch(all_of(told));
  EXPECT_EQ(images.sizes(), (Shape{4, 1, 4, 6}));
  EXPECT_EQ(images.at({3, 0, 0, 0}).item<int>(),
            (19595 * 50 + 38470 * 60 + 7471 * 70 + 32768) >> 16);
  fs::remove(root / "cat/z.PNG");
  fs::remove_all(root / "dog");
  EXPECT_EQ(ImageFolder(root).channels(), 1);
  EXPECT_EQ(message_of<ArgumentError>([&] { ImageFolder(root, {.channels = 2}); }),
            "image_folder: channels expected 0, 1 or 3, got 2");
}

TEST_F(Photos, OfSeveralSizesHaveToBeBroughtToOne) {
  const std::string other = (root / "dog/c.png").string();
  put_png(other, plain_image({7, 8, 9}, 8, 5));
  const ImageFolder plain(root);
  EXPECT_EQ(message_of<ShapeError>([&] { plain.get_batch(all_of(plain)); }),
            "image_folder: picture expected [3, 4, 6], as the first of its batch, got [3, 8, 5]; "
            "pictures of several sizes need an image_transform (--image-size) (" +
                other + ")");
  const ImageFolder folder(root, {.image_transform = scaled_and_cut(3)});
  const auto [images, labels] = folder.get_batch(all_of(folder));
  EXPECT_EQ(images.sizes(), (Shape{5, 3, 3, 3}));
  EXPECT_EQ(images.at({4, 2, 2, 2}).item<int>(), 9);
}

TEST_F(Photos, ThatAreCorruptAreNamedByTheBatchThatHoldsThem) {
  put_corrupt();
  const ImageFolder folder(root, {.channels = 3});
  ASSERT_EQ(folder.size(), 6);
  // The first of the batch is named, whichever thread met it.
  const std::string message = message_of<ParseError>([&] { folder.get_batch(all_of(folder)); });
  EXPECT_EQ(message,
            "image: first bytes expected those of PNG, JPEG, WebP, BMP or TIFF, got 6e 6f 74 20 (" +
                (root / "cat/bad.png").string() + ", byte 0)");
  const std::vector<std::int64_t> readable = {0, 2, 4};
  EXPECT_EQ(folder.get_batch(readable).data.size(0), 3);
  // Also through a loader's thread.
  data::DataLoader loader(folder, {.batch_size = 6});
  EXPECT_EQ(message_of<ParseError>([&] { loader.begin(); }), message);
}

TEST_F(Photos, ThatAreCorruptAreLeftOutOnRequest) {
  put_corrupt();
  std::vector<std::string> told;
  std::int64_t looked_at = 0;
  const ImageFolder folder(
      root, {.skip_corrupt = true,
             .on_corrupt =
                 [&](const CorruptImage& corrupt) {
                   EXPECT_NE(corrupt.message.find(corrupt.name), std::string::npos);
                   told.push_back(fs::path(corrupt.name).lexically_relative(root).string());
                 },
             .progress =
                 [&](std::int64_t done, std::int64_t total) {
                   looked_at = done;
                   EXPECT_EQ(total, 6);
                 }});
  EXPECT_THAT(told, ElementsAre("cat/bad.png", "dog/cut.png"));
  EXPECT_EQ(looked_at, 6);
  EXPECT_THAT(names(folder),
              ElementsAre("cat/Grey.png", "cat/z.PNG", "cat/more/a.jpeg", "dog/b.png"));
  EXPECT_EQ(folder.get_batch(all_of(folder)).data.size(0), 4);
  // Nothing left.
  const TempDir empty;
  put_file(empty / "a/x.png", "no");
  EXPECT_EQ(message_of<ParseError>([&] { ImageFolder(empty.path(), {.skip_corrupt = true}); }),
            "image_folder: pictures that can be decoded expected at least 1, got 0 of 1 (the first "
            "is " +
                (empty / "a/x.png").string() + ")");
}

TEST_F(Photos, AreCheckedAltogether) {
  put_corrupt();
  put_png(root / "dog/c.png", plain_image({7, 8, 9}, 2, 9));
  const ImageCheck check = ImageFolder(root, {.channels = 3}).check_images();
  EXPECT_EQ(check.corrupt.size(), 2u);
  EXPECT_THAT(check.per_class, ElementsAre(3, 2));
  EXPECT_EQ(check.grey, 2);
  EXPECT_EQ(check.least, data::ImageSize(2, 6));
  EXPECT_EQ(check.most, data::ImageSize(4, 9));
}

TEST_F(Photos, OfOtherFoldersTakeTheClassesGiven) {
  const ImageFolder folder(root, {.classes = {"ant", "cat", "dog", "elk"}});
  EXPECT_EQ(folder.classes().size(), 4u);
  EXPECT_THAT(folder.get_batch(all_of(folder)).target.to_vector<int>(), ElementsAre(1, 1, 1, 2));
  EXPECT_EQ(message_of<ParseError>([&] {
              ImageFolder(root, {.classes = {"cats", "dog"}});
            }),
            "image_folder: class expected one of the 2 of the training, got \"cat\"; did you mean "
            "\"cats\"? (" +
                (root / "cat").string() + ")");
}

TEST_F(Photos, ThatAreNotThereAreNamed) {
  EXPECT_EQ(message_of<IoError>([&] { ImageFolder(dir / "none"); }),
            "image_folder: " + (dir / "none").string() +
                " expected to be a readable folder, got \"No such file or directory\"");
  fs::create_directories(dir / "empty");
  EXPECT_EQ(
      message_of<ParseError>([&] { ImageFolder(dir / "empty"); }),
      "image_folder: folder of each class expected in " + (dir / "empty").string() + ", got none");
  fs::create_directories(root / "owl");
  EXPECT_EQ(message_of<ParseError>([&] { ImageFolder{root}; }),
            "image_folder: pictures (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff) of class \"owl\" "
            "expected in " +
                (root / "owl").string() + ", got none");
  EXPECT_EQ(ImageFolder(root, {.classes = {"cat", "dog", "owl"}}).size(), 4);
  EXPECT_EQ(message_of<ParseError>([&] {
              ImageFolder(dir / "photos", {.classes = {"cat", "dog"}});
            }),
            "image_folder: class expected one of the 2 of the training, got \"owl\" (" +
                (root / "owl").string() + ")");
  fs::create_directories(dir / "bare/owl");
  EXPECT_EQ(message_of<ParseError>([&] {
              ImageFolder(dir / "bare", {.classes = {"cat", "owl"}});
            }),
            "image_folder: pictures (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff) expected in " +
                (dir / "bare").string() + ", got none");
}

TEST_F(Photos, HaveAChecksumOfNamesAndLengths) {
  const auto sums = ImageFolder(root).checksums();
  ASSERT_EQ(sums.size(), 1u);
  EXPECT_EQ(sums[0].first, "photos (names and lengths of 4 files)");
  EXPECT_EQ(sums[0].second.size(), 64u);
  // Elsewhere it is the same; a file that is longer, or has another name, changes it.
  fs::create_directories(dir / "copy");
  fs::copy(root, dir / "copy/photos", fs::copy_options::recursive);
  EXPECT_EQ(ImageFolder(dir / "copy/photos").checksums(), sums);
  put_file(root / "dog/b.png", test::get_file(root / "dog/b.png") + "x");
  const auto longer = ImageFolder(root).checksums();
  EXPECT_NE(longer, sums);
  fs::rename(root / "dog/b.png", root / "dog/c.png");
  EXPECT_NE(ImageFolder(root).checksums(), longer);
}

// A transform that draws: the sample's word, in every pixel.
Tensor stamped(const Tensor& image, const data::SampleKeys& keys) {
  EXPECT_EQ(image.size(0), 1);
  EXPECT_EQ(keys.indices.size(), 1u);
  return full({1, 1, 2, 2}, static_cast<double>(keys.draw(0)[0] % 256), {.dtype = u8});
}

std::vector<int> epoch_of(data::DataLoader& loader) {
  std::vector<int> words;
  for (const auto& [images, labels] : loader) {
    for (const int word : images.select(3, 0).select(2, 0).reshape({-1}).to_vector<int>())
      words.push_back(word);
  }
  return words;
}

TEST_F(Photos, DrawBySeedEpochAndSampleAlone) {
  const ImageFolder folder(root, {.image_transform = stamped, .transform = {}});
  data::DataLoader one(folder, {.batch_size = 4, .seed = 3});
  data::DataLoader other(folder, {.batch_size = 1, .seed = 3, .prefetch = 0});
  const std::vector<int> first = epoch_of(one), second = epoch_of(one);
  EXPECT_EQ(first.size(), 4u);
  EXPECT_NE(first, second) << "epochs";
  EXPECT_EQ(epoch_of(other), first) << "batch size and prefetch";
  EXPECT_EQ(epoch_of(other), second);
  {
    const SerialScope serial;
    data::DataLoader again(folder, {.batch_size = 3, .seed = 3, .prefetch = 0});
    EXPECT_EQ(epoch_of(again), first) << "threads";
  }
  data::DataLoader seeded(folder, {.batch_size = 4, .seed = 4});
  EXPECT_NE(epoch_of(seeded), first) << "seeds";
  const data::Subset part(folder, {2, 3});
  data::DataLoader subset(part, {.batch_size = 2, .seed = 3});
  EXPECT_EQ(epoch_of(subset), (std::vector<int>{first[0], first[1]}))
      << "samples count by the loader's data set";
}

TEST_F(Photos, MayBeBroughtToTwoSizes) {
  const ImageFolder plain(root);
  const auto small = plain.with_image_transform(scaled_and_cut(2));
  const std::vector<std::int64_t> one = {1};
  EXPECT_EQ(small->get_batch(one).data.sizes(), (Shape{1, 3, 2, 2}));
  EXPECT_EQ(plain.get_batch(one).data.sizes(), (Shape{1, 3, 4, 6}));
}

TEST_F(Photos, AreOpenedByTheNameOfTheirFolder) {
  EXPECT_TRUE(names_folder(dir.path().string()));
  EXPECT_TRUE(names_folder("no/such/folder"));
  EXPECT_FALSE(names_folder("mnist"));
  EXPECT_FALSE(names_folder("mnits"));
  EXPECT_EQ(message_of<ArgumentError>([] { open_data({.data = "mnits"}); }),
            "data: name expected one of fashion-mnist, mnist, cifar10, cifar100, or a folder of "
            "pictures, got \"mnits\"; did you mean \"mnist\"?");
  EXPECT_EQ(message_of<IoError>([] { open_data({.data = "no/such"}); }),
            "data: folder of pictures expected at no/such, got none");
  const std::string set = dir.path().string();
  EXPECT_EQ(
      message_of<IoError>([&] { open_data({.data = set}); }),
      "data: folder train, or two folders of classes at least, expected in " + set + ", got none");
  EXPECT_EQ(message_of<IoError>([&] { open_data({.data = set, .split = Split::kTest}); }),
            "data: folder test or val or valid or validation, or two folders of classes at least, "
            "expected "
            "in " +
                set + ", got none");
  fs::copy(root, dir / "train", fs::copy_options::recursive);
  fs::create_directories(dir / "val");
  fs::copy(root / "dog", dir / "val/dog", fs::copy_options::recursive);
  EXPECT_EQ(open_data({.data = set})->size(), 4);
  EXPECT_EQ(open_data({.data = set, .split = Split::kTest})->size(), 1);
  fs::copy(root, dir / "test", fs::copy_options::recursive);
  EXPECT_EQ(open_data({.data = set, .split = Split::kTest})->size(), 4) << "test goes before val";
  EXPECT_EQ(split_folder(set, Split::kVal), dir / "val");
  fs::rename(dir / "val", dir / "validation");
  fs::create_directories(dir / "extra");
  fs::create_directories(dir / ".git");
  EXPECT_EQ(split_folder(set, Split::kVal), dir / "validation");
  EXPECT_THAT(unused_folders(set), ElementsAre(dir / "extra", dir / "photos"));
  fs::create_directories(dir / "valid");
  EXPECT_EQ(split_folder(set, Split::kVal), dir / "valid");
  EXPECT_THAT(unused_folders(set), ElementsAre(dir / "extra", dir / "photos", dir / "validation"));
  fs::remove_all(dir / "test");
  EXPECT_EQ(split_folder(set, Split::kTest), dir / "valid") << "the only one to judge with";
  EXPECT_EQ(message_of<ArgumentError>([&] { open_data({.data = set, .root = "/data"}); }),
            "data: data_root expected empty for a folder, got /data (" + set + ")");
}

TEST_F(Photos, InOnePieceAreSplitBySeed) {
  put_png(root / "dog/c.png", plain_image({1, 2, 3}, 4, 6));
  const std::string set = root.string();
  EXPECT_TRUE(is_one_piece(root));
  EXPECT_EQ(split_folder(set, Split::kTrain), root);
  EXPECT_EQ(split_folder(set, Split::kTest), root);
  EXPECT_EQ(split_folder(set, Split::kVal), std::nullopt);
  EXPECT_THAT(unused_folders(set), testing::IsEmpty());
  const auto open = [&](Split split, bool whole = false) {
    DataChoice choice{.data = set, .split = split, .folder = {.channels = 3}};
    if (!whole) choice.held_out = models::HeldOut{.share = 0.4, .seed = 3};
    const auto folder = open_folder(choice);
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < folder->size(); ++i) names.push_back(folder->name_of(i));
    return names;
  };
  std::vector<std::string> both = open(Split::kTrain), held = open(Split::kTest);
  EXPECT_EQ(both.size(), 3u) << "one of three cats and of two dogs are held out";
  EXPECT_EQ(held.size(), 2u);
  both.insert(both.end(), held.begin(), held.end());
  EXPECT_THAT(both, testing::UnorderedElementsAreArray(open(Split::kTrain, true)));
  EXPECT_EQ(open(Split::kTest, true).size(), 5u);
  // A corrupt picture changes nothing for the others.
  put_file(root / "cat/z.PNG", "no picture");
  EXPECT_EQ(open(Split::kTest), held);
  EXPECT_EQ(open_folder({.data = set,
                         .split = Split::kTest,
                         .folder = {.channels = 3},
                         .held_out = models::HeldOut{.share = 0.4, .seed = 3}})
                ->checksums()[0]
                .first,
            "photos (names and lengths of 2 files, held out)");
  // A folder of a split beside the classes: no more in one piece.
  fs::create_directories(root / "valid");
  EXPECT_FALSE(is_one_piece(root));
  EXPECT_FALSE(is_one_piece(dir.path())) << "one folder alone may be the folder meant";
  for (const char* name : {"a/1.png", "b/1.png"})
    put_png(dir / "singles" / name, plain_image({1}, 4, 4));
  EXPECT_EQ(message_of<ParseError>([&] {
              open_folder({.data = (dir / "singles").string(),
                           .split = Split::kTest,
                           .held_out = models::HeldOut()});
            }),
            "image_folder: pictures that can be held out expected in " +
                (dir / "singles").string() + ", two of a class at least, got none");
}

}  // namespace
}  // namespace fovea::vision
