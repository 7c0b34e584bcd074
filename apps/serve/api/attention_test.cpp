#include <gmock/gmock.h>

#include "apps/serve/api/explaining.h"
#include "fovea/io/base64.h"
#include "fovea/io/pictures/image.h"
#include "tests/support/served_run.h"

namespace fovea::serve {
namespace {

using io::Json;
using test::asking;
using test::json_of;
using testing::Throws;
using testing::ThrowsMessage;

class AttentionTest : public test::ServedRunTest {
 protected:
  Json attention(std::map<std::string, std::string> more) {
    return json_of(
        attention_response(explaining_, asking("/api/attention", query(std::move(more)))));
  }
};

TEST_F(AttentionTest, EachKindIsAPageAndItsHeatAlone) {
  for (const char* const kind : {"gradcam", "occlusion", "saliency"}) {
    const Json json = attention({{"kind", kind}, {"class", "8"}});
    EXPECT_EQ(json["document"]["class"], 8) << kind;
    EXPECT_EQ(json["document"]["name"], "Bag") << kind;
    EXPECT_EQ(json["blocks"][1]["kind"], "sheet") << kind;
    const std::string url = json["overlay"];
    const auto bytes = io::decode_base64(url.substr(std::string("data:image/png;base64,").size()));
    EXPECT_EQ(io::decode_image(bytes.value(), "overlay").sizes(), Shape({3, 28, 28})) << kind;
  }
}

TEST_F(AttentionTest, LargeImagesAreCoveredCoarsely) {
  // 56 places of a quarter of the image, not thousands: squeezenet takes 224x224.
  const io::Image picture = zeros({3, 224, 224}, {.dtype = u8});
  const std::vector<std::byte> bytes = io::encode_png(picture);
  const std::string id =
      explaining_.images.add({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, false);
  const Json json =
      attention({{"model", "zoo:squeezenet1_1"}, {"image", id}, {"kind", "occlusion"}});
  EXPECT_EQ(json["document"]["size"], 56);
  EXPECT_EQ(json["document"]["probabilities"].size(), 7u);
}

TEST_F(AttentionTest, SaysWhatIsWrong) {
  EXPECT_THAT(
      [&] {
        attention({{"kind", "guess"}});
      },
      ThrowsMessage<BadRequest>("/api/attention: kind expected gradcam, occlusion or saliency"));
  EXPECT_THAT([&] { attention({}); }, Throws<BadRequest>());
  EXPECT_THAT([&] { attention({{"kind", "gradcam"}, {"class", "10"}}); }, Throws<IndexError>());
}

}  // namespace
}  // namespace fovea::serve
