// What holds for all models of the folder, and each one's sizes. That names and numbers are
// torchvision's is shown against torchvision: tests/zoo.
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <string>

#include "fovea/core/error.h"
#include "fovea/models/models.h"
#include "fovea/models/zoo/alexnet.h"
#include "fovea/models/zoo/googlenet.h"
#include "fovea/models/zoo/lenet.h"
#include "fovea/models/zoo/mobilenet.h"
#include "fovea/models/zoo/resnet.h"
#include "fovea/models/zoo/squeezenet.h"
#include "fovea/nn/auxiliary.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/loss.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/test_seed.h"

namespace fovea::models {
namespace {

using test::message_of;

const ModelOptions kSmall = {{"num_classes", "10"}, {"in_channels", "1"}, {"image_size", "28"}};

TEST(Zoo, ParametersAreThePublishedCounts) {
  const std::map<std::string, std::int64_t> counts = {
      {"lenet5", 61706},          {"alexnet", 61100840},    {"googlenet", 13004888},
      {"resnet18", 11689512},     {"resnet34", 21797672},   {"resnet50", 25557032},
      {"squeezenet1_1", 1235496}, {"mobilenet_v2", 3504872}};
  for (const auto& [name, count] : counts) {
    EXPECT_EQ(make_model(name)->num_parameters(), count) << name;
  }
  EXPECT_EQ(make_model("googlenet", {{"aux_logits", "false"}})->num_parameters(), 6624904);
}

// The paper's sizes, from the tables of the papers (a VGG takes too long here; vgg_test.cpp).
TEST(Zoo, ScoresOfThePapersImages) {
  const NoGrad no_grad;
  for (const std::string name : {"lenet5", "alexnet", "googlenet", "resnet18", "resnet50",
                                 "squeezenet1_1", "mobilenet_v2"}) {
    const auto model = make_model(name);
    model->eval();
    Shape input = model_input(name);
    input.insert(0, 1);
    EXPECT_EQ(input, (name == "lenet5" ? Shape{1, 1, 32, 32} : Shape{1, 3, 224, 224}));
    EXPECT_EQ((*model)(rand(input)).sizes(), (Shape{1, name == "lenet5" ? 10 : 1000})) << name;
  }
}

/// A loss reaches every parameter, and its gradient is finite and somewhere not 0.
void expect_to_train(nn::Module& model, const Shape& input, std::int64_t classes) {
  const Tensor labels = randint(0, classes, {input[0]});
  nn::training_loss(nn::training_scores(model, rand(input)), [&](const Tensor& scores) {
    EXPECT_EQ(scores.sizes(), (Shape{input[0], classes}));
    return cross_entropy(scores, labels);
  }).backward();
  double sum = 0;
  for (const auto& [name, parameter] : model.named_parameters()) {
    ASSERT_TRUE(parameter.grad().defined()) << name;
    sum += abs(parameter.grad()).sum().item<double>();
  }
  EXPECT_TRUE(std::isfinite(sum) && sum > 0) << sum;
}

TEST(Zoo, EveryModelTrainsOnSmallImages) {
  manual_seed(test::seed());
  for (const std::string& name : model_names()) {
    if (name.starts_with("vgg1") && name != "vgg11_bn") continue;  // the same layers, more of them
    SCOPED_TRACE(name);
    expect_to_train(*make_model(name, kSmall), {2, 1, 28, 28}, 10);
  }
}

TEST(Zoo, FormsMeetAtTheirBounds) {
  manual_seed(test::seed());
  const auto expect_side = [](const std::string& name, std::int64_t side) {
    SCOPED_TRACE(str(name, " ", side));
    const auto model = make_model(
        name, {{"num_classes", "3"}, {"in_channels", "2"}, {"image_size", std::to_string(side)}});
    if (side < 64) return expect_to_train(*model, {2, 2, side, side}, 3);
    model->eval();
    const NoGrad no_grad;
    EXPECT_EQ((*model)(rand({2, 2, side, side})).sizes(), (Shape{2, 3}));
  };
  for (const std::int64_t side : {12, 31, 32, 33}) expect_side("lenet5", side);
  for (const std::string name :
       {"alexnet", "googlenet", "resnet18", "squeezenet1_1", "mobilenet_v2"}) {
    for (const std::int64_t side : {8, 63, 64}) expect_side(name, side);
  }
}

std::int64_t first_stride(const nn::Sequential& features) {
  return features.get<nn::Conv2d>(0).options().stride.values()[0];
}

TEST(Zoo, WhatTheSmallFormsChange) {
  const NoGrad no_grad;
  const Tensor x = zeros({1, 1, 28, 28});
  EXPECT_EQ(LeNet5({.image_size = 28}).num_parameters(), 61706);  // sizes as for 32x32
  EXPECT_EQ(first_stride(AlexNet({.in_channels = 1, .image_size = 28}).features), 2);
  EXPECT_EQ(first_stride(SqueezeNet({.in_channels = 1, .image_size = 28}).features), 1);
  EXPECT_EQ(AlexNet({.in_channels = 1, .image_size = 28}).features(x).sizes(),
            (Shape{1, 256, 2, 2}));
  EXPECT_EQ(SqueezeNet({.in_channels = 1, .image_size = 28}).features(x).sizes(),
            (Shape{1, 512, 3, 3}));
  EXPECT_EQ(MobileNetV2({.in_channels = 1, .image_size = 28}).features(x).sizes(),
            (Shape{1, 1280, 4, 4}));
  for (const auto& [depth, side] : {std::pair{18, 14}, {34, 7}}) {
    ResNet model({.depth = depth, .in_channels = 1, .image_size = 28});
    Shape seen;
    model.layer1.register_forward_hook(
        [&seen](nn::Module&, const Tensor&, Tensor& y) { seen = y.sizes(); });
    model.eval();
    model(x);
    EXPECT_EQ(seen, (Shape{1, 64, side, side}));
  }
}

TEST(GoogLeNet, GivesThreeScoresInTrainingAlone) {
  GoogLeNet model({.num_classes = 5, .in_channels = 1, .image_size = 28});
  const Tensor x = rand({2, 1, 28, 28});
  const NoGrad no_grad;
  const nn::TrainingScores given = nn::training_scores(model, x);
  ASSERT_EQ(given.auxiliary.size(), 2U);
  for (const nn::AuxiliaryScores& one : given.auxiliary) {
    EXPECT_EQ(one.scores.sizes(), (Shape{2, 5}));
    EXPECT_EQ(one.weight, 0.3);
  }
  model.eval();
  EXPECT_TRUE(nn::training_scores(model, x).auxiliary.empty());
  EXPECT_TRUE(equal(nn::training_scores(model, x).scores, model(x)));
  GoogLeNet without({.num_classes = 5, .in_channels = 1, .image_size = 28, .aux_logits = false});
  EXPECT_TRUE(nn::training_scores(without, x).auxiliary.empty());
}

double deviation(const Tensor& weight) {
  return std::sqrt((weight * weight).mean().item<double>());
}

const Tensor parameter(const nn::Module& model, const std::string& name) {
  for (const auto& [key, tensor] : model.named_parameters())
    if (key == name) return tensor.detach();
  ADD_FAILURE() << name;
  return {};
}

// Of thousands of values, so that the deviation is right to some per cent.
TEST(Zoo, WeightsStartAsTorchvisionsAndLeNetsForTanh) {
  manual_seed(test::seed());
  const auto expect = [](const nn::Module& model, const std::string& name, double wanted) {
    EXPECT_NEAR(deviation(parameter(model, name)), wanted, 0.05 * wanted) << name;
  };
  const ResNet resnet;  // normal, sqrt(2 / (filters * kernel))
  expect(resnet, "layer2.0.conv1.weight", std::sqrt(2.0 / (128 * 9)));
  expect(resnet, "fc.weight", 1 / std::sqrt(3.0 * 512));
  const MobileNetV2 mobilenet;
  expect(mobilenet, "features.18.0.weight", std::sqrt(2.0 / 1280));
  expect(mobilenet, "classifier.1.weight", 0.01);
  const SqueezeNet squeezenet;  // uniform in +-sqrt(6 / inputs)
  expect(squeezenet, "features.12.expand3x3.weight", std::sqrt(2.0 / (64 * 9)));
  expect(squeezenet, "classifier.1.weight", 0.01);
  EXPECT_EQ(deviation(parameter(squeezenet, "classifier.1.bias")), 0);
  const GoogLeNet googlenet;
  expect(googlenet, "inception4a.branch2.1.conv.weight", 0.01);
  expect(googlenet, "aux1.fc1.weight", 0.01);
  const AlexNet alexnet({.num_classes = 10, .image_size = 32});  // Conv2d's own
  expect(alexnet, "features.3.weight", 1 / std::sqrt(3.0 * 64 * 25));
  const LeNet5 lenet;  // uniform, for tanh
  expect(lenet, "fc1.weight", 5.0 / 3 * std::sqrt(2.0 / (400 + 120)));
  EXPECT_EQ(deviation(parameter(lenet, "conv1.bias")), 0);
}

TEST(Zoo, RefusesWhatItIsNot) {
  EXPECT_EQ(message_of<ArgumentError>([] { LeNet5({.image_size = 11}); }),
            "LeNet5: image_size expected at least 12, got 11");
  EXPECT_EQ(message_of<ArgumentError>([] { AlexNet({.image_size = 7}); }),
            "AlexNet: image_size expected at least 8, got 7");
  EXPECT_EQ(message_of<ArgumentError>([] { GoogLeNet({.image_size = 7}); }),
            "GoogLeNet: image_size expected at least 8, got 7");
  EXPECT_EQ(message_of<ArgumentError>([] { ResNet({.image_size = 7}); }),
            "ResNet: image_size expected at least 8, got 7");
  EXPECT_EQ(message_of<ArgumentError>([] { ResNet({.depth = 20}); }),
            "ResNet: depth expected one of 18, 34, 50, got 20");
  EXPECT_EQ(message_of<ArgumentError>([] { SqueezeNet({.image_size = 7}); }),
            "SqueezeNet: image_size expected at least 8, got 7");
  EXPECT_EQ(message_of<ArgumentError>([] { MobileNetV2({.image_size = 7}); }),
            "MobileNetV2: image_size expected at least 8, got 7");
  EXPECT_EQ(message_of<ArgumentError>([] {
              make_model("googlenet", {{"aux_logits", "yes"}});
            }),
            "googlenet: aux_logits expected true or false, got \"yes\"");
  EXPECT_EQ(message_of<ArgumentError>([] {
              make_model("resnet18", {{"dropout", "0"}});
            }),
            "resnet18: option expected one of num_classes, in_channels, image_size, got "
            "\"dropout\"");
}

}  // namespace
}  // namespace fovea::models
