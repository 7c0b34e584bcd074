// train, eval, predict and data on CIFAR-10's files, on folders of pictures and on shards.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "fovea/tensor/ops.h"
#include "tests/e2e/fovea.h"
#include "tests/support/image_tree.h"
#include "tests/support/tar_file.h"

namespace fovea::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

TEST(Cifar, IsTrainedJudgedAndPredicted) {
  const TempDir directory;
  const std::string run = run_of({"train", "lenet5", "--data", "cifar10", "--data-root",
                                  tiny_root(), "--epochs", "3", "--batch-size", "20"},
                                 directory);
  const std::string weights = run + "/weights/best.safetensors";
  const Json report = Json::parse(get_file(run + "/report.json"));
  EXPECT_EQ(report["data"], "cifar10");
  EXPECT_EQ(report["samples"], 60);
  EXPECT_EQ(report["per_class"][6]["class"], "frog");
  EXPECT_GT(report["accuracy"].get<double>(), 0.5);
  const Json environment = Json::parse(get_file(run + "/env.json"));
  EXPECT_EQ(environment["data"].size(), 6u);
  EXPECT_EQ(environment["data"]["test_batch.bin"].get<std::string>().size(), 64u);
  const std::vector<std::string> data = {"--data", "cifar10", "--data-root", tiny_root()};
  std::vector<std::string> eval = {"eval", "--weights", weights, "--json", "--threads", "2"};
  eval.insert(eval.end(), data.begin(), data.end());
  EXPECT_EQ(json_of(eval)["accuracy"], report["accuracy"]);
  std::vector<std::string> predict = {"predict", "--weights", weights, "--index", "5"};
  predict.insert(predict.end(), data.begin(), data.end());
  const ProcessResult answer = fovea(predict);
  EXPECT_THAT(answer.out, HasSubstr("cifar10[5]   (it is bird)"));  // (5 + 7) % 10
}

TEST(Cifar, IsListedAndDrawn) {
  const TempDir directory;
  const ProcessResult list = fovea({"data", "list", "--data-root", tiny_root()});
  EXPECT_THAT(list.out, HasSubstr(tiny_root() + "/cifar10"));
  EXPECT_THAT(list.out, HasSubstr("cifar100"));
  const ProcessResult info = fovea({"data", "info", "cifar10", "--data-root", tiny_root()});
  EXPECT_THAT(info.out, HasSubstr("present   cifar-10-binary.tar.gz"));
  const ProcessResult grid = fovea({"data", "grid", "cifar10", "--data-root", tiny_root()},
                                   {.directory = directory.path()});
  EXPECT_EQ(grid.out, "cifar10-grid.svg\n");
  EXPECT_THAT(get_file(directory / "cifar10-grid.svg"), HasSubstr("CIFAR-10"));
}

