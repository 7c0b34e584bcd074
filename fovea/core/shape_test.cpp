#include "fovea/core/shape.h"

#include <functional>

#include <gtest/gtest.h>

#include "fovea/core/error.h"

namespace fovea {
namespace {

std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Shape, HoldsUpToEightNumbers) {
  Shape shape = {2, 3};
  shape.push_back(5);
  shape.insert(1, 7);
  EXPECT_EQ(shape, (Shape{2, 7, 3, 5}));
  shape.erase(0);
  EXPECT_EQ(shape.to_string(), "[7, 3, 5]");
  EXPECT_EQ(shape.back(), 5);
  EXPECT_EQ(Shape().numel(), 1);
  EXPECT_EQ(message([] { Shape{1, 2, 3, 4, 5, 6, 7, 8, 9}; }),
            "shape: dimensions expected at most 8, got 9");
}

TEST(Shape, NumelIsCheckedArithmetic) {
  EXPECT_EQ((Shape{3, 0, std::int64_t{1} << 20}).numel(), 0);
  EXPECT_EQ(message([] {
              Shape({2, -1}).numel();
            }),
            "shape: sizes expected none negative, got [2, -1]");
  EXPECT_THROW((Shape{std::int64_t{1} << 32, std::int64_t{1} << 31}).numel(), ShapeError);
  EXPECT_THROW(checked_mul(INT64_MAX, 2), ShapeError);
  EXPECT_THROW(checked_add(INT64_MAX, 1), ShapeError);
  EXPECT_EQ(checked_add(2, 3), 5);
}

TEST(Shape, StridesAndLayouts) {
  const Shape sizes = {2, 3, 4, 5};
  EXPECT_EQ(contiguous_strides(sizes), (Shape{60, 20, 5, 1}));
  EXPECT_EQ(channels_last_strides(sizes), (Shape{60, 1, 15, 3}));
  EXPECT_EQ(channels_last_strides({2, 3, 4}), (Shape{12, 1, 3}));
  EXPECT_EQ(channels_last_strides({2, 3}), (Shape{3, 1}));
  EXPECT_TRUE(is_contiguous(sizes, contiguous_strides(sizes)));
  EXPECT_FALSE(is_contiguous(sizes, channels_last_strides(sizes)));
  EXPECT_TRUE(is_channels_last(sizes, channels_last_strides(sizes)));
  EXPECT_FALSE(is_channels_last(sizes, contiguous_strides(sizes)));
  // With one channel both are the same memory, whatever the strides of size-1 dimensions say.
  EXPECT_TRUE(is_channels_last({2, 1, 4, 5}, {20, 99, 5, 1}));
  EXPECT_TRUE(is_contiguous({2, 1, 4, 5}, {20, 99, 5, 1}));
  EXPECT_TRUE(is_contiguous({0, 3}, {77, 7}));
}

TEST(Shape, DimensionsWrap) {
  EXPECT_EQ(wrap_dim(-1, 3, "op"), 2);
  EXPECT_EQ(wrap_dim(0, 0, "op"), 0);
  EXPECT_EQ(message([] { wrap_dim(3, 3, "sum"); }), "sum: dim expected in [-3, 2], got 3");
}

TEST(Shape, Broadcasting) {
  EXPECT_EQ(broadcast_shapes({3, 1}, {4}, "op"), (Shape{3, 4}));
  EXPECT_EQ(broadcast_shapes({}, {2, 2}, "op"), (Shape{2, 2}));
  EXPECT_EQ(broadcast_shapes({1, 3}, {0, 3}, "op"), (Shape{0, 3}));
  EXPECT_EQ(message([] {
              broadcast_shapes({2, 3}, {3, 2}, "add");
            }),
            "add: shapes expected to broadcast, got [2, 3] and [3, 2]");
}

}  // namespace
}  // namespace fovea
