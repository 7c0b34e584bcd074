#include "fovea/nn/auxiliary.h"

#include <gtest/gtest.h>

#include "fovea/nn/linear.h"
#include "fovea/tensor/ops.h"

namespace fovea::nn {
namespace {

// Scores x, and in training 2 x and 3 x with weights 0.5 and 0.25.
class WithAuxiliary final : public Module, public AuxiliaryClassifiers {
 public:
  Tensor forward(const Tensor& x) override { return x; }
  TrainingScores forward_training(const Tensor& x) override {
    if (!is_training()) return {.scores = x};
    return {.scores = x,
            .auxiliary = {{.scores = x * 2.0, .weight = 0.5}, {.scores = x * 3.0, .weight = 0.25}}};
  }
};

Tensor sum_of(const Tensor& scores) { return scores.sum(); }

TEST(Auxiliary, LossIsTheWeightedSum) {
  WithAuxiliary model;
  const Tensor x = tensor({1, 3}).set_requires_grad();
  const Tensor loss = training_loss(training_scores(model, x), sum_of);
  EXPECT_EQ(loss.item(), 4 + 0.5 * 8 + 0.25 * 12);
  loss.backward();
  EXPECT_TRUE(equal(x.grad(), tensor({2.75, 2.75})));
  model.eval();
  EXPECT_EQ(training_loss(training_scores(model, x), sum_of).item(), 4);
}

TEST(Auxiliary, ModelsWithoutGiveTheirScores) {
  Identity model;
  int calls = 0;
  model.register_forward_hook([&](Module&, const Tensor&, Tensor&) { ++calls; });
  const TrainingScores given = training_scores(model, tensor({1, 3}));
  EXPECT_TRUE(given.auxiliary.empty());
  EXPECT_EQ(training_loss(given, sum_of).item(), 4);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace fovea::nn
