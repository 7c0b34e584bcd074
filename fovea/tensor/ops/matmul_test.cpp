#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

TEST(Matmul, ByHand) {
  const Tensor a = tensor({{1, 2}, {3, 4}}), b = tensor({{0, 1}, {2, -1}});
  EXPECT_THAT(matmul(a, b).to_vector(), ElementsAre(4, -1, 8, -1));
  EXPECT_THAT(matmul(a, tensor({1, -1})).to_vector(), ElementsAre(-1, -1));
  EXPECT_THAT(matmul(tensor({1, -1}), a).to_vector(), ElementsAre(-2, -2));
  EXPECT_EQ(matmul(tensor({1, 2, 3}), tensor({4, 5, 6})).item(), 32);
  EXPECT_EQ(matmul(tensor({1, 2, 3}), tensor({4, 5, 6})).dim(), 0);
}

TEST(Matmul, AgreesWithPyTorch) {
  int cases = 0;
  for (const test::GoldenCase& golden : test::load_golden("tensor")) {
    if (golden.op() != "matmul") continue;
    SCOPED_TRACE(golden.name());
    ++cases;
    for (const DType dtype : {f64, f32}) {
      const double tolerance = dtype == f64 ? 1e-13 : 1e-5;
      Tensor x = golden.tensor("x", dtype).clone().set_requires_grad();
      Tensor other = golden.tensor("other", dtype).clone().set_requires_grad();
      const Tensor y = matmul(x, other);
      EXPECT_TRUE(is_close(y, golden.tensor("y", dtype), tolerance, tolerance));
      y.backward(golden.tensor("grad_y", dtype));
      EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x", dtype), tolerance, tolerance));
      EXPECT_TRUE(is_close(other.grad(), golden.tensor("grad_other", dtype), tolerance, tolerance));
    }
  }
  EXPECT_GT(cases, 0);
}

struct ShapePair {
  Shape a, b, y;
};
const ShapePair kShapes[] = {
    {{3}, {3}, {}},
    {{3}, {3, 2}, {2}},
    {{2, 3}, {3}, {2}},
    {{2, 3}, {3, 4}, {2, 4}},
    {{2, 2, 3}, {3, 4}, {2, 2, 4}},
    {{2, 3}, {4, 3, 2}, {4, 2, 2}},
    {{3}, {4, 3, 2}, {4, 2}},
    {{4, 2, 3}, {3}, {4, 2}},
    {{3, 2, 4}, {3, 4, 1}, {3, 2, 1}},
    {{2, 1, 2, 3}, {1, 3, 3, 2}, {2, 3, 2, 2}},
    {{1, 2, 3}, {2, 3, 2}, {2, 2, 2}},
};

TEST(Matmul, GradientsAgreeWithDifferencesWhateverBroadcasts) {
  Generator generator(test::seed());
  for (const ShapePair& shapes : kShapes) {
    SCOPED_TRACE(str(shapes.a, " x ", shapes.b));
    const auto leaf = [&](const Shape& s) {
      return randn(s, {.dtype = f64, .requires_grad = true}, generator);
    };
    const Tensors inputs = {leaf(shapes.a), leaf(shapes.b)};
    EXPECT_EQ(matmul(inputs[0], inputs[1]).sizes(), shapes.y);
    const GradCheck result =
        check_gradients([](const Tensors& in) { return matmul(in[0], in[1]); }, inputs);
    EXPECT_TRUE(result.ok) << result.message;
  }
}

TEST(Matmul, AnyLayoutAndDTypeGiveTheSame) {
  Generator generator(test::seed());
  for (const DType dtype : {f32, f64, i64}) {
    const auto integers = [&](const Shape& s) {
      return randint(-4, 5, s, {.dtype = i64}, generator).to(dtype);
    };
    const Tensor a = integers({3, 5, 7}), b = integers({3, 7, 4});
    const Tensor expected = matmul(a, b);
    EXPECT_EQ(expected.dtype(), dtype);
    EXPECT_EQ(expected.at({2, 4, 3}).item(), (a[2][4] * b[2].t()[3]).sum().item());
    const auto scattered = [](const Tensor& t) {
      return t.permute({2, 0, 1}).contiguous().permute({1, 2, 0});
    };
    EXPECT_TRUE(equal(matmul(scattered(a), scattered(b)), expected));
    EXPECT_TRUE(equal(matmul(a.transpose(1, 2).contiguous().transpose(1, 2), b), expected));
    const Tensor wide = zeros({3, 5, 15}, {.dtype = dtype});
    wide.slice(2, 0, 14, 2).copy_(a);
    EXPECT_TRUE(equal(matmul(wide.slice(2, 0, 14, 2), b), expected));
    EXPECT_TRUE(equal(matmul(a[0].expand({3, 5, 7}), b[0].expand({3, 7, 4}))[2], expected[0]));
  }
}

TEST(Matmul, EmptyOperands) {
  EXPECT_EQ(matmul(zeros({0, 3}), zeros({3, 2})).sizes(), (Shape{0, 2}));
  EXPECT_EQ(matmul(zeros({0, 2, 3}), zeros({3, 2})).sizes(), (Shape{0, 2, 2}));
  EXPECT_TRUE(equal(matmul(zeros({2, 0}), zeros({0, 3})), zeros({2, 3})));
}

TEST(Matmul, Errors) {
  const auto failure = [](const Tensor& a, const Tensor& b) {
    return message_of<Error>([&] { matmul(a, b); });
  };
  EXPECT_EQ(failure(zeros({2, 3}), zeros({4, 5})),
            "matmul: second operand expected 3 rows, got 4 (shapes [2, 3] and [4, 5])");
  EXPECT_EQ(failure(zeros({3}), zeros({4})),
            "matmul: second operand expected 3 rows, got 4 (shapes [3] and [4])");
  EXPECT_EQ(failure(zeros({}), zeros({4})),
            "matmul: operands expected at least 1-D, got [] and [4]");
  EXPECT_EQ(failure(zeros({2, 2, 3}), zeros({3, 3, 2})),
            "matmul: shapes expected to broadcast, got [2] and [3]");
  EXPECT_EQ(failure(zeros({2, 2}), zeros({2, 2}, {.dtype = f64})),
            "matmul: operands expected of one dtype, got f32 and f64 (convert with .to(dtype))");
  EXPECT_EQ(failure(zeros({2, 2}, {.dtype = u8}), zeros({2, 2}, {.dtype = u8})),
            "matmul: dtype expected f32, f64, i64, got u8");
}

}  // namespace
}  // namespace fovea
