// Activations of operator sets and dtypes that ONNX's conformance tests leave out, gradients,
// errors.

#include "fovea/tensor/ops/activation.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::is_close;
using test::node_error;
using test::run_node;
using testing::ElementsAre;

Tensor one(const std::string& op, int opset, const Attributes& attributes, const Tensors& inputs) {
  return run_node(op, opset, attributes, inputs)[0];
}

TEST(ActivationOperators, SoftmaxCountedItsInputAsAMatrixBeforeOperatorSet13) {
  Generator generator(1);
  const Tensor x = randn({2, 3, 4}, {.dtype = f64}, generator);
  const Tensor rows = softmax(x.view({2, 12}), 1).view({2, 3, 4});
  EXPECT_TRUE(equal(one("Softmax", 12, {}, {x}), rows));  // axis 1
  EXPECT_TRUE(equal(one("Softmax", 12, {{"axis", std::int64_t{-2}}}, {x}), rows));
  EXPECT_TRUE(equal(one("Softmax", 6, {{"axis", std::int64_t{2}}}, {x}), softmax(x, 2)));
  EXPECT_TRUE(equal(one("LogSoftmax", 12, {{"axis", std::int64_t{0}}}, {x}),
                    log_softmax(x.view({1, 24}), 1).view({2, 3, 4})));
  EXPECT_TRUE(equal(one("Softmax", 13, {}, {x}), softmax(x, -1)));
  EXPECT_TRUE(equal(one("Softmax", 13, {{"axis", std::int64_t{1}}}, {x}), softmax(x, 1)));
  EXPECT_EQ(node_error("Softmax", 13, {{"axis", std::int64_t{3}}}, {x}),
            "Softmax \"n\" (opset 13): axis expected in -3 to 2, got 3");
  EXPECT_EQ(node_error("Softmax", 11, {{"axis", std::int64_t{4}}}, {x}),
            "Softmax \"n\" (opset 11): axis expected in -3 to 3, got 4");
}

TEST(ActivationOperators, PReluHadOneSlopeAChannelBeforeOperatorSet7) {
  const Tensor x = full({1, 2, 2}, -1), slope = tensor({2, 3});
  EXPECT_TRUE(equal(one("PRelu", 6, {}, {x, slope}), tensor({-2, -2, -3, -3}).view({1, 2, 2})));
  EXPECT_TRUE(equal(one("PRelu", 7, {}, {x, slope}), tensor({-2, -3, -2, -3}).view({1, 2, 2})));
  EXPECT_TRUE(equal(one("PRelu", 16, {}, {x.to(i32), slope.to(i32)}),
                    tensor({-2, -3, -2, -3}).view({1, 2, 2}).to(i32)));
  EXPECT_EQ(node_error("PRelu", 16, {}, {x, zeros({1, 1, 2, 2})}),
            "PRelu \"n\" (opset 16): slope expected to broadcast to the input, got [1, 1, 2, 2] "
            "and [1, 2, 2]");
}

TEST(ActivationOperators, HalfPrecisionAndWholeNumbersComeBack) {
  const Tensor x = tensor({-2, 0, 1.5});
  for (const char* op :
       {"Relu", "Sigmoid", "Tanh", "Elu", "Selu", "Celu", "HardSigmoid", "HardSwish", "LeakyRelu",
        "Mish", "Gelu", "Softplus", "Softsign", "Softmax", "ThresholdedRelu"}) {
    for (const DType dtype : {f16, bf16}) {
      const Tensor y = one(op, 20, {}, {x.to(dtype)});
      EXPECT_TRUE(equal(y, one(op, 20, {}, {x}).to(dtype))) << op << ", " << dtype;
    }
  }
  for (const DType dtype : {i8, i16, i32, i64})
    EXPECT_TRUE(equal(one("Relu", 14, {}, {x.to(dtype)}), tensor({0, 0, 1}).to(dtype)));
}

