#include "fovea/data/batch_mix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/data_loader.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/counted.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using test::counted;
using test::is_close;
using test::message_of;

Tensor numbers(const std::vector<std::int64_t>& classes) {
  return from_data(classes, {static_cast<std::int64_t>(classes.size())});
}

/// Keys of one batch, whose first sample is `first`.
class BatchKeys {
 public:
  explicit BatchKeys(std::int64_t first, std::int64_t count = 1) : indices_(counted(count)) {
    for (std::int64_t& index : indices_) index += first;
  }
  SampleKeys keys(std::uint64_t epoch = 0) const { return {test::seed(), epoch, indices_}; }

 private:
  std::vector<std::int64_t> indices_;
};

/// Shares of 4000 batches, sorted.
std::vector<double> shares_of(double alpha) {
  const MixUp mix(2, alpha);
  std::vector<double> shares;
  for (std::int64_t i = 0; i < 4000; ++i) shares.push_back(mix.share(BatchKeys(i).keys()));
  std::sort(shares.begin(), shares.end());
  return shares;
}

// Beta(a, a) has the mean 1/2 and the variance 1 / (4 (2a + 1)), which 4000 draws estimate to 3 %.
TEST(MixUp, SharesAreDrawnFromBeta) {
  for (const double alpha : {0.01, 0.2, 1.0, 4.0, 100.0}) {
    const std::vector<double> shares = shares_of(alpha);
    double sum = 0, squares = 0;
    for (const double share : shares) {
      ASSERT_GE(share, 0);
      ASSERT_LE(share, 1);
      sum += share;
      squares += (share - 0.5) * (share - 0.5);
    }
    const double variance = 1 / (4 * (2 * alpha + 1));
    EXPECT_NEAR(sum / 4000, 0.5, 5 * std::sqrt(variance / 4000)) << alpha;
    EXPECT_NEAR(squares / 4000, variance, 0.12 * variance) << alpha;
  }
}

// Distribution functions that can be written: Beta(1, 1) is even, Beta(1/2, 1/2) the arcsine's,
// Beta(2, 2) a cubic. Kolmogorov's distance of 4000 draws is above 0.031 once in a thousand.
TEST(MixUp, SharesHaveBetasDistribution) {
  const auto expect = [](double alpha, double (*below)(double)) {
    const std::vector<double> shares = shares_of(alpha);
    double distance = 0;
    for (std::size_t i = 0; i < shares.size(); ++i)
      distance = std::max(distance, std::abs(below(shares[i]) - static_cast<double>(i) / 4000));
    EXPECT_LT(distance, 0.031) << alpha;
  };
  expect(1, [](double x) { return x; });
  expect(0.5, [](double x) { return 2 / std::acos(-1.0) * std::asin(std::sqrt(x)); });
  expect(2, [](double x) { return x * x * (3 - 2 * x); });
}

TEST(MixUp, MixesASampleWithTheOneBeforeIt) {
  const MixUp mix(3, 0.7);
  const BatchKeys keys(11, 3);
  const Tensor x = tensor({{1, 10}, {2, 20}, {4, 40}});
  const Batch mixed = mix({x, numbers({0, 2, 2})}, keys.keys(1));
  const double own = mix.share(keys.keys(1)), other = 1 - own;
  EXPECT_TRUE(is_close(mixed.data,
                       tensor({{own * 1 + other * 4, own * 10 + other * 40},
                               {own * 2 + other * 1, own * 20 + other * 10},
                               {own * 4 + other * 2, own * 40 + other * 20}}),
                       1e-6));
  EXPECT_TRUE(
      is_close(mixed.target, tensor({{own, 0, other}, {other, 0, own}, {0, 0, 1}}), 1e-6, 1e-7));
  EXPECT_EQ(mixed.target.dtype(), f32);
  // Probabilities are mixed as they are.
  const Batch again = mix({x, mixed.target}, keys.keys(1));
  EXPECT_TRUE(is_close(again.target[2], mixed.target[2] * own + mixed.target[1] * other, 1e-6));
}

TEST(MixUp, DependsOnTheFirstSampleAlone) {
  const MixUp mix(2);
  EXPECT_EQ(mix.share(BatchKeys(7, 2).keys()), mix.share(BatchKeys(7, 9).keys()));
  EXPECT_NE(mix.share(BatchKeys(7).keys()), mix.share(BatchKeys(8).keys()));
  EXPECT_NE(mix.share(BatchKeys(7).keys(0)), mix.share(BatchKeys(7).keys(1)));
}

TEST(CutMix, ReplacesOnePartOfAllImages) {
  const CutMix mix(2);
  const std::int64_t count = 3, height = 9, width = 14;
  const Tensor x = from_data(std::vector<float>{1, 2, 4}, {count, 1, 1, 1})
                       .expand({count, 2, height, width})
                       .contiguous();
  for (std::int64_t first = 0; first < 50; ++first) {
    const BatchKeys keys(first, count);
    const ImagePart part = mix.part(keys.keys(), {height, width});
    const Batch mixed = mix({x, numbers({0, 1, 1})}, keys.keys());
    const double share =
        1 - static_cast<double>(part.size.height * part.size.width) / (height * width);
    const Tensor mask = zeros({height, width});
    for (std::int64_t i = 0; i < part.size.height; ++i) {
      for (std::int64_t j = 0; j < part.size.width; ++j) mask[part.top + i][part.left + j].fill_(1);
    }
    for (std::int64_t i = 0; i < count; ++i) {
      const double own = x[i].max().item(), other = x[(i + 2) % count].max().item();
      EXPECT_TRUE(equal(mixed.data[i], (mask * (other - own) + own).expand({2, height, width})));
    }
    EXPECT_TRUE(is_close(mixed.target, tensor({{share, 1 - share}, {1 - share, share}, {0.0, 1.0}}),
                         1e-6, 1e-7));
  }
  EXPECT_EQ(x.max().item(), 4) << "the batch that is given stays";
  EXPECT_EQ(x[0].max().item(), 1);
}

