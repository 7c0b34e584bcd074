#include "fovea/data/image_pass.h"

#include <gmock/gmock.h>

#include <array>
#include <numeric>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/batch_maker.h"
#include "fovea/data/data_loader.h"
#include "fovea/tensor/ops.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

using Indices = std::vector<std::int64_t>;

/// Ten images of drawn bytes with 0 and 255 among them, target i for image i.
TensorDataset drawn(std::int64_t channels, Transform transform = {}) {
  Generator generator(test::seed());
  const Tensor data =
      randint(0, 256, {10, channels, 6, 7}, {.dtype = i64, .device = cpu}, generator).to(u8);
  data.select(3, 0).fill_(0);
  data.select(3, 6).fill_(255);
  return {data.to(default_device()), arange(10), {}, std::move(transform)};
}

/// The same data set, whose memory nobody may look at: transforms are applied one by one.
class Hidden : public Dataset {
 public:
  explicit Hidden(TensorDataset dataset) : dataset_(std::move(dataset)) {}
  std::int64_t size() const override { return dataset_.size(); }
  Batch get_batch(std::span<const std::int64_t> indices) const override {
    return dataset_.get_batch(indices);
  }
  Transform transform() const override { return dataset_.transform(); }

 private:
  TensorDataset dataset_;
};

Normalize normalization(std::int64_t channels) {
  std::vector<double> mean, std;
  for (std::int64_t c = 0; c < channels; ++c) {
    mean.push_back(0.1 * static_cast<double>(c + 1));
    std.push_back(0.3 + 0.07 * static_cast<double>(c));
  }
  return {mean, std};
}

/// A transform drawn from all kinds.
Transform draw_transform(Generator& generator, std::int64_t channels) {
  switch (generator.below(9)) {
    case 0:
      return ToTensor();
    case 1:
      return RandomHorizontalFlip(0.5);
    case 2:
      return RandomCrop({5, 4}, {.padding = 2});
    case 3:
      return CenterCrop({7, 5});
    case 4:
      return Cutout({3, 2});
    case 5:
      return Compose({RandomHorizontalFlip(0.5), Cutout(2)});
    case 6:
      return Compose({ToTensor(), normalization(channels)});
    case 7:
      return RandomErasing({.p = 0.6, .value = {generator.below(2) == 0 ? 0.0 : 0.75}});
    default:
      return [](const Tensor& x, const SampleKeys&) { return x; };
  }
}

/// A drawn chain of whose results at least the last is f32.
Transform draw_chain(Generator& generator, std::int64_t channels) {
  std::vector<Transform> chain;
  for (std::uint64_t left = 1 + generator.below(5); left > 0; --left) {
    chain.push_back(draw_transform(generator, channels));
  }
  chain.emplace_back(ToTensor());
  if (generator.below(2) == 0) chain.emplace_back(normalization(channels));
  return Compose(std::move(chain));
}

// Chains of every kind, with parts that one pass can do and parts that it cannot, in any order.
TEST(ImagePass, EqualsTheTransformsOneByOneToTheBit) {
  Generator generator(test::seed());
  const Indices indices = {3, 9, 0, 3, 5};
  int one_pass = 0, partly = 0;
  for (int round = 0; round < 300; ++round) {
    const std::int64_t channels = 1 + static_cast<std::int64_t>(generator.below(4));
    const TensorDataset dataset =
        drawn(channels, generator.below(2) == 0 ? ToTensor() : Transform());
    const Transform chain = draw_chain(generator, channels);
    const BatchMaker fused(dataset, chain, 17), plain(Hidden(dataset), chain, 17);
    ASSERT_FALSE(plain.is_one_pass());
    const Batch got = fused.make(indices, 4), expected = plain.make(indices, 4);
    EXPECT_TRUE(equal(got.data, expected.data)) << "round " << round;
    EXPECT_TRUE(equal(got.target, expected.target));
    if (fused.is_one_pass()) {
      ++one_pass;
      EXPECT_TRUE(got.data.is_contiguous(MemoryFormat::kChannelsLast));
    } else {
      ++partly;
    }
  }
  EXPECT_GT(one_pass, 50);  // the rounds show both
  EXPECT_GT(partly, 50);
}