// The images are in memory once, and at most one file's a second time.
TEST(Cifar, OfFullSizeNeedsLessThan260MegabytesOfMemory) {
  const TempDir directory;
  for (int i = 1; i <= 5; ++i) {
    const std::filesystem::path file =
        directory / ("cifar10/cifar-10-batches-bin/data_batch_" + std::to_string(i) + ".bin");
    put_file(file, "");
    std::filesystem::resize_file(file, 10000 * 3073);  // black airplanes
  }
  const ProcessResult result =
      fovea({"data", "grid", "cifar10", "--data-root", directory.path().string(), "--output",
             (directory / "grid.svg").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_GT(result.peak_bytes, 50'000 * 3072) << "the images alone";
  EXPECT_LT(result.peak_bytes, 260'000'000);
}

TEST(Folder, IsTrainedJudgedAndPredicted) {
  const TempDir directory;
  const std::string run = run_of({"train", "fashion-cnn", "--data", photos(), "--image-size", "24",
                                  "--epochs", "2", "--batch-size", "10", "--augment", "flip"},
                                 directory);
  const std::string weights = run + "/weights/best.safetensors";
  const Json report = Json::parse(get_file(run + "/report.json"));
  EXPECT_EQ(report["samples"], 15);
  EXPECT_EQ(report["per_class"][1]["class"], "green");
  EXPECT_GT(report["accuracy"].get<double>(), 0.7);
  EXPECT_THAT(get_file(run + "/config.toml"), HasSubstr("image_size = 24\n"));
  const Json environment = Json::parse(get_file(run + "/env.json"));
  EXPECT_EQ(environment["data"]["train (names and lengths of 90 files)"].get<std::string>().size(),
            64u);
  EXPECT_EQ(environment["data"]["test (names and lengths of 15 files)"].get<std::string>().size(),
            64u);
  // The size and the channels are the model's.
  EXPECT_EQ(json_of({"eval", "--weights", weights, "--json", "--threads", "2", "--data",
                     photos()})["accuracy"],
            report["accuracy"]);
  const ProcessResult answer =
      fovea({"predict", "--weights", weights, "--index", "12", "--data", photos()});
  EXPECT_THAT(answer.out, HasSubstr(photos() + "/test/red/2.png   (it is red)\n"));
}

// A picture by its path is the picture that the model was judged with. Its ends, which are not
// seen, are of another colour than its middle.
TEST(Folder, IsPredictedFromByPathAsByNumber) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  write_image_tree(root, 10, 1);
  const io::Image end = plain_image({0, 0, 250}, 20, 40);
  const std::filesystem::path wide = root / "test/red/0.png";
  put_png(wide, cat({end, plain_image({250, 0, 0}, 20, 20), end}, 2));
  const std::string run = run_of({"train", "fashion-dnn", "--data", root.string(), "--image-size",
                                  "12", "--epochs", "3", "--batch-size", "5"},
                                 directory);
  std::vector<std::string> words = {"predict", "--json", "--weights",
                                    run + "/weights/best.safetensors"};
  std::vector<std::string> by_number = words;
  by_number.insert(by_number.end(), {"--index", "2", "--data", root.string()});
  words.push_back(wide.string());
  const Json by_path = json_of(words);
  EXPECT_EQ(by_path[0]["top"][0]["class"], "red");
  EXPECT_EQ(by_path, json_of(by_number));
}

TEST(Folder, GivesTheSameWeightsAgain) {
  const TempDir directory;
  const std::vector<std::string> words = {"train",        "lenet5", "--data",       photos(),
                                          "--image-size", "28",     "--batch-size", "32",
                                          "--epochs",     "1"};
  const std::string first = run_of(words, directory), second = run_of(words, directory);
  EXPECT_NE(first, second);
  EXPECT_EQ(get_file(first + "/weights/last.safetensors"),
            get_file(second + "/weights/last.safetensors"));
}

TEST(Folder, ACorruptPictureEndsATrainingOrIsLeftOut) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  write_image_tree(root, 10, 5);
  put_file(root / "train/green/11.png", "no picture");
  const std::vector<std::string> words = {"train",        "fashion-dnn", "--data",    root.string(),
                                          "--image-size", "28",          "--epochs",  "1",
                                          "--threads",    "2",           "--project", "runs"};
  const ProcessOptions here{.directory = directory.path()};
  const ProcessResult refused = fovea(words, here);
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("fovea train: image: first bytes expected those of PNG, JPEG, "
                                     "WebP, BMP or TIFF, got 6e 6f 20 70 (" +
                                     (root / "train/green/11.png").string() + ", byte 0)"));
  std::vector<std::string> tolerant = words;
  tolerant.emplace_back("--skip-corrupt");
  const ProcessResult done = fovea(tolerant, here);
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("left out: image: first bytes expected"));
  EXPECT_THAT(done.err, HasSubstr("train/green/11.png"));
  tolerant.emplace_back("--quiet");
  EXPECT_THAT(fovea(tolerant, here).err, HasSubstr("train/green/11.png"))
      << "no progress, but this";

  const ProcessResult info = fovea({"data", "info", root.string()});
  EXPECT_EQ(info.exit_code, 3);
  EXPECT_THAT(info.out, HasSubstr("corrupt   image: first bytes expected"));
  EXPECT_THAT(info.out, HasSubstr("30, 0 of them grey"));
}

