// What a model looks at, against PyTorch, and the pictures of filters and feature maps.

#include <gmock/gmock.h>

#include "fovea/explain/model/features.h"
#include "fovea/explain/model/filters.h"
#include "fovea/explain/model/gradcam.h"
#include "fovea/explain/model/heat.h"
#include "fovea/explain/model/occlusion.h"
#include "fovea/explain/model/saliency.h"
#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/models.h"
#include "tests/support/said_in_both.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using test::get;
using test::GoldenCase;
using test::is_close;
using test::message_of;
using test::number;

/// The networks of tests/golden/families/explain_cases.py.
std::shared_ptr<nn::Module> network(const GoldenCase& golden, DType dtype) {
  std::shared_ptr<nn::Module> net;
  StateDict state;
  if (golden.text("model") == "fashion-cnn") {
    net = std::make_shared<test::FashionCNN>();
    for (const auto& [name, tensor] : test::load_golden_tensors("fashion_cnn.safetensors"))
      state.emplace_back(name, tensor);
  } else {
    auto layers = std::make_shared<nn::Sequential>();
    const auto add = [&](const char* name, auto module) {
      layers->add_module(name, std::make_shared<decltype(module)>(std::move(module)));
    };
    add("conv1", nn::Conv2d({.in_channels = 3, .out_channels = 4, .kernel_size = 3, .padding = 1}));
    add("bn1", nn::BatchNorm2d(4));
    add("relu1", nn::ReLU());
    add("pool1", nn::MaxPool2d({.kernel_size = 2}));
    add("conv2", nn::Conv2d({.in_channels = 4, .out_channels = 6, .kernel_size = 3}));
    add("relu2", nn::ReLU());
    add("flat", nn::Flatten());
    add("fc", nn::Linear(6 * 5 * 4, 4));
    net = layers;
    for (const auto& [name, tensor] : net->state_dict()) {
      if (golden.has("state." + name)) state.emplace_back(name, golden.tensor("state." + name));
    }
  }
  net->to(dtype);
  net->load_state_dict(state, nn::Strict::kNo);
  return net;
}

/// The tensor of a document, close to the golden one.
testing::AssertionResult is_golden(const Walk& walk, const std::string& name,
                                   const GoldenCase& golden, double tolerance) {
  const Tensor& actual = std::get<Tensor>(get(walk, name).kind());
  const Tensor expected = golden.tensor(name);
  const double scale = abs(expected).max().item();
  return is_close(actual.to(f64).contiguous(), expected, tolerance, tolerance * scale);
}

/// Calls f(golden, subject, tolerance) for every case in both precisions.
void for_each_case(const auto& f) {
  for (const GoldenCase& golden : test::load_golden("explain")) {
    for (const DType dtype : {f32, f64}) {
      SCOPED_TRACE(str(golden.name(), " ", dtype));
      const auto net = network(golden, dtype);
      const Subject subject{
          .module = *net, .x = golden.tensor("x", dtype), .grey = golden.numbers("grey")};
      f(golden, subject, dtype == f32 ? 1e-4 : 1e-10);
      EXPECT_TRUE(net->is_training());
      for (const Tensor& parameter : net->parameters()) EXPECT_FALSE(parameter.grad().defined());
    }
  }
}

TEST(WalkSaliency, IsPyTorchsGradient) {
  for_each_case([](const GoldenCase& golden, const Subject& subject, double tolerance) {
    const Walk walk = walk_saliency(subject, golden.integer("class"));
    EXPECT_TRUE(is_golden(walk, "gradient", golden, tolerance));
    EXPECT_TRUE(is_golden(walk, "saliency", golden, tolerance));
    EXPECT_NEAR(number(get(walk, "score")), golden.tensor("score").item(), 1e-4);
  });
}

/// The name of the last convolution that runs.
std::string last_convolution(const Subject& subject) {
  std::string name;
  for (const LayerRun& layer : evaluate_model(subject.module, subject.x).layers)
    if (layer.op == "Conv") name = layer.name;
  return name;
}

TEST(WalkGradCam, IsThatOfThePaper) {
  for_each_case([](const GoldenCase& golden, const Subject& subject, double tolerance) {
    const Walk walk = walk_gradcam(
        subject, {.index = golden.integer("class"), .layer = last_convolution(subject)});
    EXPECT_TRUE(is_golden(walk, "weights", golden, tolerance));
    EXPECT_TRUE(is_golden(walk, "map", golden, tolerance));
    EXPECT_TRUE(is_golden(walk, "scaled", golden, tolerance));
  });
}