TEST(ImagePass, DoesTheLongestBeginningThatFits) {
  const auto length = [](std::vector<Transform> transforms) {
    std::vector<ChainLink> chain;
    append_links(Compose(std::move(transforms)), 0, chain);
    const auto pass = ImagePass::plan(chain, {10, 3, 6, 7});
    return pass ? static_cast<int>(pass->length()) : -1;
  };
  const RandomHorizontalFlip flip;
  const RandomCrop crop(5);
  const Cutout cutout(2);
  const Transform own = [](const Tensor& x, const SampleKeys&) { return x; };
  EXPECT_EQ(length({ToTensor(), normalization(3), crop, flip, cutout}), 5);
  EXPECT_EQ(length({crop, flip, cutout, ToTensor(), ToTensor(), Normalize({0.5}, {0.5})}), 6);
  EXPECT_EQ(length({ToTensor(), crop, crop}), 2);
  EXPECT_EQ(length({ToTensor(), cutout, flip, cutout}), 3);
  EXPECT_EQ(length({ToTensor(), normalization(3), normalization(3)}), 2);
  const RandomErasing erasing, filling({.value = {0.5}});
  EXPECT_EQ(length({erasing, ToTensor(), normalization(3)}), 3);
  EXPECT_EQ(length({ToTensor(), filling, normalization(3), flip}), 4);
  EXPECT_EQ(length({filling, ToTensor()}), -1) << "half a byte";
  EXPECT_EQ(length({ToTensor(), own, flip}), 1);
  EXPECT_EQ(length({flip, own, ToTensor()}), -1) << "bytes that stay bytes gain nothing";
  EXPECT_EQ(length({}), -1);
  EXPECT_THAT(
      [&] {
        length({ToTensor(), RandomCrop(8)});
      },
      ThrowsMessage<ShapeError>("RandomCrop: image expected at least 8x8 with its border, "
                                "got [10, 3, 6, 7] (padding 0)"));
}

TEST(ImagePass, IsFollowedByTheErrorsOfTransformsThatDoNotFit) {
  const auto make = [](const Transform& transform) {
    const Indices first = {0};
    BatchMaker(drawn(1), transform, 0).make(first, 0);
  };
  EXPECT_THAT([&] { make(normalization(1)); },
              ThrowsMessage<DTypeError>("Normalize: dtype expected f32 or f64, got u8"));
  EXPECT_THAT(
      [&] {
        make(Compose({ToTensor(), normalization(2)}));
      },
      ThrowsMessage<ShapeError>("Normalize: batch expected 2 channels, got [1, 1, 6, 7]"));
}

TEST(BatchMaker, FindsTheRowsOfSubsetsOfSubsets) {
  const TensorDataset dataset = drawn(1, ToTensor());
  const Subset outer(Subset(dataset, {7, 2, 9, 4}), {3, 1});
  const BatchMaker maker(outer, {}, 0);
  EXPECT_TRUE(maker.is_one_pass());
  const Indices indices = {1, 0}, outside = {0, 2};
  const Batch batch = maker.make(indices, 0);
  EXPECT_THAT(batch.target.to_vector<std::int64_t>(), ElementsAre(2, 4));
  EXPECT_TRUE(equal(batch.data[0], ToTensor()(dataset.data()[2])));
  EXPECT_THAT(
      [&] { maker.make(outside, 0); },
      ThrowsMessage<IndexError>("DataLoader: index expected in [0, 2), got 2 (position 1 of 2)"));
}

TEST(BatchMaker, KnowsWhatIsOnePass) {
  const auto one_pass = [](const Dataset& dataset, const Transform& transform) {
    return BatchMaker(dataset, transform, 0).is_one_pass();
  };
  const Transform own = [](const Tensor& x, const SampleKeys&) { return x; };
  EXPECT_TRUE(one_pass(drawn(1, ToTensor()), RandomHorizontalFlip()));
  EXPECT_TRUE(one_pass(TensorDataset(zeros({3, 2}), zeros({3})), {}));
  EXPECT_FALSE(one_pass(TensorDataset(zeros({3, 2}), zeros({3})), own));
  EXPECT_FALSE(one_pass(drawn(1, ToTensor()), own));
  EXPECT_FALSE(one_pass(Hidden(drawn(1)), {}));
}

