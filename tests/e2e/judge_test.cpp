// eval, predict, summary, data and bench: what they print, for people and for scripts.

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "fovea/io/base64.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"
#include "tests/e2e/fovea.h"

namespace fovea::test {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;
using Json = nlohmann::json;

std::vector<std::string> keys_of(const Json& document) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : document.items()) keys.push_back(key);
  return keys;
}

Json json_of(std::vector<std::string> words, const ProcessOptions& options = {}) {
  const ProcessResult result = fovea(std::move(words), options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  return Json::parse(result.out, nullptr, false);
}

TEST(Eval, JsonHasTheKeysOfTheContract) {
  const Json document =
      json_of({"eval", "--weights", trained_weights(), "--data-root", tiny_root(), "--json"});
  EXPECT_THAT(keys_of(document),
              UnorderedElementsAre("model", "data", "samples", "loss", "accuracy", "error_rate",
                                   "majority_share", "warnings", "per_class", "macro_f1",
                                   "confusion_matrix"));
  EXPECT_EQ(document["model"], "fashion-dnn");
  EXPECT_EQ(document["data"], "fashion-mnist");
  EXPECT_EQ(document["samples"], 100);
  ASSERT_EQ(document["per_class"].size(), 10);
  EXPECT_THAT(keys_of(document["per_class"][0]),
              UnorderedElementsAre("class", "index", "precision", "recall", "f1", "support"));
  ASSERT_EQ(document["confusion_matrix"].size(), 10);
  int total = 0, right = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    for (std::size_t j = 0; j < 10; ++j) total += document["confusion_matrix"][i][j].get<int>();
    right += document["confusion_matrix"][i][i].get<int>();
  }
  EXPECT_EQ(total, 100);
  EXPECT_DOUBLE_EQ(document["accuracy"].get<double>(), right / 100.0);
  EXPECT_DOUBLE_EQ(document["error_rate"].get<double>(), 1 - right / 100.0);
}

TEST(Eval, GivesTheNumbersOfTheTrainingsReport) {
  const Json judged = json_of({"eval", "--weights", trained_weights(), "--data-root", tiny_root(),
                               "--json", "--threads", "2"});
  Json report = Json::parse(get_file(trained_run() + "/report.json"));
  report.erase("run_dir");
  EXPECT_EQ(judged, report);
}

TEST(Eval, TablesForPeople) {
  const ProcessResult result =
      fovea({"eval", "--weights", trained_weights(), "--data-root", tiny_root()});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* part :
       {"fashion-dnn on fashion-mnist: 100 test images", "accuracy ", "error rate", "precision",
        "T-Shirt", "true class \\ answer", "9 Ankle Boot"}) {
    EXPECT_THAT(result.out, HasSubstr(part));
  }
  EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
}

