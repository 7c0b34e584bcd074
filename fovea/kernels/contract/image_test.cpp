// Cutting windows out of images, and batches out of bytes, against the reference: to the bit.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/reference/table.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(CropContract, &KernelTable::crop_flip);
FOVEA_CONTRACT(GatherImagesContract, &KernelTable::gather_images);

using test::Array;

template <class T>
void compare_crops(const Shape& in, const Shape& out) {
  SCOPED_TRACE(str("x ", in, ", y ", out));
  Array<T> x(in), y(out), expected(out);
  x.fill_integers(1, 100, 1);
  Array<std::int64_t> placement({in[0], 3});
  placement.fill_integers(-4, 4, 2);
  for (std::size_t i = 2; i < placement.values.size(); i += 3) placement.values[i] = i % 2;
  run(&KernelTable::crop_flip, x.view(), placement.view(), y.view());
  reference::table().crop_flip(queue_of(Device()), x.view(), placement.view(), expected.view());
  EXPECT_EQ(y.values, expected.values);
}

TEST_P(CropContract, EqualsTheReference) {
  for_each_variant([] {
    for (const Shape& out : {Shape{8, 3, 12, 10}, Shape{8, 3, 17, 5}, Shape{8, 3, 1, 1}}) {
      compare_crops<std::uint8_t>({8, 3, 11, 9}, out);
      compare_crops<float>({8, 3, 11, 9}, out);
      compare_crops<double>({8, 3, 11, 9}, out);
    }
    compare_crops<float>({0, 3, 11, 9}, {0, 3, 4, 4});
  });
}

void compare_batches(const Shape& in, std::int64_t count, std::int64_t height, std::int64_t width,
                     bool windows) {
  SCOPED_TRACE(str("x ", in, ", ", count, " of ", height, "x", width, windows ? ", windows" : ""));
  Array<std::uint8_t> x(in);
  x.fill_integers(0, 255, 1);
  Array<std::int64_t> index({count}), places({count, 7});
  index.fill_integers(0, static_cast<int>(in[0]) - 1, 2);
  places.fill_integers(-3, 5, 3);
  for (std::size_t i = 0; i < places.values.size(); i += 7) {
    places.values[i + 2] = i % 2;
    // The erased part lies inside the window.
    const std::int64_t at = static_cast<std::int64_t>(i), top = at % height, left = at % width;
    const std::int64_t part[] = {top, left, (height - top) / 2, (width - left) / 2};
    std::copy(std::begin(part), std::end(part), places.values.begin() + at + 3);
  }
  Array<float> values({in[1], 5});
  values.fill_normal(2, 0.1, 4);
  for (std::size_t c = 0; c < values.values.size(); c += 5) values.values[c] = 255;
  const Shape out{count, in[1], height, width};
  Array<float> y(out, channels_last_strides), expected = y;
  const ConstView cut = windows ? ConstView(places.view()) : ConstView();
  run(&KernelTable::gather_images, x.view(), index.view(), cut, values.view(), y.view());
  reference::table().gather_images(queue_of(Device()), x.view(), index.view(), cut, values.view(),
                                   expected.view());
  EXPECT_EQ(y.values, expected.values);
}

TEST_P(GatherImagesContract, EqualsTheReference) {
  for_each_variant([] {
    for (const std::int64_t channels : {1, 3}) {
      compare_batches({20, channels, 9, 13}, 11, 9, 13, false);
      compare_batches({20, channels, 9, 13}, 11, 9, 13, true);
      compare_batches({20, channels, 9, 13}, 7, 12, 21, true);
      compare_batches({20, channels, 9, 13}, 7, 3, 2, true);
      compare_batches({5, channels, 28, 28}, 64, 28, 28, true);
    }
  });
}

}  // namespace
}  // namespace fovea::kernels::contract
