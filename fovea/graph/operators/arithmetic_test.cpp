// Arithmetic of operator sets and dtypes that ONNX's conformance tests leave out, gradients,
// errors.

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/graph/program.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::node_error;
using test::run_node;
using testing::ElementsAre;

constexpr std::int64_t kOne = 1;

Tensor one(const std::string& op, int opset, const Attributes& attributes, const Tensors& inputs) {
  return run_node(op, opset, attributes, inputs)[0];
}

TEST(Arithmetic, OperatorSet6BroadcastsFromAnAxisWhenToldTo) {
  const Tensor a = arange(0, 12, 1, {.dtype = f32}).view({2, 3, 2}), b = tensor({10, 20, 30});
  const Attributes from_1{{"broadcast", kOne}, {"axis", kOne}};
  EXPECT_THAT(one("Add", 6, from_1, {a, b}).to_vector(),
              ElementsAre(10, 11, 22, 23, 34, 35, 16, 17, 28, 29, 40, 41));
  const Attributes from_end{{"broadcast", kOne}, {"axis", std::int64_t{-2}}};
  EXPECT_TRUE(equal(one("Add", 6, from_end, {a, b}), one("Add", 6, from_1, {a, b})));
  // Without an axis the last dimensions meet.
  EXPECT_THAT(one("Sub", 6, {{"broadcast", kOne}}, {a, tensor({0, 1})}).to_vector(),
              ElementsAre(0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10));
  EXPECT_TRUE(equal(one("Greater", 6, {{"broadcast", kOne}}, {a, scalar(5)}), a > 5));
  EXPECT_TRUE(equal(one("Pow", 6, {{"broadcast", kOne}}, {a, scalar(2)}), a * a));
  EXPECT_EQ(node_error("Add", 6, {}, {a, tensor({0, 1})}),
            "Add \"n\" (opset 6): operands expected of one shape, got [2, 3, 2] and [2] (attribute "
            "\"broadcast\" is 0)");
  EXPECT_EQ(node_error("Add", 6, {{"broadcast", kOne}, {"axis", std::int64_t{3}}}, {a, b}),
            "Add \"n\" (opset 6): axis expected to leave room for shape [3] in [2, 3, 2], got 3");
  EXPECT_EQ(node_error("Add", 6, {{"broadcast", kOne}}, {a, b}),
            "Add \"n\" (opset 6): second operand expected to broadcast to the first, got [3] and "
            "[2, 3, 2]");
}

TEST(Arithmetic, StoredDtypesAreComputedWithAndComeBack) {
  for (const DType dtype : {f32, f64, i64, f16, bf16, i8, i16, i32}) {
    SCOPED_TRACE(str(dtype));
    const Tensor a = tensor({7, -7, 6}).to(dtype), b = tensor({2, 2, -3}).to(dtype);
    EXPECT_TRUE(equal(one("Add", 14, {}, {a, b}), tensor({9, -5, 3}).to(dtype)));
    EXPECT_TRUE(equal(one("Mul", 14, {}, {a, b}), tensor({14, -14, -18}).to(dtype)));
    EXPECT_TRUE(equal(one("Neg", 13, {}, {a}), tensor({-7, 7, -6}).to(dtype)));
    EXPECT_TRUE(equal(one("Abs", 13, {}, {a}), tensor({7, 7, 6}).to(dtype)));
    EXPECT_TRUE(equal(one("Max", 13, {}, {a, b}), tensor({7, 2, 6}).to(dtype)));
    EXPECT_TRUE(equal(one("Less", 13, {}, {a, b}), tensor({0, 1, 0}).to(boolean)));
    EXPECT_TRUE(equal(one("Equal", 13, {}, {a, a}), ones({3}, {.dtype = boolean})));
    const Tensor quotient = is_floating(dtype) ? tensor({3.5, -3.5, -2}) : tensor({3, -3, -2});
    EXPECT_TRUE(equal(one("Div", 14, {}, {a, b}), quotient.to(dtype)));
  }
  // Narrow whole numbers wrap, as in C and NumPy.
  EXPECT_TRUE(equal(one("Add", 14, {}, {tensor({120}).to(i8), tensor({10}).to(i8)}),
                    tensor({-126}).to(i8)));
  EXPECT_TRUE(equal(one("Sub", 14, {}, {tensor({1}).to(u16), tensor({2}).to(u16)}),
                    tensor({65535}).to(u16)));
}

