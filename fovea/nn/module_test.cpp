#include "fovea/nn/module.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/nn/activation.h"
#include "fovea/nn/containers.h"
#include "fovea/nn/linear.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"

namespace fovea::nn {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(const NamedTensors& tensors) {
  std::vector<std::string> names;
  names.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

std::vector<std::string> names_of(const std::vector<std::pair<std::string, Module*>>& modules) {
  std::vector<std::string> names;
  names.reserve(modules.size());
  for (const auto& [name, module] : modules) names.push_back(name);
  return names;
}

// A module with everything that can be registered.
class Net : public Module {
 public:
  Net() {
    register_module("body", body);
    scale = register_parameter("scale", ones({2}));
    register_module("head", std::make_shared<Linear>(3, 2));
    count = register_buffer("count", zeros({}, {.dtype = i64}));
  }
  Tensor forward(const Tensor& x) override { return body(x); }

  Linear body{4, 3};
  Tensor scale;
  Tensor count;
};

// Registers whatever a test asks it to.
class Registrar : public Module {
 public:
  using Module::register_buffer;
  using Module::register_module;
  using Module::register_parameter;
};

TEST(Module, NamesOwnParametersFirstThenChildrenInOrderOfRegistration) {
  Net net;
  EXPECT_THAT(names_of(net.named_parameters()),
              ElementsAre("scale", "body.weight", "body.bias", "head.weight", "head.bias"));
  EXPECT_THAT(names_of(net.named_buffers()), ElementsAre("count"));
  EXPECT_THAT(names_of(net.named_children()), ElementsAre("body", "head"));
  EXPECT_THAT(names_of(net.named_modules()), ElementsAre("", "body", "head"));
  EXPECT_EQ(net.num_parameters(), 2 + 4 * 3 + 3 + 3 * 2 + 2);
  EXPECT_EQ(net.parameters().size(), 5u);
}

TEST(Module, ParametersAreTheMembersAndRequireGradients) {
  Net net;
  EXPECT_TRUE(net.scale.requires_grad());
  EXPECT_FALSE(net.count.requires_grad());
  EXPECT_EQ(net.parameters().front().impl(), net.scale.impl());
}

TEST(Module, ASharedParameterCountsOnceButKeepsBothNamesInTheState) {
  Registrar module;
  const Tensor weight = module.register_parameter("weight", ones({2, 2}));
  module.register_parameter("tied", weight);
  EXPECT_THAT(names_of(module.named_parameters()), ElementsAre("weight"));
  EXPECT_EQ(module.num_parameters(), 4);
  EXPECT_THAT(names_of(module.state_dict()), ElementsAre("weight", "tied"));
}

TEST(Module, RefusesNamesThatAreTakenEmptyOrDotted) {
  Registrar module;
  module.register_parameter("a", ones({1}));
  module.register_module("b", std::make_shared<ReLU>());
  EXPECT_EQ(test::message_of<ArgumentError>([&] { module.register_parameter("a", ones({1})); }),
            "register_parameter: name expected to be new, got \"a\" (Registrar)");
  EXPECT_EQ(test::message_of<ArgumentError>([&] { module.register_buffer("b", ones({1})); }),
            "register_buffer: name expected to be new, got \"b\" (Registrar)");
  EXPECT_EQ(
      test::message_of<ArgumentError>(
          [&] { module.register_module("a.b", std::make_shared<ReLU>()); }),
      "register_module: name expected at least one character and no dot, got \"a.b\" (Registrar)");
  EXPECT_EQ(
      test::message_of<ArgumentError>([&] { module.register_buffer("", ones({1})); }),
      "register_buffer: name expected at least one character and no dot, got \"\" (Registrar)");
}

TEST(Module, RefusesWhatCannotBeRegistered) {
  Registrar module;
  EXPECT_EQ(test::message_of<ArgumentError>([&] { module.register_parameter("a", {}); }),
            "register_parameter: \"a\" expected a tensor, got an undefined one (Registrar)");
  EXPECT_EQ(test::message_of<ArgumentError>([&] { module.register_buffer("a", {}); }),
            "register_buffer: \"a\" expected a tensor, got an undefined one (Registrar)");
  EXPECT_EQ(test::message_of<DTypeError>(
                [&] { module.register_parameter("a", zeros({1}, {.dtype = i64})); }),
            "register_parameter: \"a\" expected dtype f32 or f64, got i64 (Registrar)");
  EXPECT_EQ(test::message_of<ArgumentError>(
                [&] { module.register_module("a", std::shared_ptr<ReLU>()); }),
            "register_module: \"a\" expected another module, got a null pointer (Registrar)");
  EXPECT_EQ(test::message_of<ArgumentError>([&] { module.register_module("a", module); }),
            "register_module: \"a\" expected another module, got the module itself (Registrar)");
  EXPECT_TRUE(module.state_dict().empty());
}

TEST(Module, TrainAndEvalReachEveryModule) {
  Net net;
  EXPECT_TRUE(net.is_training());
  net.eval();
  for (const auto& [name, module] : net.named_modules())
    EXPECT_FALSE(module->is_training()) << name;
  net.train();
  for (const auto& [name, module] : net.named_modules()) EXPECT_TRUE(module->is_training()) << name;
}

TEST(Module, AppliesToChildrenFirst) {
  Net net;
  std::vector<std::string> order;
  net.apply([&](Module& module) { order.push_back(module.type_name()); });
  EXPECT_THAT(order, ElementsAre("Linear", "Linear", "Net"));
}

TEST(Module, FreezesAndForgetsGradients) {
  Net net;
  net(ones({2, 4})).sum().backward();
  EXPECT_TRUE(net.body.weight().grad().defined());
  net.zero_grad();
  EXPECT_FALSE(net.body.weight().grad().defined());
  net.set_requires_grad(false);
  EXPECT_FALSE(net(ones({2, 4})).requires_grad());
}

TEST(Module, WithoutForwardSaysSo) {
  Registrar module;
  EXPECT_EQ(test::message_of<StateError>([&] { module(ones({1})); }),
            "forward: Registrar expected to define forward for one tensor, got a call without it");
}

TEST(Module, HooksSeeInputAndOutputAndMayReplaceIt) {
  Net net;
  std::vector<std::string> seen;
  const auto first =
      net.body.register_forward_hook([&](Module& module, const Tensor& input, Tensor& output) {
        seen.push_back(str(module.type_name(), " ", input.sizes(), " ", output.sizes()));
        output = output * 0;
      });
  net.register_forward_hook([&](Module&, const Tensor&, Tensor& output) {
    seen.push_back(str("sum ", output.sum().item()));
  });
  net(ones({2, 4}));
  EXPECT_THAT(seen, ElementsAre("Linear [2, 4] [2, 3]", "sum 0"));
  net.body.remove_forward_hook(first);
  EXPECT_FALSE(net.body.has_forward_hooks());
  EXPECT_TRUE(net.has_forward_hooks());
}

TEST(Module, AHookMayRemoveItself) {
  ReLU relu;
  int calls = 0;
  std::int64_t id = 0;
  id = relu.register_forward_hook([&](Module& module, const Tensor&, Tensor&) {
    ++calls;
    module.remove_forward_hook(id);
  });
  relu(ones({1}));
  relu(ones({1}));
  EXPECT_EQ(calls, 1);
}

TEST(Module, HookErrors) {
  ReLU relu;
  EXPECT_EQ(test::message_of<ArgumentError>([&] { relu.register_forward_hook(nullptr); }),
            "register_forward_hook: hook expected a function, got none (ReLU)");
  EXPECT_EQ(test::message_of<ArgumentError>([&] { relu.remove_forward_hook(7); }),
            "remove_forward_hook: id expected one that register_forward_hook gave, got 7 (ReLU)");
}

TEST(Module, LayersMoveWithTheirParameters) {
  Linear linear(2, 3);
  linear.eval();
  const Tensor weight = linear.weight();
  Linear moved(std::move(linear));
  EXPECT_EQ(moved.weight().impl(), weight.impl());
  EXPECT_THAT(names_of(moved.named_parameters()), ElementsAre("weight", "bias"));
  EXPECT_FALSE(moved.is_training());
  Linear assigned(1, 1);
  assigned = std::move(moved);
  EXPECT_EQ(assigned.parameters().front().impl(), weight.impl());
}

TEST(Module, AModuleOfMembersCannotMove) {
  const std::string text =
      "module: a moved module expected to own its children, got \"body\", a member registered by "
      "reference "
      "(make the module with std::make_shared and hand over the pointer)";
  Net net;
  EXPECT_EQ(test::message_of<StateError>([&] { Net moved(std::move(net)); }), text);
  Net other;
  EXPECT_EQ(test::message_of<StateError>([&] { other = std::move(net); }), text);
  EXPECT_EQ(test::message_of<StateError>([] { Sequential sequential{Net()}; }), text);
  EXPECT_EQ(net.parameters().size(), 5u);
  Sequential sequential(std::make_shared<Net>());
  EXPECT_EQ(sequential.parameters().size(), 5u);
}

template <int kWidth>
class Block : public Module {};

TEST(Module, TypeNamesHaveNoNamespacesNorTemplateArguments) {
  struct Local : Module {};
  EXPECT_EQ(Net().type_name(), "Net");
  EXPECT_EQ(Block<3>().type_name(), "Block");
  EXPECT_EQ(Local().type_name(), "Local");
}

}  // namespace
}  // namespace fovea::nn
