// Matrix products of operator sets and dtypes that ONNX's conformance tests leave out, gradients,
// errors.

#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::node_error;
using test::run_node;

constexpr std::int64_t kOne = 1;

Tensor one(const std::string& op, int opset, const Attributes& attributes, const Tensors& inputs) {
  return run_node(op, opset, attributes, inputs)[0];
}

const Tensor kA = tensor({{1, 2, 3}, {4, 5, 6}});
const Tensor kB = tensor({{1, 0}, {0, 1}, {1, 1}});
const Tensor kProduct = tensor({{4, 5}, {10, 11}});

TEST(GemmOperator, TransposesScalesAndAdds) {
  for (const DType dtype : {f32, f64, f16, bf16, i32, i64}) {
    SCOPED_TRACE(str(dtype));
    const Tensor a = kA.to(dtype), b = kB.to(dtype), product = kProduct.to(dtype);
    EXPECT_TRUE(equal(one("Gemm", 13, {}, {a, b}), product));
    const Attributes both{{"transA", kOne}, {"transB", kOne}};
    EXPECT_TRUE(equal(one("Gemm", 13, both, {a.t().clone(), b.t().clone()}), product));
    const Attributes scaled{{"alpha", 2.0}, {"beta", 3.0}};
    EXPECT_TRUE(equal(one("Gemm", 13, scaled, {a, b, tensor({1, 2}).to(dtype)}),
                      (kProduct * 2 + tensor({3, 6})).to(dtype)));
    const Attributes layer{{"transB", kOne}};
    for (const Tensor& c : {tensor({1, 2}), tensor({{1, 2}}), tensor({{1, 2}, {1, 2}})})
      EXPECT_TRUE(equal(one("Gemm", 13, layer, {a, b.t(), c.to(dtype)}),
                        (kProduct + tensor({1, 2})).to(dtype)));
    EXPECT_TRUE(
        equal(one("Gemm", 11, layer, {a, b.t(), scalar(1).to(dtype)}), (kProduct + 1).to(dtype)));
  }
}

TEST(GemmOperator, BroadcastsCInOperatorSet6WhenToldTo) {
  const Tensor c = tensor({1, 2});
  EXPECT_TRUE(equal(one("Gemm", 6, {{"broadcast", kOne}}, {kA, kB, c}), kProduct + c));
  EXPECT_TRUE(equal(one("Gemm", 6, {}, {kA, kB, kProduct}), kProduct + kProduct));
  EXPECT_EQ(node_error("Gemm", 6, {}, {kA, kB, c}),
            "Gemm \"n\" (opset 6): C expected to broadcast to [2, 2], got [2]");
}

TEST(GemmOperator, SaysWhichShapesDoNotMeet) {
  EXPECT_EQ(node_error("Gemm", 13, {}, {kA, zeros({3})}),
            "Gemm \"n\" (opset 13): input 1 expected 2 dimensions, got shape [3]");
  EXPECT_EQ(
      node_error("Gemm", 13, {{"transB", kOne}}, {kA, kB}),
      "Gemm \"n\" (opset 13): operands expected to have one inner size, got shapes [2, 3] and "
      "[3, 2] (transA false, transB true)");
  EXPECT_EQ(node_error("Gemm", 13, {}, {kA, kB, zeros({3})}),
            "Gemm \"n\" (opset 13): C expected to broadcast to [2, 2], got [3]");
  EXPECT_EQ(node_error("Gemm", 13, {}, {kA, kB, zeros({2, 2, 2})}),
            "Gemm \"n\" (opset 13): C expected to broadcast to [2, 2], got [2, 2, 2]");
}

TEST(MatMulOperator, TakesVectorsBatchesAndWholeNumbers) {
  for (const DType dtype : {f32, f64, f16, bf16, i32, u32, i64, u64}) {
    const Tensor a = kA.to(dtype), b = kB.to(dtype);
    EXPECT_TRUE(equal(one("MatMul", 13, {}, {a, b}), kProduct.to(dtype))) << dtype;
    EXPECT_TRUE(equal(one("MatMul", 13, {}, {a.select(0, 0), b}), tensor({4, 5}).to(dtype)));
    EXPECT_TRUE(equal(one("MatMul", 13, {}, {a, b.select(1, 0)}), tensor({4, 10}).to(dtype)));
    EXPECT_TRUE(
        equal(one("MatMul", 13, {}, {a.select(0, 0), b.select(1, 0)}), scalar(4).to(dtype)));
    const Tensor batch = one("MatMul", 13, {}, {a.view({1, 2, 3}), b.view({1, 1, 3, 2})});
    EXPECT_TRUE(equal(batch, kProduct.to(dtype).view({1, 1, 2, 2})));
  }
  EXPECT_EQ(node_error("MatMul", 13, {}, {kA, kA}),
            "MatMul \"n\" (opset 13): matmul: second operand expected 3 rows, got 2 (shapes [2, 3] "
            "and [2, 3])");
}

TEST(MatrixOperators, GradientsAgreeWithDifferences) {
  const Tensor a = kA.to(f64).set_requires_grad(), b = kB.t().to(f64).clone().set_requires_grad(),
               c = tensor({1, 2}, {.dtype = f64, .requires_grad = true});
  for (const double alpha : {1.0, 0.5}) {
    const GradCheck check = check_gradients(
        [&](const Tensors& in) {
          return one("Gemm", 13, {{"alpha", alpha}, {"transB", kOne}}, in);
        },
        {a, b, c});
    EXPECT_TRUE(check.ok) << check.message;
  }
}

}  // namespace
}  // namespace fovea::graph