TEST(WalkOcclusion, IsWhatACoveredImageGets) {
  for_each_case([](const GoldenCase& golden, const Subject& subject, double tolerance) {
    const Walk walk = walk_occlusion(subject, {.index = golden.integer("class"),
                                               .size = golden.integer("size"),
                                               .stride = golden.integer("stride")});
    EXPECT_TRUE(is_golden(walk, "probabilities", golden, tolerance));
  });
}

// Before they are normalised, added to and activated, maps light up where nothing was seen.
TEST(WalkGradCam, LooksAtWhatTheLastMapsBecome) {
  const auto layer_of = [](const char* model, const models::ModelOptions& options, const Shape& x) {
    const auto module = models::make_model(model, options);
    return test::text(test::get(walk_gradcam({.module = *module, .x = rand(x)}), "layer"));
  };
  EXPECT_EQ(layer_of("fashion-cnn", {}, {1, 1, 28, 28}), "layer2.2");
  EXPECT_EQ(layer_of("resnet18", {{"image_size", "32"}}, {1, 3, 32, 32}), "layer4.1.relu_1");
}

/// Two convolutions, of one channel and of four, and three classes.
nn::Sequential small_net() {
  manual_seed(3);
  return nn::Sequential(
      nn::Conv2d({.in_channels = 1, .out_channels = 4, .kernel_size = 3, .padding = 1}), nn::ReLU(),
      nn::Conv2d({.in_channels = 4, .out_channels = 2, .kernel_size = 3}), nn::Flatten(),
      nn::Linear(2 * 6 * 6, 3));
}

TEST(Pictures, TheClassIsTheAnswerUnlessGiven) {
  nn::Sequential net = small_net();
  const Tensor x = rand({1, 1, 8, 8});
  net.eval();
  const auto answer = net(x).argmax(1).item<std::int64_t>();
  const Subject subject{.module = net, .x = x, .classes = {"a", "b", "c"}};
  for (const Walk& walk :
       {walk_saliency(subject), walk_gradcam(subject), walk_occlusion(subject, {.size = 3})}) {
    EXPECT_EQ(number(get(walk, "class")), static_cast<double>(answer));
    EXPECT_EQ(std::get<std::string>(get(walk, "name").kind()),
              subject.classes[static_cast<std::size_t>(answer)]);
    EXPECT_GE(number(get(walk, "probability")), 1.0 / 3);
  }
}

TEST(Pictures, FrozenModelsAreExplainedToo) {
  nn::Sequential net = small_net();
  net.set_requires_grad(false);
  const Subject subject{.module = net, .x = rand({1, 1, 8, 8})};
  EXPECT_GT(abs(std::get<Tensor>(get(walk_saliency(subject), "gradient").kind())).max().item(), 0);
  EXPECT_EQ(std::get<Tensor>(get(walk_gradcam(subject), "weights").kind()).numel(), 2);
}

TEST(Pictures, FiltersAndFeaturesAreTheModels) {
  nn::Sequential net = small_net();
  const ModelRun run = evaluate_model(net, rand({1, 1, 8, 8}));
  const Walk filters = walk_filters(run), deeper = walk_filters(run, {.layer = "2", .filter = 1});
  EXPECT_TRUE(equal(std::get<Tensor>(get(filters, "weights").kind()),
                    net.state_dict()[0].second.contiguous()));
  EXPECT_EQ(std::get<Sheet>(filters.blocks.back()).pictures.size(), 4u);
  EXPECT_EQ(std::get<Sheet>(deeper.blocks.back()).pictures.size(), 4u);
  EXPECT_EQ(std::get<Sheet>(walk_filters(run, {.layer = "2"}).blocks.back()).pictures.size(), 2u);
  const Walk features = walk_features(run, {.layer = "1", .most = 3});
  EXPECT_TRUE(equal(std::get<Tensor>(get(features, "maps").kind()),
                    run.layers[1].output().detach().select(0, 0).contiguous()));
  EXPECT_EQ(std::get<Sheet>(features.blocks.back()).pictures.size(), 3u);
}

TEST(Pictures, HeatAndGreyAreScaledByTheLargest) {
  const Tensor map = tensor({{-1, 0}, {1, 3}});
  EXPECT_THAT(heat_picture(map).to_vector<std::int64_t>(),
              testing::ElementsAre(0, 0, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255));
  EXPECT_THAT(grey_picture(map.view({1, 2, 2})).to_vector<std::int64_t>(),
              testing::ElementsAre(0, 64, 128, 255));
  EXPECT_EQ(enlarged(heat_picture(map), 7).sizes(), (Shape{3, 8, 8}));
  EXPECT_THAT(enlarged(grey_picture(map.view({1, 2, 2})), 4).select(1, 3).to_vector<std::int64_t>(),
              testing::ElementsAre(128, 128, 255, 255));
}

