#include "fovea/models/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/error.h"
#include "fovea/data/scaled_and_cut.h"
#include "fovea/data/scaled_and_padded.h"
#include "fovea/data/transforms.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::models {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

/// A model of images of `input` with three classes, the last one without a name.
LoadedModel small_model(const Shape& input, std::optional<PictureFit> fit = PictureFit::kStretch) {
  manual_seed(5);
  LoadedModel model;
  model.module = std::make_shared<nn::Sequential>(nn::Flatten(), nn::Linear(input.numel(), 3));
  model.card = {.model = "small", .options = {}, .classes = {"dark", "light"}, .input = input};
  model.card.fit = fit;
  model.classes = 3;
  return model;
}

Tensor bytes(const std::vector<std::uint8_t>& values, const Shape& sizes) {
  return from_data(values, sizes);
}

/// Values in [0, 1] as those of bytes.
std::vector<int> levels(const Tensor& image) { return (image * 255.0 + 0.5).to_vector<int>(); }

// 3 rows of 2 pixels.
const std::vector<std::uint8_t> kRgb = {255, 0, 0, 10, 20, 30, 0, 0,   0,
                                        1,   2, 3, 7,  8,  9,  4, 100, 200};

TEST(Classifier, ReadsPixelsInEitherOrder) {
  const Classifier colour(small_model({3, 3, 2})), grey(small_model({1, 3, 2}));
  const Tensor rows = bytes(kRgb, {3, 2, 3});
  const Tensor planes = rows.permute({2, 0, 1});
  const Tensor expected = (planes.to(f32) / 255.0).unsqueeze(0);
  EXPECT_TRUE(equal(colour.prepare(rows, PixelOrder::kChannelsLast), expected));
  EXPECT_TRUE(equal(colour.prepare(planes), expected)) << "strides are free";
  EXPECT_TRUE(equal(colour.prepare(planes.contiguous()), expected));
  // (19595 R + 38470 G + 7471 B + 32768) / 65536, rounded down, for each pixel.
  const Tensor light = grey.prepare(rows, PixelOrder::kChannelsLast);
  EXPECT_EQ(light.sizes(), (Shape{1, 1, 3, 2}));
  EXPECT_THAT(levels(light), ElementsAre(76, 18, 0, 2, 8, 83));
}

TEST(Classifier, GivesGreyPicturesAsManyChannelsAsItNeedsAndLaysClearOnesOverWhite) {
  const Classifier colour(small_model({3, 1, 2}));
  EXPECT_THAT(levels(colour.prepare(bytes({0, 255}, {1, 1, 2}))),
              ElementsAre(0, 255, 0, 255, 0, 255));
  // Of opacity 0 and 255.
  const Tensor clear = bytes({9, 9, 9, 0, 1, 2, 3, 255}, {1, 2, 4});
  EXPECT_THAT(levels(colour.prepare(clear, PixelOrder::kChannelsLast)),
              ElementsAre(255, 1, 255, 2, 255, 3));
}

TEST(Classifier, BringsPicturesToItsSizeAsItsTrainingDid) {
  Generator generator(6);
  const Tensor picture = (rand({1, 9, 20}, {}, generator) * 255.0).to(u8);
  const Classifier stretched(small_model({1, 6, 5})),
      cropped(small_model({1, 6, 5}, PictureFit::kCrop)),
      padded(small_model({1, 6, 5}, PictureFit::kPad)), of_no_pictures(small_model({1, 6, 5}, {}));
  const data::ToTensor scale;
  const data::ImageSize size(6, 5);
  EXPECT_TRUE(equal(stretched.prepare(picture), scale(data::Resize(size)(picture.unsqueeze(0)))));
  EXPECT_TRUE(
      equal(cropped.prepare(picture), scale(data::scaled_and_cut(size)(picture.unsqueeze(0), {}))));
  EXPECT_TRUE(equal(padded.prepare(picture),
                    scale(data::scaled_and_padded(size)(picture.unsqueeze(0), {}))));
  EXPECT_TRUE(equal(of_no_pictures.prepare(picture), stretched.prepare(picture)));
  EXPECT_FALSE(equal(cropped.prepare(picture), stretched.prepare(picture)));
  EXPECT_FALSE(equal(cropped.prepare(picture), padded.prepare(picture)));
}

