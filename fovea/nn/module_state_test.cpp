#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "fovea/nn/activation.h"
#include "fovea/nn/batch_norm.h"
#include "fovea/nn/containers.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/linear.h"
#include "fovea/nn/module.h"
#include "fovea/tensor/ops.h"

namespace fovea::nn {
namespace {

using testing::ElementsAre;

Sequential make_net() {
  return Sequential(Conv2d({.in_channels = 1, .out_channels = 2, .kernel_size = 3}), BatchNorm2d(2),
                    ReLU());
}

std::vector<std::string> names_of(const StateDict& state) {
  std::vector<std::string> names;
  names.reserve(state.size());
  for (const auto& [name, tensor] : state) names.push_back(name);
  return names;
}

// A copy with memory of its own, as a file would give.
StateDict copy_of(const StateDict& state) {
  StateDict copy;
  for (const auto& [name, tensor] : state) copy.emplace_back(name, tensor.clone());
  return copy;
}

void expect_same(const StateDict& a, const StateDict& b) {
  ASSERT_EQ(names_of(a), names_of(b));
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_TRUE(equal(a[i].second, b[i].second)) << a[i].first;
}

std::string load_error(Module& module, const StateDict& state, Strict strict = Strict::kYes) {
  const StateDict before = copy_of(module.state_dict());
  try {
    module.load_state_dict(state, strict);
  } catch (const ArgumentError& error) {
    expect_same(before, module.state_dict());
    return error.what();
  }
  return "no error";
}

TEST(StateDict, NamesParametersAndBuffersAsPyTorchDoes) {
  const Sequential net = make_net();
  EXPECT_THAT(names_of(net.state_dict()),
              ElementsAre("0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean",
                          "1.running_var", "1.num_batches_tracked"));
}

TEST(StateDict, SharesMemoryAndIsOffTheTape) {
  Linear linear(2, 2);
  StateDict state = linear.state_dict();
  EXPECT_FALSE(state[0].second.requires_grad());
  state[0].second.fill_(3);
  EXPECT_EQ(linear.weight().at({1, 1}).item(), 3);
}

TEST(StateDict, GoesRoundIntoAnotherModule) {
  Sequential from = make_net(), to = make_net();
  from(ones({2, 1, 4, 4}));  // moves the running statistics
  const StateDict saved = copy_of(from.state_dict());
  const Tensor parameter = to.parameters().front();
  const LoadReport report = to.load_state_dict(saved);
  EXPECT_TRUE(report.missing.empty());
  EXPECT_TRUE(report.unexpected.empty());
  expect_same(to.state_dict(), saved);
  EXPECT_EQ(to.parameters().front().impl(),
            parameter.impl());  // values are copied, handles stay good
  EXPECT_TRUE(parameter.requires_grad());
  EXPECT_EQ(find(to.state_dict(), "1.num_batches_tracked")->item<std::int64_t>(), 1);
}

TEST(StateDict, OrderDoesNotMatter) {
  Sequential from = make_net(), to = make_net();
  StateDict reversed = copy_of(from.state_dict());
  std::reverse(reversed.begin(), reversed.end());
  to.load_state_dict(reversed);
  expect_same(to.state_dict(), from.state_dict());
}

TEST(StateDict, ConvertsFloatingValues) {
  Linear linear(2, 1);
  linear.load_state_dict({{"weight", full({1, 2}, 0.5, {.dtype = f64})},
                          {"bias", full({1}, 2, {.dtype = f32}).to(bf16)}});
  EXPECT_EQ(linear.weight().dtype(), f32);
  EXPECT_EQ(linear.weight().to_vector<float>(), (std::vector<float>{0.5f, 0.5f}));
  EXPECT_EQ(linear.bias().item(), 2);
}

TEST(StateDict, StrictLoadingListsMissingAndUnexpectedNames) {
  Linear linear(2, 3);
  EXPECT_EQ(
      load_error(linear, {{"fc.weight", ones({3, 2})}, {"bias", ones({3})}, {"extra", ones({1})}}),
      "load_state_dict: state expected the names and sizes of Linear, got missing \"weight\"; "
      "unexpected "
      "\"fc.weight\", \"extra\"");
}

TEST(StateDict, ListsEverythingThatIsWrongAndChangesNothing) {
  Sequential net = make_net();
  StateDict state = copy_of(net.state_dict());
  for (auto& [name, tensor] : state) tensor = tensor + full({}, 1, {.dtype = tensor.dtype()});
  state[0].second = ones({2, 1, 5, 5});
  state[6].second = ones({}, {.dtype = f32});
  state.emplace_back("0.bias", ones({2}));
  state.emplace_back("2.weight", Tensor());
  EXPECT_EQ(load_error(net, state),
            "load_state_dict: state expected the names and sizes of Sequential, got unexpected "
            "\"2.weight\"; twice "
            "\"0.bias\"; unfit \"0.weight\" [2, 1, 5, 5] instead of [2, 1, 3, 3], "
            "\"1.num_batches_tracked\" f32 "
            "instead of i64");
}

TEST(StateDict, AnUndefinedTensorDoesNotFit) {
  Linear linear(2, 3);
  EXPECT_EQ(load_error(linear, {{"weight", ones({3, 2})}, {"bias", Tensor()}}),
            "load_state_dict: state expected the names and sizes of Linear, got unfit \"bias\" "
            "undefined");
}

TEST(StateDict, LaxLoadingReportsNamesButNotSizes) {
  Linear linear(2, 3);
  const StateDict partial = {{"bias", full({3}, 7)}, {"head", ones({1})}};
  const LoadReport report = linear.load_state_dict(partial, Strict::kNo);
  EXPECT_THAT(report.missing, ElementsAre("weight"));
  EXPECT_THAT(report.unexpected, ElementsAre("head"));
  EXPECT_EQ(linear.bias().to_vector<float>(), (std::vector<float>{7, 7, 7}));
  EXPECT_EQ(load_error(linear, {{"bias", ones({4})}}, Strict::kNo),
            "load_state_dict: state expected the names and sizes of Linear, got unfit \"bias\" [4] "
            "instead of [3]");
}

TEST(Conversion, KeepsHandlesCountersAndGradients) {
  Sequential net = make_net();
  const Tensor weight = net.parameters().front();
  const std::vector<double> values = weight.to_vector<double>();
  net(randn({2, 1, 4, 4})).sum().backward();
  net.to(f64);
  EXPECT_EQ(weight.dtype(), f64);
  EXPECT_EQ(weight.to_vector<double>(), values);
  EXPECT_EQ(weight.grad().dtype(), f64);
  EXPECT_TRUE(weight.requires_grad());
  EXPECT_EQ(find(net.state_dict(), "1.running_mean")->dtype(), f64);
  EXPECT_EQ(find(net.state_dict(), "1.num_batches_tracked")->dtype(), i64);
  EXPECT_EQ(net(randn({2, 1, 4, 4}, {.dtype = f64})).dtype(), f64);
}

TEST(Conversion, LetsGoOfAGradientBuffer) {
  Linear linear(2, 1);
  Tensor buffer = zeros({1, 2});
  Tensor weight = linear.weight();
  weight.set_grad_buffer(buffer);
  linear.to(f64);
  linear(ones({1, 2}, {.dtype = f64})).sum().backward();
  EXPECT_EQ(linear.weight().grad().to_vector<double>(), (std::vector<double>{1, 1}));
  EXPECT_EQ(buffer.to_vector<double>(), (std::vector<double>{0, 0}));
}

TEST(Conversion, RefusesOtherDTypes) {
  Linear linear(2, 1);
  try {
    linear.to(i64);
    FAIL();
  } catch (const DTypeError& error) {
    EXPECT_STREQ(error.what(), "to: dtype of a module expected f32 or f64, got i64 (Linear)");
  }
}

TEST(Conversion, ToTheDeviceWhereItIsChangesNothing) {
  Linear linear(2, 1);
  const auto storage = linear.weight().impl()->storage;
  linear.to(linear.weight().device());
  EXPECT_EQ(linear.weight().impl()->storage, storage);
}

TEST(Conversion, MovesBetweenDevices) {
  const Device here = default_device();
  const Device other = here.is_cpu() ? Device("protected:1") : Device(here.kind(), 1);
  Sequential net = make_net();
  net.eval();
  const Tensor x = randn({2, 1, 4, 4}), y = net(x);
  net.to(other);
  for (const auto& [name, tensor] : net.state_dict()) EXPECT_EQ(tensor.device(), other) << name;
  EXPECT_TRUE(equal(net(x.to(other)).to(y.device()), y));
  Sequential copy = make_net();
  copy.load_state_dict(net.state_dict());  // from another device
  copy.eval();
  EXPECT_TRUE(equal(copy(x), y));
}

}  // namespace
}  // namespace fovea::nn
