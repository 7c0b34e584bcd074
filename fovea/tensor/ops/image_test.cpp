#include "fovea/tensor/ops/image.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/kernels/reference/image.h"
#include "fovea/tensor/ops.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

Tensor placement(std::vector<std::int64_t> rows) {
  const auto n = static_cast<std::int64_t>(rows.size()) / 3;
  return from_data(rows, {n, 3});
}

TEST(CropFlip, MovesMirrorsAndFillsWithZeros) {
  const Tensor x = arange(1, 7).view({1, 1, 2, 3});  // 1 2 3 / 4 5 6
  EXPECT_THAT(crop_flip(x, placement({0, 0, 0}), 2, 3).to_vector(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(crop_flip(x, placement({0, 0, 1}), 2, 3).to_vector(), ElementsAre(3, 2, 1, 6, 5, 4));
  EXPECT_THAT(crop_flip(x, placement({1, 1, 0}), 2, 3).to_vector(), ElementsAre(5, 6, 0, 0, 0, 0));
  EXPECT_THAT(crop_flip(x, placement({-1, -1, 0}), 2, 3).to_vector(),
              ElementsAre(0, 0, 0, 0, 1, 2));
  EXPECT_THAT(crop_flip(x, placement({-1, -1, 1}), 2, 3).to_vector(),
              ElementsAre(0, 0, 0, 2, 1, 0));
}

// Fast against reference over drawn places, also far outside, and over every width of element.
TEST(CropFlip, AgreesWithTheReference) {
  Generator generator(test::seed());
  for (const DType dtype : {u8, bf16, f32, i64}) {
    for (const auto& [h, w, height, width] :
         {std::array<std::int64_t, 4>{5, 7, 5, 7}, {3, 4, 9, 2}, {1, 1, 3, 3}}) {
      const Tensor x = randint(0, 100, {20, 3, h, w}, {.dtype = i64, .device = cpu}, generator);
      const Tensor places =
          cat({randint(-12, 12, {20, 2}, {.dtype = i64, .device = cpu}, generator),
               randint(0, 2, {20, 1}, {.dtype = i64, .device = cpu}, generator)},
              1);
      Tensor expected = empty({20, 3, height, width}, {.dtype = i64, .device = cpu});
      kernels::reference::crop_flip(x.data<std::int64_t>(), places.data<std::int64_t>(),
                                    expected.data<std::int64_t>(), x.sizes(), expected.sizes());
      const Tensor y = crop_flip(x.to(dtype), places, height, width);
      EXPECT_EQ(y.dtype(), dtype);
      EXPECT_TRUE(equal(y.to(i64), expected)) << dtype << " " << x.sizes();
    }
  }
}

TEST(CropFlip, TakesAnyLayout) {
  const Tensor x = arange(0, 2 * 3 * 4 * 5).view({2, 3, 4, 5});
  const Tensor places = placement({1, 2, 1, -1, 0, 0});
  const Tensor y = crop_flip(x, places, 3, 3);
  EXPECT_TRUE(equal(crop_flip(x.contiguous(MemoryFormat::kChannelsLast), places, 3, 3), y));
  EXPECT_TRUE(equal(
      crop_flip(x.transpose(2, 3).contiguous().transpose(2, 3), places.t().contiguous().t(), 3, 3),
      y));
  EXPECT_EQ(crop_flip(x.slice(0, 0, 0), placement({}), 3, 3).sizes(), (Shape{0, 3, 3, 3}));
}

TEST(CropFlip, SaysWhatIsWrong) {
  const Tensor x = zeros({2, 1, 3, 3});
  EXPECT_THAT(
      [&] {
        crop_flip(x[0], placement({0, 0, 0}), 1, 1);
      },
      ThrowsMessage<ShapeError>("crop_flip: x expected [n, c, h, w], got [1, 3, 3]"));
  EXPECT_THAT(
      [&] {
        crop_flip(x, placement({0, 0, 0}), 1, 1);
      },
      ThrowsMessage<ShapeError>("crop_flip: placement expected [2, 3], got [1, 3]"));
  EXPECT_THAT(
      [&] {
        crop_flip(x, zeros({2, 3}), 1, 1);
      },
      ThrowsMessage<DTypeError>("crop_flip: placement expected i64, got f32"));
  EXPECT_THAT(
      [&] {
        crop_flip(x, placement({0, 0, 0, 0, 0, 0}), 0, 1);
      },
      ThrowsMessage<ArgumentError>("crop_flip: size expected at least 1x1, got 0x1"));
}

}  // namespace
}  // namespace fovea
