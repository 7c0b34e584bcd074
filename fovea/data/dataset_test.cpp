#include "fovea/data/dataset.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>

#include "fovea/core/error.h"
#include "fovea/data/data_loader.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// Sample i is (i, 10 i) with target i.
TensorDataset numbers(std::int64_t n) {
  std::vector<std::uint8_t> data;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) {
    data.push_back(static_cast<std::uint8_t>(i));
    data.push_back(static_cast<std::uint8_t>(10 * i));
    target.push_back(i);
  }
  return {from_data(data, {n, 2}), from_data(target, {n}), {"a", "b"}};
}

std::vector<std::int64_t> targets(const Batch& batch) {
  return batch.target.to_vector<std::int64_t>();
}

TEST(TensorDataset, GivesTheSamplesAskedForAsTheyAreStored) {
  const TensorDataset dataset = numbers(5);
  const std::vector<std::int64_t> indices = {4, 0, 4};
  const auto [data, target] = dataset.get_batch(indices);
  EXPECT_EQ(data.dtype(), u8);
  EXPECT_EQ(data.sizes(), (Shape{3, 2}));
  EXPECT_THAT(data.to_vector<std::int64_t>(), ElementsAre(4, 40, 0, 0, 4, 40));
  EXPECT_THAT(target.to_vector<std::int64_t>(), ElementsAre(4, 0, 4));
  EXPECT_THAT(dataset.classes(), ElementsAre("a", "b"));
}

/// A data set that says nothing of its labels but in its batches.
class Unlabelled : public Dataset {
 public:
  std::int64_t size() const override { return 600; }
  Batch get_batch(std::span<const std::int64_t> indices) const override {
    return numbers(600).get_batch(indices);
  }
};

TEST(Dataset, KnowsTheLabelsOfItsSamples) {
  EXPECT_THAT(numbers(4).labels(), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Subset(numbers(4), {3, 1}).labels(), ElementsAre(3, 1));
  EXPECT_THAT(Subset(Unlabelled(), {599, 255, 256}).labels(), ElementsAre(599, 255, 256));
  EXPECT_THAT(
      [] {
        TensorDataset(zeros({2, 2}), zeros({2, 3})).labels();
      },
      ThrowsMessage<ShapeError>("labels: targets expected a class index each (i64 [n]), got "
                                "f32 [2, 3]"));
}

TEST(TensorDataset, SaysWhatIsWrong) {
  EXPECT_THAT(
      [] {
        TensorDataset(zeros({3, 2}), zeros({4}));
      },
      ThrowsMessage<ShapeError>(
          "TensorDataset: target expected 3 samples, got 4 (data [3, 2], target [4])"));
  EXPECT_THAT(
      [] { TensorDataset(scalar(1), zeros({4})); },
      ThrowsMessage<ShapeError>("TensorDataset: data expected at least 1 dimension, got 0"));
  EXPECT_THAT(
      [] { TensorDataset(zeros({4}), scalar(1)); },
      ThrowsMessage<ShapeError>("TensorDataset: target expected at least 1 dimension, got 0"));
  const std::vector<std::int64_t> outside = {1, 5};
  EXPECT_THAT([&] { numbers(5).get_batch(outside); },
              ThrowsMessage<IndexError>(
                  "TensorDataset: index expected in [0, 5), got 5 (position 1 of 2)"));
}

/// Numbers that are read from the last to the first in every epoch, whatever the seed.
class ReadBackwards : public TensorDataset {
 public:
  explicit ReadBackwards(std::int64_t n) : TensorDataset(numbers(n)) {}
  std::shared_ptr<const Sampler> shuffled(std::uint64_t /*seed*/) const override {
    class Backwards : public SequentialSampler {
     public:
      using SequentialSampler::SequentialSampler;
      std::vector<std::int64_t> order(std::uint64_t epoch) const override {
        std::vector<std::int64_t> order = SequentialSampler::order(epoch);
        std::reverse(order.begin(), order.end());
        return order;
      }
    };
    return std::make_shared<Backwards>(size());
  }
};