// Where zeros come in, and where they are taken out again.
TEST(SampleWindow, AddsUpCutsMirrorsAndErasures) {
  const auto expect = [](const SampleWindow& window, const std::array<std::int64_t, 7>& fields) {
    const ImageWindow& w = window.in_image();
    EXPECT_EQ((std::array<std::int64_t, 7>{w.top, w.left, w.flip, w.erased_top, w.erased_left,
                                           w.erased_height, w.erased_width}),
              fields);
  };
  SampleWindow window({10, 8});
  window.cut(2, -1, {5, 6});
  expect(window, {2, -1, 0, 0, 0, 0, 0});
  window.mirror();
  window.cut(1, 1, {3, 2});  // columns 1 and 2 of the mirror are 4 and 3 of the window before
  expect(window, {3, 2, 1, 0, 0, 0, 0});
  EXPECT_EQ(window.size(), ImageSize(3, 2));

  SampleWindow erased({10, 8});
  erased.erase(-2, 5, {4, 9});
  expect(erased, {0, 0, 0, 0, 5, 2, 3});
  erased.mirror();
  expect(erased, {0, 0, 1, 0, 0, 2, 3});
  erased.cut(1, 2, {4, 4});
  expect(erased, {1, 2, 1, 0, 0, 1, 1});
  erased.cut(2, 0, {1, 1});
  EXPECT_EQ(erased.in_image().erased_height, 0) << "the erased part is cut off";
}

TEST(Cutout, ErasesAPartOfEachImage) {
  const Tensor x = full({500, 2, 4, 5}, 7);
  Indices indices(500);
  std::iota(indices.begin(), indices.end(), 0);
  const Tensor y = Cutout({2, 3})(x, {test::seed(), 1, indices});
  EXPECT_TRUE(equal(y.select(1, 0), y.select(1, 1))) << "all channels alike";
  // Rows r-1 and r around each of 4 rows, columns c-1 to c+1 around each of 5: the corner at the
  // top left is erased by 2 of 4 rows and 2 of 5 columns, and so on.
  const Tensor share = (y.select(1, 0) == 0.0).to(f32).mean({0});
  const double rows[] = {2, 2, 2, 1}, columns[] = {2, 3, 3, 3, 2};
  for (int r = 0; r < 4; ++r) {
    for (int c = 0; c < 5; ++c) {
      EXPECT_NEAR(share.at({r, c}).item(), rows[r] * columns[c] / 20, 0.1) << r << ", " << c;
    }
  }
  EXPECT_THAT(
      [] {
        Cutout({0, 3});
      },
      ThrowsMessage<ArgumentError>("Cutout: size expected at least 1x1, got 0x3"));
}

// What happens to a sample depends on (seed, epoch, sample) alone.
TEST(DataLoader, TreatsImagesTheSameInAnyBatchSizeAndPrefetch) {
  const TensorDataset dataset = drawn(2, ToTensor());
  const auto images_of = [&](std::int64_t batch_size, std::optional<int> prefetch,
                             std::uint64_t epoch) {
    DataLoader loader(dataset, {.batch_size = batch_size,
                                .shuffle = true,
                                .seed = test::seed(),
                                .transform = Compose({RandomCrop({6, 7}, {.padding = 1}),
                                                      RandomHorizontalFlip(), Cutout(2)}),
                                .prefetch = prefetch});
    EXPECT_EQ(loader.prefetch(), prefetch.value_or(0));
    loader.set_next_epoch(epoch);
    Tensors images(10);
    for (auto& [data, target] : loader) {
      for (std::int64_t i = 0; i < target.size(0); ++i) {
        images[static_cast<std::size_t>(target[i].item<std::int64_t>())] = data[i].clone();
      }
    }
    return stack(images, 0);
  };
  const Tensor images = images_of(10, std::nullopt, 3);
  for (const std::int64_t batch_size : {1, 3, 7}) {
    for (const int prefetch : {0, 2}) {
      EXPECT_TRUE(equal(images_of(batch_size, prefetch, 3), images)) << batch_size;
    }
  }
  EXPECT_FALSE(equal(images_of(10, std::nullopt, 4), images));
}

}  // namespace
}  // namespace fovea::data
