#include "apps/serve/api/images.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "fovea/tensor/ops.h"
#include "tests/support/served_run.h"

namespace fovea::serve {
namespace {

using testing::HasSubstr;
using testing::Throws;
using testing::ThrowsMessage;

std::string png_of(const io::Image& image) {
  const std::vector<std::byte> bytes = io::encode_png(image);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

using ImagesTest = test::ServedRunTest;

TEST_F(ImagesTest, AreSamplesOfTheModelsData) {
  const std::shared_ptr<ServedModel> model = explaining_.models.get("run:exp");
  const ServedImage image = explaining_.images.get(*model, "test:3");
  EXPECT_EQ(image.id, "test:3");
  EXPECT_EQ(image.label, "Dress");
  EXPECT_EQ(image.x.sizes(), Shape({1, 1, 28, 28}));
  EXPECT_EQ(image.x.dtype(), f32);
  const ServedImage train = explaining_.images.get(*model, "train:3");
  EXPECT_FALSE(equal(train.x, image.x));
  EXPECT_EQ(explaining_.images.samples(*model, vision::Split::kTest),
            explaining_.images.samples(*model, vision::Split::kTest));
  EXPECT_THAT([&] { explaining_.images.get(*model, "test:30"); },
              ThrowsMessage<NotFound>("sample expected in 0 to 29, got 30"));
  for (const char* const id : {"test:", "test:-1", "test:1x", "val:3", "3", "test:1 "})
    EXPECT_THAT([&] { explaining_.images.get(*model, id); },
                ThrowsMessage<BadRequest>(
                    str("image expected test:N, train:N or upload:ID, got \"", id, "\"")));
}

TEST_F(ImagesTest, OfAModelWithoutDataThereAreNoSamples) {
  const std::shared_ptr<ServedModel> model = explaining_.models.get("zoo:squeezenet1_1");
  EXPECT_THAT([&] { explaining_.images.get(*model, "test:0"); },
              ThrowsMessage<NotFound>("data expected to be known for the model, got none "
                                      "(zoo:squeezenet1_1)"));
}

TEST_F(ImagesTest, AreWhatWasSent) {
  Images& images = explaining_.images;
  const io::Image picture = full({1, 28, 28}, 51, {.dtype = u8});
  const std::string id = images.add(png_of(picture), false);
  EXPECT_TRUE(id.starts_with("upload:"));
  EXPECT_TRUE(equal(images.upload(id), picture));
  const std::shared_ptr<ServedModel> model = explaining_.models.get("run:exp");
  const ServedImage image = images.get(*model, id);
  EXPECT_EQ(image.label, "");
  EXPECT_TRUE(allclose(image.x, full({1, 1, 28, 28}, 0.2)));
  const std::string inverted = images.add(png_of(picture), true);
  EXPECT_NE(inverted, id);
  EXPECT_TRUE(equal(images.upload(inverted), full({1, 28, 28}, 204, {.dtype = u8})));
}

TEST_F(ImagesTest, OnlyTheLastAreKept) {
  Images& images = explaining_.images;
  const std::string content = png_of(zeros({1, 2, 2}, {.dtype = u8}));
  const std::string first = images.add(content, false);
  for (int i = 0; i < 63; ++i) images.add(content, false);
  EXPECT_NO_THROW(images.upload(first));  // used now
  for (int i = 0; i < 64; ++i) images.add(content, false);
  EXPECT_THAT([&] { images.upload(first); },
              ThrowsMessage<NotFound>("picture expected to be one of the last that were sent, got "
                                      "\"" +
                                      first + "\""));
}

/// The head of a PNG that says it has so many pixels.
std::string png_that_declares(std::uint32_t width, std::uint32_t height) {
  std::string content = png_of(zeros({1, 1, 1}, {.dtype = u8}));
  for (std::size_t i = 0; i < 4; ++i) {
    content[16 + i] = static_cast<char>(width >> (24 - 8 * i));
    content[20 + i] = static_cast<char>(height >> (24 - 8 * i));
  }
  // So that the size is all that is wrong with it.
  const auto sum = crc32(0, reinterpret_cast<const unsigned char*>(content.data()) + 12, 17);
  for (std::size_t i = 0; i < 4; ++i) content[29 + i] = static_cast<char>(sum >> (24 - 8 * i));
  return content;
}

TEST_F(ImagesTest, WhatIsTooLargeOrNoneIsRefused) {
  Images& images = explaining_.images;
  EXPECT_THAT([&] { images.add("no picture", false); },
              Throws<ParseError>(testing::Property(&ParseError::what, HasSubstr("upload"))));
  EXPECT_THAT([&] { images.add("", false); }, Throws<ParseError>());
  for (const std::pair<unsigned, unsigned>& size : {std::pair(65535u, 65535u), {5001u, 5000u}})
    EXPECT_THAT([&] { images.add(png_that_declares(size.first, size.second), false); },
                Throws<ParseError>(testing::Property(&ParseError::what, HasSubstr("25000000"))));
  EXPECT_THAT(
      [&] { images.add(std::string((8u << 20) + 1, 'x'), false); },
      ThrowsMessage<ParseError>("upload: picture expected at most 8388608 bytes, got 8388609"));
}

}  // namespace
}  // namespace fovea::serve