TEST(Folder, InfoSaysWhatIsThere) {
  const ProcessResult info = fovea({"data", "info", photos()});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_THAT(info.out, HasSubstr("pictures  90, 0 of them grey"));
  EXPECT_THAT(info.out, HasSubstr("pixels    20 to 23 wide, 20 to 32 high"));
  EXPECT_THAT(info.out, testing::ContainsRegex("green +30 +5"));
}

TEST(Folder, InfoNamesWhatIsLeftOutAndWhatIsNotUsed) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  write_image_tree(root, 3, 2);
  std::filesystem::copy(root / "test", root / "valid", std::filesystem::copy_options::recursive);
  put_png(root / "extra/a.png", plain_image({1}, 20, 20));
  put_file(root / "train/blue/x.gif", "GIF8");
  put_file(root / "train/blue/._0.png", "hidden");
  put_file(root / "train/__MACOSX/blue/._0.png", "hidden");
  const ProcessResult info = fovea({"data", "info", root.string()});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  const std::vector<std::string> parts = {
      "left out  1 file that is no picture by its ending: 1 .gif", "pictures  9, 0 of them grey",
      "validation " + root.string() + "/valid", "not used  " + root.string() + "/extra"};
  for (const std::string& part : parts) {
    EXPECT_THAT(info.out, HasSubstr(part));
  }
  EXPECT_THAT(info.out, testing::ContainsRegex("green +3 +2 +2"));
  std::filesystem::create_symlink("/no/such.png", root / "train/red/lost.png");
  const ProcessResult broken = fovea({"data", "info", root.string()});
  EXPECT_EQ(broken.exit_code, 3);
  EXPECT_THAT(broken.out,
              HasSubstr("corrupt   read_file: " + (root / "train/red/lost.png").string()));
}

// A name may hold what breaks a line.
TEST(Folder, AClassWithANewlineBreaksNoTable) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  for (const char* split : {"train", "test"}) {
    put_png(root / split / "two\nlines" / "0.png", plain_image({200}, 28, 28));
    put_png(root / split / "plain" / "0.png", plain_image({10}, 28, 28));
  }
  EXPECT_THAT(fovea({"data", "info", root.string()}).out,
              testing::ContainsRegex("\n  two lines +1 +1\n"));
  const std::string run =
      run_of({"train", "fashion-dnn", "--data", root.string(), "--epochs", "1"}, directory);
  const std::string weights = run + "/weights/best.safetensors";
  const ProcessResult judged = fovea({"eval", "--weights", weights, "--data", root.string()});
  EXPECT_THAT(judged.out, HasSubstr("\n  two lines  "));
  EXPECT_THAT(judged.out, HasSubstr("\n  1 two lines"));
  const ProcessResult answer =
      fovea({"predict", "--weights", weights, (root / "test/two\nlines/0.png").string()});
  EXPECT_THAT(answer.out, HasSubstr("/test/two lines/0.png\n"));
  EXPECT_EQ(std::count(answer.out.begin(), answer.out.end(), '\n'), 3);
}