/// Computes something that the scores do not depend on.
class Idle final : public nn::Module {
 public:
  Idle() {
    register_module("idle", idle_);
    register_module("fc", fc_);
  }
  Tensor forward(const Tensor& x) override {
    idle_(x);
    return fc_(x.flatten(1));
  }

 private:
  nn::Conv2d idle_{{.in_channels = 1, .out_channels = 1, .kernel_size = 3}};
  nn::Linear fc_{64, 3};
};

TEST(Pictures, ErrorsOfOtherModelsSayWhatWasExpected) {
  const Tensor x = rand({1, 1, 8, 8});
  Idle idle;
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_gradcam({.module = idle, .x = x}); }),
            "explain: layer expected to be one that the score depends on, got idle");
  EXPECT_EQ(test::korean_message_of([&] { walk_gradcam({.module = idle, .x = x}); }),
            "explain: 점수에 영향을 주는 층이어야 하는데 idle입니다");
  nn::Sequential flat(nn::Flatten(), nn::Linear(64, 3));
  const ModelRun run = evaluate_model(flat, x);
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_gradcam({.module = flat, .x = x}); }),
            "explain: model expected to have a two-dimensional convolution, got none");
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_filters(run); }),
            "explain: model expected to have a two-dimensional convolution, got none");
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_features(run); }),
            "explain: model expected to have a layer that gives maps, got none");
  for (const std::string& message :
       {message_of<ArgumentError>([&] { walk_features(run, {.most = 0}); }),
        message_of<ArgumentError>([&] { walk_filters(run, {.most = 0}); })})
    EXPECT_EQ(message, "explain: pictures expected at least 1, got 0");
  nn::Sequential maps{nn::Conv2d({.in_channels = 1, .out_channels = 1, .kernel_size = 3})};
  EXPECT_EQ(message_of<ShapeError>([&] { walk_saliency({.module = maps, .x = x}); }),
            "explain: scores expected [1, classes], got [1, 1, 6, 6]");
  EXPECT_EQ(message_of<ShapeError>([&] {
              heat_over(grey_picture(rand({1, 4, 4})), rand({4, 5}));
            }),
            "explain: map expected of the image's size, got [4, 5] (image [1, 4, 4])");
}

TEST(Pictures, ErrorsSayWhatWasExpected) {
  nn::Sequential net = small_net();
  const Subject subject{.module = net, .x = rand({1, 1, 8, 8})};
  const ModelRun run = evaluate_model(net, subject.x);
  EXPECT_EQ(message_of<IndexError>([&] { walk_saliency(subject, 3); }),
            "explain: class expected in 0 to 2, got 3");
  EXPECT_EQ(message_of<ShapeError>([&] {
              walk_saliency({.module = net, .x = rand({2, 1, 8, 8})});
            }),
            "explain: image expected [1, channels, height, width], got [2, 1, 8, 8]");
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_gradcam(subject, {.layer = "4"}); }),
            "explain: layer expected to give maps [n, c, h, w], got [1, 3] (layer 4)");
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_occlusion(subject, {.size = 9}); }),
            "explain: patch expected in 1 to 8, got 9 (image [1, 1, 8, 8])");
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_occlusion(subject, {.stride = 0}); }),
            "explain: stride expected at least 1, got 0");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              walk_occlusion({.module = net, .x = subject.x, .grey = {1, 2}});
            }),
            "explain: grey expected 1 number or 1, got 2");
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_filters(run, {.layer = "1"}); }),
            "explain: layer expected to be a two-dimensional convolution, got 1 (type ReLU)");
  EXPECT_EQ(message_of<IndexError>([&] { walk_filters(run, {.filter = 4}); }),
            "explain: filter expected in 0 to 3, got 4 (layer 0)");
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_features(run, {.layer = "3"}); }),
            "explain: layer expected to give maps [n, c, h, w], got [1, 72] (layer 3)");
  EXPECT_EQ(message_of<IndexError>([&] { walk_features(run, {.sample = 1}); }),
            "explain: sample expected in 0 to 0, got 1 (layer 0, output [1, 4, 8, 8])");
}

}  // namespace
}  // namespace fovea::explain
