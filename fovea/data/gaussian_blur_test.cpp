#include "fovea/data/gaussian_blur.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/counted.h"
#include "tests/support/drawn_by_sample.h"
#include "tests/test_seed.h"

namespace fovea::data {
namespace {

using test::counted;
using test::is_close;
using test::message_of;

/// Every pixel by its own sum over the kernel's two dimensions.
Tensor plain(const Tensor& batch, ImageSize kernel, double sigma) {
  const Tensor x = batch.to(cpu);
  const std::int64_t height = x.size(2), width = x.size(3);
  const Tensor y = zeros(x.sizes(), {.dtype = f64, .device = cpu});
  const double* from = x.data<double>();
  double* to = y.data<double>();
  const auto mirrored = [](std::int64_t i, std::int64_t count) {
    return i < 0 ? -i : i < count ? i : 2 * (count - 1) - i;
  };
  for (std::int64_t plane = 0; plane < x.size(0) * x.size(1); ++plane, from += height * width) {
    for (std::int64_t i = 0; i < height * width; ++i) {
      double sum = 0, weights = 0;
      for (std::int64_t dy = -(kernel.height / 2); dy <= kernel.height / 2; ++dy) {
        for (std::int64_t dx = -(kernel.width / 2); dx <= kernel.width / 2; ++dx) {
          const double weight =
              std::exp(-static_cast<double>(dx * dx + dy * dy) / (2 * sigma * sigma));
          weights += weight;
          sum += weight *
                 from[mirrored(i / width + dy, height) * width + mirrored(i % width + dx, width)];
        }
      }
      *to++ = sum / weights;
    }
  }
  return y.to(batch.device());
}

TEST(GaussianBlur, LoopsAgreeWithPlainOnes) {
  Generator generator(test::seed());
  struct Problem {
    Shape size;
    ImageSize kernel;
  };
  const Problem problems[] = {{{2, 3, 7, 11}, {3, 5}},
                              {{1, 1, 1, 1}, {1, 1}},
                              {{1, 1, 1, 9}, {1, 17}},
                              {{1, 2, 5, 1}, {9, 1}},
                              {{1, 1, 12, 12}, {23, 23}}};
  for (const auto& [size, kernel] : problems) {
    const Tensor x = rand(size, {.dtype = f64}, generator);
    for (const double sigma : {0.1, 0.9, 2.0, 50.0}) {
      const std::vector<double> sigmas(static_cast<std::size_t>(size[0]), sigma);
      EXPECT_TRUE(is_close(gaussian_blur(x, kernel, sigmas), plain(x, kernel, sigma), 0, 1e-14))
          << size << sigma;
    }
  }
}

// Weights 1/4, 1/2, 1/4 belong to exp(-1 / (2 s^2)) = 1/2.
TEST(GaussianBlur, WorkedByHand) {
  const Tensor x = from_data(std::vector<std::uint8_t>{0, 0, 80, 0, 0}, {1, 1, 1, 5});
  const std::vector<double> sigmas = {std::sqrt(1 / (2 * std::log(2)))};
  EXPECT_EQ(gaussian_blur(x, {1, 3}, sigmas).to_vector<int>(), (std::vector{0, 20, 40, 20, 0}));
  const Tensor edge = from_data(std::vector<std::uint8_t>{40, 8, 0}, {1, 1, 1, 3});
  EXPECT_EQ(gaussian_blur(edge, {1, 3}, sigmas).to_vector<int>(), (std::vector{24, 14, 4}))
      << "beyond the edge lies the 8 again";
}

TEST(GaussianBlur, LeavesAloneWhatHasNoDeviation) {
  const Tensor x = rand({3, 1, 4, 4});
  const Tensor y = gaussian_blur(x, 3, std::vector<double>{0, 1, 0});
  EXPECT_TRUE(equal(y[0], x[0]));
  EXPECT_FALSE(equal(y[1], x[1]));
  EXPECT_TRUE(equal(y[2], x[2]));
}

// Of 4000 samples 1000 are blurred (deviation 27), by 0.5 to 1.5, 1 in the mean (0.01).
TEST(GaussianBlur, DrawsWhetherAndHowMuch) {
  const GaussianBlur blur(3, {.sigma = {0.5, 1.5}, .p = 0.25});
  const std::vector<std::int64_t> indices = counted(4000);
  double count = 0, sum = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const double sigma = blur.sigma({test::seed(), 1, indices}, i);
    if (sigma == 0) continue;
    EXPECT_GE(sigma, 0.5);
    EXPECT_LE(sigma, 1.5);
    ++count;
    sum += sigma;
  }
  EXPECT_NEAR(count, 1000, 130);
  EXPECT_NEAR(sum / count, 1, 0.05);
}

TEST(GaussianBlur, TreatsASampleTheSameInAnyBatch) {
  const GaussianBlur blur({3, 5}, {.p = 0.7});
  const Tensor x = rand({20, 3, 6, 6});
  test::expect_drawn_by_sample(blur, x);
}

TEST(GaussianBlur, SaysWhatIsWrong) {
  const Tensor x = zeros({1, 1, 4, 4});
  const std::vector<double> one = {1};
  EXPECT_EQ(message_of<ArgumentError>([&] {
              gaussian_blur(x, {3, 4}, one);
            }),
            "gaussian_blur: kernel expected odd lengths, got 3x4");
  EXPECT_EQ(message_of<ShapeError>([&] { gaussian_blur(x, 9, one); }),
            "gaussian_blur: image expected more than half as large as the kernel 9x9, "
            "got [1, 1, 4, 4]");
  EXPECT_EQ(message_of<ArgumentError>([&] { gaussian_blur(x, 3, {}); }),
            "gaussian_blur: sigmas expected for 1 images, got 0");
  EXPECT_EQ(message_of<ArgumentError>([&] { gaussian_blur(x, 3, std::vector<double>{-1}); }),
            "gaussian_blur: sigma expected finite and at least 0, got -1");
  EXPECT_EQ(message_of<ArgumentError>([] {
              GaussianBlur(3, {.sigma = {0, 1}});
            }),
            "GaussianBlur: sigma expected a finite range above 0, got [0, 1]");
  EXPECT_EQ(message_of<ArgumentError>([] { GaussianBlur(3, {.p = 2}); }),
            "GaussianBlur: p expected in [0, 1], got 2");
}

}  // namespace
}  // namespace fovea::data
