#include "fovea/graph/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/program.h"
#include "fovea/nn/nn.h"
#include "fovea/nn/random_network.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/pad.h"
#include "fovea/tensor/ops/unary.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea::graph {
namespace {

using test::message_of;
using ::testing::ElementsAre;

std::vector<std::string> operators_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.op);
  return names;
}

// A module from a function.
class Function final : public nn::Module {
 public:
  explicit Function(std::function<Tensor(const Tensor&)> f) : f_(std::move(f)) {}
  Tensor forward(const Tensor& x) override { return f_(x); }

 private:
  std::function<Tensor(const Tensor&)> f_;
};

// The traced graph computes what the module does, for another batch size than it was traced with.
void expect_same(nn::Module& module, const Shape& sizes, double tolerance = 1e-5) {
  const Graph graph = trace(module, sizes);
  const Program program(graph);
  module.eval();
  const NoGrad no_grad;
  for (const std::int64_t batch : {std::int64_t{1}, sizes[0], std::int64_t{5}}) {
    Shape input = sizes;
    input[0] = batch;
    const Tensor x = randn(input);
    const Tensor expected = module(x), actual = program.run({x})[0];
    ASSERT_EQ(actual.sizes(), expected.sizes()) << to_string(graph);
    EXPECT_TRUE(allclose(actual, expected, tolerance, tolerance)) << to_string(graph);
  }
}

void expect_same(const std::function<Tensor(const Tensor&)>& f, const Shape& sizes = {3, 4, 6, 6}) {
  Function module(f);
  expect_same(module, sizes);
}

std::shared_ptr<nn::Sequential> small_network() {
  return std::make_shared<nn::Sequential>(
      nn::Conv2d({.in_channels = 1, .out_channels = 4, .kernel_size = 3, .padding = 1}),
      nn::BatchNorm2d(4), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2}), nn::Flatten(),
      nn::Linear(4 * 3 * 3, 5), nn::ReLU(), nn::Dropout(0.5), nn::Linear(5, 2));
}

TEST(Trace, NamesOperatorsValuesAndWeights) {
  const auto network = small_network();
  const Graph graph = trace(*network, {2, 1, 6, 6});
  EXPECT_THAT(operators_of(graph), ElementsAre("Conv", "BatchNormalization", "Relu", "MaxPool",
                                               "Flatten", "Gemm", "Relu", "Gemm"));
  EXPECT_EQ(graph.nodes[0].name, "0");
  EXPECT_THAT(graph.nodes[0].inputs, ElementsAre("input", "0.weight", "0.bias"));
  EXPECT_EQ(graph.nodes[7].outputs[0], "logits");
  EXPECT_EQ(sizes_to_string(graph.inputs[0]), "[N, 1, 6, 6]");
  EXPECT_EQ(sizes_to_string(graph.outputs[0]), "[N, 2]");
  EXPECT_EQ(sizes_to_string(graph.values.at("0")), "[N, 4, 6, 6]");
  EXPECT_TRUE(network->is_training());  // as it was
  EXPECT_TRUE(equal(graph.initializers.at("0.weight"), network->state_dict()[0].second));
}

TEST(Trace, ComputesWhatTheModuleDoes) {
  manual_seed(1);
  const auto network = small_network();
  for (int i = 0; i < 3; ++i) (*network)(randn({4, 1, 6, 6}));  // moves the running statistics
  expect_same(*network, {2, 1, 6, 6});
}

TEST(Trace, OfNetworksDrawnAtRandom) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    const nn::RandomNetwork drawn = nn::random_network(seed, {.max_side = 16, .max_channels = 24});
    Shape sizes = drawn.input;
    sizes.insert(0, 2);
    expect_same(*drawn.model, sizes, 1e-4);
  }
}

// Every row of kernels/functions.h, with parameters that all of them take.
TEST(Trace, OfFunctionsOfOneElement) {
  manual_seed(3);
  for (std::size_t i = 0; i < std::size(kernels::kFunctionRows); ++i) {
    const kernels::FunctionRow& row = kernels::kFunctionRows[i];
    SCOPED_TRACE(row.name);
    const kernels::UnaryOp op{static_cast<kernels::Unary>(i), 0.25, 0.75};
    const bool logic = row.domain == kernels::Domain::kLogic;
    Function module([&](const Tensor& x) { return unary(op, logic ? x > 0 : x).to(f32); });
    const Graph graph = trace(module, {2, 5});
    const Program program(graph);
    for (const double shift : {0.0, 4.0}) {  // some are NaN below 0
      const Tensor x = randn({2, 5}) + shift;
      const Tensor expected = module(x), actual = program.run({x})[0];
      const Tensor both = logical_and(isfinite(expected), isfinite(actual));
      EXPECT_TRUE(equal(isfinite(expected), isfinite(actual)));
      const Tensor none = zeros_like(expected);
      EXPECT_TRUE(allclose(where(both, actual, none), where(both, expected, none), 1e-5, 1e-6))
          << to_string(graph);
    }
  }
}

