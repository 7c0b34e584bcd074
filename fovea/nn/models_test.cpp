// The chapter's models against PyTorch: counts, names, and weights that PyTorch saved.
#include <gmock/gmock.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/golden.h"
#include "tests/support/models.h"

namespace fovea::nn {
namespace {

std::int64_t count_values(const StateDict& state) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : state) {
    if (is_floating(tensor.dtype())) count += tensor.numel();
  }
  return count;
}

TEST(Models, CountTheChaptersParameters) {
  const test::FashionDNN dnn;
  EXPECT_EQ(dnn.num_parameters(), 235146);
  const test::FashionCNN cnn;
  EXPECT_EQ(cnn.num_parameters(), 1475338);
  EXPECT_EQ(count_values(cnn.state_dict()), 1475530);
}

TEST(Models, HaveThePyTorchNamesInThePyTorchOrder) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : test::FashionCNN().state_dict()) names.push_back(name);
  EXPECT_THAT(names,
              testing::ElementsAre(
                  "layer1.0.weight", "layer1.0.bias", "layer1.1.weight", "layer1.1.bias",
                  "layer1.1.running_mean", "layer1.1.running_var", "layer1.1.num_batches_tracked",
                  "layer2.0.weight", "layer2.0.bias", "layer2.1.weight", "layer2.1.bias",
                  "layer2.1.running_mean", "layer2.1.running_var", "layer2.1.num_batches_tracked",
                  "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"));
}

TEST(Models, LoadPyTorchsWeights) {
  const auto load = [](Module& model, const char* file) {
    StateDict state;
    for (const auto& [name, tensor] : test::load_golden_tensors(file))
      state.emplace_back(name, tensor);
    model.load_state_dict(state);
  };
  test::FashionCNN cnn;
  load(cnn, "fashion_cnn.safetensors");
  test::FashionDNN dnn;
  load(dnn, "fashion_dnn.safetensors");
}

TEST(Models, GiveTenScoresAnImageAndReachEveryParameter) {
  manual_seed(1);
  test::FashionCNN cnn;
  test::FashionDNN dnn;
  for (Module* model : {static_cast<Module*>(&cnn), static_cast<Module*>(&dnn)}) {
    const Tensor y = (*model)(rand({3, 1, 28, 28}));
    EXPECT_EQ(y.sizes(), Shape({3, 10}));
    CrossEntropyLoss()(y, randint(0, 10, {3})).backward();
    for (const auto& [name, parameter] : model->named_parameters())
      EXPECT_TRUE(parameter.grad().defined()) << name;
  }
}

TEST(Models, EvaluationRepeatsItself) {
  test::FashionCNN cnn;
  cnn.eval();
  const Tensor x = rand({2, 1, 28, 28});
  NoGrad no_grad;
  EXPECT_TRUE(equal(cnn(x), cnn(x)));
}

}  // namespace
}  // namespace fovea::nn
