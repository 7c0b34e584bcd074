#include "fovea/models/zoo/fashion_fast.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/models/models.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea::models {
namespace {

using test::message_of;

TEST(FashionFast, HasItsSizesAndNames) {
  FashionFast two, three({.stages = 3});
  // Convolutions, their batch norms, linear layers.
  EXPECT_EQ(two.num_parameters(), (9 * 32 + 32 + 64) + (32 * 9 * 64 + 64 + 128) +
                                      (64 * 6 * 6 * 256 + 256) + (256 * 10 + 10));
  EXPECT_EQ(three.num_parameters(), (9 * 32 + 32 + 64) + (32 * 9 * 64 + 64 + 128) +
                                        (64 * 9 * 128 + 128 + 256) + (128 * 2 * 2 * 256 + 256) +
                                        (256 * 10 + 10));
  EXPECT_EQ(two.state_dict().front().first, "features.0.weight");
  EXPECT_EQ(two.state_dict().back().first, "classifier.3.bias");
  const NoGrad no_grad;
  for (FashionFast* model : {&two, &three}) {
    model->eval();
    EXPECT_EQ((*model)(zeros({3, 1, 28, 28})).sizes(), (Shape{3, 10}));
  }
}

TEST(FashionFast, TakesTheSmallestImageOfItsStages) {
  const NoGrad no_grad;
  for (std::int64_t stages = 1; stages <= 4; ++stages) {
    const std::int64_t side = FashionFast::min_image_size(stages);
    FashionFast model({.num_classes = 7, .image_size = side, .stages = stages, .filters = 2});
    model.eval();
    EXPECT_EQ(model(zeros({2, 1, side, side})).sizes(), (Shape{2, 7})) << stages;
    EXPECT_EQ(
        message_of<ArgumentError>([&] { FashionFast({.image_size = side - 1, .stages = stages}); }),
        str("FashionFast: image_size expected at least ", side, ", got ", side - 1, " (stages ",
            stages, ")"));
  }
  EXPECT_EQ(message_of<ArgumentError>([] { FashionFast({.stages = 9}); }),
            "FashionFast: stages expected in [1, 8], got 9");
}

TEST(FashionFast, IsMadeByName) {
  const auto model = make_model("fashion-fast", {{"stages", "3"},
                                                 {"filters", "8"},
                                                 {"hidden", "20"},
                                                 {"in_channels", "3"},
                                                 {"image_size", "32"}});
  model->eval();
  const NoGrad no_grad;
  EXPECT_EQ((*model)(zeros({2, 3, 32, 32})).sizes(), (Shape{2, 10}));
  EXPECT_EQ(message_of<ArgumentError>([] {
              make_model("fashion-fast", {{"stages", "3"}, {"image_size", "19"}});
            }),
            "fashion-fast: image_size expected a whole number from 20 to 4096, got \"19\"");
}

}  // namespace
}  // namespace fovea::models