TEST(Classifier, GivesEachOfSeveralLabelsAProbabilityOfItsOwn) {
  LoadedModel model = small_model({1, 1, 2});
  {
    const NoGrad no_grad;
    model.module->parameters()[0].copy_(zeros({3, 2}));
    model.module->parameters()[1].copy_(tensor({-2., 0., 2.}));
  }
  const Tensor image = zeros({1, 1, 1, 2});
  const Classifier one(model);
  EXPECT_FALSE(one.is_multi_label());
  EXPECT_TRUE(equal(one.classify(image), softmax(tensor({{-2., 0., 2.}}).to(f32), 1)));
  model.card.targets = data::Targets::kMultiLabel;
  const Classifier several(model);
  EXPECT_TRUE(several.is_multi_label());
  const Tensor said = several.classify(image);
  EXPECT_TRUE(is_close(said, tensor({{0.11920292, 0.5, 0.88079708}}).to(f32), 1e-6));
  const std::vector<Likely> labels = several.labels(said[0]);
  ASSERT_EQ(labels.size(), 2u) << "from 1/2 on";
  EXPECT_EQ(labels[0].name, "2");
  EXPECT_EQ(labels[1].name, "light");
  EXPECT_EQ(several.top(said[0], 3).size(), 3u);
  EXPECT_TRUE(several.labels(zeros({3})).empty());
}

TEST(Classifier, GivesBackThePixelsThatTheModelSees) {
  Generator generator(7);
  const Tensor picture = (rand({3, 7, 5}, {}, generator) * 255.0).to(u8);
  LoadedModel model = small_model({3, 7, 5});
  EXPECT_TRUE(equal(Classifier(model).pixels(Classifier(model).prepare(picture))[0], picture));
  model.card.normalize = {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};
  const Classifier classifier(model, {.invert = true});
  const Tensor negative = (255.0 - picture.to(f32)).to(u8);
  EXPECT_TRUE(equal(classifier.pixels(classifier.prepare(picture))[0], negative));
  EXPECT_EQ(message_of<ShapeError>([&] { classifier.pixels(picture); }),
            "classifier: images expected [n, 3, 7, 5], got [3, 7, 5]");
}

TEST(Classifier, InvertsThenNormalizes) {
  LoadedModel model = small_model({1, 1, 2});
  model.card.normalize = {{0.5}, {0.25}};
  const Tensor picture = bytes({0, 51}, {1, 1, 2});
  const auto prepared = [&](ClassifierOptions options) {
    return Classifier(model, std::move(options)).prepare(picture).to_vector<double>();
  };
  using testing::DoubleNear;
  const auto near = [](double value) { return DoubleNear(value, 1e-6); };
  EXPECT_THAT(prepared({}), ElementsAre(near(-2), near((0.2 - 0.5) / 0.25)));
  EXPECT_THAT(prepared({.invert = true}), ElementsAre(near(2), near((0.8 - 0.5) / 0.25)));
  EXPECT_THAT(prepared({.normalize = Normalization{{0.2}, {0.1}}}), ElementsAre(near(-2), near(0)));
  EXPECT_THAT(prepared({.normalize = Normalization{}}), ElementsAre(near(0), near(0.2)));
}

// What has the model's size and channels is taken as a batch; --invert is for pictures alone.
TEST(Classifier, NormalizesImagesAsTheyAre) {
  LoadedModel model = small_model({1, 1, 2});
  model.card.normalize = {{0.5}, {0.5}};
  const Classifier classifier(model, {.invert = true});
  const Tensor images = bytes({0, 255, 255, 0}, {2, 1, 1, 2});
  EXPECT_THAT(classifier.normalize(images).to_vector<int>(), ElementsAre(-1, 1, 1, -1));
}

TEST(Classifier, GivesTheSoftmaxOfTheScores) {
  const LoadedModel model = small_model({1, 2, 2});
  const Classifier classifier(model);
  const Tensor images = classifier.normalize(bytes({0, 1, 2, 3, 4, 50, 60, 70}, {2, 1, 2, 2}));
  const Tensor probabilities = classifier.classify(images);
  EXPECT_FALSE(probabilities.requires_grad());
  const NoGrad no_grad;
  EXPECT_TRUE(equal(probabilities, softmax((*model.module)(images), 1)));
  EXPECT_TRUE(is_close(probabilities.sum({1}), ones({2}), 0, 1e-6));
}

