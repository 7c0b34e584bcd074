// Normalisation in operator sets and of dtypes that ONNX's conformance tests leave out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/program.h"
#include "fovea/graph/trace.h"
#include "fovea/nn/module.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/layer_norm.h"
#include "fovea/tensor/ops/norm.h"
#include "fovea/tensor/tape.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::node_error;
using test::run_node;
using testing::ElementsAre;

/// x, scale, bias, mean and variance of a batch normalisation with two channels.
Tensors batch_norm_inputs() {
  return {tensor({1, 3, 5, 7, 2, 4, 6, 8}).view({2, 2, 2}), tensor({2, 1}), tensor({0, 10}),
          tensor({1, 2}), tensor({4, 1})};
}

TEST(NormOperators, BatchNormByGivenStatisticsInEveryOpset) {
  for (const int opset : {6, 7, 9, 14, 15}) {
    const Tensor y =
        run_node("BatchNormalization", opset, {{"epsilon", 0.0}}, batch_norm_inputs())[0];
    EXPECT_THAT(y.to_vector(), ElementsAre(0, 2, 13, 15, 1, 3, 14, 16)) << opset;
  }
}

// In a batch of 1 3 2 4 and 5 7 6 8 means are 2.5 and 6.5, variances 1.25.
TEST(NormOperators, BatchNormInTraining) {
  const auto expect = [](const Tensors& out) {
    EXPECT_THAT(out[1].to_vector(), ElementsAre(0.75f + 0.625f, 1.5f + 1.625f));
    EXPECT_THAT(out[2].to_vector(), ElementsAre(3 + 0.3125f, 0.75f + 0.3125f));
    const double rstd = 1 / std::sqrt(1.25 + 1e-5);
    EXPECT_NEAR(out[0].to_vector()[0], 2 * (1 - 2.5) * rstd, 1e-5);
    EXPECT_NEAR(out[0].to_vector()[7], 10 + (8 - 6.5) * rstd, 1e-5);
  };
  const Attributes momentum{{"momentum", 0.75}};
  Attributes training = momentum;
  training["training_mode"] = std::int64_t{1};
  expect(run_node("BatchNormalization", 15, training, batch_norm_inputs(), 3));
  const Tensors out = run_node("BatchNormalization", 9, momentum, batch_norm_inputs(), 5);
  expect(out);
  EXPECT_THAT(out[3].to_vector(), ElementsAre(2.5, 6.5));
  EXPECT_THAT(out[4].to_vector(), ElementsAre(1.25, 1.25));
}

TEST(NormOperators, BatchNormOfElementsBelowOpset9) {
  const Tensor x = tensor({1, 3, 5, 7, 2, 4, 6, 8}).view({2, 2, 2});
  const Tensor ones = fovea::ones({2, 2}), mean = tensor({{1, 2}, {3, 4}});
  const Tensor y =
      run_node("BatchNormalization", 7, {{"spatial", std::int64_t{0}}, {"epsilon", 0.0}},
               {x, ones, ones, mean, ones})[0];
  EXPECT_THAT(y.to_vector(), ElementsAre(1, 2, 3, 4, 2, 3, 4, 5));
}

TEST(NormOperators, BatchNormOfHalvesWithF32Statistics) {
  Tensors inputs = batch_norm_inputs();
  inputs[0] = inputs[0].to(f16);
  const Tensor y = run_node("BatchNormalization", 15, {{"epsilon", 0.0}}, inputs)[0];
  EXPECT_EQ(y.dtype(), f16);
  EXPECT_THAT(y.to_vector(), ElementsAre(0, 2, 13, 15, 1, 3, 14, 16));
}

TEST(NormOperators, GroupNormScalesGroupsBelowOpset21) {
  const Tensor x = randn({2, 4, 3});
  const Attributes groups{{"num_groups", std::int64_t{2}}};
  const Tensor by_group =
      run_node("GroupNormalization", 18, groups, {x, tensor({2, 3}), tensor({0, 1})})[0];
  const Tensor by_channel = run_node("GroupNormalization", 21, groups,
                                     {x, tensor({2, 2, 3, 3}), tensor({0, 0, 1, 1})})[0];
  EXPECT_TRUE(equal(by_group, by_channel));
  const Tensor first = by_group.narrow(1, 0, 2).contiguous().view({2, 6});
  EXPECT_TRUE(allclose(mean(first, {1}), zeros({2}), 0, 1e-5));
  EXPECT_TRUE(allclose(var(first, {1}, false, 0), full({2}, 4), 1e-3));
}