/// Targets in the order in which a shuffling loader reads them.
std::vector<std::int64_t> shuffled_targets(const Dataset& dataset) {
  DataLoader loader(dataset, {.batch_size = 2, .shuffle = true, .seed = test::seed()});
  std::vector<std::int64_t> all;
  for (const Batch& batch : loader) {
    const std::vector<std::int64_t> some = targets(batch);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

TEST(Subset, IsShuffledInTheOrderOfItsDataSet) {
  const ReadBackwards all(9);
  EXPECT_THAT(shuffled_targets(all), ElementsAre(8, 7, 6, 5, 4, 3, 2, 1, 0));
  const Subset some(all, {3, 8, 1, 3, 0, 5});
  EXPECT_THAT(shuffled_targets(some), ElementsAre(8, 5, 3, 3, 1, 0));
  EXPECT_THAT(shuffled_targets(Subset(some, {4, 2, 1})), ElementsAre(8, 1, 0));
  EXPECT_THAT(shuffled_targets(first_samples(all, 3)), ElementsAre(2, 1, 0));
  EXPECT_THAT(shuffled_targets(Subset(all, {})), IsEmpty());
}

TEST(Subset, IsShuffledInAnyOrderWhereItsDataSetIs) {
  const TensorDataset all = numbers(9);
  const RandomSampler any(4, test::seed());
  EXPECT_EQ(shuffled_targets(first_samples(all, 4)), any.order(0));
}

TEST(Subset, RenumbersTheSamplesOfAnother) {
  const TensorDataset dataset = numbers(5);
  const Subset subset(dataset, {3, 1});
  EXPECT_EQ(subset.size(), 2);
  const std::vector<std::int64_t> indices = {1, 0};
  EXPECT_THAT(targets(subset.get_batch(indices)), ElementsAre(1, 3));
  EXPECT_THAT(subset.classes(), ElementsAre("a", "b"));
  EXPECT_THAT(
      [&] {
        Subset(dataset, {0, -1});
      },
      ThrowsMessage<IndexError>("Subset: index expected in [0, 5), got -1 (position 1 of 2)"));
}

TEST(Subset, OwnsATemporaryAndSharesAPointer) {
  const Subset owned = first_samples(numbers(5), 2);
  const Subset shared(std::make_shared<TensorDataset>(numbers(3)), {2});
  const std::vector<std::int64_t> first = {0};
  EXPECT_THAT(targets(owned.get_batch(first)), ElementsAre(0));
  EXPECT_THAT(targets(shared.get_batch(first)), ElementsAre(2));
  EXPECT_THAT([] { Subset(std::shared_ptr<TensorDataset>(), {}); },
              ThrowsMessage<ArgumentError>("DatasetRef: dataset expected one, got null"));
}

TEST(FirstSamples, TakesAllWhenThereAreFewer) {
  const TensorDataset dataset = numbers(3);
  EXPECT_THAT(first_samples(dataset, 2).indices(), ElementsAre(0, 1));
  EXPECT_EQ(first_samples(dataset, 9).size(), 3);
  EXPECT_THAT([&] { first_samples(dataset, 0); },
              ThrowsMessage<ArgumentError>("first_samples: count expected at least 1, got 0"));
}

TEST(RandomSplit, CutsIntoPartsThatShareNothing) {
  const TensorDataset dataset = numbers(10);
  Generator generator(test::seed());
  const std::vector<Subset> parts = random_split(dataset, {7, 3, 0}, generator);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].size(), 7);
  EXPECT_EQ(parts[1].size(), 3);
  EXPECT_THAT(parts[2].indices(), IsEmpty());
  std::vector<std::int64_t> all = parts[0].indices();
  all.insert(all.end(), parts[1].indices().begin(), parts[1].indices().end());
  std::sort(all.begin(), all.end());
  EXPECT_THAT(all, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));

  Generator again(test::seed());
  EXPECT_EQ(random_split(dataset, {7, 3, 0}, again)[0].indices(), parts[0].indices());
  EXPECT_NE(random_split(dataset, {7, 3, 0}, again)[0].indices(), parts[0].indices());
}

TEST(RandomSplit, SaysWhatIsWrong) {
  const TensorDataset dataset = numbers(10);
  EXPECT_THAT(
      [&] {
        random_split(dataset, {7, 2});
      },
      ThrowsMessage<ArgumentError>("random_split: lengths expected to add up to 10, got 9"));
  EXPECT_THAT(
      [&] {
        random_split(dataset, {11, -1});
      },
      ThrowsMessage<ArgumentError>("random_split: length expected at least 0, got -1"));
}

