#include "fovea/explain/model/frame.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/explain/model/layer.h"
#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/walk_reader.h"
#include "tests/test_seed.h"

namespace fovea::explain {
namespace {

using testing::ThrowsMessage;

ModelRun fashion_run() {
  manual_seed(test::seed());
  const auto net = models::make_model("fashion-cnn");
  return differentiable_run(*net, rand({1, 1, 28, 28}));
}

TEST(LayerFrame, HasWhatAWindowMovesOver) {
  const ModelRun run = fashion_run();
  const LayerFrame frame = frame_of(run, {.layer = "layer2.0", .channel = 9});
  EXPECT_EQ(frame.layer, "layer2.0");
  EXPECT_EQ(frame.type, "Conv2d");
  const LayerRun& layer = find_layer(run, "layer2.0");
  EXPECT_EQ(frame.input_channels, 32);
  EXPECT_EQ(frame.output_channels, 64);
  ASSERT_TRUE(frame.windows);
  EXPECT_EQ(frame.windows->kernel, Shape({3, 3}));
  EXPECT_EQ(frame.windows->stride, Shape({1, 1}));
  EXPECT_EQ(frame.windows->dilation, Shape({1, 1}));
  EXPECT_EQ(frame.formula, "(14 - 3 + 2x0) / 1 + 1 = 12");
  EXPECT_TRUE(equal(frame.output, layer.output().detach()[0][9]));
  EXPECT_TRUE(equal(frame.input, layer.inputs[0].detach()[0][frame.input_channel]));
  // The slice over the channel that the filter weighs most.
  const Tensor filter = layer.inputs[1].detach()[9];
  EXPECT_TRUE(equal(frame.filter, filter[frame.input_channel]));
  for (std::int64_t i = 0; i < 32; ++i)
    EXPECT_LE(abs(filter[i]).sum().item(), abs(frame.filter).sum().item());
}

// The window of an output place holds what the layer's walk multiplies.
TEST(LayerFrame, WindowsAreThoseOfTheWalk) {
  const ModelRun run = fashion_run();
  const LayerFrame frame = frame_of(run, {.channel = 2});
  EXPECT_EQ(frame.layer, "layer1.0") << "the first with windows";
  const Walk walk = walk_layer(run, {.layer = "layer1.0", .channel = 2, .at = {5, 7}});
  const FrameWindows& windows = frame.windows.value();
  std::vector<double> seen;
  for (std::int64_t r = 0; r < windows.kernel[0]; ++r)
    for (std::int64_t c = 0; c < windows.kernel[1]; ++c)
      seen.push_back(
          frame.input
              .at({5 * windows.stride[0] - windows.padding_begin[0] + r * windows.dilation[0],
                   7 * windows.stride[1] - windows.padding_begin[1] + c * windows.dilation[1]})
              .item());
  EXPECT_EQ(seen, test::numbers(test::get(walk, "window")));
}

TEST(LayerFrame, GoesPlaceForPlaceWithoutWindows) {
  const ModelRun run = fashion_run();
  const LayerFrame frame = frame_of(run, {.layer = "layer1.2", .channel = 4});
  EXPECT_FALSE(frame.windows);
  EXPECT_FALSE(frame.filter.defined());
  EXPECT_FALSE(frame.formula);
  EXPECT_EQ(frame.input_channel, 4);
}

TEST(LayerFrame, ShowsGradientsInPlaceOfValues) {
  const ModelRun run = fashion_run();
  const LayerGradients gradients = layer_gradients(run, 1);
  const LayerFrame frame =
      frame_of(run, {.layer = "layer1.3", .channel = 4, .gradients = &gradients});
  const LayerRun& layer = find_layer(run, "layer1.3");
  EXPECT_TRUE(equal(frame.output, gradients.of(layer.output())[0][4]));
  EXPECT_TRUE(equal(frame.input, gradients.of(layer.inputs[0])[0][4]));
  const LayerGradients none;
  EXPECT_THAT([&] { frame_of(run, {.layer = "layer1.3", .gradients = &none}); },
              ThrowsMessage<ArgumentError>(
                  "explain: layer expected to be one that the score depends on, got layer1.3"));
}

TEST(LayerFrame, SaysWhatIsWrong) {
  const ModelRun run = fashion_run();
  EXPECT_THAT([&] { frame_of(run, {.layer = "fc1"}); },
              ThrowsMessage<ArgumentError>(testing::HasSubstr(
                  "explain: layer expected to read and give maps of two dimensions, got fc1")));
  EXPECT_THAT([&] { frame_of(run, {.layer = "layer1.0", .channel = 32}); },
              ThrowsMessage<IndexError>("explain: channel expected in 0 to 31, got 32 (layer "
                                        "layer1.0, output [1, 32, 28, 28])"));
  EXPECT_THAT([&] { frame_of(run, {.layer = "layer1.0", .sample = 1}); },
              ThrowsMessage<IndexError>("explain: sample expected in 0 to 0, got 1 (layer "
                                        "layer1.0, output [1, 32, 28, 28])"));
}

}  // namespace
}  // namespace fovea::explain
