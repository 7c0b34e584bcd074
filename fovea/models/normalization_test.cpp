#include "fovea/models/normalization.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea::models {
namespace {

using test::message_of;
using testing::ElementsAre;

TEST(Normalization, IsNamedOrWrittenOut) {
  EXPECT_TRUE(parse_normalization("none", "it").empty());
  EXPECT_THAT(parse_normalization("imagenet", "it").mean, ElementsAre(0.485, 0.456, 0.406));
  EXPECT_EQ(parse_normalization("0.5/0.25", "it"), (Normalization{{0.5}, {0.25}}));
  EXPECT_EQ(parse_normalization("-1,0,1e-3/1,2,3.5", "it"),
            (Normalization{{-1, 0, 0.001}, {1, 2, 3.5}}));
  for (const NamedNormalization& known : usual_normalizations()) {
    EXPECT_EQ(parse_normalization(known.name, "it"), known.values);
    EXPECT_EQ(parse_normalization(format_normalization(known.values), "it"), known.values);
  }
  EXPECT_EQ(format_normalization({}), "none");
  EXPECT_EQ(format_normalization({{0.1307}, {0.3081}}), "0.1307/0.3081");
}

TEST(Normalization, IsATransform) {
  EXPECT_FALSE(Normalization().transform());
  const Tensor y = Normalization{{0.5}, {0.25}}.transform()(ones({1, 1, 1, 1}), {});
  EXPECT_EQ(y.item(), 2);
}

TEST(Normalization, SaysWhatIsWrong) {
  const auto refusal = [](const char* text) {
    return message_of<ArgumentError>([=] { parse_normalization(text, "config: normalize"); });
  };
  const std::string expected =
      "config: normalize expected none, imagenet, cifar10, cifar100, mnist, fashion-mnist, or "
      "means/deviations such as 0.5/0.25, got ";
  EXPECT_EQ(refusal("imagnet"), expected + "\"imagnet\"; did you mean \"imagenet\"?");
  for (const char* text : {"", "0.5", "0.5/", "/1", "0.5/0", "0.5/-1", "0.5,0.5/1", "nan/1",
                           "0.5/inf", "0.5/1x", "0.5,/1,1"})
    EXPECT_TRUE(refusal(text).starts_with(expected + "\"" + text + "\"")) << refusal(text);
  EXPECT_EQ(message_of<ArgumentError>([] {
              check_channels({{0, 0, 0}, {1, 1, 1}}, 1, "config: normalize");
            }),
            "config: normalize expected values for 1 channel, got 3");
  check_channels({{0}, {1}}, 3, "it");
  check_channels({}, 3, "it");
}

}  // namespace
}  // namespace fovea::models
