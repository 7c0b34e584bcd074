// Reductions of operator sets and dtypes that ONNX's conformance tests leave out, gradients,
// errors.

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::is_close;
using test::node_error;
using test::run_node;
using testing::ElementsAre;
using Ints = std::vector<std::int64_t>;

constexpr std::int64_t kOne = 1, kZero = 0;
constexpr const char* kReductions[] = {
    "ReduceL1",   "ReduceL2",  "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
    "ReduceMean", "ReduceMin", "ReduceProd",   "ReduceSum",       "ReduceSumSquare"};

Tensor one(const std::string& op, int opset, const Attributes& attributes, const Tensors& inputs) {
  return run_node(op, opset, attributes, inputs)[0];
}

Tensor ints(const Ints& values) {
  return from_data(values, {static_cast<std::int64_t>(values.size())});
}

TEST(ReduceOperators, AxesAreAnAttributeOrAnInput) {
  Generator generator(1);
  const Tensor x = rand({2, 3, 4}, {}, generator) + 0.5;
  for (const char* op : kReductions) {
    SCOPED_TRACE(op);
    const Tensor all = one(op, 6, {}, {x});
    EXPECT_EQ(all.sizes(), (Shape{1, 1, 1}));
    EXPECT_TRUE(equal(one(op, 18, {}, {x, ints({})}), all));
    EXPECT_TRUE(equal(one(op, 6, {{"keepdims", kZero}}, {x}), all.view({})));
    const Tensor some = one(op, 11, {{"axes", Ints{-1, 0}}, {"keepdims", kZero}}, {x});
    EXPECT_EQ(some.sizes(), (Shape{3}));
    EXPECT_TRUE(equal(one(op, 18, {}, {x, ints({0, 2})}), some.view({1, 3, 1})));
    const std::string name = op;
    const Tensor each = name == "ReduceSumSquare" ? square(x) : name == "ReduceLogSum" ? log(x) : x;
    EXPECT_TRUE(equal(one(op, 18, {{"noop_with_empty_axes", kOne}}, {x, ints({})}), each));
    EXPECT_TRUE(equal(one(op, 18, {{"noop_with_empty_axes", kOne}}, {x}), each));
    EXPECT_EQ(one(op, 18, {}, {scalar(2)}).sizes(), Shape());
    EXPECT_EQ(node_error(op, 18, {}, {x, ints({3})}),
              str(op, " \"n\" (opset 18): axis expected in [-3, 3), got 3"));
    EXPECT_EQ(node_error(op, 11, {{"axes", Ints{1, -2}}}, {x}),
              str(op, " \"n\" (opset 11): axes expected each once, got 1 twice"));
  }
}

TEST(ReduceOperators, StoredDtypesAreComputedWithAndComeBack) {
  const Tensor x = tensor({1, 2, 4});
  for (const DType dtype : {f16, bf16, i32, i64, u32, u64}) {
    SCOPED_TRACE(str(dtype));
    const auto expect = [&](const char* op, double value) {
      EXPECT_TRUE(equal(one(op, 18, {{"keepdims", kZero}}, {x.to(dtype)}), scalar(value).to(dtype)))
          << op;
    };
    expect("ReduceSum", 7);
    expect("ReduceProd", 8);
    expect("ReduceL1", 7);
    expect("ReduceSumSquare", 21);
    expect("ReduceMax", 4);
    expect("ReduceMin", 1);
    expect("ReduceMean", is_floating(dtype) ? 7.0 / 3 : 2);
    expect("ReduceL2", is_floating(dtype) ? std::sqrt(21.0) : 4);
  }
  for (const DType dtype : {i8, u8}) {
    EXPECT_TRUE(equal(one("ReduceMax", 12, {}, {x.to(dtype)}), tensor({4}).to(dtype)));
  }
  const Tensor yes_no = tensor({1, 0}).to(boolean);
  EXPECT_TRUE(equal(one("ReduceMax", 20, {}, {yes_no}), tensor({1}).to(boolean)));
  EXPECT_TRUE(equal(one("ReduceMin", 20, {}, {yes_no}), tensor({0}).to(boolean)));
}

TEST(ReduceOperators, OfNothingTheResultIsTheNeutralElement) {
  const Tensor x = zeros({2, 0});
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto of_rows = [&](const char* op, const Tensor& in) {
    return one(op, 20, {{"keepdims", kZero}}, {in, ints({1})});
  };
  EXPECT_TRUE(equal(of_rows("ReduceSum", x), zeros({2})));
  EXPECT_TRUE(equal(of_rows("ReduceProd", x), ones({2})));
  EXPECT_TRUE(equal(of_rows("ReduceMax", x), full({2}, -infinity)));
  EXPECT_TRUE(equal(of_rows("ReduceMin", x), full({2}, infinity)));
  EXPECT_TRUE(equal(of_rows("ReduceLogSumExp", x), full({2}, -infinity)));
  EXPECT_TRUE(equal(of_rows("ReduceMax", x.to(i8)), full({2}, -128, {.dtype = i8})));
  EXPECT_TRUE(equal(of_rows("ReduceMin", x.to(u16)), full({2}, 65535, {.dtype = u16})));
}

