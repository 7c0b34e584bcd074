#include "fovea/train/trial.h"

#include <gmock/gmock.h>

#include <memory>

#include "fovea/core/error.h"
#include "fovea/nn/containers.h"
#include "fovea/nn/flatten.h"
#include "fovea/nn/linear.h"
#include "fovea/tensor/ops.h"

namespace fovea::train {
namespace {

// A model whose options say nothing of its images: what it takes is known from its defect alone.
TEST(Trial, SaysWhichFileImagesDoNotFit) {
  const auto images = std::make_shared<data::TensorDataset>(zeros({4, 1, 2, 2}, {.dtype = u8}),
                                                            zeros({4}, {.dtype = i64}));
  const data::DataLoader loader(images, {.batch_size = 2});
  nn::Sequential net(nn::Flatten(), nn::Linear(5, 3));
  models::ModelCard card;
  card.model = "odd";
  card.input = {1, 2, 2};
  EXPECT_THAT([&] { check_trains(net, card, loader, "w.onnx"); },
              testing::ThrowsMessage<ShapeError>(
                  "odd: images expected such as it takes (weights w.onnx), got 1x2x2 (linear: "
                  "input expected 5 features, got 4 (input [2, 4], weight [3, 5]))"));
}

}  // namespace
}  // namespace fovea::train