// What is held out of a folder in one piece is what eval and predict take, by the weights alone.
TEST(Folder, InOnePieceIsSplitTheSameWayByEveryCommand) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  write_image_tree(directory / "all", 20, 1);
  std::filesystem::rename(directory / "all/train", root);
  const std::string run =
      run_of({"train", "fashion-cnn", "--data", "photos", "--image-size", "24", "--resize", "pad",
              "--epochs", "1", "--batch-size", "10", "--seed", "5", "--test-fraction", "0.3"},
             directory,
             "split: 18 of 60 pictures judge, 42 are learned from: photos comes in one piece "
             "(test_fraction 0.3, seed 5)\n");
  const std::string weights = run + "/weights/best.safetensors";
  const Json report = Json::parse(get_file(run + "/report.json"));
  EXPECT_EQ(report["samples"], 18);
  const ProcessOptions here{.directory = directory.path()};
  const ProcessResult eval = fovea({"eval", "--weights", weights, "--data", "photos", "--json",
                                    "--threads", "2", "--batch-size", "10"},
                                   here);
  EXPECT_EQ(eval.err,
            "split: the 18 pictures of photos judge that the training has not learned from "
            "(test_fraction 0.3, seed 5)\n");
  const Json judged = Json::parse(eval.out, nullptr, false);
  EXPECT_EQ(judged["samples"], 18);
  EXPECT_EQ(judged["loss"], report["loss"]) << "the same pictures, padded in the same way";
  // A sample of the data and the file that it names give one answer.
  const Json sample = json_of(
      {"predict", "--weights", weights, "--data", "photos", "--index", "7", "--json"}, here);
  const std::string file = sample[0]["input"];
  const Json answer = json_of({"predict", "--weights", weights, "--json", file}, here);
  EXPECT_EQ(answer[0]["top"], sample[0]["top"]);
  const std::string other =
      run_of({"train", "fashion-dnn", "--data", photos(), "--image-size", "28", "--epochs", "1"},
             directory);
  const ProcessResult all =
      fovea({"eval", "--weights", other + "/weights/best.safetensors", "--data", "photos"}, here);
  EXPECT_THAT(all.err, HasSubstr("split: all 60 pictures of photos judge: the weights name none "
                                 "that were held out\n"));
  const ProcessResult info = fovea({"data", "info", "photos"}, here);
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_THAT(info.out, HasSubstr("test      held out of them by fovea train: a fifth, or what "
                                  "--test-fraction says\n"));
  EXPECT_THAT(info.out, testing::ContainsRegex("class +all\n"));
}

