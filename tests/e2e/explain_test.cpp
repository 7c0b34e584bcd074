// fovea explain: what it prints, to people and to programs, and what it says of mistakes.

#include <cmath>
#include <fstream>

#include "fovea/io/tensors/safetensors.h"
#include "tests/e2e/fovea.h"

namespace fovea::test {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;
using Json = nlohmann::json;

/// A network of the chapter's, trained by PyTorch.
const std::string kWeights = FOVEA_SOURCE_DIR "/tests/golden/fashion_cnn.safetensors";

Json explained(std::vector<std::string> words) {
  words.insert(words.begin(), "explain");
  words.insert(words.end(), {"--format", "json"});
  return json_of(std::move(words));
}

// Each begins with its command. tests/golden/explain.sh writes them.
TEST(Explain, PrintsWhatItPrintedBefore) {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(FOVEA_SOURCE_DIR "/tests/golden/explain")) {
    SCOPED_TRACE(entry.path().filename().string());
    const std::string text = get_file(entry.path());
    const std::size_t end = text.find('\n');
    std::vector<std::string> words = shell_words(text.substr(0, end));
    ASSERT_GT(words.size(), 3u);
    ASSERT_EQ(words[0] + words[1] + words[2], "$foveaexplain");
    words.erase(words.begin(), words.begin() + 2);
    const ProcessResult result = fovea(words, {.environment = {{"LC_ALL", "C.UTF-8"}}});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, text.substr(end + 1));
    ++files;
  }
  EXPECT_GE(files, 20u);
}