TEST(ReduceOperators, LogSumExpDoesNotOverflow) {
  const Tensor x = tensor({{1000, 1000}, {-1000, -1000}, {-INFINITY, -INFINITY}, {INFINITY, 0}});
  const Tensor y = one("ReduceLogSumExp", 13, {{"axes", Ints{1}}, {"keepdims", kZero}}, {x});
  const double two = std::log(2.0);
  EXPECT_TRUE(is_close(y, tensor({1000 + two, -1000 + two, -INFINITY, INFINITY}), 1e-7));
}

TEST(ReduceOperators, GradientsAgreeWithDifferences) {
  Generator generator(2);
  Tensor x = rand({2, 3, 4}, {.dtype = f64}, generator) + 0.5;
  x.set_requires_grad();
  for (const char* op : kReductions) {
    const GradCheck check = check_gradients(
        [&](const Tensors& in) {
          return one(op, 11, {{"axes", Ints{0, 2}}, {"keepdims", kZero}}, in);
        },
        {x});
    EXPECT_TRUE(check.ok) << op << ": " << check.message;
  }
}

TEST(ArgOperators, FindTheFirstOrTheLastOfEquals) {
  for (const DType dtype : {f32, f64, f16, i8, u8, i32, i64, u64}) {
    const Tensor x = tensor({{1, 3, 3}, {2, 2, 0}}).to(dtype);
    const Attributes first{{"axis", kOne}, {"keepdims", kZero}};
    const Attributes last{
        {"axis", std::int64_t{-1}}, {"keepdims", kZero}, {"select_last_index", kOne}};
    EXPECT_TRUE(equal(one("ArgMax", 13, first, {x}), ints({1, 0}))) << dtype;
    EXPECT_TRUE(equal(one("ArgMax", 13, last, {x}), ints({2, 1}))) << dtype;
    EXPECT_TRUE(equal(one("ArgMin", 13, first, {x}), ints({0, 2}))) << dtype;
    EXPECT_TRUE(equal(one("ArgMin", 13, {}, {x}), ints({0, 1, 1}).view({1, 3}))) << dtype;
  }
  EXPECT_EQ(node_error("ArgMax", 13, {{"axis", std::int64_t{2}}}, {zeros({2, 3})}),
            "ArgMax \"n\" (opset 13): axis expected in [-2, 2), got 2");
  EXPECT_EQ(node_error("ArgMin", 13, {}, {zeros({0, 3})}),
            "ArgMin \"n\" (opset 13): argmin: dim expected not empty, got size 0 (shape [0, 3])");
  EXPECT_EQ(node_error("ArgMin", 13, {{"select_last_index", kOne}}, {zeros({0, 3})}),
            "ArgMin \"n\" (opset 13): axis expected not to be empty, got shape [0, 3]");
}

// What stands before and after the reduction is done though nothing is reduced.
TEST(ReduceOperators, WithoutAxesTheRestOfTheFunctionStays) {
  const Tensor x = tensor({-2, 3, 0.5});
  const auto of = [&](const char* op, const Tensor& input) {
    return run_node(op, 18, {{"noop_with_empty_axes", std::int64_t{1}}}, {input})[0];
  };
  EXPECT_THAT(of("ReduceL1", x).to_vector(), ElementsAre(2, 3, 0.5));
  EXPECT_THAT(of("ReduceL2", x).to_vector(), ElementsAre(2, 3, 0.5));
  EXPECT_THAT(of("ReduceSumSquare", x).to_vector(), ElementsAre(4, 9, 0.25));
  EXPECT_THAT(of("ReduceLogSum", tensor({1, 0})).to_vector(),
              ElementsAre(0, -std::numeric_limits<float>::infinity()));
  for (const char* op :
       {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceLogSumExp"})
    EXPECT_THAT(of(op, x).to_vector(), ElementsAre(-2, 3, 0.5)) << op;
  EXPECT_THAT(of("ReduceL1", x.to(i32)).to_vector(), ElementsAre(2, 3, 0));
  EXPECT_EQ(of("ReduceSumSquare", x.to(i32)).dtype(), i32);
  // The square of this is more than f32 has; its root is not.
  EXPECT_THAT(of("ReduceL2", tensor({-1e30f})).to_vector(), ElementsAre(1e30f));
}

TEST(ReduceOperators, ExtremesOfNothingAreTheOtherEnd) {
  const auto of = [&](const char* op, DType dtype) {
    const Tensor none = zeros({2, 0}, {.dtype = dtype});
    return run_node(op, 20, {{"keepdims", std::int64_t{0}}}, {none, from_data(Ints{1}, {1})})[0];
  };
  EXPECT_THAT(of("ReduceMax", boolean).to_vector<std::int64_t>(), ElementsAre(0, 0));
  EXPECT_THAT(of("ReduceMin", boolean).to_vector<std::int64_t>(), ElementsAre(1, 1));
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(of("ReduceMax", i64).to_vector<std::int64_t>(), ElementsAre(-kMost - 1, -kMost - 1));
  EXPECT_THAT(of("ReduceMin", i64).to_vector<std::int64_t>(), ElementsAre(kMost, kMost));
  EXPECT_THAT(of("ReduceMax", u8).to_vector<std::int64_t>(), ElementsAre(0, 0));
  EXPECT_THAT(of("ReduceMin", u8).to_vector<std::int64_t>(), ElementsAre(255, 255));
  EXPECT_THAT(of("ReduceMin", DType::kI8).to_vector<std::int64_t>(), ElementsAre(127, 127));
  EXPECT_THAT(of("ReduceMax", f16).to_vector(),
              ElementsAre(-std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()));
}

}  // namespace
}  // namespace fovea::graph
