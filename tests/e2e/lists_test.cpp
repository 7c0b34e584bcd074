// train, eval, predict and data on lists of pictures.

#include "fovea/tensor/ops.h"
#include "tests/e2e/fovea.h"
#include "tests/support/image_tree.h"

namespace fovea::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

TEST(Folder, MayBeAListOfSeveralLabels) {
  const TempDir directory;
  const ProcessOptions here{.directory = directory.path()};
  write_label_lists(directory / "lists", 96, 40);
  const ProcessResult info = fovea({"data", "info", "lists"}, here);
  EXPECT_EQ(info.exit_code, 0) << info.err;
  for (const char* part :
       {"labels    1.50 a picture on average: 12 with none, 36 with 1, 36 with 2, 12 with 3",
        "class  training  test", "blue         48    20"})
    EXPECT_THAT(info.out, HasSubstr(part));
  EXPECT_EQ(fovea({"data", "grid", "lists", "--image-size", "8"}, here).exit_code, 0);
  EXPECT_THAT(get_file(directory / "lists-grid.svg"), HasSubstr("<title>blue, green</title>"));

  const std::string run =
      run_of({"train", "fashion-dnn", "--data", "lists", "--epochs", "8", "--batch-size", "16",
              "--lr", "0.003", "--augment", "mixup:0.2", "--normalize", "0.5/0.25"},
             directory);
  const std::string weights = run + "/weights/best.safetensors";
  const Json report = Json::parse(get_file(run + "/report.json"));
  EXPECT_GT(report["accuracy"].get<double>(), 0.8);
  Json judged = json_of({"eval", "--weights", weights, "--data", "lists", "--json", "--batch-size",
                         "16", "--threads", "2"},
                        here);
  judged["run_dir"] = report["run_dir"];
  EXPECT_EQ(judged, report);
  const ProcessResult table = fovea({"eval", "--weights", weights, "--data", "lists"}, here);
  EXPECT_THAT(table.out, HasSubstr("right in every label"));
  EXPECT_EQ(table.out.find("true class"), std::string::npos);

  // The model is named by the weights where nobody names it.
  const ProcessResult more = fovea({"train", "--weights", weights, "--data", "lists", "--epochs",
                                    "1", "--batch-size", "16", "--threads", "2"},
                                   here);
  EXPECT_EQ(more.exit_code, 0) << more.err;
  EXPECT_THAT(more.err, HasSubstr("training fashion-dnn on lists into runs/train/"));

  // What is there is marked: test3 is red, green and blue, and test0 nothing.
  const std::vector<std::string> head = {"predict", "--weights", weights};
  const auto predict = [&](std::vector<std::string> words) {
    words.insert(words.begin(), head.begin(), head.end());
    const ProcessResult result = fovea(words, here);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  const std::string answer = predict({"--data", "lists", "--index", "3"});
  EXPECT_THAT(answer, HasSubstr("lists/pictures/test3.png   (it is blue, green, red)\n"));
  EXPECT_THAT(answer, HasSubstr(" %  <- there\n"));
  EXPECT_THAT(predict({"--data", "lists", "--index", "0"}), HasSubstr("   (it is none)\n"));
  const Json said = Json::parse(
      predict({"--json", "--top", "1", "lists/pictures/test3.png", "lists/pictures/test0.png"}));
  EXPECT_EQ(said[0]["labels"].size(), 3u);
  EXPECT_EQ(said[0]["top"].size(), 1u);
  EXPECT_EQ(said[1]["labels"], Json::array());
  // People are shown all that is there, however many are asked for.
  const std::string three =
      predict({"--top", "1", "--sheet", "all.svg", "lists/pictures/test3.png"});
  const std::string sheet = get_file(directory / "all.svg");
  for (const char* label : {"blue", "green", "red"}) {
    EXPECT_THAT(three, testing::ContainsRegex(std::string("  ") + label + " .* %  <- there\n"));
    EXPECT_THAT(sheet, HasSubstr(std::string("\n") + label + " "));
  }
  EXPECT_EQ(std::count(three.begin(), three.end(), '\n'), 4) << three;
  const std::string none = predict({"--top", "1", "lists/pictures/test0.png"});
  EXPECT_EQ(std::count(none.begin(), none.end(), '\n'), 2) << none;
  const std::string csv =
      predict({"--csv", "--top", "1", "--sheet", "seen.svg", "lists/pictures/test0.png"});
  EXPECT_THAT(csv, HasSubstr("input,labels,class_1,probability_1\nlists/pictures/test0.png,,"));
  EXPECT_THAT(get_file(directory / "seen.svg"), HasSubstr(">none</text>"));

  // Weights that say nothing of themselves judge what they are given.
  ASSERT_EQ(fovea({"export", "--weights", weights, "--output", "bare.npz"}, here).exit_code, 0);
  const std::vector<std::string> bare = {
      "eval",         "--weights",     "bare.npz",    "--model",       "fashion-dnn",
      "--model-opt",  "num_classes=3", "--model-opt", "in_channels=3", "--model-opt",
      "image_size=8", "--normalize",   "0.5/0.25"};
  std::vector<std::string> words = bare;
  words.insert(words.end(), {"--data", "lists", "--json"});
  EXPECT_EQ(json_of(words, here)["accuracy"], report["accuracy"]);
  words = bare;
  words[0] = "predict";
  words.insert(words.end(), {"--data", "lists", "--index", "3", "--json", "--top", "3"});
  const Json sample = json_of(words, here)[0];
  EXPECT_EQ(sample["labels"].size(), 3u) << sample;
  EXPECT_EQ(sample["top"][0]["probability"], said[0]["top"][0]["probability"]);
  put_file(directory / "two/test.csv", "path,labels\n../lists/pictures/test1.png,red;green\n");
  words = bare;
  words.insert(words.end(), {"--data", "two"});
  expect_failure(fovea(words, here), 3,
                 "fovea eval: ", "two: classes expected the model's 3 for multi-label data, got 2");

  // Neither kind judges the other.
  put_file(directory / "one/test.csv", "path,label\n../lists/pictures/test1.png,red\n");
  expect_failure(fovea({"eval", "--weights", weights, "--data", "one"}, here), 3, "fovea eval: ",
                 "one: targets expected multi-label as those that the weights have learned, got "
                 "single-label");
  const std::string other = run_of({"train", "fashion-dnn", "--data", photos(), "--image-size", "8",
                                    "--epochs", "1", "--batch-size", "30"},
                                   directory) +
                            "/weights/best.safetensors";
  expect_failure(fovea({"eval", "--weights", other, "--data", "lists"}, here), 3, "fovea eval: ",
                 "lists: targets expected single-label as those that the weights have learned, got "
                 "multi-label");
  expect_failure(
      fovea({"train", "fashion-dnn", "--data", "lists", "--sampling", "balanced"}, here), 2,
      "fovea train: ", "--sampling expected all for multi-label data, got \"balanced\" (lists)");
  put_file(directory / "lists/test.csv", "path,label\npictures/test1.png,red\n");
  const std::string both =
      "lists: test targets expected multi-label as those of the training, got single-label";
  expect_failure(fovea({"train", "fashion-dnn", "--data", "lists"}, here), 3,
                 "fovea train: ", both);
  expect_failure(fovea({"data", "info", "lists"}, here), 3, "fovea data info: ", both);

  // What the weights say of pictures.
  const ProcessResult card = fovea({"weights", "info", weights}, here);
  for (const char* row : {"  labels    several a picture\n", "  input     3x8x8\n",
                          "  normalize 0.5/0.25\n", "  pictures  are cut (crop)\n"})
    EXPECT_THAT(card.out, HasSubstr(row));
  const Json json = json_of({"weights", "info", weights, "--json"}, here);
  EXPECT_EQ(json["input"], "3x8x8");
  EXPECT_EQ(json["normalize"], "0.5/0.25");
  EXPECT_EQ(json["resize"], "crop");
  EXPECT_EQ(json["targets"], "multi-label");
  EXPECT_EQ(json_of({"weights", "info", other, "--json"}, here)["targets"], "single-label");
}

TEST(Folder, OrListIsWhatTheHelpNames) {
  for (const char* command : {"info", "grid"})
    EXPECT_THAT(fovea({"data", command, "--help"}).out, HasSubstr("list of them (.csv")) << command;
}

TEST(Folder, MayBeAList) {
  const TempDir directory;
  std::string list;
  for (const char* colour : {"blue", "green", "red"}) {
    for (int i = 0; i < 10; ++i)
      list += photos() + "/train/" + colour + "/" + std::to_string(i) + ".png," + colour + "\r\n";
  }
  put_file(directory / "list.csv", list);
  const std::string run =
      run_of({"train", "fashion-dnn", "--data", "list.csv", "--image-size", "28", "--epochs", "1",
              "--batch-size", "10"},
             directory,
             "split: 6 of 30 pictures judge, 24 are learned from: list.csv comes in one piece "
             "(test_fraction 0.2, seed 0)\n");
  const ProcessOptions here{.directory = directory.path()};
  const Json judged = json_of(
      {"eval", "--weights", run + "/weights/best.safetensors", "--data", "list.csv", "--json"},
      here);
  EXPECT_EQ(judged["samples"], 6);
  EXPECT_EQ(judged["per_class"][1]["class"], "green");
  put_file(directory / "list.csv", list + "no/such.png,red\n");
  expect_failure(
      fovea({"eval", "--weights", run + "/weights/best.safetensors", "--data", "list.csv"}, here),
      3, "fovea eval: ",
      "image_list: picture expected at no/such.png, got none "
      "(list.csv, line 31)");
}

}  // namespace
}  // namespace fovea::test
