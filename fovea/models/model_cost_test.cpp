#include "fovea/models/model_cost.h"

#include <gtest/gtest.h>

#include "fovea/models/models.h"

namespace fovea::models {
namespace {

ModelCost cost_of(const std::string& name, const ModelOptions& options) {
  return measure_cost(*make_model(name, options), model_input(name, options));
}

TEST(ModelCost, CountsLayersInTheOrderInWhichTheyRan) {
  const ModelCost cost = cost_of("lenet5", {});
  ASSERT_EQ(cost.layers.size(), 11U);
  EXPECT_EQ(cost.layers[0].name, "conv1");
  EXPECT_EQ(cost.layers[0].output_shape, (Shape{6, 28, 28}));
  EXPECT_EQ(cost.layers[0].multiply_adds, 6 * 28 * 28 * 25);
  EXPECT_EQ(cost.layers[3].name, "conv2");
  EXPECT_EQ(cost.layers[3].multiply_adds, 16 * 10 * 10 * 6 * 25);
  EXPECT_EQ(cost.parameters, 61706);
  EXPECT_EQ(cost.multiply_adds, 117600 + 240000 + 400 * 120 + 120 * 84 + 84 * 10);
}

// Each channel has a filter of its own: a 3x3 one has 9 products, not 9 for each channel.
TEST(ModelCost, GroupsDoNotMix) {
  const ModelCost cost = cost_of("mobilenet_v2", {{"image_size", "32"}});
  ASSERT_EQ(cost.layers[3].name, "features.1.conv.0.0");
  EXPECT_EQ(cost.layers[3].multiply_adds, 32 * 32 * 32 * 9);
}

TEST(ModelCost, SmallFormsTakeLessThan300MillionOperations) {
  for (const std::string& name : model_names()) {
    const auto operations = [&name](const char* channels, const char* side) {
      return 2 *
             cost_of(name, {{"num_classes", "10"}, {"in_channels", channels}, {"image_size", side}})
                 .multiply_adds;
    };
    EXPECT_LT(operations("1", "28"), 300'000'000) << name;
    EXPECT_LT(operations("3", "32"), 300'000'000) << name;
  }
}

}  // namespace
}  // namespace fovea::models
