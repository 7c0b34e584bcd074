#include "fovea/vision/decode_images.h"

#include <gmock/gmock.h>

#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/transforms.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::vision {
namespace {

using test::as_bytes;
using test::as_text;
using test::message_of;

/// A picture whose pixels count up by 3.
io::Image picture(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return arange(0, static_cast<double>(channels * height * width * 3), 3)
      .to(u8)
      .view({channels, height, width});
}

std::string png(const io::Image& image) { return as_text(io::encode_png(image)); }

TEST(DecodeImages, MakesPicturesOfAnySizeOneBatch) {
  const io::Image wide = picture(3, 8, 20), upright = picture(3, 30, 12), small = picture(3, 2, 3);
  const std::string files[] = {png(wide), png(upright), png(small)};
  const std::vector<EncodedImage> images = {
      {as_bytes(files[0]), "0"}, {as_bytes(files[1]), "1"}, {as_bytes(files[2]), "2"}};
  const Tensor batch = decode_images(images, {.size = 6});
  ASSERT_EQ(batch.sizes(), (Shape{3, 3, 6, 6}));
  EXPECT_EQ(batch.dtype(), u8);
  const auto expected = [](const io::Image& image) {
    return data::CenterCrop(6)(data::Resize::short_side(6)(image.unsqueeze(0)))[0];
  };
  EXPECT_TRUE(equal(batch[0], expected(wide)));
  EXPECT_TRUE(equal(batch[1], expected(upright)));
  EXPECT_TRUE(equal(batch[2], expected(small)));
}

TEST(DecodeImages, FitsAsAsked) {
  const io::Image image = picture(1, 9, 14);
  const std::string file = png(image);
  const std::vector<EncodedImage> one = {{as_bytes(file), "a.png"}};
  const Tensor whole = image.unsqueeze(0);
  const auto grey = io::Channels::kGrey;
  EXPECT_TRUE(equal(decode_images(one, {.size = {4, 5}, .channels = grey, .fit = Fit::kStretch}),
                    data::Resize({4, 5})(whole)));
  EXPECT_TRUE(equal(decode_images(one, {.size = 5, .channels = grey, .short_side = 7}),
                    data::CenterCrop(5)(data::Resize::short_side(7)(whole))));
  // Whatever the proportions of the two, no border comes in.
  const Tensor white = full({1, 1, 9, 14}, 255).to(u8);
  const std::string light = png(white[0]);
  for (const data::ImageSize size : {data::ImageSize(3, 11), data::ImageSize(11, 3),
                                     data::ImageSize(20, 31), data::ImageSize(7, 2)}) {
    const Tensor y = decode_images(std::vector<EncodedImage>{{as_bytes(light), ""}},
                                   {.size = size, .channels = grey});
    EXPECT_EQ(y.to(f32).min().item(), 255) << size.height << "x" << size.width;
  }
  EXPECT_EQ(decode_images(one, {.size = 5}).sizes(), (Shape{1, 3, 5, 5})) << "grey made RGB";
}

TEST(DecodeImages, NamesTheFirstFileThatIsNone) {
  const std::string good = png(picture(3, 4, 4)), bad = good.substr(0, 40);
  std::vector<EncodedImage> images(20, {as_bytes(good), "good.png"});
  images[7] = {as_bytes(bad), "seven.png"};
  images[15] = {as_bytes(bad), "fifteen.png"};
  const std::string message = message_of<ParseError>([&] { decode_images(images, {.size = 4}); });
  EXPECT_NE(message.find("seven.png"), std::string::npos) << message;
}

TEST(FitImages, SaysWhatIsWrong) {
  const ImageReader grey = [](std::size_t) { return picture(1, 4, 4); };
  EXPECT_EQ(message_of<ShapeError>([&] { fit_images(2, grey, {.size = 3}); }),
            "fit_images: image expected [3, h, w], got [1, 4, 4] (picture 0)");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              fit_images(2, grey, {.size = {0, 3}});
            }),
            "fit_images: size expected from 1x1 to 65536x65536, got 0x3");
  EXPECT_EQ(message_of<ArgumentError>([&] { fit_images(2, grey, {.size = 3, .short_side = -1}); }),
            "fit_images: short_side expected from 0 to 65536, got -1");
  EXPECT_EQ(message_of<ArgumentError>(
                [&] { fit_images(2, grey, {.size = 3, .channels = io::Channels::kAsStored}); }),
            "fit_images: channels expected kGrey or kRgb, got kAsStored");
}

}  // namespace
}  // namespace fovea::vision