// With alpha 1 the part is sqrt(u) of each side before it is cut at the edge, u even: its square
// reaches at most the image. Every middle is as likely.
TEST(CutMix, DrawsParts) {
  const CutMix mix(2);
  double covered = 0;
  bool empty = false;
  std::set<std::int64_t> tops;
  for (std::int64_t i = 0; i < 4000; ++i) {
    const ImagePart part = mix.part(BatchKeys(i).keys(), {32, 20});
    ASSERT_GE(part.top, 0);
    ASSERT_GE(part.left, 0);
    ASSERT_LE(part.top + part.size.height, 32);
    ASSERT_LE(part.left + part.size.width, 20);
    covered += static_cast<double>(part.size.height * part.size.width) / (32 * 20);
    empty = empty || part.size.height == 0;
    tops.insert(part.top);
  }
  EXPECT_TRUE(empty);
  EXPECT_EQ(*tops.begin(), 0);
  EXPECT_GE(*tops.rbegin(), 28) << "a small part near the lower edge: about 20 of them";
  // In the mean a side r = sqrt(u) loses r^2 / 8 at either edge: r (1 - r / 4) is left, and of
  // u (1 - sqrt(u) / 4)^2 the mean is 1/2 - 1/5 + 1/48 = 0.32. Halves rounded down take some more.
  EXPECT_NEAR(covered / 4000, 0.29, 0.03);
}

TEST(BatchChoice, TakesEachAsOften) {
  const auto mark = [](double value) {
    return [value](const Batch& batch, const SampleKeys&) {
      return Batch{full({1}, value), batch.target};
    };
  };
  const BatchChoice choice({mark(0), mark(1)});
  double ones = 0;
  for (std::int64_t i = 0; i < 1000; ++i)
    ones += choice({zeros({1}), numbers({0})}, BatchKeys(i).keys()).data.item();
  EXPECT_NEAR(ones, 500, 80);  // the deviation is 16
}

TEST(DataLoader, MixesItsBatches) {
  const TensorDataset dataset(rand({10, 1, 4, 4}), numbers({0, 1, 2, 0, 1, 2, 0, 1, 2, 0}));
  const DataLoaderOptions options{
      .batch_size = 4, .shuffle = true, .seed = test::seed(), .batch_transform = MixUp(3)};
  DataLoader loader(dataset, options), resumed(dataset, options);
  EXPECT_EQ(loader.prefetch(), 2);
  std::vector<Batch> batches;
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (const Batch& batch : loader) batches.push_back(batch);
  }
  ASSERT_EQ(batches.size(), 6u);
  for (const Batch& batch : batches) {
    EXPECT_EQ(batch.target.sizes(), (Shape{batch.data.size(0), 3}));
    EXPECT_TRUE(is_close(batch.target.sum({1}), ones({batch.data.size(0)}), 0, 1e-6));
  }
  // Who goes on in the middle of the second epoch gets the same.
  resumed.set_next_epoch(1);
  std::size_t at = 4;
  for (auto batch = resumed.begin(1); batch != DataLoader::end(); ++batch, ++at) {
    EXPECT_TRUE(equal((*batch).data, batches[at].data));
    EXPECT_TRUE(equal((*batch).target, batches[at].target));
  }
  EXPECT_EQ(at, 6u);
}

TEST(BatchMix, SaysWhatIsWrong) {
  EXPECT_EQ(message_of<ArgumentError>([] { MixUp(0); }),
            "MixUp: classes expected at least 1, got 0");
  EXPECT_EQ(message_of<ArgumentError>([] { CutMix(2, 0); }),
            "CutMix: alpha expected finite and above 0, got 0");
  EXPECT_EQ(message_of<ArgumentError>([] { BatchChoice({}); }),
            "BatchChoice: choices expected at least 1, got 0");
  const BatchKeys two(0, 2);
  const Tensor x = zeros({2, 1, 3, 3});
  EXPECT_EQ(message_of<ArgumentError>([&] {
              MixUp(2)({x, numbers({0, 1})}, {});
            }),
            "MixUp: keys expected for [2, 1, 3, 3], got 0");
  EXPECT_EQ(message_of<DTypeError>([&] {
              MixUp(2)({x.to(u8), numbers({0, 1})}, two.keys());
            }),
            "MixUp: data expected dtype f32 or f64, got u8");
  EXPECT_EQ(message_of<ShapeError>([&] {
              MixUp(2)({x, numbers({0})}, two.keys());
            }),
            "MixUp: target expected for [2, 1, 3, 3], got [1]");
  EXPECT_EQ(message_of<DTypeError>([&] {
              MixUp(2)({x, zeros({2}, {.dtype = i32})}, two.keys());
            }),
            "MixUp: target expected dtype i64, f32 or f64, got i32");
  EXPECT_EQ(message_of<ShapeError>([&] {
              MixUp(2)({x, zeros({2, 3})}, two.keys());
            }),
            "MixUp: target expected [2, 2], got [2, 3]");
  EXPECT_EQ(message_of<ShapeError>([&] {
              CutMix(2)({zeros({2, 3}), numbers({0, 1})}, two.keys());
            }),
            "CutMix: data expected [k, c, h, w], got [2, 3]");
}

}  // namespace
}  // namespace fovea::data
