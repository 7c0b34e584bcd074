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

Tensor placement(const std::vector<std::int64_t>& rows) {
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

TEST(GatherImages, PicksCutsMirrorsErasesAndScales) {
  const Tensor x = arange(0, 12).view({2, 1, 2, 3}).to(u8);  // image 1: 6 7 8 / 9 10 11
  const std::vector<ImageValues> values = {
      {.divisor = 2, .mean = 1, .std = 4, .outside = -7, .erased = -8}};  // v to v / 8 - 1 / 4
  const std::vector<std::int64_t> index = {1, 1, 0};
  const std::vector<ImageWindow> windows = {
      {.top = 0, .left = 1, .flip = 1},
      {.top = -1, .left = 2},
      {.erased_top = 1, .erased_left = 0, .erased_height = 1, .erased_width = 2}};
  EXPECT_THAT(gather_images(x, index, windows, values, 2, 2).to_vector(),
              ElementsAre(0.75, 0.625, 1.125, 1, -7, -7, 0.75, -7, -0.25, -0.125, -8, -8));
  EXPECT_THAT(gather_images(x, std::vector<std::int64_t>{1}, {}, values, 2, 3).to_vector(),
              ElementsAre(0.5, 0.625, 0.75, 0.875, 1, 1.125));
}

// Fast against reference over drawn windows, also far outside, mirrored, erased in part and whole.
TEST(GatherImages, AgreesWithTheReference) {
  Generator generator(test::seed());
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(generator.below(static_cast<std::uint64_t>(high - low)));
  };
  for (const auto& [c, h, w, height, width] : {std::array<std::int64_t, 5>{1, 28, 28, 28, 28},
                                               {3, 5, 7, 5, 7},
                                               {4, 3, 4, 9, 2},
                                               {1, 1, 1, 3, 3}}) {
    const Tensor x = randint(0, 256, {9, c, h, w}, {.dtype = i64, .device = cpu}, generator).to(u8);
    std::vector<ImageValues> values;
    for (int channel = 0; channel < c; ++channel) {
      const auto k = static_cast<float>(channel);  // channel 0 is divided only: another loop
      values.push_back({255, 0.3f * k, 1 + 0.1f * k, -1 - k, -10 - k});
    }
    std::vector<std::int64_t> index;
    std::vector<ImageWindow> windows;
    for (int i = 0; i < 40; ++i) {
      index.push_back(draw(0, 9));
      // One in four is the image as it is, which the kernel converts where it lies.
      ImageWindow window;
      if (i % 4 != 0) window = {.top = draw(-12, 12), .left = draw(-12, 12), .flip = draw(0, 2)};
      if (i % 3 == 0) {
        window.erased_top = draw(0, height + 1);
        window.erased_left = draw(0, width + 1);
        window.erased_height = draw(0, height - window.erased_top + 1);
        window.erased_width = draw(0, width - window.erased_left + 1);
      }
      windows.push_back(window);
    }
    Tensor expected = empty({40, c, height, width}, {.dtype = f32, .device = cpu});
    kernels::reference::gather_images(x.data<std::uint8_t>(), index.data(), &windows.front().top,
                                      &values.front().divisor, expected.data<float>(), x.sizes(),
                                      expected.sizes());
    const Tensor y = gather_images(x.to(default_device()), index, windows, values, height, width);
    EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast));
    EXPECT_TRUE(equal(y.to(cpu), expected)) << c << "x" << h << "x" << w;
  }
}

TEST(GatherImages, SaysWhatIsWrong) {
  const Tensor x = zeros({2, 1, 3, 3}, {.dtype = u8});
  const std::vector<ImageValues> values(1);
  const std::vector<std::int64_t> index = {0, 1}, beyond = {0, 2};
  const auto gather = [&](const Tensor& images, const std::vector<ImageWindow>& windows = {},
                          std::int64_t width = 3) {
    return gather_images(images, index, windows, values, 3, width);
  };
  EXPECT_THAT([&] { gather(x[0]); },
              ThrowsMessage<ShapeError>("gather_images: x expected [m, c, h, w], got [1, 3, 3]"));
  EXPECT_THAT([&] { gather(x.to(f32)); },
              ThrowsMessage<DTypeError>("gather_images: x expected u8, got f32"));
  EXPECT_THAT([&] { gather(x.transpose(2, 3)); },
              ThrowsMessage<ShapeError>("gather_images: x expected contiguous, got strides "
                                        "[9, 9, 1, 3] (sizes [2, 1, 3, 3])"));
  EXPECT_THAT(
      [&] {
        gather(zeros({2, 2, 3, 3}, {.dtype = u8}));
      },
      ThrowsMessage<ArgumentError>("gather_images: values expected 2, got 1"));
  EXPECT_THAT([&] { gather(x, {}, 0); },
              ThrowsMessage<ArgumentError>("gather_images: size expected at least 1x1, got 3x0"));
  EXPECT_THAT([&] { gather(x, std::vector<ImageWindow>(3)); },
              ThrowsMessage<ArgumentError>("gather_images: windows expected 2, got 3"));
  EXPECT_THAT(
      [&] { gather_images(x, beyond, {}, values, 3, 3); },
      ThrowsMessage<IndexError>("gather_images: index expected in [0, 2), got 2 (position 1)"));
  const ImageWindow outside{.erased_left = 2, .erased_height = 1, .erased_width = 2};
  EXPECT_THAT(
      [&] {
        gather(x, {outside, outside});
      },
      ThrowsMessage<IndexError>("gather_images: erased part expected inside 3x3, got 1x2 at (0, "
                                "2)"));
}

}  // namespace
}  // namespace fovea