TEST(Arithmetic, U64BeyondWhatFoveaComputesIsRefused) {
  const Tensor x = from_data(std::vector<std::uint64_t>{std::uint64_t{1} << 63}, {1});
  EXPECT_EQ(node_error("Add", 14, {}, {x, x}),
            "Add \"n\" (opset 14): u64: values expected below 2^63, as far as Fovea computes, got "
            "larger ones");
}

TEST(Arithmetic, PowGivesTheBasesDtype) {
  const Tensor whole = tensor({1, 2, 3}).to(i32), real = tensor({2, 0.5, 2});
  EXPECT_TRUE(equal(one("Pow", 15, {}, {whole, real}), tensor({1, 1, 9}).to(i32)));
  EXPECT_TRUE(equal(one("Pow", 15, {}, {real, whole}), tensor({2, 0.25, 8})));
  EXPECT_TRUE(
      equal(one("Pow", 15, {}, {tensor({3}).to(i64), tensor({-1}).to(i64)}), tensor({0}).to(i64)));
  EXPECT_TRUE(equal(one("Pow", 15, {}, {real.to(f16), real}), pow(real, real).to(f16)));
}

TEST(Arithmetic, ModHasTheDivisorsSignOrLikeCTheDividends) {
  const Tensor a = tensor({-7, 7}).to(i16), b = tensor({3, -3}).to(i16);
  EXPECT_TRUE(equal(one("Mod", 13, {}, {a, b}), tensor({2, -2}).to(i16)));
  EXPECT_TRUE(equal(one("Mod", 13, {{"fmod", kOne}}, {a, b}), tensor({-1, 1}).to(i16)));
  EXPECT_EQ(node_error("Mod", 13, {}, {a.to(f32), b.to(f32)}),
            "Mod \"n\" (opset 13): dtype expected whole numbers unless attribute \"fmod\" is 1, "
            "got f32");
}

TEST(Arithmetic, ClipTakesBoundsAsAttributesOrInputs) {
  const Tensor x = tensor({-3, -1, 0, 2, 5});
  EXPECT_TRUE(equal(one("Clip", 6, {{"min", -1.0}, {"max", 2.0}}, {x}), tensor({-1, -1, 0, 2, 2})));
  EXPECT_TRUE(equal(one("Clip", 6, {{"max", 2.0}}, {x}), tensor({-3, -1, 0, 2, 2})));
  EXPECT_TRUE(equal(one("Clip", 11, {}, {x, scalar(-1), scalar(2)}), tensor({-1, -1, 0, 2, 2})));
  EXPECT_TRUE(equal(one("Clip", 13, {}, {x, Tensor(), scalar(2)}), tensor({-3, -1, 0, 2, 2})));
  EXPECT_TRUE(equal(one("Clip", 13, {}, {x}), x));
  EXPECT_TRUE(equal(one("Clip", 13, {}, {x, scalar(4), scalar(1)}), full({5}, 1)));  // crossed
  for (const DType dtype : {i8, i32, i64}) {
    const TensorOptions options{.dtype = dtype};
    EXPECT_TRUE(equal(one("Clip", 13, {}, {x.to(dtype), Tensor(), scalar(2, options)}),
                      tensor({-3, -1, 0, 2, 2}).to(dtype)));
    EXPECT_TRUE(equal(one("Clip", 13, {}, {x.to(dtype), scalar(0, options)}),
                      tensor({0, 0, 0, 2, 5}).to(dtype)));
  }
  EXPECT_EQ(node_error("Clip", 13, {}, {x, x}),
            "Clip \"n\" (opset 13): bounds expected of 1 element, got shape [5]");
  EXPECT_EQ(node_error("Clip", 13, {}, {x, scalar(1, {.dtype = f64})}),
            "Clip \"n\" (opset 13): bounds expected f32, got f64");
}

