#include "fovea/nn/containers.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/kernels/kernels.h"
#include "fovea/nn/activation.h"
#include "fovea/nn/flatten.h"
#include "fovea/nn/linear.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::nn {
namespace {

TEST(Sequential, RunsItsModulesInOrder) {
  Sequential net(Linear(2, 3), ReLU(), Linear(3, 1));
  const Tensor x = randn({4, 2});
  EXPECT_TRUE(equal(net(x), net[2](net[1](net[0](x)))));
}

TEST(Sequential, EmptyReturnsItsInput) {
  Sequential net;
  const Tensor x = randn({2});
  EXPECT_TRUE(equal(net(x), x));
  EXPECT_EQ(net.size(), 0u);
}

TEST(Sequential, TakesSharedModulesAndNestedOnes) {
  auto shared = std::make_shared<Linear>(2, 2);
  Sequential net(shared, Sequential(ReLU(), Flatten()), shared);
  EXPECT_EQ(net.size(), 3u);
  EXPECT_EQ(net.parameters().size(), 2u);
  EXPECT_EQ(net(randn({3, 2})).sizes(), Shape({3, 2}));
}

TEST(Sequential, GivesItsModulesByPositionAndType) {
  Sequential net;
  net.push_back(Linear(2, 5));
  net.push_back(ReLU());
  net.add_module("head", Linear(5, 1));
  EXPECT_EQ(net[1].type_name(), "ReLU");
  EXPECT_EQ(net.get<Linear>(0).weight().sizes(), Shape({5, 2}));
  EXPECT_EQ(net.named_children()[2].first, "head");
  EXPECT_THAT([&] { net[3]; },
              testing::ThrowsMessage<IndexError>("Sequential: index expected below 3, got 3"));
  EXPECT_THAT([&] { net.get<Linear>(1); },
              testing::ThrowsMessage<ArgumentError>(
                  "Sequential: get expected another type of module, got ReLU (index 1)"));
}

TEST(Sequential, RefusesTakenNamesAndNull) {
  Sequential net{ReLU()};
  EXPECT_THAT([&] { net.add_module("0", ReLU()); },
              testing::ThrowsMessage<ArgumentError>(
                  "register_module: name expected to be new, got \"0\" (Sequential)"));
  EXPECT_THAT(
      [&] { net.push_back(std::shared_ptr<Module>()); },
      testing::ThrowsMessage<ArgumentError>(
          "register_module: \"1\" expected another module, got a null pointer (Sequential)"));
  EXPECT_EQ(net.size(), 1u);
}

TEST(Sequential, Moves) {
  Sequential net(Linear(2, 3), ReLU());
  const Tensor weight = net.parameters().front();
  Module& relu = net[1];
  Sequential moved(std::move(net));
  EXPECT_EQ(&moved[1], &relu);
  EXPECT_EQ(moved.parameters().front().impl(), weight.impl());
  Sequential outer(std::move(moved), ReLU());
  EXPECT_EQ(outer.named_parameters().front().first, "0.0.weight");
  Sequential assigned;
  assigned = std::move(outer);
  EXPECT_EQ(assigned.size(), 2u);
}

TEST(ModuleList, HoldsModulesWithoutRunningThem) {
  ModuleList list(Linear(1, 2), ReLU());
  list.push_back(Linear(2, 1));
  EXPECT_EQ(list.parameters().size(), 4u);
  Tensor y = ones({1, 1});
  for (std::size_t i = 0; i < list.size(); ++i) y = list[i](y);
  EXPECT_EQ(y.sizes(), Shape({1, 1}));
  EXPECT_THAT(
      [&] { list(y); },
      testing::ThrowsMessage<StateError>(
          "forward: ModuleList expected to define forward for one tensor, got a call without it"));
}

TEST(Chain, RunsLayersThatOthersHoldFusedAsInSequential) {
  Linear first(4, 3), second(3, 2);
  ReLU relu;
  const Tensor x = randn({5, 4});
  const Tensor y = chain(x, first, relu, second);
  EXPECT_TRUE(allclose(y, second(relu(first(x)))));
  if (kernels::has_kernel(x.device(), &kernels::KernelTable::linear_forward)) {
    EXPECT_EQ(tape(y).front().operation, "linear_relu_dropout");
  }
  EXPECT_EQ(chain(x, std::span<const std::shared_ptr<Module>>()).impl(), x.impl());
}

}  // namespace
}  // namespace fovea::nn