TEST(NormOperators, LayerNormGivesItsStatistics) {
  const Tensor x = tensor({{1, 3}, {2, 6}});
  const Tensors out = run_node("LayerNormalization", 17, {{"epsilon", 0.0}},
                               {x.to(f16), tensor({1, 2}).to(f16)}, 3);
  EXPECT_EQ(out[0].dtype(), f16);
  EXPECT_THAT(out[0].to_vector(), ElementsAre(-1, 2, -1, 2));
  EXPECT_EQ(out[1].dtype(), f32);
  EXPECT_THAT(out[1].to_vector(), ElementsAre(2, 4));
  EXPECT_THAT(out[2].to_vector(), ElementsAre(1, 0.5));
}

// With alpha = size, beta = 1 and bias = 1 the divisor is 1 plus the sum of squares of the window.
TEST(NormOperators, LrnOfAnEvenWindowReachesFurtherOnwards) {
  const Tensor x = tensor({1, 2, 3, 4}).view({1, 4, 1, 1});
  const auto lrn = [&](std::int64_t size) {
    return run_node("LRN", 13,
                    {{"size", size}, {"alpha", static_cast<double>(size)}, {"beta", 1.0}}, {x})[0]
        .to_vector();
  };
  const auto divided = [](std::vector<float> sums) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = float(i + 1) / (1 + sums[i]);
    return testing::Pointwise(testing::FloatNear(1e-6f), sums);
  };
  EXPECT_THAT(lrn(2), divided({1 + 4, 4 + 9, 9 + 16, 16}));
  EXPECT_THAT(lrn(3), divided({1 + 4, 1 + 4 + 9, 4 + 9 + 16, 9 + 16}));
  EXPECT_THAT(lrn(4), divided({1 + 4 + 9, 1 + 4 + 9 + 16, 4 + 9 + 16, 9 + 16}));
}

// They are made of operations that have ONNX's form, so they need none of their own.
TEST(NormOperators, NormsWithinASampleAreTraced) {
  struct Norms final : nn::Module {
    const Tensor weight = randn({4}), bias = randn({4});
    Tensor forward(const Tensor& x) override {
      return layer_norm(group_norm(instance_norm(x, weight, bias), 2, weight, bias), {3, 5});
    }
  } norms;
  const Tensor x = randn({5, 4, 3, 5});
  EXPECT_TRUE(allclose(Program(trace(norms, {2, 4, 3, 5})).run({x})[0], norms(x), 1e-4, 1e-4));
}

TEST(NormOperators, GradientsFlow) {
  const TensorOptions leaf{.dtype = f64, .requires_grad = true};
  const Tensors channels{randn({2, 4, 3}, leaf), randn({4}, leaf), randn({4}, leaf)};
  const auto expect = [](const char* op, const Attributes& attributes, const Tensors& inputs) {
    const auto f = [&](const Tensors& in) { return run_node(op, 21, attributes, in)[0]; };
    const GradCheck check = check_gradients(f, inputs);
    EXPECT_TRUE(check.ok) << op << ": " << check.message;
  };
  expect("InstanceNormalization", {}, channels);
  expect("GroupNormalization", {{"num_groups", std::int64_t{2}}}, channels);
  expect("LayerNormalization", {{"axis", std::int64_t{1}}},
         {channels[0], randn({4, 3}, leaf), randn({4, 3}, leaf)});
  expect("LRN", {{"size", std::int64_t{2}}}, {channels[0]});
  const Tensor mean = randn({4}, {.dtype = f64}), var = rand({4}, {.dtype = f64}) + 1;
  const auto norm = [&](const Tensors& in) {
    return run_node("BatchNormalization", 15, {}, {in[0], in[1], in[2], mean, var})[0];
  };
  EXPECT_TRUE(check_gradients(norm, channels).ok);
}

