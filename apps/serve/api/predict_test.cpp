#include <gmock/gmock.h>

#include "apps/serve/api/explaining.h"
#include "fovea/io/base64.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"
#include "tests/support/served_run.h"

namespace fovea::serve {
namespace {

using io::Json;
using test::asking;
using test::json_of;
using testing::Throws;

using PredictTest = test::ServedRunTest;

std::string sent_png(const io::Image& image) {
  const std::vector<std::byte> bytes = io::encode_png(image);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(PredictTest, APictureIsSentAndAnswered) {
  const io::Image picture = full({3, 10, 20}, 255, {.dtype = u8});
  const Json sent =
      json_of(upload_response(explaining_, asking("/api/upload", {}, sent_png(picture))));
  EXPECT_EQ(sent["width"], 20);
  EXPECT_EQ(sent["height"], 10);
  const Json json = json_of(predict_response(
      explaining_, asking("/api/predict", query({{"image", sent["image"].get<std::string>()}}))));
  ASSERT_EQ(json["top"].size(), 10u);
  EXPECT_GE(json["top"][0]["probability"], json["top"][1]["probability"]);
  EXPECT_TRUE(json["label"].is_null());
  const std::string url = json["prepared"];
  const auto bytes = io::decode_base64(url.substr(std::string("data:image/png;base64,").size()));
  EXPECT_TRUE(
      equal(io::decode_image(bytes.value(), "prepared"), full({1, 28, 28}, 255, {.dtype = u8})));
}

TEST_F(PredictTest, ProbabilitiesAreTheClassifiers) {
  const Json json =
      json_of(predict_response(explaining_, asking("/api/predict", query({{"count", "3"}}))));
  const std::shared_ptr<ServedModel> model = explaining_.models.get("run:exp");
  const auto wanted = model->classifier().top(
      model->classifier().classify(explaining_.images.get(*model, "test:3").x)[0], 3);
  ASSERT_EQ(json["top"].size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(json["top"][i]["name"], wanted[i].name);
    EXPECT_NEAR(json["top"][i]["probability"].get<double>(), wanted[i].probability, 1e-6);
  }
  EXPECT_EQ(json["label"], "Dress");
}

TEST_F(PredictTest, WhatIsNoPictureIsRefused) {
  EXPECT_THAT([&] { upload_response(explaining_, asking("/api/upload", {}, "<svg/>")); },
              Throws<ParseError>());
  EXPECT_THAT(
      [&] {
        upload_response(explaining_, asking("/api/upload", {{"invert", "2"}},
                                            sent_png(zeros({1, 1, 1}, {.dtype = u8}))));
      },
      Throws<BadRequest>());
  EXPECT_THAT(
      [&] {
        predict_response(explaining_, asking("/api/predict", query({{"image", "upload:0"}})));
      },
      Throws<NotFound>());
}

}  // namespace
}  // namespace fovea::serve