TEST(Classifier, NamesTheLikeliestTheFirstOfEqualsFirst) {
  const Classifier classifier(small_model({1, 2, 2}));
  const auto names = [&](const std::vector<float>& probabilities, std::int64_t count) {
    std::vector<std::string> all;
    for (const Likely& one : classifier.top(from_data(probabilities, {3}), count))
      all.push_back(one.name);
    return all;
  };
  EXPECT_THAT(names({0.25f, 0.25f, 0.5f}, 3), ElementsAre("2", "dark", "light"))
      << "the third class has no name";
  EXPECT_THAT(names({0.25f, 0.5f, 0.25f}, 2), ElementsAre("light", "dark"));
  EXPECT_EQ(names({0.25f, 0.5f, 0.25f}, 99).size(), 3U);
  const std::vector<Likely> top = classifier.top(from_data(std::vector{0.1f, 0.7f, 0.2f}, {3}), 1);
  EXPECT_EQ(top[0].index, 1);
  EXPECT_FLOAT_EQ(static_cast<float>(top[0].probability), 0.7f);
}

TEST(Classifier, LoadsWhatATrainingLeaves) {
  const test::TempDir folder;
  const ModelCard card{.model = "fashion-dnn", .options = {}, .classes = {}, .input = {1, 28, 28}};
  save_model_file(folder / "own.safetensors", *make_model("fashion-dnn"), card);
  const Classifier classifier = Classifier::load(folder / "own.safetensors", {.invert = true});
  EXPECT_EQ(classifier.card().model, "fashion-dnn");
  EXPECT_EQ(classifier.model().classes, 10);
  EXPECT_EQ(classifier.note(), "");
  const Tensor image =
      classifier.prepare(full({40, 30, 3}, 255, {.dtype = u8}), PixelOrder::kChannelsLast);
  EXPECT_EQ(image.sizes(), (Shape{1, 1, 28, 28}));
  EXPECT_EQ(max(abs(image)).item(), 0) << "white, inverted";
  EXPECT_EQ(classifier.top(classifier.classify(image)[0], 3).size(), 3U);
}

TEST(Classifier, SaysWhatItCannotTake) {
  const Classifier classifier(small_model({1, 2, 2}));
  const auto shape_error = [&](const Tensor& pixels, PixelOrder order) {
    return message_of<ShapeError>([&] { classifier.prepare(pixels, order); });
  };
  const TensorOptions u8_options{.dtype = u8};
  EXPECT_EQ(message_of<DTypeError>([&] {
              classifier.prepare(zeros({1, 2, 2}));
            }),
            "classifier: pixels expected u8, got f32");
  EXPECT_EQ(shape_error(zeros({5, 4, 3}, u8_options), PixelOrder::kChannelsFirst),
            "classifier: pixels expected [1 to 4, height, width], got [5, 4, 3]");
  EXPECT_EQ(shape_error(zeros({3, 4, 5}, u8_options), PixelOrder::kChannelsLast),
            "classifier: pixels expected [height, width, 1 to 4], got [3, 4, 5]");
  EXPECT_EQ(shape_error(zeros({1, 0, 5}, u8_options), PixelOrder::kChannelsFirst),
            "classifier: pixels expected [1 to 4, height, width], got [1, 0, 5]");
  EXPECT_EQ(shape_error(zeros({4, 5}, u8_options), PixelOrder::kChannelsFirst),
            "classifier: pixels expected [1 to 4, height, width], got [4, 5]");
  EXPECT_EQ(message_of<DTypeError>([&] {
              classifier.normalize(zeros({1, 1, 2, 2}));
            }),
            "classifier: images expected u8, got f32");
  EXPECT_EQ(message_of<ShapeError>([&] {
              classifier.normalize(zeros({1, 1, 3, 2}, u8_options));
            }),
            "classifier: images expected [n, 1, 2, 2], got [1, 1, 3, 2]");
  EXPECT_EQ(message_of<ShapeError>([&] {
              classifier.classify(zeros({1, 2, 2}));
            }),
            "classifier: images expected [n, 1, 2, 2], got [1, 2, 2]");
  EXPECT_EQ(message_of<ShapeError>([&] {
              classifier.top(zeros({1, 3}), 1);
            }),
            "classifier: probabilities expected [3], got [1, 3]");
  EXPECT_EQ(message_of<ArgumentError>([&] { classifier.top(zeros({3}), 0); }),
            "classifier: count expected at least 1, got 0");
  const Normalization colours{{0, 0, 0}, {1, 1, 1}};
  EXPECT_EQ(message_of<ArgumentError>([&] {
              Classifier(small_model({1, 2, 2}), {.normalize = colours});
            }),
            "classifier: normalize expected values for 1 channel, got 3");
}

}  // namespace
}  // namespace fovea::models
