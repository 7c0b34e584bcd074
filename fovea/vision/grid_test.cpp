#include "fovea/vision/grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/base64.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea::vision {
namespace {

using test::message_of;

data::TensorDataset samples(std::int64_t count, const Shape& image = {1, 4, 4}) {
  Shape sizes{count};
  for (const std::int64_t size : image) sizes.push_back(size);
  return {zeros(sizes, {.dtype = u8}), arange(0, static_cast<double>(count)), {"Bag <1>", "Coat"}};
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(Grid, DrawsWithoutRepetition) {
  const data::TensorDataset dataset = samples(25);
  std::vector<std::int64_t> drawn = grid_samples(dataset, {});
  EXPECT_EQ(drawn.size(), 20u);
  EXPECT_EQ(drawn, grid_samples(dataset, {}));
  EXPECT_NE(drawn, grid_samples(dataset, {.seed = 1}));
  std::sort(drawn.begin(), drawn.end());
  EXPECT_EQ(std::unique(drawn.begin(), drawn.end()), drawn.end());
  EXPECT_GE(drawn.front(), 0);
  EXPECT_LT(drawn.back(), 25);
}

TEST(Grid, ShowsImagesWithTheirNames) {
  const std::string text =
      draw_grid(samples(2), {.rows = 1, .columns = 3, .title = "Two & two"}).to_string();
  EXPECT_EQ(count_of(text, "<image "), 2u);  // all there are
  EXPECT_EQ(count_of(text, ">Bag &lt;1&gt;</text>"), 1u);
  EXPECT_EQ(count_of(text, ">Coat</text>"), 1u);
  EXPECT_EQ(count_of(text, ">Two &amp; two</text>"), 1u);
  // Samples whose class has no name show its number.
  EXPECT_EQ(count_of(draw_grid(samples(3), {.rows = 1, .columns = 3}).to_string(), ">2</text>"),
            1u);
}

TEST(Grid, NamesAllLabelsOfAnImage) {
  const data::TensorDataset dataset(zeros({3, 1, 4, 4}, {.dtype = u8}),
                                    tensor({{1., 1.}, {0., 0.}, {0.25, 1.}}).to(f32),
                                    {"hat", "coat"}, {}, data::Targets::kMultiLabel);
  const std::string text = draw_grid(dataset, {.rows = 1, .columns = 3}).to_string();
  EXPECT_EQ(count_of(text, ">hat</text>"), 1u);
  EXPECT_EQ(count_of(text, ">coat</text>"), 2u);
  EXPECT_EQ(count_of(text, ">none</text>"), 1u);
  EXPECT_EQ(count_of(text, ">25 % hat</text>"), 1u) << "of a mixed one";
}

TEST(Grid, KeepsProportions) {
  const std::string text = draw_grid(samples(1, {3, 2, 4}), {.rows = 1, .columns = 1}).to_string();
  EXPECT_EQ(count_of(text, "<image x=\"20\" y=\"48\" width=\"112\" height=\"56\""), 1u) << text;
}

/// All values of a sample become `value`.
data::Transform painted(double value) {
  return [value](const Tensor& batch, const data::SampleKeys& keys) {
    return full(batch.sizes(), value + 0.1 * static_cast<double>(keys.epoch), {.dtype = f32});
  };
}

/// How often a grid holds a 4 x 4 image of this grey.
std::size_t count_of_grey(const io::SvgCanvas& grid, int grey) {
  const Tensor image = full({1, 4, 4}, grey, {.dtype = u8});
  const std::string png = io::encode_base64(io::encode_png(image));
  return count_of(grid.to_string(), png);
}

TEST(Grid, ShowsWhatAnAugmentationDoesInEachEpoch) {
  const data::TensorDataset dataset = samples(3);
  const io::SvgCanvas grid =
      draw_augmented_grid(dataset, {.transform = painted(0.2)}, {.rows = 2, .columns = 4});
  EXPECT_EQ(count_of(grid.to_string(), "<image "), 8u);
  EXPECT_EQ(count_of_grey(grid, 0), 2u) << "as they are stored";
  EXPECT_EQ(count_of_grey(grid, 51), 2u) << "0.2";
  EXPECT_EQ(count_of_grey(grid, 77), 2u) << "0.3";
  EXPECT_EQ(count_of_grey(grid, 102), 2u) << "0.4";
}

TEST(Grid, NamesTheSharesOfWhatIsMixed) {
  const data::BatchTransform mix = [](const data::Batch& batch, const data::SampleKeys&) {
    return data::Batch{batch.data, tensor({{0.3, 0.7}, {1.0, 0.0}})};
  };
  const std::string text =
      draw_augmented_grid(samples(2), {.batch = mix}, {.rows = 2, .columns = 2}).to_string();
  EXPECT_EQ(count_of(text, ">70 % Coat</text>"), 1u);
  EXPECT_EQ(count_of(text, ">30 % Bag &lt;1&gt;</text>"), 1u);
  EXPECT_LT(text.find(">70 % Coat<"), text.find(">30 % Bag")) << "the larger one first";
  EXPECT_EQ(count_of(text, ">100 % Bag &lt;1&gt;</text>"), 1u);
  EXPECT_EQ(count_of(text, ">Coat</text>"), 1u) << "as it is stored";
}

TEST(Grid, RefusesWhatItCannotShow) {
  EXPECT_EQ(message_of<ArgumentError>([] { draw_grid(samples(2), {.rows = 0}); }),
            "grid: rows and columns expected 1 to 100, got 0x5");
  EXPECT_EQ(message_of<ArgumentError>([] { draw_augmented_grid(samples(2), {}, {.columns = 1}); }),
            "grid: columns expected at least 2 with an augmentation, got 1");
  EXPECT_EQ(message_of<ShapeError>([] { draw_grid(samples(2, {4})); }),
            "grid: images expected [n, c, h, w], got [2, 4]");
  EXPECT_EQ(message_of<ShapeError>([] {
              draw_grid(samples(2, {2, 4, 4}));
            }),
            "write_png: image expected [1, h, w] or [3, h, w], got [2, 4, 4]");
}

}  // namespace
}  // namespace fovea::vision