// What is detached depends on the input all the same.
TEST(Trace, OfDetachedValues) {
  manual_seed(4);
  expect_same([](const Tensor& x) { return x / (abs(x.detach()).sum({1}, true) + 1); });
  expect_same([](const Tensor& x) { return relu(x * 2).detach() + x; });
  expect_same([](const Tensor& x) { return x.detach(); });
  const Tensor weight = randn({6}, {.requires_grad = true});
  expect_same([&](const Tensor& x) { return x * weight.detach() + weight; });
  expect_same([](const Tensor& x) { return argmax(x.detach(), 1).to(f32) + x.sum({1}); });
}

TEST(Trace, OfOperations) {
  manual_seed(2);
  expect_same([](const Tensor& x) { return (x * 2 + 1) / (abs(x) + 0.5) - square(x); });
  expect_same([](const Tensor& x) { return maximum(x, neg(x)) + minimum(x, x * x); });
  expect_same([](const Tensor& x) { return nn::functional::gelu(x) + nn::functional::silu(x); });
  expect_same(
      [](const Tensor& x) { return log1p(exp(x)) + rsqrt(square(x) + 1) + pow(abs(x), 1.5); });
  expect_same([](const Tensor& x) { return clamp(x, -0.5, 0.5) + sign(x) + erf(x); });
  expect_same([](const Tensor& x) { return nn::functional::softmax(x, 1); });
  expect_same([](const Tensor& x) { return nn::functional::log_softmax(x, -1); });
  expect_same([](const Tensor& x) { return mean(x, {2, 3}) + sum(x, {-1, -2}); });
  expect_same([](const Tensor& x) { return var(x, {1}, true, 0); });
  expect_same([](const Tensor& x) { return argmax(x, 1).to(f32); });
  expect_same([](const Tensor& x) { return cat({x, x.slice(1, 0, 2)}, 1); });
  expect_same([](const Tensor& x) { return stack({x, neg(x)}, 1).flatten(1, 2); });
  expect_same([](const Tensor& x) { return x.permute({0, 2, 3, 1}).transpose(1, 2); });
  expect_same([](const Tensor& x) { return x.view({x.size(0), 2, 2, 6, 6}).sum({1}); });
  expect_same([](const Tensor& x) { return x.view({x.size(0), -1}); });
  expect_same([](const Tensor& x) { return x.select(1, -1).unsqueeze(1).expand({-1, 3, 6, 6}); });
  expect_same([](const Tensor& x) { return x.narrow(2, 1, 1).squeeze(2); });
  expect_same([](const Tensor& x) { return pad(x, {1, 2, 0, 1}, PadMode::kReflect); });
  expect_same([](const Tensor& x) { return pad(x, {1, 2, 0, -1}, PadMode::kConstant, 0.5); });
  expect_same([](const Tensor& x) { return index_select(x, 1, tensor({2, 0}).to(i64)); });
  expect_same([](const Tensor& x) { return where(gt(x, zeros({})), x, x * 0.1); });
  expect_same([](const Tensor& x) { return matmul(x, x.transpose(2, 3)); });
  expect_same([](const Tensor& x) { return nn::functional::linear(x, ones({2, 6}), ones({2})); });
  expect_same([](const Tensor& x) { return nn::functional::min_pool2d(x, {.kernel_size = 2}); });
  expect_same([](const Tensor& x) {
    return nn::functional::avg_pool2d(
        x, {.kernel_size = 3, .stride = 2, .padding = 1, .count_include_pad = false});
  });
  expect_same([](const Tensor& x) { return nn::functional::adaptive_avg_pool2d(x, 3); });
  expect_same([](const Tensor& x) { return nn::functional::adaptive_avg_pool2d(x, 1); });
  expect_same([](const Tensor& x) { return nn::functional::local_response_norm(x, {.size = 3}); });
  expect_same([](const Tensor& x) { return x; });
  expect_same([](const Tensor& x) { return x.clone(); });
}

TEST(Trace, Errors) {
  Function dropped([](const Tensor& x) { return nn::functional::adaptive_avg_pool2d(x, 4); });
  EXPECT_EQ(message_of<ArgumentError>([&] {
              trace(dropped, {2, 1, 6, 6});
            }),
            "trace: operations expected to have a form in ONNX, got adaptive_avg_pool2d");
  EXPECT_EQ(message_of<ShapeError>([&] { trace(dropped, {}); }),
            "trace: input expected a shape [n, ...], got []");
}

TEST(Trace, AWeightMayHaveTheNameThatAValueWouldGet) {
  class Named final : public nn::Module {
   public:
    Named() {
      for (const char* name : {"input", "output", "add", "constant"})
        weights_.push_back(register_parameter(name, randn({6})));
    }
    Tensor forward(const Tensor& x) override {
      return (x + weights_[0]) * weights_[1] + (weights_[2] + weights_[3]) * ones({6});
    }

   private:
    Tensors weights_;
  };
  Named module;
  expect_same(module, {3, 4, 6, 6});
  EXPECT_EQ(trace(module, {3, 4, 6, 6}).inputs[0].name, "input_1");
}

}  // namespace
}  // namespace fovea::graph