TEST(Arithmetic, ManyInputsBroadcastFromOperatorSet8On) {
  const Tensor a = tensor({{1, 2}, {3, 4}}), b = tensor({10, 20}), c = scalar(3);
  EXPECT_TRUE(equal(one("Sum", 8, {}, {a, b, c}), tensor({{14, 25}, {16, 27}})));
  EXPECT_TRUE(equal(one("Mean", 13, {}, {a, b, c}), tensor({{14, 25}, {16, 27}}) / 3));
  EXPECT_TRUE(equal(one("Max", 8, {}, {a, b, c}), tensor({{10, 20}, {10, 20}})));
  EXPECT_TRUE(equal(one("Min", 8, {}, {a, c}), tensor({{1, 2}, {3, 3}})));
  EXPECT_TRUE(equal(one("Min", 6, {}, {a}), a));
  EXPECT_EQ(node_error("Sum", 6, {}, {a, b}),
            "Sum \"n\" (opset 6): inputs expected of one shape before operator set 8, got [2, 2] "
            "and [2]");
}

TEST(Arithmetic, CastKnowsONNXsNumbers) {
  const Tensor x = tensor({-1.5, 0, 2.75});
  EXPECT_TRUE(equal(one("Cast", 6, {{"to", std::int64_t{7}}}, {x}), tensor({-1, 0, 2}).to(i64)));
  EXPECT_TRUE(equal(one("Cast", 19, {{"to", std::int64_t{9}}, {"saturate", kOne}}, {x}),
                    tensor({1, 0, 1}).to(boolean)));
  EXPECT_TRUE(equal(one("CastLike", 15, {}, {x, zeros({}, {.dtype = f16})}), x.to(f16)));
  EXPECT_EQ(node_error("Cast", 13, {{"to", std::int64_t{8}}}, {x}),
            "Cast \"n\" (opset 13): attribute \"to\" expected a type that Fovea has, got number 8");
  EXPECT_EQ(node_error("Cast", 13, {}, {x}),
            "Cast \"n\" (opset 13): attribute \"to\" expected an int, got none");
}

TEST(Arithmetic, ErrorsOfTheOperationsNameTheNode) {
  const Tensor a = zeros({2, 3}), b = zeros({4});
  EXPECT_EQ(node_error("Add", 14, {}, {a, b}),
            "Add \"n\" (opset 14): add: shapes expected to broadcast, got [2, 3] and [4]");
  EXPECT_EQ(node_error("Mul", 14, {}, {a, b.to(i64)}),
            "Mul \"n\" (opset 14): inputs expected of one dtype, got f32 and i64");
  EXPECT_EQ(node_error("Exp", 13, {}, {b.to(i32)}),
            "Exp \"n\" (opset 13): exp: dtype expected f32, f64, got i64");
  EXPECT_EQ(node_error("Div", 14, {}, {b.to(i32), b.to(i32)}),
            "Div \"n\" (opset 14): trunc_div: divisor expected not to be 0, got 0");
  EXPECT_EQ(node_error("Add", 14, {}, {a}),
            "Add \"n\" (opset 14): input 1 expected a tensor, got none");
}

