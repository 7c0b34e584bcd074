#include "fovea/models/zoo/vgg.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea::models {
namespace {

using test::message_of;
using testing::ElementsAre;

std::vector<std::string> names_of(const VGG& model) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : model.state_dict()) names.push_back(name);
  return names;
}

std::int64_t multiply_adds(VGG& model, const Shape& input) {
  std::int64_t sum = 0;
  for (const auto& [name, layer] : model.features.named_modules()) {
    if (dynamic_cast<nn::Conv2d*>(layer) == nullptr) continue;
    layer->register_forward_hook([&sum](nn::Module& self, const Tensor&, Tensor& y) {
      const Tensor& weight = dynamic_cast<nn::Conv2d&>(self).weight();
      sum += y.numel() * weight.numel() / weight.size(0);
    });
  }
  model.eval();
  const NoGrad no_grad;
  model(zeros(input));
  return sum;
}

double mean_square(const Tensor& tensor) { return (tensor * tensor).mean().item(); }

TEST(VGG, HasImageNetsSizesAndTorchvisionsNames) {
  const VGG model;
  EXPECT_EQ(model.num_parameters(), 132863336);
  EXPECT_THAT(
      names_of(model),
      ElementsAre("features.0.weight", "features.0.bias", "features.3.weight", "features.3.bias",
                  "features.6.weight", "features.6.bias", "features.8.weight", "features.8.bias",
                  "features.11.weight", "features.11.bias", "features.13.weight",
                  "features.13.bias", "features.16.weight", "features.16.bias",
                  "features.18.weight", "features.18.bias", "classifier.0.weight",
                  "classifier.0.bias", "classifier.3.weight", "classifier.3.bias",
                  "classifier.6.weight", "classifier.6.bias"));
  const Tensor& weight = model.classifier.get<nn::Linear>(3).weight();
  EXPECT_NEAR(mean_square(weight), 1e-4, 1e-6);
  // The first layer keeps the size of large images.
  const NoGrad no_grad;
  EXPECT_EQ(model.features[0](zeros({1, 3, 40, 40})).sizes(), (Shape{1, 64, 40, 40}));
}

// The means of n squares deviate by sqrt(2 / n) of themselves, which is 0.5 % for the least n here.
TEST(VGG, StartsFromTorchvisionsDeviationsAndSmallFormsFromLinears) {
  const VGG model({.num_classes = 10, .image_size = 32});
  const auto& conv = model.features.get<nn::Conv2d>(3);
  const double fan_out = 128 * 3 * 3;
  EXPECT_NEAR(mean_square(conv.weight()) * fan_out / 2, 1, 0.03);
  EXPECT_EQ(mean_square(conv.bias()), 0);
  const Tensor& weight = model.classifier.get<nn::Linear>(0).weight();
  ASSERT_EQ(weight.sizes(), (Shape{512, 512}));
  EXPECT_NEAR(mean_square(weight) * 3 * 512, 1, 0.03);  // uniform up to 1 / sqrt(512)
}

// torchvision's counts, less the 123,642,856 parameters that the classifier has in all of them. The
// stages do not depend on the size of the images.
TEST(VGG, StagesHaveTorchvisionsCounts) {
  const auto count = [](const VGGOptions& options) {
    return VGG(options).features.num_parameters() + 123642856;
  };
  EXPECT_EQ(count({.depth = 11, .batch_norm = true, .image_size = 32}), 132868840);
  EXPECT_EQ(count({.depth = 13, .image_size = 32}), 133047848);
  EXPECT_EQ(count({.depth = 16, .image_size = 32}), 138357544);
  EXPECT_EQ(count({.depth = 19, .batch_norm = true, .image_size = 32}), 143678248);
}

TEST(VGG, BatchNormFollowsEachConvolution) {
  const VGG model({.batch_norm = true, .num_classes = 10, .in_channels = 1, .image_size = 28});
  const std::vector<std::string> names = names_of(model);
  EXPECT_THAT(
      std::vector<std::string>(names.begin(), names.begin() + 9),
      ElementsAre("features.0.weight", "features.0.bias", "features.1.weight", "features.1.bias",
                  "features.1.running_mean", "features.1.running_var",
                  "features.1.num_batches_tracked", "features.4.weight", "features.4.bias"));
  EXPECT_EQ(model.features.get<nn::Conv2d>(4).weight().sizes(), (Shape{128, 64, 3, 3}));
}

TEST(VGG, SmallImagesCostLessThan300MillionOperations) {
  VGG model({.depth = 19, .num_classes = 10, .image_size = 32});
  // `fovea summary` says 100,062,208, of which the classifier takes 529,408.
  EXPECT_EQ(multiply_adds(model, {1, 3, 32, 32}), 99532800);
}

TEST(VGG, TrainsOnSmallImages) {
  for (const std::int64_t side : {VGG::kMinImageSize, std::int64_t{33}}) {
    VGG model({.batch_norm = true, .num_classes = 3, .in_channels = 2, .image_size = side});
    const Tensor scores = model(rand({2, 2, side, side}));
    ASSERT_EQ(scores.sizes(), (Shape{2, 3}));
    nn::CrossEntropyLoss()(scores, randint(0, 3, {2})).backward();
    for (const auto& [name, parameter] : model.named_parameters())
      EXPECT_TRUE(parameter.grad().defined()) << name;
  }
}

TEST(VGG, RefusesWhatItIsNot) {
  EXPECT_EQ(message_of<ArgumentError>([] { VGG({.depth = 12}); }),
            "VGG: depth expected one of 11, 13, 16, 19, got 12");
  EXPECT_EQ(message_of<ArgumentError>([] { VGG({.image_size = 7}); }),
            "VGG: image_size expected at least 8, got 7");
}

}  // namespace
}  // namespace fovea::models