TEST(ActivationOperators, AttributesReachTheFunctions) {
  const Tensor x = tensor({-2, 0.25, 3}, {.dtype = f64});
  EXPECT_TRUE(equal(one("Elu", 6, {{"alpha", 0.5}}, {x}), elu(x, 0.5)));
  EXPECT_TRUE(equal(one("Selu", 6, {{"alpha", 2.0}, {"gamma", 3.0}}, {x}), selu(x, 2, 3)));
  EXPECT_TRUE(is_close(one("Selu", 6, {}, {x}), selu(x), 1e-7));
  EXPECT_TRUE(equal(one("Celu", 12, {{"alpha", 0.5}}, {x}), celu(x, 0.5)));
  EXPECT_TRUE(equal(one("LeakyRelu", 6, {}, {x}), leaky_relu(x, 0.01)));
  EXPECT_TRUE(equal(one("HardSigmoid", 6, {}, {x}), hardsigmoid(x, 0.2, 0.5)));
  EXPECT_TRUE(equal(one("ThresholdedRelu", 10, {}, {x}), threshold(x, 1, 0)));
  EXPECT_TRUE(equal(one("Gelu", 20, {}, {x}), gelu(x)));
  EXPECT_TRUE(equal(one("Gelu", 20, {{"approximate", std::string("tanh")}}, {x}),
                    gelu(x, GeluForm::kTanh)));
  EXPECT_EQ(node_error("Gelu", 20, {{"approximate", std::string("fast")}}, {x}),
            "Gelu \"n\" (opset 20): attribute \"approximate\" expected \"none\" or \"tanh\", got "
            "\"fast\"");
  EXPECT_EQ(node_error("Celu", 12, {{"alpha", 0.0}}, {x}),
            "Celu \"n\" (opset 12): attribute \"alpha\" expected not to be 0, got 0");
}

TEST(ActivationOperators, GradientsAgreeWithDifferences) {
  Generator generator(2);
  const Tensor x = randn({3, 4}, {.dtype = f64, .requires_grad = true}, generator);
  for (const char* op :
       {"Relu", "Sigmoid", "Elu", "Selu", "Celu", "HardSigmoid", "HardSwish", "LeakyRelu", "Mish",
        "Gelu", "Softplus", "Softsign", "Softmax", "LogSoftmax", "ThresholdedRelu", "Dropout"}) {
    for (const int opset : {12, 20}) {
      const GradCheck check =
          check_gradients([&](const Tensors& in) { return one(op, opset, {}, in); }, {x});
      EXPECT_TRUE(check.ok) << op << ": " << check.message;
    }
  }
}

TEST(DropoutOperator, PassesAllInInference) {
  const Tensor x = tensor({{1, -2}, {0, 4}});
  for (const int opset : {6, 7, 10, 12, 13}) {
    const Tensors out = run_node("Dropout", opset, {}, {x}, 2);
    EXPECT_TRUE(equal(out[0], x));
    EXPECT_TRUE(equal(out[1], ones({2, 2}, {.dtype = opset < 10 ? f32 : boolean}))) << opset;
  }
  const Tensor training = ones({}, {.dtype = boolean});
  EXPECT_TRUE(equal(one("Dropout", 13, {}, {x, scalar(0), training}), x));
  EXPECT_TRUE(equal(one("Dropout", 13, {}, {x, scalar(0.9), logical_not(training)}), x));
}

TEST(DropoutOperator, DropsInTrainingAndTellsWhich) {
  const Tensor x = ones({100, 100}), training = ones({}, {.dtype = boolean});
  const Attributes seeded{{"seed", std::int64_t{5}}};
  const Tensors out = run_node("Dropout", 13, seeded, {x, scalar(0.75), training}, 2);
  EXPECT_TRUE(equal(out[0], out[1].to(f32) * 4));
  // 10,000 draws: six deviations of sqrt(0.75 0.25 / 10,000).
  EXPECT_NEAR(out[1].to(f32).mean().item(), 0.25, 6 * 0.00433);
  EXPECT_TRUE(equal(out[0], run_node("Dropout", 13, seeded, {x, scalar(0.75), training}, 2)[0]));
  EXPECT_FALSE(equal(one("Dropout", 13, {}, {x, Tensor(), training}),
                     one("Dropout", 13, {}, {x, Tensor(), training})));
  EXPECT_EQ(node_error("Dropout", 13, {}, {x, scalar(1), training}),
            "Dropout \"n\" (opset 13): ratio expected in [0, 1), got 1");
}

// y = x where x > alpha, else 0: NaN is not above anything.
TEST(ActivationOperators, ThresholdedReluOfNanIsNothing) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_THAT(run_node("ThresholdedRelu", 10, {}, {tensor({nan, infinity, -infinity, 1, 1.5})})[0]
                  .to_vector(),
              ElementsAre(0, infinity, 0, 0, 1.5));
}

// x max(0, min(1, x / 6 + 1 / 2)): of minus infinity that is infinity times 0.
TEST(ActivationOperators, HardSwishOfMinusInfinityIsNoNumber) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const DType dtype : {f32, f64, f16}) {
    const Tensor x = tensor({-infinity, infinity, -1e4, -3}).to(dtype);
    const std::vector<double> y = run_node("HardSwish", 14, {}, {x})[0].to_vector<double>();
    EXPECT_TRUE(std::isnan(y[0])) << dtype;
    EXPECT_EQ(y[1], infinity);
    EXPECT_EQ(y[2], 0);
    EXPECT_EQ(y[3], 0);
  }
}

}  // namespace
}  // namespace fovea::graph