TEST(NormOperators, ErrorsNameTheNode) {
  Tensors inputs = batch_norm_inputs();
  EXPECT_EQ(node_error("BatchNormalization", 15, {{"epsilon", -1.0}}, inputs),
            "BatchNormalization \"n\" (opset 15): epsilon expected at least 0, got -1");
  EXPECT_EQ(node_error("BatchNormalization", 15, {{"momentum", 2.0}}, inputs),
            "BatchNormalization \"n\" (opset 15): momentum expected in [0, 1], got 2");
  inputs[3] = zeros({3});
  EXPECT_EQ(node_error("BatchNormalization", 15, {}, inputs),
            "BatchNormalization \"n\" (opset 15): input 3 expected shape [2], got [3] "
            "(input [2, 2, 2])");
  EXPECT_EQ(node_error("BatchNormalization", 7, {{"spatial", std::int64_t{0}}}, inputs, 5),
            "BatchNormalization \"n\" (opset 7): spatial expected 1 in training, got 0");
  EXPECT_EQ(node_error("LRN", 13, {}, inputs),
            "LRN \"n\" (opset 13): attribute \"size\" expected an int, got none");
  EXPECT_EQ(node_error("GroupNormalization", 21, {{"num_groups", std::int64_t{3}}}, inputs),
            "GroupNormalization \"n\" (opset 21): input expected [n, c, ...] with c a multiple of "
            "num_groups 3, got [2, 2, 2]");
  inputs[0] = tensor({1, 2});
  EXPECT_EQ(node_error("BatchNormalization", 15, {}, inputs),
            "BatchNormalization \"n\" (opset 15): input 1 expected shape [1], got [2] (input [2])");
  inputs[0] = ones({});
  EXPECT_EQ(node_error("BatchNormalization", 15, {}, inputs),
            "BatchNormalization \"n\" (opset 15): input expected [n], or [n, c, ...], got []");
  EXPECT_EQ(node_error("LRN", 13, {{"size", std::int64_t{3}}}, {ones({2})}),
            "LRN \"n\" (opset 13): input expected [n, c, ...], got [2]");
  EXPECT_EQ(node_error("LayerNormalization", 17, {}, {ones({2, 2}), ones({3, 1, 1})}),
            "LayerNormalization \"n\" (opset 17): scale and bias expected to fit the input, got "
            "[3, 1, 1] (input [2, 2])");
}

// Below opset 14 the number of outputs says how it normalises: those that have a name.
TEST(NormOperators, OutputsWithoutANameAreNotThere) {
  const Tensor x = tensor({3, 5}).view({2, 1}), one = ones({1}), none = zeros({1});
  const Tensors inputs{x, one, none, none, one};
  for (const int opset : {7, 9, 13}) {
    Node node = test::make_node("BatchNormalization", {{"epsilon", 0.0}}, inputs);
    node.outputs = {"y", "", "", "", ""};
    const std::string where = "node";
    EXPECT_THAT(bind_node(node, opset)(Inputs(inputs, where))[0].to_vector(), ElementsAre(3, 5));
    node.outputs = {"y", "", "", "", "moved"};  // this one is wanted: by the batch's statistics
    EXPECT_THAT(bind_node(node, opset)(Inputs(inputs, where))[0].to_vector(), ElementsAre(-1, 1));
  }
  // Of any operator: what is beyond its results and has no name is not asked for.
  Node relu = test::make_node("Relu", {}, {x});
  relu.outputs = {"y", ""};
  EXPECT_EQ(bind_node(relu, 13)(Inputs(Tensors{x}, "node")).size(), 1U);
}

TEST(NormOperators, BatchNormalizationTakesAnyNumberOfDimensions) {
  const Tensors norm{tensor({2}), tensor({1}), tensor({3}), tensor({4})};
  const auto of = [&](const Tensor& x, Attributes more = {}) {
    more["epsilon"] = 0.0;
    return run_node("BatchNormalization", 15, more, {x, norm[0], norm[1], norm[2], norm[3]})[0];
  };
  const Tensor x = tensor({3, 5});
  for (const Shape& sizes : {Shape{2}, Shape{2, 1}, Shape{1, 1, 2}, Shape{1, 1, 1, 1, 1, 2},
                             Shape{1, 1, 1, 2, 1, 1, 1}, Shape{2, 1, 1, 1, 1, 1, 1, 1}}) {
    const Tensor y = of(x.view(sizes));
    EXPECT_EQ(y.sizes(), sizes);
    EXPECT_THAT(y.to_vector(), ElementsAre(1, 3)) << sizes;
    const Tensors trained =
        run_node("BatchNormalization", 15, {{"epsilon", 0.0}, {"training_mode", std::int64_t{1}}},
                 {x.view(sizes), norm[0], norm[1], norm[2], norm[3]}, 3);
    EXPECT_EQ(trained[0].sizes(), sizes);
    EXPECT_THAT(trained[0].to_vector(), ElementsAre(-1, 3)) << sizes;
    EXPECT_EQ(trained[1].sizes(), Shape{1});
  }
}

TEST(NormOperators, LrnTakesAnyNumberOfSpatialDimensions) {
  const Attributes attributes{{"size", std::int64_t{3}}, {"alpha", 1.0}};
  const Tensor x = randn({2, 5, 1, 3, 2, 1}), flat = x.view({2, 5, 6});
  const Tensor y = run_node("LRN", 13, attributes, {x})[0];
  EXPECT_EQ(y.sizes(), x.sizes());
  EXPECT_TRUE(equal(y.view({2, 5, 6}), run_node("LRN", 13, attributes, {flat})[0]));
  const Tensor rows = randn({2, 5});
  EXPECT_TRUE(equal(run_node("LRN", 13, attributes, {rows})[0],
                    run_node("LRN", 13, attributes, {rows.view({2, 5, 1})})[0].view({2, 5})));
}

}  // namespace
}  // namespace fovea::graph