TEST(Folder, GridScalesAsItIsTold) {
  const TempDir directory;
  const auto grid = [&](const char* resize) {
    const ProcessResult result = fovea({"data", "grid", photos(), "--image-size", "16", "--resize",
                                        resize, "--output", "seen.svg"},
                                       {.directory = directory.path()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return get_file(directory / "seen.svg");
  };
  const std::string cut = grid("crop");
  EXPECT_NE(grid("pad"), cut);
  EXPECT_EQ(fovea({"data", "grid", photos(), "--image-size", "16", "--output", "seen.svg"},
                  {.directory = directory.path()})
                .exit_code,
            0);
  EXPECT_EQ(get_file(directory / "seen.svg"), cut) << "the default";
  expect_failure(fovea({"data", "grid", photos(), "--resize", "cut"}), 2,
                 "fovea data grid: ", "--resize expected one of crop, pad, stretch, got \"cut\"");
}

TEST(Folder, GridNamesThePictureAfterIt) {
  const TempDir directory;
  const ProcessResult grid =
      fovea({"data", "grid", photos() + "/", "--rows", "2"}, {.directory = directory.path()});
  EXPECT_EQ(grid.exit_code, 0) << grid.err;
  EXPECT_EQ(grid.out, "photos-grid.svg\n");
  EXPECT_THAT(get_file(directory / "photos-grid.svg"), HasSubstr("green"));
}

TEST(Folder, GridShowsWhatARecipeDoes) {
  const TempDir directory;
  const auto grid = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"data",      "grid", photos(),       "--rows", "2",
                                      "--columns", "3",    "--image-size", "32",     "--augment"};
    words.insert(words.end(), more.begin(), more.end());
    const ProcessResult result = fovea(words, {.directory = directory.path()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return get_file(directory / "photos-grid.svg");
  };
  const std::string mixed = grid({"flip+resizedcrop:50+rotate+mixup:0.5"});
  EXPECT_THAT(mixed, HasSubstr("photos: flip+resizedcrop:50+rotate+mixup:0.5"));
  EXPECT_THAT(mixed, HasSubstr(" % green"));
  EXPECT_EQ(mixed, grid({"flip+resizedcrop:50+rotate+mixup:0.5"}));
  EXPECT_NE(mixed, grid({"flip+resizedcrop:50+rotate+mixup:0.5", "--seed", "1"}));
  EXPECT_THAT(grid({"none"}), HasSubstr(">photos</text>"));
  expect_failure(fovea({"data", "grid", "--augment", "flip+rotat"}), 2,
                 "fovea data grid: ", "--augment expected \"none\", or \"flip\"");
  expect_failure(fovea({"data", "grid", "--augment", "flip", "--columns", "1"}), 2,
                 "fovea data grid: ", "columns expected at least 2 with an augmentation, got 1");
}

// 6,000 x 1 pixels scaled to a height of 224 would be 900 MB.
TEST(Folder, AnElongatedPictureIsScaledWhereItIsSeen) {
  const TempDir directory;
  put_png(directory / "photos/train/line/0.png", plain_image({200, 10, 20}, 1, 6'000));
  put_png(directory / "photos/train/line/1.png", plain_image({200, 10, 20}, 6'000, 1));
  const ProcessResult grid = fovea({"data", "grid", "photos", "--rows", "1", "--columns", "2"},
                                   {.directory = directory.path()});
  EXPECT_EQ(grid.exit_code, 0) << grid.err;
  EXPECT_LT(grid.peak_bytes, 200'000'000);
}

TEST(Folder, MistakesAreNamed) {
  expect_failure(
      fovea({"train", "fashion-dnn", "--data", photos(), "--epochs", "1"}), 3,
      "fovea train: ", "pictures of several sizes need an image_transform (--image-size)");
  expect_failure(fovea({"train", "fashion-dnn", "--data", "no/such"}), 4,
                 "fovea train: ", "data: folder of pictures expected at no/such, got none");
  expect_failure(fovea({"train", "fashion-dnn", "--image-size", "32"}), 2,
                 "fovea train: ", "--image-size expected 0 for \"fashion-mnist\"");
  expect_failure(fovea({"train", "fashion-dnn", "--data", photos(), "--image-size", "-1"}), 2,
                 "fovea train: ", "--image-size expected in [0, 4096], got -1");
}

TEST(Folder, WithShardsBesideItsClassesIsRefused) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  write_image_tree(root, 1, 1);
  put_file(root / "train/all.tar", tar_end());
  expect_failure(fovea({"data", "info", root.string()}), 3, "fovea data info: ",
                 "got both (" + (root / "train/blue").string() + " and " +
                     (root / "train/all.tar").string() + ")");
}

TEST(Folder, HasNoDataRoot) {
  const std::string part =
      "data: data_root expected empty for a folder, got " + tiny_root() + " (" + photos() + ")";
  const std::vector<std::string> flags = {"--data-root", tiny_root()};
  const auto refused = [&](const std::string& prefix, std::vector<std::string> words) {
    words.insert(words.end(), flags.begin(), flags.end());
    expect_failure(fovea(words), 2, prefix, part);
  };
  refused("fovea train: ", {"train", "fashion-dnn", "--data", photos()});
  refused("fovea eval: ", {"eval", "--weights", trained_weights(), "--data", photos()});
  refused("fovea predict: ",
          {"predict", "--weights", trained_weights(), "--index", "0", "--data", photos()});
  refused("fovea data info: ", {"data", "info", photos()});
  refused("fovea data grid: ", {"data", "grid", photos()});
}

/// A shard of pictures in three colours, `count` of each class, numbered from `first`.
std::string shard_of(int first, int count) {
  std::string archive;
  for (int i = first; i < first + 3 * count; ++i) {
    std::vector<int> colour = {i % 7 * 9, i % 5 * 11, i % 3 * 13};
    colour[static_cast<std::size_t>(i % 3)] = 200 + i % 11 * 5;
    const std::string picture =
        as_text(io::encode_png(plain_image(colour, 20 + i % 13, 20 + i % 4)));
    const std::string name = "pictures/" + std::to_string(i);
    archive += tar_file(name + ".png", picture) + tar_file(name + ".cls", std::to_string(i % 3));
  }
  return archive;
}

/// Two shards to learn from and one to judge with, as photos().
void write_shards(const std::filesystem::path& root) {
  put_file(root / "train/a.tar", shard_of(0, 20) + tar_end());
  put_file(root / "train/b.tar", shard_of(60, 10) + tar_end());
  put_file(root / "test/c.tar", shard_of(90, 5) + tar_end());
  put_file(root / "classes.txt", "red\ngreen\nblue\n");
}

TEST(Shards, AreTrainedJudgedAndPredicted) {
  const TempDir directory;
  const std::string root = (directory / "photos").string();
  write_shards(root);
  const std::string run =
      run_of({"train", "fashion-cnn", "--data", root, "--image-size", "24", "--epochs", "2",
              "--batch-size", "10", "--augment", "flip+resizedcrop:50", "--val-fraction", "0.1"},
             directory);
  const std::string weights = run + "/weights/best.safetensors";
  const Json report = Json::parse(get_file(run + "/report.json"));
  EXPECT_EQ(report["samples"], 15);
  EXPECT_EQ(report["per_class"][1]["class"], "green");
  EXPECT_GT(report["accuracy"].get<double>(), 0.7);
  const Json environment = Json::parse(get_file(run + "/env.json"));
  EXPECT_EQ(environment["data"]["names and lengths of 2 shards"].get<std::string>().size(), 64u);
  EXPECT_EQ(json_of({"eval", "--weights", weights, "--json", "--threads", "2", "--data",
                     root})["accuracy"],
            report["accuracy"]);
  const ProcessResult answer =
      fovea({"predict", "--weights", weights, "--index", "1", "--data", root});
  EXPECT_THAT(answer.out,
              HasSubstr(root + "/test/c.tar: pictures/91.png at byte 2560   (it is green)\n"));
}

TEST(Shards, InfoSaysWhatIsThere) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  write_shards(root);
  const ProcessResult info = fovea({"data", "info", root.string()});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_THAT(info.out, HasSubstr("pictures  90, 0 of them grey"));
  EXPECT_THAT(info.out, HasSubstr("pixels    20 to 23 wide, 20 to 32 high"));
  EXPECT_THAT(info.out, HasSubstr("shards    2\n"));
  EXPECT_THAT(info.out, testing::ContainsRegex("green +30 +5"));
  std::filesystem::remove_all(root / "test");
  const ProcessResult half = fovea({"data", "info", root.string()});
  EXPECT_EQ(half.exit_code, 0) << half.err;
  EXPECT_THAT(half.out, HasSubstr("test      none: fovea train needs test/ or val/"));
  EXPECT_THAT(half.out, testing::ContainsRegex("green +30 +-"));
}

// What is learned from and what it is judged with may be stored in two ways.
TEST(Shards, MayBeJudgedWithClassFolders) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  write_image_tree(root, 1, 5);
  std::filesystem::remove_all(root / "train");
  put_file(root / "train/a.tar", shard_of(0, 4));
  expect_failure(fovea({"data", "info", root.string()}), 3, "fovea data info: ",
                 "image_folder: class expected one of the 3 of the training, got \"blue\" (" +
                     (root / "test/blue").string() + ")");
  put_file(root / "classes.txt", "red\ngreen\nblue\n");
  const ProcessResult info = fovea({"data", "info", root.string()});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_THAT(info.out, testing::ContainsRegex("blue +4 +5"));
}

TEST(Shards, ACorruptPictureEndsATrainingOrIsLeftOut) {
  const TempDir directory;
  const std::filesystem::path root = directory / "photos";
  write_shards(root);
  put_file(root / "train/d.tar", tar_file("x.png", "no picture") + tar_file("x.cls", "0"));
  const std::vector<std::string> words = {"train",        "fashion-dnn", "--data",    root.string(),
                                          "--image-size", "28",          "--epochs",  "1",
                                          "--threads",    "2",           "--project", "runs"};
  const std::string what =
      "image: first bytes expected those of PNG, JPEG, WebP, BMP or TIFF, got 6e 6f 20 70 (" +
      (root / "train/d.tar").string() + ": x.png at byte 512, byte 0)";
  const ProcessOptions here{.directory = directory.path()};
  const ProcessResult refused = fovea(words, here);
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("fovea train: " + what));
  std::vector<std::string> tolerant = words;
  tolerant.emplace_back("--skip-corrupt");
  const ProcessResult done = fovea(tolerant, here);
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("left out: " + what));

  const ProcessResult info = fovea({"data", "info", root.string()});
  EXPECT_EQ(info.exit_code, 3);
  EXPECT_THAT(info.out, HasSubstr("corrupt   " + what));
}

}  // namespace
}  // namespace fovea::test