// The chapter's numbers, in the form that scripts rely on.
TEST(Explain, TellsProgramsOfAConvolution) {
  const Json json = explained({"conv"});
  EXPECT_EQ(json["topic"], "conv");
  EXPECT_EQ(json["input"].size(), 6u);
  EXPECT_EQ(json["input"][3], Json({1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(json["kernel"], Json({{1, 0, 1}, {0, 1, 0}, {1, 0, 1}}));
  EXPECT_EQ(json["stride"], 1);
  EXPECT_EQ(json["padding"], 0);
  EXPECT_EQ(json["dilation"], 1);
  EXPECT_THAT(json["size_formula"].get<std::string>(), HasSubstr("= 4"));
  ASSERT_EQ(json["stops"].size(), 16u);
  EXPECT_EQ(json["stops"][0]["step"], 1);
  EXPECT_EQ(json["stops"][4]["at"], Json({1, 0}));
  EXPECT_EQ(json["stops"][0]["window"], Json({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}));
  EXPECT_EQ(json["stops"][0]["products"], Json({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}));
  EXPECT_EQ(json["stops"][3]["sum"], 3);
  EXPECT_EQ(json["output"], Json({{3, 1, 1, 3}, {1, 2, 3, 0}, {1, 2, 2, 2}, {3, 0, 3, 1}}));
  const Json one = explained({"conv", "--step", "16"});
  ASSERT_EQ(one["stops"].size(), 1u);
  EXPECT_EQ(one["stops"][0]["step"], 16);
  EXPECT_EQ(one["stops"][0]["sum"], 1);
}

TEST(Explain, TellsProgramsOfAPooling) {
  const Json json = explained({"pool", "--kind", "average"});
  EXPECT_EQ(json["topic"], "pool");
  EXPECT_EQ(json["kind"], "average");
  EXPECT_EQ(json["input"][0], Json({3, -1, 12, -1}));
  ASSERT_EQ(json["stops"].size(), 4u);
  EXPECT_EQ(json["stops"][1]["window"], Json({{12, -1}, {0, 1}}));
  EXPECT_EQ(json["stops"][1]["value"], 3);
  EXPECT_EQ(json["output"], Json({{0, 3}, {0, 1}}));
  EXPECT_EQ(explained({"pool", "--kind", "max"})["output"], Json({{3, 12}, {3, 4}}));
  EXPECT_EQ(explained({"pool", "--kind", "min"})["output"], Json({{-3, -1}, {-3, -1}}));
}

TEST(Explain, TellsProgramsOfSizes) {
  const Json json = explained({"sizes", "fashion-cnn"});
  ASSERT_TRUE(json.is_array());
  EXPECT_EQ(json[0]["layer"], "layer1.0");
  EXPECT_EQ(json[0]["type"], "Conv2d");
  EXPECT_EQ(json[0]["input"], Json({1, 28, 28}));
  EXPECT_EQ(json[0]["output"], Json({32, 28, 28}));
  EXPECT_THAT(json[0]["formula"].get<std::string>(), HasSubstr("= 28"));
}

TEST(Explain, SpeaksKoreanWhereItsReaderDoes) {
  const ProcessResult help = fovea({"explain", "conv", "--help", "--lang", "ko"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("사용법"), HasSubstr("커널")));
  const ProcessResult by_locale =
      fovea({"explain", "conv", "--help"}, {.environment = {{"LC_ALL", "ko_KR.UTF-8"}}});
  EXPECT_EQ(by_locale.out, help.out);
  EXPECT_THAT(fovea({"explain", "--help"}, {.environment = {{"LC_ALL", "ko_KR.UTF-8"}}}).out,
              HasSubstr("사용법"));
  const auto refuse = [](std::vector<std::string> words, const std::string& korean) {
    words.insert(words.begin(), "explain");
    words.insert(words.end(), {"--lang", "ko"});
    expect_failure(fovea(words), 2, "fovea explain", korean);
  };
  refuse({"conv", "--image", "1 x"}, "--image: 수가 와야 하는데 \"x\"입니다");
  refuse({"conv", "--colour"}, "모르는 플래그 \"--colour\"");
  refuse({"conv", "--step", "17"}, "--step: 1에서 16까지여야 하는데 17입니다");
  refuse({"conv", "--stride", "two"}, "--stride");
  refuse({"conv", "--dims", "1", "--image", "1 2 | 3 4"},
         "--dims 1에는 행만 있어야 하는데 조각이 2장입니다");
  refuse({"layer", "--weights", kWeights, "--image", "a.png", "--index", "1"},
         "--image와 --index: 둘 중 하나만 써야 합니다");
  refuse({"layer", "--weights", kWeights, "--model", "fashion-cnn", "--data-root", tiny_root(),
          "--at", "1,2"},
         "--layer: --at과 함께 써야 하는데 없습니다");
  refuse({"layer", "--weights", kWeights, "--model", "fashion-cnn", "--backward"},
         "--layer: --backward와 함께 써야 하는데 없습니다");
  refuse({"layer", "--weights", kWeights, "--model", "fashion-cnn", "--class", "1"},
         "--class: --backward와 함께만 쓸 수 있습니다");
  refuse({"cnov"}, "모르는 명령 \"cnov\"; \"conv\"입니까?");
  // Who speaks no Korean is answered in English, in a Korean locale too.
  expect_failure(fovea({"summary", "--nonsense"}, {.environment = {{"LC_ALL", "ko_KR.UTF-8"}}}), 2,
                 "fovea summary: unknown flag \"--nonsense\"", "");
}

TEST(Explain, SaysWhatIsWrong) {
  expect_failure(fovea({"explain", "conv", "--image", "1 2; 3"}), 2, "fovea explain conv: --image",
                 "rows of 2 numbers");
  expect_failure(fovea({"explain", "conv", "--step", "0"}), 2,
                 "fovea explain conv: --step expected at least 1, got 0", "");
  expect_failure(fovea({"explain", "conv", "--output", "a.pdf"}), 2,
                 "fovea explain conv: --output expected a .txt, .svg, .html or .json file", "");
  expect_failure(fovea({"explain", "conv", "--output", "/nowhere/a.svg"}), 4,
                 "fovea explain conv: ", "/nowhere/a.svg");
  expect_failure(fovea({"explain", "conv", "--image", "1 2; 3 4"}), 2,
                 "fovea explain conv: ", "kernel");
}

TEST(Explain, RefusesFlagsThatMakeNoSense) {
  const auto refuse = [](std::vector<std::string> words, const std::string& said) {
    const std::string begin = "fovea explain " + words[0] + ": ";
    words.insert(words.begin(), "explain");
    expect_failure(fovea(words), 2, begin + said, "");
  };
  refuse({"conv", "--dims", "4"}, "--dims expected from 1 to 3, got 4");
  refuse({"conv", "--dims", "1", "--image", "1 2 | 3 4"},
         "--image expected rows alone for --dims 1, got 2 slices");
  refuse({"conv", "--image", "1 2; 3 4"}, "kernel expected to fit the padded image, got [3, 3]");
  refuse({"conv", "--example", "colour"}, "--example expected one of chapter, color,");
  refuse({"linear", "--weight", "1 | 2"}, "--weight expected rows alone, got 2 slices");
  refuse({"linear", "--input", "1 2", "--weight", "1 2 3"}, "weight expected [out, 2], got [1, 3]");
  refuse({"softmax", "--scores", "1 2; 3 4"}, "--scores expected one row of numbers, got");
  refuse({"cross-entropy", "--target", "3"}, "--target expected from 0 to 2, got 3");
  refuse({"adam", "--steps", "0"}, "--steps expected from 1 to 1000, got 0");
  refuse({"devices", "--devices", "65"}, "--devices expected from 1 to 64, got 65");
  refuse({"dropout", "--p", "1.5"}, "--p expected from 0 to 1, got 1.5");
  const auto of_model = [&](std::vector<std::string> words, const std::string& said) {
    words.insert(words.end(),
                 {"--weights", kWeights, "--model", "fashion-cnn", "--data-root", tiny_root()});
    refuse(std::move(words), said);
  };
  of_model({"layer", "--image", "a.png", "--index", "1"},
           "--image and --index: one of them expected, got both");
  of_model({"layer", "--at", "1,2"}, "--layer expected beside --at, got none");
  of_model({"layer", "--backward"}, "--layer expected beside --backward, got none");
  of_model({"layer", "--class", "1"}, "--class expected beside --backward alone");
  of_model({"layer", "--layer", "layer1.9"}, "layer expected ");
  of_model({"layer", "--layer", "layer1.0", "--at", "28,0"}, "row expected in 0 to 27, got 28");
  of_model({"layer", "--channel", "32"}, "channel expected in 0 to 31, got 32");
  of_model({"saliency", "--class", "10"}, "class expected ");
  of_model({"step", "--batch", "4"}, "--batch expected from 0 to 3, got 4");
  of_model({"step", "--parameter", "fc9.weight"}, "parameter expected ");
  of_model({"saliency", "--class", "Sneakr"},
           "--class expected a class's name or number, got \"Sneakr\"; did you mean \"Sneaker\"?");
  of_model({"gradcam", "--layer", ""}, "--layer expected a value, got an empty one");
  of_model({"step", "--batch-size", "1025"}, "--batch-size expected from 1 to 1024, got 1025");
  of_model({"occlusion", "--size", "29"}, "");
}

// A trained model's kernel on its way, and one value of it.
TEST(Explain, ShowsAModelOfOnesOwn) {
  const std::vector<std::string> model = {"--weights",   kWeights,      "--model",
                                          "fashion-cnn", "--data-root", tiny_root()};
  const auto with = [&](std::vector<std::string> words) {
    // Filters are the same for all images.
    words.insert(words.end(), model.begin(), model.end() - (words[1] == "filters" ? 2 : 0));
    return words;
  };
  const Json json = explained(
      with({"layer", "--layer", "layer1.0", "--channel", "3", "--at", "5,7", "--index", "2"}));
  EXPECT_EQ(json["layer"], "layer1.0");
  EXPECT_EQ(json["type"], "Conv2d");
  EXPECT_EQ(json["channel"], 3);
  EXPECT_EQ(json["at"], Json({5, 7}));
  double sum = 0, size = 0;
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c) {
      const double product = json["products"][0][r][c].get<double>();
      EXPECT_NEAR(product,
                  json["window"][0][r][c].get<double>() * json["weights"][0][r][c].get<double>(),
                  1e-12);
      sum += product;
      size += std::abs(product);
    }
  EXPECT_NEAR(json["sum"].get<double>(), sum, 1e-12);
  EXPECT_NEAR(json["value"].get<double>(), sum + json["bias"].get<double>(),
              1e-6 * (size + std::abs(json["bias"].get<double>())));
  const Json back = explained(with({"layer", "--layer", "layer2.0", "--channel", "3", "--at", "5,7",
                                    "--index", "2", "--backward", "--class", "4"}));
  EXPECT_EQ(back["class"], 4);
  EXPECT_EQ(explained(with({"saliency", "--class", "Sneaker"}))["class"], 7);
  EXPECT_EQ(back["weight"]["terms"], 144);
  EXPECT_NEAR(back["input"]["sum"].get<double>(), back["input"]["gradient"].get<double>(),
              1e-6 * back["input"]["size"].get<double>());
  const TempDir directory;
  for (const char* topic :
       {"layer", "filters", "features", "saliency", "gradcam", "occlusion", "step"}) {
    SCOPED_TRACE(topic);
    for (const char* file : {"a.svg", "a.html", "a.txt", "a.json"}) {
      const ProcessResult result =
          fovea(with({"explain", topic, "--output", (directory / file).string(), "--lang", "ko"}));
      EXPECT_EQ(result.exit_code, 0) << result.err;
    }
    EXPECT_THAT(get_file(directory / "a.svg"), HasSubstr("<svg"));
  }
  EXPECT_THAT(get_file(directory / "a.json"), HasSubstr("\"m_corrected\""));
}

TEST(Explain, WritesOverNoInput) {
  const TempDir work;
  const std::string weights = work / "w.safetensors";
  fs::copy_file(kWeights, weights);
  const ProcessResult result =
      fovea({"explain", "filters", "--weights", weights, "--format", "json", "--output", weights});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err,
              HasSubstr("--output expected a name that ends in .json with --format json"));
  EXPECT_EQ(get_file(weights), get_file(kWeights));
}

TEST(Explain, ValuesThatAreNoNumbersAreAnErrorOfTheirOwn) {
  const TempDir work;
  io::SafeTensors file = io::load_safetensors(kWeights);
  for (auto& [name, tensor] : file.tensors)
    if (name == "fc3.weight") tensor.fill_(std::nan(""));
  io::save_safetensors(work / "nan.safetensors", file.tensors, file.metadata);
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"conv", "--dims", "1", "--image", "1e308 1e308", "--kernel", "10 10"},
           {"autograd", "--x", "1e200", "--w", "1e200"},
           {"occlusion", "--model", "fashion-cnn", "--weights", work / "nan.safetensors", "--index",
            "0"},
           {"layer", "--model", "fashion-cnn", "--weights", work / "nan.safetensors", "--layer",
            "fc3"}}) {
    std::vector<std::string> line = {"explain"};
    line.insert(line.end(), words.begin(), words.end());
    const ProcessResult result = fovea(line);
    EXPECT_EQ(result.exit_code, 5) << words[0] << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr("values expected finite, got "));
  }
}

TEST(Explain, WritesFilesByTheirNames) {
  const TempDir directory;
  for (const auto& [name, part] :
       std::vector<std::pair<std::string, std::string>>{{"a.svg", "<svg"},
                                                        {"a.html", "<!doctype html>"},
                                                        {"a.json", "\"stops\""},
                                                        {"a.txt", "(1x1)+(0x0)+(0x1)"}}) {
    const fs::path file = directory / name;
    const ProcessResult result = fovea({"explain", "conv", "--output", file.string()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "wrote " + file.string() + "\n");
    EXPECT_THAT(get_file(file), HasSubstr(part)) << name;
  }
}

}  // namespace
}  // namespace fovea::test
