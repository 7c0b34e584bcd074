#include "fovea/explain/model/gradients.h"

#include <gmock/gmock.h>

#include "fovea/graph/graph_module.h"
#include "fovea/graph/trace.h"
#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"
#include "tests/test_seed.h"

namespace fovea::explain {
namespace {

using testing::ThrowsMessage;

std::shared_ptr<nn::Module> drawn(const std::string& name, const models::ModelOptions& options) {
  manual_seed(test::seed());
  return models::make_model(name, options);
}

// One pass gives what a pass for each layer gives.
TEST(LayerGradients, AreTheTapes) {
  const auto net = drawn("fashion-cnn", {});
  const Tensor x = rand({1, 1, 28, 28});
  const ModelRun run = differentiable_run(*net, x);
  const LayerGradients all = layer_gradients(run, 7);
  EXPECT_EQ(all.index, 7);
  EXPECT_EQ(all.name, "7");
  EXPECT_EQ(all.score, run.output.detach()[0][7].item());
  for (const LayerRun& layer : run.layers) {
    const ModelRun again = differentiable_run(*net, x);
    const Tensor value = find_layer(again, layer.name).output();
    const Tensor alone = grad(again.output.select(0, 0).select(0, 7), {value})[0];
    ASSERT_TRUE(all.of(layer.output()).defined()) << layer.name;
    EXPECT_TRUE(equal(all.of(layer.output()), alone)) << layer.name;
  }
  EXPECT_EQ(all.of(run.input).sizes(), x.sizes());
  EXPECT_FALSE(all.of(x).defined()) << "another tensor";
}

TEST(LayerGradients, FollowTheScore) {
  const auto net = drawn("lenet5", {});
  net->to(f64);
  const Tensor x = rand({1, 1, 32, 32}, {.dtype = f64});
  const ModelRun run = differentiable_run(*net, x);
  const Tensor gradient = layer_gradients(run, 3).of(run.input);
  for (const Shape& at : {Shape{0, 0, 5, 6}, Shape{0, 0, 16, 20}}) {
    const NoGrad no_grad;
    constexpr double kStep = 1e-5;
    double scores[2];
    for (const int side : {0, 1}) {
      Tensor moved = x.clone();
      moved.at({at[0], at[1], at[2], at[3]})
          .add_(scalar(side == 0 ? -kStep : kStep, {.dtype = f64}));
      scores[side] = evaluate_model(*net, moved).output[0][3].item();
    }
    EXPECT_NEAR(gradient.at({at[0], at[1], at[2], at[3]}).item(),
                (scores[1] - scores[0]) / (2 * kStep), 1e-7);
  }
}

TEST(LayerGradients, OfGraphsAreThoseOfTheModules) {
  const auto net = drawn("lenet5", {});
  net->eval();
  const Tensor x = rand({1, 1, 32, 32});
  const auto graph = [&] {
    const NoGrad no_grad;
    return std::make_shared<graph::GraphModule>(graph::trace(*net, {1, 1, 32, 32}));
  }();
  for (auto& parameter : graph->parameters()) parameter.set_requires_grad(false);
  const ModelRun run = differentiable_run(*graph, x), own = differentiable_run(*net, x);
  const LayerGradients gradients = layer_gradients(run, 2), wanted = layer_gradients(own, 2);
  ASSERT_EQ(run.layers.size(), own.layers.size());
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    ASSERT_TRUE(gradients.of(run.layers[i].output()).defined()) << run.layers[i].name;
    EXPECT_TRUE(allclose(gradients.of(run.layers[i].output()), wanted.of(own.layers[i].output()),
                         1e-5, 1e-7))
        << run.layers[i].name;
  }
}

/// An operation without a gradient between two with one.
class Rounded final : public nn::Module {
 public:
  Rounded() {
    register_module("before", before_);
    register_module("after", after_);
  }
  Tensor forward(const Tensor& x) override { return after_(before_(x).detach()); }

 private:
  nn::Linear before_{4, 4}, after_{4, 3};
};

TEST(LayerGradients, AreUndefinedBehindWhatHasNone) {
  Rounded net;
  const ModelRun run = differentiable_run(net, rand({1, 4}));
  const LayerGradients gradients = layer_gradients(run, 0);
  EXPECT_FALSE(gradients.of(find_layer(run, "before").output()).defined());
  EXPECT_TRUE(gradients.of(find_layer(run, "after").output()).defined());
  for (auto& parameter : net.parameters()) parameter.set_requires_grad(false);
  const ModelRun frozen = differentiable_run(net, rand({1, 4}));
  EXPECT_FALSE(layer_gradients(frozen, 0).of(find_layer(frozen, "after").output()).defined());
}

TEST(LayerGradients, SayWhatIsWrong) {
  nn::Linear net(4, 3);
  const ModelRun run = differentiable_run(net, rand({2, 4}));
  EXPECT_THAT([&] { layer_gradients(run, 3); },
              ThrowsMessage<IndexError>("explain: class expected in 0 to 2, got 3"));
  EXPECT_THAT([&] { layer_gradients(run, 0, 2); },
              ThrowsMessage<IndexError>("explain: sample expected in 0 to 1, got 2"));
  nn::ReLU no_scores;
  const ModelRun other = differentiable_run(no_scores, rand({1, 2, 4, 4}));
  EXPECT_THAT([&] { layer_gradients(other, 0); },
              ThrowsMessage<ShapeError>("explain: scores expected [n, classes], got [1, 2, 4, 4]"));
}

}  // namespace
}  // namespace fovea::explain
