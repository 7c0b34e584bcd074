#include "fovea/models/models.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/models/zoo/fashion_cnn.h"
#include "fovea/models/zoo/fashion_dnn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/vision/mnist.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea::models {
namespace {

using test::message_of;

std::set<std::string> names_of(const StateDict& state) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : state) names.insert(name);
  return names;
}
std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(FOVEA_SOURCE_DIR) / "tests/golden" / name;
}

TEST(FashionCNN, HasTheChaptersSizesAndNames) {
  FashionCNN model;
  EXPECT_EQ(model.num_parameters(), 1475338);
  std::int64_t values = 0;
  for (const auto& [name, tensor] : model.state_dict())
    if (!name.ends_with("num_batches_tracked")) values += tensor.numel();
  EXPECT_EQ(values, 1475530);
  EXPECT_EQ(names_of(model.state_dict()),
            names_of(io::load_safetensors(golden("fashion_cnn.safetensors")).tensors));
  model.eval();
  NoGrad no_grad;
  EXPECT_EQ(model(zeros({3, 1, 28, 28})).sizes(), (Shape{3, 10}));
}

TEST(FashionDNN, HasTheChaptersSizesAndNames) {
  FashionDNN model;
  EXPECT_EQ(model.num_parameters(), 235146);
  EXPECT_EQ(names_of(model.state_dict()),
            names_of(io::load_safetensors(golden("fashion_dnn.safetensors")).tensors));
  model.eval();
  NoGrad no_grad;
  EXPECT_EQ(model(zeros({3, 1, 28, 28})).sizes(), (Shape{3, 10}));
}

// The same weights give PyTorch's numbers on every test image, and so its accuracy to the image: no
// two largest logits are closer than 2e-4 (tests/golden/README.md).
TEST(Models, GiveTheLogitsOfPyTorch) {
  if (!data_set_state(data_set("fashion-mnist"), "/usr/share/datasets").complete())
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  const FashionMNIST dataset({.root = "/usr/share/datasets", .train = false});
  NoGrad no_grad;
  for (const std::string name : {"fashion-cnn", "fashion-dnn"}) {
    std::string file = name;
    file[7] = '_';
    const auto model = make_model(name);
    model->load_state_dict(io::load_safetensors(golden(file + ".safetensors")).tensors);
    model->eval();
    const Tensor expected = io::load_safetensors(golden(file + "_logits.safetensors")).at("logits");
    std::int64_t correct = 0, expected_correct = 0;
    for (std::int64_t first = 0; first < dataset.size(); first += 500) {
      const Tensor logits = (*model)(data::ToTensor()(dataset.data().narrow(0, first, 500)));
      const Tensor wanted = expected.narrow(0, first, 500),
                   labels = dataset.target().narrow(0, first, 500);
      EXPECT_TRUE(test::is_close(logits, wanted, 0, 1e-4)) << name << " from image " << first;
      correct += (logits.argmax(1) == labels).sum().item<std::int64_t>();
      expected_correct += (wanted.argmax(1) == labels).sum().item<std::int64_t>();
    }
    EXPECT_EQ(correct, expected_correct) << name;
  }
}

TEST(Models, AreKnownByName) {
  EXPECT_EQ(model_names(),
            (std::vector<std::string>{"fashion-cnn", "fashion-dnn", "fashion-fast", "lenet5",
                                      "alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn",
                                      "vgg13_bn", "vgg16_bn", "vgg19_bn", "googlenet", "resnet18",
                                      "resnet34", "resnet50", "mobilenet_v2", "squeezenet1_1"}));
  EXPECT_EQ(known_models().size(), model_names().size());
  EXPECT_EQ(model_info("fashion-dnn").options.at(3).name, "dropout");
  EXPECT_EQ(message_of<ArgumentError>([] { make_model("fashion_cnm"); }),
            "model: name expected one of " + join_words(model_names()) +
                ", got \"fashion_cnm\"; did you mean \"fashion-cnn\"?");
  EXPECT_EQ(message_of<ArgumentError>([] { model_info(""); }),
            "model: name expected one of " + join_words(model_names()) + ", got \"\"");
}

TEST(Models, TakeOptions) {
  EXPECT_EQ(
      complete_options("fashion-cnn", {{"dropout", "0"}}),
      (ModelOptions{
          {"dropout", "0"}, {"image_size", "28"}, {"in_channels", "1"}, {"num_classes", "10"}}));
  EXPECT_EQ(model_input("fashion-cnn", {{"in_channels", "3"}, {"image_size", "32"}}),
            (Shape{3, 32, 32}));
  NoGrad no_grad;
  for (const std::string name : {"fashion-cnn", "fashion-dnn"})
    for (const std::string side : {"8", "9", "28", "33"}) {
      const ModelOptions options = {
          {"num_classes", "7"}, {"in_channels", "2"}, {"image_size", side}};
      const auto model = make_model(name, options);
      model->eval();
      const Shape input = model_input(name, options);
      EXPECT_EQ((*model)(zeros({2, input[0], input[1], input[2]})).sizes(), (Shape{2, 7}))
          << name << " " << side;
    }
}

TEST(Models, RefuseWhatTheyDoNotOffer) {
  const auto refused = [](const std::string& name, const std::string& key,
                          const std::string& value) {
    return message_of<ArgumentError>([&] { make_model(name, {{key, value}}); });
  };
  EXPECT_EQ(
      refused("fashion-cnn", "drop_out", "0"),
      "fashion-cnn: option expected one of num_classes, in_channels, image_size, dropout, got "
      "\"drop_out\"; did you mean \"dropout\"?");
  EXPECT_EQ(refused("fashion-cnn", "num_classes", "0"),
            "fashion-cnn: num_classes expected a whole number from 1 to 1000000, got \"0\"");
  EXPECT_EQ(refused("fashion-cnn", "num_classes", "ten"),
            "fashion-cnn: num_classes expected a whole number from 1 to 1000000, got \"ten\"");
  EXPECT_EQ(refused("fashion-cnn", "num_classes", "10.5"),
            "fashion-cnn: num_classes expected a whole number from 1 to 1000000, got \"10.5\"");
  EXPECT_EQ(refused("fashion-cnn", "image_size", "7"),
            "fashion-cnn: image_size expected a whole number from 8 to 4096, got \"7\"");
  EXPECT_EQ(refused("fashion-dnn", "dropout", "1"),
            "fashion-dnn: dropout expected a number from 0 to below 1, got \"1\"");
  EXPECT_EQ(refused("fashion-dnn", "dropout", "nan"),
            "fashion-dnn: dropout expected a number from 0 to below 1, got \"nan\"");
  EXPECT_EQ(message_of<ArgumentError>([] { FashionCNN({.image_size = 7}); }),
            "FashionCNN: image_size expected at least 8, got 7");
}

TEST(Models, StartFromTheSeed) {
  const auto weights = [](std::uint64_t seed) {
    manual_seed(seed);
    return make_model("fashion-dnn")->state_dict().front().second;
  };
  EXPECT_TRUE(equal(weights(1), weights(1)));
  EXPECT_FALSE(equal(weights(1), weights(2)));
}

}  // namespace
}  // namespace fovea::models
