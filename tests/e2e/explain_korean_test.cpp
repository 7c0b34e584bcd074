// What fovea explain says in Korean of mistakes in its flags that only the library can see.

#include "tests/e2e/fovea.h"

namespace fovea::test {
namespace {

using Words = std::vector<std::string>;

/// Expects that `fovea explain WORDS --lang ko` refuses with `korean`, which is what the library
/// says: the name that it begins with is the command's own.
void refuse(Words words, std::string korean, int code = 2) {
  SCOPED_TRACE(korean);
  if (korean.starts_with("explain")) korean.erase(0, korean.find(": ") + 2);
  const std::string begin = "fovea explain " + words[0] + ": ";
  words.insert(words.begin(), "explain");
  words.insert(words.end(), {"--lang", "ko"});
  expect_failure(fovea(words), code, begin, korean);
}

TEST(ExplainInKorean, HelpsWhereTheLanguageIsAskedForOfAllTopics) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"explain", "--help", "--lang", "ko"},
                                             {"explain", "--lang", "ko", "--help"},
                                             {"explain", "--lang=ko", "--help"}}) {
    const ProcessResult result = fovea(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, testing::HasSubstr("합성곱"));
  }
}

TEST(ExplainInKorean, RefusesAnotherFormsName) {
  const ProcessResult result =
      fovea({"explain", "conv", "--format", "svg", "--output", "a.html", "--lang", "ko"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err,
              testing::HasSubstr(
                  "--output: --format svg에는 이름이 .svg로 끝나야 하는데 \"a.html\"입니다"));
}

TEST(ExplainInKorean, RefusesNumbersOfTheChaptersTopics) {
  refuse({"conv", "--stride", "0"}, "--stride: 1에서 1000000까지여야 하는데 0입니다");
  refuse({"conv", "--stride", "1,2,3"}, "--stride: 정수 1개나 2개가 와야 하는데 \"1,2,3\"입니다");
  refuse({"conv", "--padding", "same", "--stride", "2"},
         "--padding same: 스트라이드가 1이어야 하는데 2입니다");
  refuse({"conv", "--dims", "3"}, "image은(는) 3차원이나 4차원이어야 하는데 2차원입니다 ([6, 6])");
  refuse({"conv", "--padding", "2000"},
         "패딩한 이미지에는 수가 4194304개 이하여야 하는데 16048036개입니다");
  refuse({"conv", "--padding", "500"}, "단계는 65536개 이하여야 하는데 1008016개입니다");
  std::string ones;
  for (int row = 0; row < 9; ++row) ones += "1 1 1 1 1 1 1 1 1;";
  refuse({"conv", "--kernel", ones, "--padding", "128"},
         "모든 창의 수를 합쳐 4194304개 이하여야 하는데 5225796개입니다 (단계 64516개)");
  refuse({"pool", "--padding", "-1"}, "--padding: 0에서 1000000까지여야 하는데 -1입니다");
  refuse({"size", "--filters", "-1"}, "--filters: 0 이상이어야 하는데 -1입니다");
  refuse({"linear", "--input", "1 2; 3 4", "--weight", "1 2"},
         "explain linear: 가중치는 [출력, 4]이어야 하는데 [1, 2]입니다");
  refuse({"linear", "--bias", "1 2 3"}, "explain linear: 편향은 [2]이어야 하는데 [3]입니다");
  refuse({"linear", "--bias", "1; 2"}, "--bias: 한 행이어야 하는데 \"1; 2\"입니다");
  refuse({"linear", "--weight", "1 | 2"}, "--weight: 행만 있어야 하는데 조각이 2장입니다");
  refuse({"batchnorm", "--values", "1"},
         "explain batchnorm: 값은 한 차원에 2개에서 10000개까지여야 하는데 [1]입니다");
  refuse({"batchnorm", "--momentum", "2"}, "--momentum: 0에서 1까지여야 하는데 2입니다");
  refuse({"adam", "--lr", "-1"}, "--lr: 0 이상의 유한한 수여야 하는데 -1입니다");
  refuse({"adam", "--beta2", "1"}, "--beta2: 0 이상 1 미만이어야 하는데 1입니다");
  refuse({"adam", "--start", "inf"},
         "explain adam: 처음 값과 목표는 유한한 수여야 하는데 inf, 1입니다");
  refuse({"autograd", "--x", "nan"}, "explain autograd: 유한한 수여야 하는데 nan입니다");
}

TEST(ExplainInKorean, RefusesModelsThatThereAreNot) {
  refuse({"sizes", "fashion-cn"},
         "가운데 하나여야 하는데 \"fashion-cn\"입니다; \"fashion-cnn\"입니까?");
  refuse({"sizes", "none"}, "model: 이름은 fashion-cnn, ");
  refuse({"sizes", "vgg11", "--model-opt", "widht=1"},
         "vgg11: 옵션은 num_classes, in_channels, image_size, dropout 가운데 하나여야 하는데");
  refuse({"sizes", "vgg11", "--model-opt", "num_classes=x"},
         "num_classes은(는) 1에서 1000000까지의 정수여야 하는데 \"x\"입니다");
  refuse({"sizes", "vgg11", "--input-shape", "x"},
         "--input-shape: 형태는 1x28x28처럼 써야 하는데 \"x\"입니다");
  refuse({"receptive-field", "fashion-cnn", "--layer", "fc1"},
         "explain: 이미지의 창을 보는 층이어야 하는데 fc1입니다 (종류 Linear)");
  refuse({"receptive-field", "fashion-dnn"},
         "explain: 이미지의 창을 보는 층이 있어야 하는데 다른 층 7개뿐입니다");
  refuse({"receptive-field", "fashion-cnn", "--at", "1"},
         "explain: 자리는 수 2개여야 하는데 1개입니다");
  refuse({"receptive-field", "fashion-cnn", "--at", "9,1"},
         "explain: 자리 번호는 0에서 5까지여야 하는데 9입니다 (층 layer2.3, 출력 [1, 64, 6, 6])");
}

/// Of a network of the chapter's that PyTorch has trained.
Words of_model(Words words, const std::string& model) {
  const std::string file = model == "fashion-cnn" ? "fashion_cnn" : "fashion_dnn";
  words.insert(words.end(),
               {"--weights", FOVEA_SOURCE_DIR "/tests/golden/" + file + ".safetensors"});
  words.insert(words.end(), {"--model", model});
  if (words[0] != "filters") words.insert(words.end(), {"--data-root", tiny_root()});
  return words;
}

TEST(ExplainInKorean, SaysWhatIsNotThere) {
  refuse(of_model({"saliency", "--image", "none.png"}, "fashion-cnn"),
         "none.png 파일을 읽을 수 없습니다 (그런 파일이 없습니다)", 4);
  refuse(of_model({"saliency", "--image", "/"}, "fashion-cnn"),
         "/ 파일을 읽을 수 없습니다 (폴더입니다)", 4);
  refuse({"saliency", "--weights", "none.safetensors"},
         "none.safetensors 파일을 읽을 수 없습니다 (그런 파일이 없습니다)", 4);
  Words words = of_model({"saliency"}, "fashion-cnn");
  words.back() = "/nowhere";
  refuse(words,
         " 파일이 /nowhere/fashion-mnist에 없습니다 (\"fovea data download fashion-mnist\" 또는 "
         "\"apt install ",
         4);
}

TEST(ExplainInKorean, RefusesWhatAModelDoesNotHave) {
  const auto of_cnn = [](Words words, const std::string& korean) {
    refuse(of_model(std::move(words), "fashion-cnn"), korean);
  };
  of_cnn({"layer", "--layer", "layer1.00"},
         "explain: 실행되는 층의 이름이어야 하는데 \"layer1.00\"입니다; \"layer1.0\"입니까? "
         "(층: ");
  of_cnn({"layer", "--layer", "layer1.0", "--at", "28,0"},
         "explain: 행 번호는 0에서 27까지여야 하는데 28입니다 (층 layer1.0, 출력 [1, 32, 28, "
         "28])");
  of_cnn({"layer", "--layer", "layer1.0", "--at", "0,28"}, "explain: 열 번호는 0에서 27까지여야");
  of_cnn({"layer", "--channel", "32"}, "explain: 채널 번호는 0에서 31까지여야 하는데 32입니다");
  of_cnn({"layer", "--layer", "fc3", "--at", "1"}, "explain: 자리는 수 0개여야 하는데 1개입니다");
  of_cnn({"layer", "--data", "none"}, "data: 이름은 fashion-mnist, ");
  of_cnn({"layer", "--data", "fashion-mnst"},
         "가운데 하나이거나 사진 폴더여야 하는데 \"fashion-mnst\"입니다; \"fashion-mnist\"입니까?");
  of_cnn({"filters", "--layer", "fc1"},
         "explain: 2차원 합성곱 층이어야 하는데 fc1입니다 (종류 Linear)");
  of_cnn({"filters", "--filter", "32"}, "explain: 필터 번호는 0에서 31까지여야 하는데 32입니다");
  of_cnn({"filters", "--most", "0"}, "explain: 그림은 1개 이상이어야 하는데 0입니다");
  of_cnn({"features", "--most", "0"}, "explain: 그림은 1개 이상이어야 하는데 0입니다");
  of_cnn({"features", "--layer", "fc1"},
         "explain: 맵 [n, c, h, w]를 내는 층이어야 하는데 [1, 600]입니다 (층 fc1)");
  of_cnn({"gradcam", "--layer", "fc1"},
         "explain: 맵 [n, c, h, w]를 내는 층이어야 하는데 [1, 600]입니다");
  of_cnn({"saliency", "--class", "10"}, "explain: 클래스 번호는 0에서 9까지여야 하는데 10입니다");
  of_cnn({"occlusion", "--size", "29"}, "explain: 가림의 크기는 1에서 28까지여야 하는데 29입니다");
  of_cnn({"occlusion", "--stride", "0"}, "explain: 간격은 1 이상이어야 하는데 0입니다");
  of_cnn({"step", "--parameter", "fc3.wieght"},
         "explain: 모델의 매개변수 이름이어야 하는데 \"fc3.wieght\"입니다; \"fc3.weight\"입니까?");
  of_cnn({"step", "--at", "1"},
         "explain: 자리는 [32, 1, 3, 3]인 매개변수 안이어야 하는데 [1]입니다");
  of_cnn({"step", "--lr", "nan"}, "--lr: 0 이상의 유한한 수여야 하는데 nan입니다");
  of_cnn({"step", "--batch-size", "1025"}, "--batch-size: 1에서 1024까지여야 하는데 1025입니다");
  of_cnn({"saliency", "--class", "Sneakr"},
         "--class: 클래스의 이름이나 번호여야 하는데 \"Sneakr\"입니다; \"Sneaker\"입니까?");
  of_cnn({"saliency", "--class", ""}, "--class: 값이 비어 있습니다");
  of_cnn({"saliency", "--device", "abacus"},
         "device: 쓸 수 있는 장치(cpu) 가운데 하나여야 하는데 \"abacus\"입니다");
  const auto of_dnn = [](Words words, const std::string& korean) {
    refuse(of_model(std::move(words), "fashion-dnn"), korean);
  };
  of_dnn({"layer"}, "explain: 맵을 읽어 맵을 내는 층이 있어야 하는데 이 신경망에는 없습니다");
  of_dnn({"layer", "--layer", "fc1", "--at", "1"}, "explain: 자리는 수 0개여야");
  of_dnn({"filters"}, "explain: 모델에 2차원 합성곱이 있어야 하는데 없습니다");
  of_dnn({"gradcam"}, "explain: 모델에 2차원 합성곱이 있어야 하는데 없습니다");
  of_dnn({"features"}, "explain: 모델에 맵을 내는 층이 있어야 하는데 없습니다");
  refuse({"layer", "--weights", FOVEA_SOURCE_DIR "/tests/golden/fashion_cnn.safetensors"},
         "--model이 없습니다: PyTorch의 파일처럼 가중치에 모델 이름이 없습니다");
}

}  // namespace
}  // namespace fovea::test
