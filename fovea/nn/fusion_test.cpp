#include "fovea/nn/fusion.h"

#include <gmock/gmock.h>

#include "fovea/kernels/kernels.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::nn {
namespace {

using Children = std::vector<std::shared_ptr<Module>>;

template <class... M>
Children children(M&&... modules) {
  return {std::make_shared<M>(std::forward<M>(modules))...};
}

// Each run in words: "conv+norm+relu".
std::vector<std::string> plan(const Children& list) {
  std::vector<std::string> words;
  std::size_t next = 0;
  for (const Run& run : plan_runs(list)) {
    EXPECT_EQ(run.begin, next);  // runs cover all children, in order
    EXPECT_GT(run.end, run.begin);
    next = run.end;
    std::string text;
    const auto add = [&](const void* part, const char* name) {
      if (part != nullptr) text += (text.empty() ? "" : "+") + std::string(name);
    };
    add(run.conv, "conv");
    add(run.linear, "linear");
    add(run.norm, "norm");
    add(run.relu, "relu");
    add(run.pool, "pool");
    add(run.dropout, "dropout");
    words.push_back(text.empty() ? "other" : text);
  }
  EXPECT_EQ(next, list.size());
  return words;
}

Conv2d conv() { return Conv2d({.in_channels = 1, .out_channels = 2, .kernel_size = 3}); }
MaxPool2d pool() { return MaxPool2d({.kernel_size = 2}); }

TEST(PlanRuns, JoinsTheLayersOfAConvolutionBlock) {
  EXPECT_THAT(plan(children(conv(), BatchNorm2d(2), ReLU(), pool())),
              testing::ElementsAre("conv+norm+relu+pool"));
  EXPECT_THAT(plan(children(conv(), ReLU(), conv(), ReLU(), pool())),
              testing::ElementsAre("conv+relu", "conv+relu+pool"));
}

TEST(PlanRuns, JoinsTheLayersOfAFullyConnectedBlock) {
  EXPECT_THAT(plan(children(Flatten(), Linear(4, 2), ReLU(), Dropout(0.5), Linear(2, 1))),
              testing::ElementsAre("other", "linear+relu+dropout", "linear"));
}

TEST(PlanRuns, StartsAnewWhereTheOrderIsAnother) {
  EXPECT_THAT(plan(children(conv(), ReLU(), BatchNorm2d(2), ReLU(), ReLU())),
              testing::ElementsAre("conv+relu", "norm+relu", "relu"));
  EXPECT_THAT(plan(children(conv(), Sigmoid(), pool(), BatchNorm2d(2))),
              testing::ElementsAre("conv", "other", "pool", "norm"));
  EXPECT_TRUE(plan({}).empty());
}

TEST(PlanRuns, AHookedChildIsARunOfItsOwn) {
  const Children list = children(conv(), BatchNorm2d(2), ReLU(), pool());
  const auto hook = list[2]->register_forward_hook([](Module&, const Tensor&, Tensor&) {});
  EXPECT_THAT(plan(list), testing::ElementsAre("conv+norm", "other", "pool"));
  list[2]->remove_forward_hook(hook);
  EXPECT_THAT(plan(list), testing::ElementsAre("conv+norm+relu+pool"));
}

// A hook that does nothing must change nothing but the way of execution.
TEST(Execute, HookedAndFreeChildrenGiveTheSame) {
  for (const bool training : {true, false}) {
    manual_seed(3);
    Sequential net(conv(), BatchNorm2d(2), ReLU(), pool(), Flatten(), Linear(18, 4), ReLU(),
                   Dropout(0.3));
    Sequential hooked(conv(), BatchNorm2d(2), ReLU(), pool(), Flatten(), Linear(18, 4), ReLU(),
                      Dropout(0.3));
    hooked.load_state_dict(net.state_dict());
    int calls = 0;
    for (std::size_t i = 0; i < hooked.size(); ++i) {
      hooked[i].register_forward_hook([&](Module&, const Tensor&, Tensor&) { ++calls; });
    }
    net.train(training);
    hooked.train(training);
    Tensor x = randn({5, 1, 8, 8}).set_requires_grad(), x2 = x.detach().clone().set_requires_grad();
    manual_seed(11);
    const Tensor y = net(x);
    manual_seed(11);
    const Tensor y2 = hooked(x2);
    EXPECT_EQ(calls, 8);
    EXPECT_TRUE(allclose(y, y2, 1e-5, 1e-6));
    y.sum().backward();
    y2.sum().backward();
    EXPECT_TRUE(allclose(x.grad(), x2.grad(), 1e-4, 1e-5));
    const Tensors parameters = net.parameters(), parameters2 = hooked.parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      EXPECT_TRUE(allclose(parameters[i].grad(), parameters2[i].grad(), 1e-4, 1e-5)) << i;
    }
    const StateDict state = net.state_dict(), state2 = hooked.state_dict();
    for (std::size_t i = 0; i < state.size(); ++i) {
      EXPECT_TRUE(allclose(state[i].second.to(f64), state2[i].second.to(f64))) << state[i].first;
    }
  }
}

// The names of the operations that a network of layers in a row records.
std::vector<std::string> operations(Sequential net) {
  std::vector<std::string> names;
  for (const TapeEntry& entry : tape(net(ones({2, 4})))) names.push_back(entry.operation);
  return names;
}

TEST(Execute, ALinearRunIsOneOperation) {
  if (!kernels::has_kernel(default_device(), &kernels::KernelTable::linear_forward))
    GTEST_SKIP() << "linear layers are composed here";
  using testing::ElementsAre;
  EXPECT_THAT(operations(Sequential(Linear(4, 3), ReLU(), Linear(3, 3), Dropout(0.5), Linear(3, 2),
                                    ReLU(), Dropout(0.5))),
              ElementsAre("linear_relu_dropout", "linear_relu_dropout", "linear_relu_dropout"));
  EXPECT_THAT(operations(Sequential(Linear(4, 3), Linear(3, 2))), ElementsAre("linear", "linear"));
}

}  // namespace
}  // namespace fovea::nn