/// Samples that are drawn: the first word of each sample's key.
class Drawn : public Dataset {
 public:
  std::int64_t size() const override { return 4; }
  Batch get_batch(std::span<const std::int64_t> indices) const override {
    return draw_batch(indices, {.seed = 0, .epoch = 0, .indices = indices});
  }
  Batch draw_batch(std::span<const std::int64_t> indices, const SampleKeys& keys) const override {
    std::vector<std::int64_t> words;
    for (std::size_t i = 0; i < indices.size(); ++i) words.push_back(keys.draw(i)[0]);
    const auto count = static_cast<std::int64_t>(indices.size());
    return {from_data(words, {count}), from_data(indices, {count})};
  }
};

TEST(Dataset, DrawsFromTheKeysThatItIsGiven) {
  const std::vector<std::int64_t> indices = {1, 0}, loaders = {8, 9};
  // Nothing is drawn by most.
  EXPECT_THAT(numbers(5)
                  .draw_batch(indices, {.seed = 1, .epoch = 2, .indices = loaders})
                  .data.to_vector<std::int64_t>(),
              ElementsAre(1, 10, 0, 0));
  const Drawn drawn;
  const SampleKeys keys{.seed = 1, .epoch = 2, .indices = loaders};
  const Batch batch = Subset(drawn, {3, 2}).draw_batch(indices, keys);
  EXPECT_THAT(targets(batch), ElementsAre(2, 3));
  EXPECT_THAT(batch.data.to_vector<std::int64_t>(), ElementsAre(keys.draw(0)[0], keys.draw(1)[0]));
}

using Sets = std::vector<std::vector<std::int64_t>>;

TEST(Dataset, SaysOfWhichClassesItsSamplesAre) {
  EXPECT_EQ(numbers(3).targets(), Targets::kSingleLabel);
  EXPECT_EQ(numbers(3).label_sets(), (Sets{{0}, {1}, {2}}));
  const Tensor shown = tensor({{1., 0., 1.}, {0., 0., 0.}, {0., 1., 0.}}).to(f32);
  const TensorDataset several(zeros({3, 2}), shown, {"a", "b", "c"}, {}, Targets::kMultiLabel);
  EXPECT_EQ(several.targets(), Targets::kMultiLabel);
  EXPECT_EQ(several.label_sets(), (Sets{{0, 2}, {}, {1}}));
  const Subset some(several, {2, 0});
  EXPECT_EQ(some.targets(), Targets::kMultiLabel);
  EXPECT_EQ(some.label_sets(), (Sets{{1}, {0, 2}}));
  EXPECT_STREQ(word_of(some.targets()), "multi-label");
  EXPECT_STREQ(word_of(numbers(1).targets()), "single-label");
  EXPECT_THAT(
      [&] { (void)several.labels(); },
      ThrowsMessage<ShapeError>("labels: targets expected a class index each (i64 [n]), got "
                                "f32 [3, 3]"));
  EXPECT_THAT(
      [&] {
        TensorDataset(zeros({3, 2}), zeros({3}), {}, {}, Targets::kMultiLabel);
      },
      ThrowsMessage<ShapeError>("TensorDataset: multi-label target expected [n, classes], got "
                                "[3]"));
  EXPECT_THAT(
      [&] {
        TensorDataset(zeros({3, 2}), zeros({3, 1}, {.dtype = i64}), {}, {}, Targets::kMultiLabel);
      },
      ThrowsMessage<DTypeError>("TensorDataset: multi-label target expected f32, got i64"));
}

/// A multi-label set that says so, and nothing of its labels but in its batches.
class InBatches : public Dataset {
 public:
  explicit InBatches(const Shape& target) : target_(target) {}
  std::int64_t size() const override { return 300; }
  Targets targets() const override { return Targets::kMultiLabel; }
  Batch get_batch(std::span<const std::int64_t> indices) const override {
    Shape sizes = target_;
    sizes[0] = static_cast<std::int64_t>(indices.size());
    return {zeros({sizes[0], 1}), ones(sizes)};
  }

 private:
  Shape target_;
};

TEST(Dataset, FindsLabelSetsInBatchesToo) {
  const Sets sets = InBatches({1, 2}).label_sets();
  EXPECT_EQ(sets.size(), 300u);
  EXPECT_THAT(sets.back(), ElementsAre(0, 1));
  EXPECT_THAT(
      [] { (void)InBatches({1}).label_sets(); },
      ThrowsMessage<ShapeError>("label_sets: multi-label targets expected [n, classes], got "
                                "[256]"));
}

}  // namespace
}  // namespace fovea::data
