#include "fovea/vision/grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "fovea/core/error.h"
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

TEST(Grid, KeepsProportions) {
  const std::string text = draw_grid(samples(1, {3, 2, 4}), {.rows = 1, .columns = 1}).to_string();
  EXPECT_EQ(count_of(text, "<image x=\"20\" y=\"48\" width=\"112\" height=\"56\""), 1u) << text;
}

TEST(Grid, RefusesWhatItCannotShow) {
  EXPECT_EQ(message_of<ArgumentError>([] { draw_grid(samples(2), {.rows = 0}); }),
            "grid: rows and columns expected 1 to 100, got 0x5");
  EXPECT_EQ(message_of<ShapeError>([] { draw_grid(samples(2, {4})); }),
            "grid: images expected [n, c, h, w], got [2, 4]");
  EXPECT_EQ(message_of<ShapeError>([] {
              draw_grid(samples(2, {2, 4, 4}));
            }),
            "write_png: image expected [1, h, w] or [3, h, w], got [2, 4, 4]");
}

}  // namespace
}  // namespace fovea::vision