TEST(Arithmetic, GradientsFlowThroughAProgram) {
  // y = clip(sqrt(x * x + 1) / w, 0.5, 4)^w
  Graph graph;
  graph.inputs = {{.name = "x", .dtype = f64, .sizes = {2, kFree}},
                  {.name = "w", .dtype = f64, .sizes = {kFree}}};
  graph.initializers = {{"one", scalar(1, {.dtype = f64})},
                        {"low", scalar(0.5, {.dtype = f64})},
                        {"high", scalar(4, {.dtype = f64})}};
  const auto add_node = [&](const char* op, std::vector<std::string> inputs, const char* output) {
    graph.nodes.push_back(
        {.name = output, .op = op, .inputs = std::move(inputs), .outputs = {output}});
  };
  add_node("Mul", {"x", "x"}, "square");
  add_node("Add", {"square", "one"}, "shifted");
  add_node("Sqrt", {"shifted"}, "root");
  add_node("Div", {"root", "w"}, "scaled");
  add_node("Clip", {"scaled", "low", "high"}, "cut");
  add_node("Pow", {"cut", "w"}, "y");
  graph.outputs = {{.name = "y", .dtype = f64}};
  const Program program(graph);
  Generator generator(1);
  const Tensor x = randn({2, 3}, {.dtype = f64, .requires_grad = true}, generator);
  Tensor w = rand({3}, {.dtype = f64}, generator) + 0.6;
  w.set_requires_grad();
  const GradCheck check =
      check_gradients([&](const Tensors& in) { return program.run(in)[0]; }, {x, w});
  EXPECT_TRUE(check.ok) << check.message;
}

TEST(Logic, ChoosesAndTests) {
  const Tensor x = tensor({1, NAN, -1});
  EXPECT_TRUE(equal(one("IsNaN", 13, {}, {x.to(f16)}), tensor({0, 1, 0}).to(boolean)));
  const Tensor yes = tensor({1, 0, 1}).to(boolean), no = one("Not", 1, {}, {yes});
  EXPECT_TRUE(equal(no, tensor({0, 1, 0}).to(boolean)));
  EXPECT_TRUE(equal(one("Where", 16, {}, {yes, tensor({1, 2, 3}).to(i8), scalar(9).to(i8)}),
                    tensor({1, 9, 3}).to(i8)));
  EXPECT_TRUE(equal(one("Xor", 7, {}, {yes, no}), ones({3}, {.dtype = boolean})));
  EXPECT_TRUE(equal(one("Equal", 7, {}, {yes, no}), zeros({3}, {.dtype = boolean})));
  EXPECT_EQ(node_error("Where", 16, {}, {x, x, x}),
            "Where \"n\" (opset 16): where: condition expected dtype bool, got f32");
}

TEST(ClipOperator, ErrorsNameTheNode) {
  const auto of = [](const Tensor& low) { return node_error("Clip", 13, {}, {tensor({1}), low}); };
  const std::string node = "Clip \"n\" (opset 13): ";
  EXPECT_EQ(of(tensor({1, 2})), node + "bounds expected of 1 element, got shape [2]");
  EXPECT_EQ(of(zeros({0})), node + "bounds expected of 1 element, got shape [0]");
  EXPECT_EQ(of(scalar(1, {.dtype = f64})), node + "bounds expected f32, got f64");
  EXPECT_EQ(of(scalar(std::nan(""))), node + "bounds expected numbers, got nan and inf");
  EXPECT_EQ(node_error("Clip", 6, {{"max", std::nan("")}}, {tensor({1})}).substr(0, 47),
            "Clip \"n\" (opset 6): bounds expected numbers, go");
  EXPECT_EQ(node_error("Clip", 6, {{"min", std::int64_t{1}}}, {tensor({1})}),
            "Clip \"n\" (opset 6): attribute \"min\" expected a float, got another kind");
  EXPECT_EQ(
      node_error("Clip", 11, {{"min", 1.0}}, {tensor({1})}),
      "Clip \"n\" (opset 11): attribute \"min\" expected to be one that the operator has, got an "
      "unknown one");
}

}  // namespace
}  // namespace fovea::graph