TEST(Eval, DrawsItsSurestMistakes) {
  const TempDir directory;
  // Of a training of one epoch on a few samples: wrong often enough.
  ASSERT_EQ(fovea(quick_training({"--quiet", "--limit-train", "100", "--lr", "0.0001"}),
                  {.directory = directory.path()})
                .exit_code,
            0);
  const std::string run = directory / "runs/train/exp";
  const ProcessResult result =
      fovea({"eval", "--weights", run + "/weights/best.safetensors", "--data-root", tiny_root(),
             "--mistakes", "wrong.svg", "--json", "--threads", "2"},
            {.directory = directory.path()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "fovea eval: the surest mistakes are in wrong.svg\n");
  EXPECT_EQ(Json::parse(result.out)["samples"], 100);
  const std::string picture = get_file(directory / "wrong.svg");
  EXPECT_EQ(picture, get_file(run + "/mistakes.svg")) << "as the training drew it";
  for (const char* part : {"fashion-dnn on fashion-mnist: mistakes", "of 100 samples ", ">is "})
    EXPECT_THAT(picture, HasSubstr(part));
  expect_failure(fovea({"eval", "--weights", trained_weights(), "--mistakes", "wrong.png"}), 2,
                 "fovea eval: ", "--mistakes");
}

/// Sample 7 of the test data, from its file.
std::string sample_bytes() {
  return get_file(tiny_root() + "/fashion-mnist/t10k-images-idx3-ubyte").substr(16 + 7 * 784, 784);
}

io::Image image_of(const std::string& pixels, std::int64_t height, std::int64_t width) {
  return from_bytes(as_bytes(pixels), {1, height, width}, u8);
}

TEST(Predict, AFileIsSeenAsTheSampleThatItShows) {
  const TempDir directory;
  io::write_png(directory / "sample.png", image_of(sample_bytes(), 28, 28));
  const std::vector<std::string> head = {"predict", "--weights", trained_weights(),
                                         "--json",  "--top",     "10"};
  std::vector<std::string> by_file = head, by_index = head;
  by_file.push_back((directory / "sample.png").string());
  by_index.insert(by_index.end(), {"--index", "7", "--data-root", tiny_root()});
  const Json file = json_of(by_file), index = json_of(by_index);
  ASSERT_EQ(file.size(), 1);
  EXPECT_THAT(keys_of(file[0]), UnorderedElementsAre("input", "top"));
  EXPECT_EQ(file[0]["input"], (directory / "sample.png").string());
  EXPECT_EQ(index[0]["input"], "fashion-mnist[7]");
  EXPECT_EQ(file[0]["top"], index[0]["top"]);
  ASSERT_EQ(file[0]["top"].size(), 10);
  EXPECT_THAT(keys_of(file[0]["top"][0]), UnorderedElementsAre("class", "index", "probability"));
  EXPECT_EQ(file[0]["top"][0]["class"], "Sneaker");
  double sum = 0, before = 1;
  for (const Json& one : file[0]["top"]) {
    sum += one["probability"].get<double>();
    EXPECT_LE(one["probability"].get<double>(), before);
    before = one["probability"].get<double>();
  }
  EXPECT_NEAR(sum, 1, 1e-5);
}

TEST(Predict, MakesPicturesGreyAndOfTheModelsSizeAndInvertsThem) {
  const TempDir directory;
  // The sample twice as large, in three equal channels, dark on light.
  const std::string pixels = sample_bytes();
  std::string large;
  for (int c = 0; c < 3; ++c) {
    for (std::size_t y = 0; y < 56; ++y) {
      for (std::size_t x = 0; x < 56; ++x) {
        large += static_cast<char>(255 - static_cast<unsigned char>(pixels[y / 2 * 28 + x / 2]));
      }
    }
  }
  io::write_png(directory / "photo.png", from_bytes(as_bytes(large), {3, 56, 56}, u8));
  const Json answer = json_of({"predict", "--weights", trained_weights(), "--json", "--invert",
                               (directory / "photo.png").string()});
  ASSERT_EQ(answer[0]["top"].size(), 3);
  EXPECT_EQ(answer[0]["top"][0]["class"], "Sneaker");
}

TEST(Predict, TextNamesInputClassesAndTruth) {
  const ProcessResult result = fovea(
      {"predict", "--weights", trained_weights(), "--index", "7", "--data-root", tiny_root()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("fashion-mnist[7]   (it is Sneaker)\n  Sneaker"));
}

// One file that is no picture costs its own answer and no other.
TEST(Predict, BadFilesAreNamedAndTheOthersAnswered) {
  const TempDir directory;
  io::write_png(directory / "a.png", image_of(sample_bytes(), 28, 28));
  io::write_png(directory / "z.png", image_of(sample_bytes(), 28, 28));
  put_file(directory / "bad.png", "no picture");
  std::filesystem::create_directory(directory / "folder");
  std::filesystem::create_symlink("/no/such.png", directory / "lost.png");
  const ProcessOptions here{.directory = directory.path()};
  const std::vector<std::string> head = {"predict", "--weights", trained_weights()};
  std::vector<std::string> all = head;
  all.insert(all.end(), {"--json", "--batch-size", "2", "bad.png", "a.png", "folder", "lost.png",
                         "z.png", "a.png"});
  const ProcessResult json = fovea(all, here);
  EXPECT_EQ(json.exit_code, 3);
  const Json document = Json::parse(json.out);
  ASSERT_EQ(document.size(), 3u);
  EXPECT_EQ(document[0]["input"], "a.png");
  EXPECT_EQ(document[1]["input"], "z.png");
  EXPECT_EQ(document[2]["top"][0]["class"], "Sneaker");
  EXPECT_EQ(nlohmann::ordered_json::parse(json.out).dump(2) + "\n", json.out);
  EXPECT_EQ(std::count(json.err.begin(), json.err.end(), '\n'), 3) << json.err;
  for (const char* part : {"fovea predict: image: first bytes expected", "(bad.png, byte 0)",
                           "predict: pictures (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff) "
                           "expected in folder, got none",
                           "read_file: lost.png expected to be readable, got \"No such file"}) {
    EXPECT_THAT(json.err, HasSubstr(part));
  }
  std::vector<std::string> text = head;
  text.insert(text.end(), {"a.png", "bad.png"});
  const ProcessResult table = fovea(text, here);
  EXPECT_EQ(table.exit_code, 3);
  EXPECT_THAT(table.out, testing::StartsWith("a.png\n  Sneaker"));
  // Where there is no answer at all the code is that of the first.
  std::vector<std::string> none = head;
  none.insert(none.end(), {"lost.png", "bad.png", "--json"});
  const ProcessResult nothing = fovea(none, here);
  EXPECT_EQ(nothing.exit_code, 4);
  EXPECT_EQ(nothing.out, "");
}

/// A folder of the sample, and of its negative, with what is no picture beside them.
class PredictFolder : public testing::Test {
 protected:
  PredictFolder() {
    std::string negative = sample_bytes();
    for (char& pixel : negative) pixel = static_cast<char>(255 - static_cast<unsigned char>(pixel));
    for (const char* folder : {"photos/deep", "photos/.cache"})
      std::filesystem::create_directories(directory_ / folder);
    for (const char* file : {"b,1.png", "a.png", "deep/0.PNG", ".hidden.png", ".cache/x.png"})
      io::write_png(directory_ / "photos" / file, image_of(sample_bytes(), 28, 28));
    io::write_png(directory_ / "negative.png", image_of(negative, 28, 28));
    put_file(directory_ / "photos/notes.txt", "no picture");
  }

  ProcessResult predict(std::vector<std::string> more) const {
    std::vector<std::string> words = {"predict", "--weights", trained_weights()};
    words.insert(words.end(), more.begin(), more.end());
    return fovea(words, {.directory = directory_.path()});
  }

  TempDir directory_;
};

TEST_F(PredictFolder, AllItsPicturesAreAnsweredInOrder) {
  const ProcessResult result = predict({"photos", "--json", "--batch-size", "2"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "left out: 1 file that is no picture by its ending: 1 .txt (photos)\n");
  const Json document = Json::parse(result.out);
  ASSERT_EQ(document.size(), 3u) << "hidden ones are passed over";
  EXPECT_EQ(document[0]["input"], "photos/a.png");
  EXPECT_EQ(document[1]["input"], "photos/b,1.png");
  EXPECT_EQ(document[2]["input"], "photos/deep/0.PNG");
  EXPECT_EQ(document[2]["top"][0]["class"], "Sneaker");
}

TEST_F(PredictFolder, AnswersAreRowsWhenTold) {
  const ProcessResult result = predict({"photos/deep", "photos/b,1.png", "--csv", "--top", "2"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const Json answers = Json::parse(predict({"photos/deep", "photos/b,1.png", "--json"}).out);
  ASSERT_EQ(answers.size(), 2u);
  std::string rows = "input,class_1,probability_1,class_2,probability_2\n";
  const char* const inputs[] = {"photos/deep/0.PNG", "\"photos/b,1.png\""};
  for (std::size_t i = 0; i < 2; ++i) {
    const Json& answer = answers[i]["top"];
    rows += inputs[i];
    for (std::size_t rank = 0; rank < 2; ++rank) {
      char probability[32];
      std::snprintf(probability, sizeof probability, "%.8g",
                    answer[rank]["probability"].get<double>());
      rows += "," + answer[rank]["class"].get<std::string>() + "," + probability;
    }
    rows += '\n';
  }
  EXPECT_EQ(result.out, rows);
  // As many columns as there are classes, and a first row without a second.
  EXPECT_THAT(predict({"photos/a.png", "--csv", "--top", "99"}).out, HasSubstr(",class_10,"));
  expect_failure(predict({"photos", "--csv", "--json"}), 2,
                 "fovea predict: ", "--json and --csv: one of them expected, got both");
}

TEST_F(PredictFolder, ASheetShowsWhatTheModelSaw) {
  const ProcessResult result = predict({"photos/a.png", "photos/deep", "--sheet", "seen.svg"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "fovea predict: 2 pictures in seen.svg\n");
  const std::string sheet = get_file(directory_ / "seen.svg");
  for (const char* part :
       {">fashion-dnn</text>", ">2 pictures as the model saw them</text>", ">Sneaker ", " %</text>",
        ">a.png</text>", ">0.PNG</text>", "<title>photos/a.png\nSneaker "})
    EXPECT_THAT(sheet, HasSubstr(part));
  // The pixels are those of the file, which needed no change.
  const std::string picture = as_text(io::encode_png(image_of(sample_bytes(), 28, 28)));
  EXPECT_THAT(sheet, HasSubstr(io::encode_base64(as_bytes(picture))));
  std::vector<std::string> many(101, "photos/a.png");
  many.insert(many.end(), {"--sheet", "seen.svg"});
  EXPECT_THAT(predict(many).err, HasSubstr("the first 100 of 101 pictures in seen.svg"));
  expect_failure(predict({"photos", "--sheet", "seen.png"}), 2, "fovea predict: ", "--sheet");
  const ProcessResult lost = predict({"photos/a.png", "--sheet", "none/seen.svg"});
  EXPECT_EQ(lost.exit_code, 4);
  EXPECT_THAT(lost.out, HasSubstr("Sneaker")) << "the answers are not lost";
}

TEST_F(PredictFolder, ANegativeIsSuspected) {
  EXPECT_EQ(predict({"negative.png"}).err,
            "fovea predict: the picture is light at the edges, where those that the model has "
            "learned from are dark: try --invert\n");
  EXPECT_EQ(predict({"negative.png", "--invert"}).err, "");
  EXPECT_EQ(predict({"photos/a.png", "--invert"}).err,
            "fovea predict: the picture is light at the edges, where those that the model has "
            "learned from are dark: try without --invert\n");
  EXPECT_THAT(predict({"negative.png", "photos/a.png", "negative.png", "--json"}).err,
              testing::StartsWith("fovea predict: 2 of 3 pictures are light at the edges"));
}

TEST(Predict, AnyNumberOfPicturesTakesTheMemoryOfABatch) {
  const TempDir directory;
  io::write_png(directory / "large.png", zeros({3, 28, 28}, {.dtype = u8}));
  const auto peak = [&](std::size_t count) {
    std::vector<std::string> words = {"predict", "--weights",    trained_weights(),
                                      "--json",  "--batch-size", "4"};
    words.insert(words.end(), count, "large.png");
    const ProcessResult result =
        fovea(words, {.directory = directory.path(), .output_file = "/dev/null"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.peak_bytes;
  };
  // A thousand more in memory would be 2.3 MB of pixels and some kilobytes each of text and JSON.
  EXPECT_LT(peak(4000), peak(40) + 3'000'000);
}

TEST(Predict, AnIndexOutsideIsAMistake) {
  expect_failure(fovea({"predict", "--weights", trained_weights(), "--index", "100", "--data-root",
                        tiny_root()}),
                 2, "fovea predict: ", "--index expected from 0 to 99, got 100");
}

TEST(Summary, JsonHasTheChaptersNumbers) {
  const Json cnn = json_of({"summary", "fashion-cnn", "--json"});
  EXPECT_THAT(keys_of(cnn), UnorderedElementsAre("model", "input_shape", "layers", "parameters",
                                                 "multiply_adds", "bytes"));
  EXPECT_EQ(cnn["input_shape"], Json({1, 28, 28}));
  EXPECT_EQ(cnn["parameters"], 1475338);
  // 225,792 + 2,654,208 + 1,382,400 + 72,000 + 1,200: 8.67 MFLOP at two each.
  EXPECT_EQ(cnn["multiply_adds"], 4335600);
  // 1,475,530 values of 4 bytes, and two batch counters of 8.
  EXPECT_EQ(cnn["bytes"], 1475530 * 4 + 2 * 8);
  EXPECT_THAT(keys_of(cnn["layers"][0]),
              UnorderedElementsAre("name", "type", "output_shape", "parameters", "multiply_adds"));
  EXPECT_EQ(cnn["layers"][0]["name"], "layer1.0");
  EXPECT_EQ(cnn["layers"][0]["type"], "Conv2d");
  EXPECT_EQ(cnn["layers"][0]["output_shape"], Json({32, 28, 28}));
  const Json dnn = json_of({"summary", "fashion-dnn", "--json"});
  EXPECT_EQ(dnn["parameters"], 235146);
  EXPECT_EQ(dnn["multiply_adds"], 784 * 256 + 256 * 128 + 128 * 10);
}

TEST(Summary, TakesOtherInputsOptionsAndFiles) {
  const Json wide = json_of({"summary", "fashion-cnn", "--json", "--input-shape", "3x32x32",
                             "--model-opt", "num_classes=100"});
  EXPECT_EQ(wide["input_shape"], Json({3, 32, 32}));
  EXPECT_EQ(wide["layers"][0]["parameters"], 32 * 27 + 32);
  EXPECT_EQ(wide["layers"].back()["output_shape"], Json({100}));
  const Json file = json_of({"summary", trained_weights(), "--json"});
  EXPECT_EQ(file["model"], "fashion-dnn");
  const ProcessResult table = fovea({"summary", "fashion-cnn"});
  EXPECT_THAT(table.out, HasSubstr("1,475,338"));
  EXPECT_THAT(table.out, HasSubstr("8.67 MFLOP"));
}

TEST(Summary, SaysWhatItWrote) {
  const TempDir directory;
  const ProcessResult result =
      fovea({"summary", "fashion-dnn", "--svg", "m.svg"}, {.directory = directory.path()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "wrote m.svg\n");
  EXPECT_THAT(get_file(directory / "m.svg"), HasSubstr("<svg"));
}

TEST(Summary, AGraphIsAsWideAsItIsWanted) {
  const auto widest = [](const std::string& text) {
    std::size_t most = 0;
    for (std::size_t start = 0; start < text.size(); start = text.find('\n', start) + 1)
      most = std::max(most, text.find('\n', start) - start);
    return most;
  };
  const std::vector<std::string> words = {"summary", "resnet18", "--graph"};
  const std::string whole = fovea(words).out;
  EXPECT_GT(widest(whole), 100U) << "a file has no width";
  const std::string fitted = fovea(words, {.environment = {{"COLUMNS", "60"}}}).out;
  EXPECT_LE(widest(fitted), 60U);
  const auto without_space = [](std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
  };
  EXPECT_EQ(without_space(fitted), without_space(whole)) << "nothing is lost";
}

TEST(Data, ListAndInfoSayWhatIsThere) {
  const ProcessResult list = fovea({"data", "list", "--data-root", tiny_root()});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_THAT(list.out, HasSubstr(tiny_root() + "/fashion-mnist"));
  EXPECT_THAT(list.out, HasSubstr("not here"));
  const ProcessResult info = fovea({"data", "info", "mnist", "--data-root", tiny_root()});
  EXPECT_EQ(info.exit_code, 0);
  EXPECT_THAT(info.out, HasSubstr("fovea data download mnist"));
  EXPECT_THAT(info.out, HasSubstr("missing   train-images-idx3-ubyte.gz"));
}

TEST(Data, GridWritesAPictureWithClassNames) {
  const TempDir directory;
  const ProcessOptions options{.directory = directory.path()};
  const ProcessResult result = fovea({"data", "grid", "--data-root", tiny_root()}, options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "fashion-mnist-grid.svg\n");
  const std::string picture = get_file(directory / "fashion-mnist-grid.svg");
  EXPECT_THAT(picture, HasSubstr("<svg"));
  std::size_t images = 0;
  for (std::size_t i = picture.find("<image"); i != std::string::npos;
       i = picture.find("<image", i + 1))
    ++images;
  EXPECT_EQ(images, 20u);
  EXPECT_EQ(fovea({"data", "grid", "--data-root", tiny_root(), "--output", "again.svg"}, options)
                .exit_code,
            0);
  EXPECT_EQ(get_file(directory / "again.svg"), picture);
}

TEST(Bench, JsonHasTheRowsOfTheContract) {
  const Json document =
      json_of({"bench", "--json", "--rounds", "1", "--seconds", "0.01", "--threads", "2"});
  EXPECT_THAT(keys_of(document),
              UnorderedElementsAre("cpu", "isa", "threads", "peak_gflops", "rows"));
  EXPECT_THAT(keys_of(document["peak_gflops"]), UnorderedElementsAre("f32", "bf16"));
  EXPECT_GT(document["peak_gflops"]["f32"].get<double>(), 0);
  EXPECT_EQ(document["threads"], 2);
  std::vector<std::string> names;
  for (const Json& row : document["rows"]) {
    EXPECT_THAT(keys_of(row), UnorderedElementsAre("name", "threads", "precision", "ms", "gflops",
                                                   "share_of_peak"));
    names.push_back(row["name"]);
  }
  EXPECT_THAT(names,
              testing::IsSupersetOf({"train-step/fashion-cnn", "train-step/fashion-dnn",
                                     "infer/fashion-cnn/batch1", "infer/fashion-cnn/batch100"}));
  // 25.6 MFLOP an image, forward and backward (docs/performance), for 100 images.
  const Json& step = document["rows"][0];
  EXPECT_NEAR(step["gflops"].get<double>() * step["ms"].get<double>() * 1e-3, 2.556, 0.002);
}

TEST(Bench, MeasuresTheStackAndNetworksDrawnAtRandom) {
  const std::vector<std::string> hurry = {"--rounds", "1", "--seconds", "0.001", "--json"};
  const auto rows_of = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "bench");
    words.insert(words.end(), hurry.begin(), hurry.end());
    return json_of(words)["rows"];
  };
  const Json stack = rows_of({"--only", "vgg-stack", "--batch-size", "2"});
  ASSERT_EQ(stack.size(), 1u);
  EXPECT_EQ(stack[0]["name"], "train-step/vgg-stack/batch2");
  // Products of the three convolutions and the linear layer, forward, and both gradients of all but
  // the first.
  const double first = 27 * 64 * 32 * 32,
               rest = 576 * 128 * 16 * 16 + 1152 * 256 * 8 * 8 + 4096 * 10;
  EXPECT_NEAR(stack[0]["gflops"].get<double>() * stack[0]["ms"].get<double>(),
              2 * 2 * (2 * first + 3 * rest) * 1e-6, 1e-3);
  const Json drawn = rows_of({"--random", "2", "--seed", "7", "--batch-size", "2"});
  ASSERT_EQ(drawn.size(), 2u);
  EXPECT_EQ(drawn[1]["name"], "train-step/random-8/batch2");
}

TEST(Bench, ListsRowsWithoutMeasuring) {
  const ProcessResult list =
      fovea({"bench", "--list", "--model", "vgg11_bn", "--model-opt", "image_size=32"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("train-step/vgg11_bn\n"));
  EXPECT_THAT(list.out, HasSubstr("infer/vgg11_bn/batch1\n"));
  EXPECT_THAT(list.out, HasSubstr("layer/vgg11_bn/features.4\n"));
  const Json network =
      json_of({"bench", "--list", "--json", "--random", "1", "--seed", "3"})["rows"][0]["network"];
  EXPECT_EQ(network["input"], Json({4, 16, 11}));
  EXPECT_EQ(network["batch_size"], 32);
  EXPECT_EQ(network["layers"][0],
            "Conv2d(4, 64, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))");
}

TEST(Bench, PeakAloneRunsNoModel) {
  const Json document = json_of({"bench", "--peak", "--json", "--rounds", "1"});
  EXPECT_TRUE(document["rows"].empty());
}

}  // namespace
}  // namespace fovea::test
