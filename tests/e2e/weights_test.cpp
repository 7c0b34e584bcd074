// fovea weights, and weights of others in train and eval.

#include <nlohmann/json.hpp>

#include "fovea/io/tensors/safetensors.h"
#include "fovea/models/model_file.h"
#include "fovea/models/models.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/sha256.h"
#include "tests/e2e/fovea.h"
#include "tests/support/image_tree.h"

namespace fovea::test {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;
using Json = nlohmann::json;

/// Weights of a ResNet-18 of 4 classes for images of 32x32, as torch.compile names them, in a file
/// whose name ends in its checksum.
fs::path compiled_weights(const TempDir& directory) {
  manual_seed(1);
  StateDict state;
  for (const auto& [name, tensor] :
       models::make_model("resnet18", {{"image_size", "32"}, {"num_classes", "4"}})->state_dict())
    state.emplace_back("_orig_mod." + name, tensor);
  io::save_safetensors(directory / "w.safetensors", state);
  const std::string sum = vision::sha256_file(directory / "w.safetensors");
  fs::path named = directory / ("tuned-" + sum.substr(0, 8) + ".safetensors");
  fs::rename(directory / "w.safetensors", named);
  return named;
}

TEST(Weights, AreListedWithWhereTheyLie) {
  const ProcessResult all = fovea({"weights", "list"});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_THAT(all.out, AllOf(HasSubstr("https://download.pytorch.org/models/resnet18-f37072fd.pth"),
                             HasSubstr("44.7 MiB"), HasSubstr("timm resnet50.a1_in1k")));
  const Json list = Json::parse(fovea({"weights", "list", "alexnet", "--json"}).out);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["sha256_begins"], "7be5be79");
  const ProcessResult none = fovea({"weights", "list", "lenet5"});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_EQ(none.err, "no public weights are known of lenet5\n");
}

TEST(Weights, AreKnownByWhatTheyHold) {
  const TempDir directory;
  const fs::path file = compiled_weights(directory);
  const ProcessResult result = fovea({"weights", "info", file.string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("resnet18 num_classes=4 in_channels=3 image_size=32"),
                    HasSubstr("agrees with its name"), HasSubstr("122 (102 of f32, 20 of i64)")));
  const Json json = Json::parse(fovea({"weights", "info", file.string(), "--json"}).out);
  EXPECT_EQ(json["models"][0]["model"], "resnet18");
  EXPECT_EQ(json["models"][0]["options"]["num_classes"], "4");
  EXPECT_EQ(json["agrees"], true);

  const fs::path wrong = directory / "tuned-00000000.safetensors";
  fs::copy(file, wrong);
  const ProcessResult differs = fovea({"weights", "info", wrong.string()});
  EXPECT_EQ(differs.exit_code, 3);
  EXPECT_THAT(differs.out, HasSubstr("DIFFERS from its name, which says 00000000..."));
  expect_failure(fovea({"weights", "convert", wrong.string(), "--output",
                        (directory / "o.safetensors").string()}),
                 3, "fovea weights convert: weights: SHA-256 expected to begin with 00000000",
                 "as the file's name says, got");

  // A public file by its name, of which little has arrived.
  const fs::path part = directory / "resnet18-f37072fd.pth";
  put_file(part, "PK\x03\x04");
  for (const char* command : {"info", "convert"}) {
    std::vector<std::string> words = {"weights", command, part.string()};
    if (command == std::string("convert"))
      words.insert(words.end(), {"--output", (directory / "o.safetensors").string()});
    expect_failure(fovea(words), 3,
                   std::string("fovea weights ") + command +
                       ": weights: size expected 44.7 MiB, as the public file of this name has, "
                       "got 4 bytes: was its download cut off?",
                   "resnet18-f37072fd.pth");
  }

  io::save_safetensors(directory / "odd.safetensors", {{"weight", zeros({2})}});
  EXPECT_THAT(fovea({"weights", "info", (directory / "odd.safetensors").string()}).out,
              AllOf(HasSubstr("none that Fovea has"), HasSubstr("its name has none")));
  expect_failure(fovea({"weights", "convert", (directory / "odd.safetensors").string(), "--output",
                        (directory / "o.safetensors").string()}),
                 2,
                 "fovea weights convert: --model expected, for the weights fit "
                 "no model that Fovea has",
                 "odd.safetensors");
}

TEST(Weights, AreConvertedAndThenNeedNoWords) {
  const TempDir directory;
  const fs::path file = compiled_weights(directory), output = directory / "own.safetensors";
  const ProcessResult result = fovea({"weights", "convert", file.string(), "--output",
                                      output.string(), "--normalize", "imagenet"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("names taken without \"_orig_mod.\""),
                    HasSubstr("resnet18, 4 classes, images 3x32x32, normalised by 0.485,")));
  const models::ModelFile made = models::load_model_file(output);
  EXPECT_EQ(made.card.model, "resnet18");
  EXPECT_EQ(made.card.options.at("num_classes"), "4");
  EXPECT_EQ(made.card.normalize.std, (std::vector<double>{0.229, 0.224, 0.225}));
  put_png(directory / "red.png", plain_image({200, 0, 0}, 32, 32));
  const ProcessResult answer =
      fovea({"predict", "--weights", output.string(), "--json", (directory / "red.png").string()});
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
}

// What eval refuses train takes: other classes.
TEST(Weights, OfOtherClassesAreABodyToTrainAlone) {
  const TempDir directory;
  write_image_tree(directory / "photos", 8, 3);
  const fs::path file = compiled_weights(directory);
  const ProcessResult result = fovea({"train",
                                      "resnet18",
                                      "--weights",
                                      file.string(),
                                      "--data",
                                      (directory / "photos").string(),
                                      "--image-size",
                                      "32",
                                      "--epochs",
                                      "1",
                                      "--batch-size",
                                      "8",
                                      "--freeze",
                                      "5",
                                      "--freeze",
                                      "layer4.0",
                                      "--lr-scale",
                                      "fc=10",
                                      "--quiet",
                                      "--threads",
                                      "2"},
                                     {.directory = directory.path()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("weights: names taken without \"_orig_mod.\" ("),
                    HasSubstr("(60 tensors); fc.weight, fc.bias are new: 3 classes instead of 4\n"),
                    HasSubstr("train: conv1, bn1, layer1, layer2, layer3, layer4.0 are frozen (54 "
                              "of 62 parameters)\n")));
  expect_failure(fovea({"eval", "--model", "resnet18", "--model-opt", "num_classes=3",
                        "--model-opt", "image_size=32", "--weights", file.string(), "--data",
                        (directory / "photos").string()}),
                 3, "fovea eval: weights: file expected to hold those of \"resnet18\"",
                 "\"fc.weight\" [4, 512] instead of [3, 512]");
  expect_failure(fovea({"train", "resnet18", "--data", (directory / "photos").string(),
                        "--image-size", "32", "--freeze", "layr1"},
                       {.directory = directory.path()}),
                 2,
                 "fovea train: --freeze expected parameters or parts of the model, got \"layr1\"",
                 "did you mean \"layer1\"?");
}

}  // namespace
}  // namespace fovea::test
