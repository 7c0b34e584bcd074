#include "fovea/tensor/tape.h"

#include <functional>

#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"

namespace fovea {
namespace {

using Values = std::vector<float>;

std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

Tensor leaf(std::initializer_list<double> values) {
  return tensor(values, {.requires_grad = true});
}

TEST(Tape, DerivativesWorkedByHand) {
  const Tensor x = leaf({2, 3});
  const Tensor y = (x * x * x + x * 5).sum();  // 3 x^2 + 5
  y.backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{17, 32}));
}

TEST(Tape, GradientsAccumulateUntilZeroed) {
  Variable x = leaf({1, 2});
  (x * 3).sum().backward();
  (x * 4).sum().backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{7, 7}));
  x.zero_grad();
  EXPECT_FALSE(x.grad().defined());
  (x * 4).sum().backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{4, 4}));
}

TEST(Tape, AValueUsedTwiceGetsBothGradients) {
  const Tensor x = leaf({3});
  const Tensor y = x * 2;
  (y * y + y).sum().backward();  // 2 (2 y + 1)
  EXPECT_EQ(x.grad().to_vector(), (Values{26}));
  const Tensor z = leaf({3});
  (z + z).sum().backward();
  EXPECT_EQ(z.grad().to_vector(), (Values{2}));
}

TEST(Tape, AccumulatingDoesNotTouchOtherHoldersOfTheGradient) {
  const Tensor x = leaf({1, 1}), y = leaf({1, 1}), start = tensor({1, 2});
  (x + y).backward(start);
  (x + y).backward(start);
  EXPECT_EQ(x.grad().to_vector(), (Values{2, 4}));
  EXPECT_EQ(y.grad().to_vector(), (Values{2, 4}));
  EXPECT_EQ(start.to_vector(), (Values{1, 2}));
}

TEST(Tape, BackwardNeedsAGradientForManyElements) {
  const Tensor x = leaf({1, 2});
  EXPECT_EQ(message([&] { (x * 2).backward(); }),
            "backward: gradient expected for a tensor of 2 elements, got none (shape [2])");
  (x * 2).backward(tensor({10, 1}));
  EXPECT_EQ(x.grad().to_vector(), (Values{20, 2}));
  EXPECT_THROW((x * 2).backward(tensor({1, 2, 3})), ShapeError);
  EXPECT_THROW((x * 2).backward(tensor({1, 2}, {.dtype = f64})), DTypeError);
  EXPECT_THROW(tensor({1}).backward(), StateError);
}

TEST(Tape, NoGradRecordsNothingAndEndsWithItsScope) {
  const Tensor x = leaf({1});
  {
    const NoGrad no_grad;
    EXPECT_FALSE((x * 2).requires_grad());
    {
      const GradMode again(true);
      EXPECT_TRUE((x * 2).requires_grad());
    }
  }
  EXPECT_TRUE((x * 2).requires_grad());
}

TEST(Tape, DetachSharesMemoryButNotTheTape) {
  const Tensor x = leaf({1, 2});
  const Tensor y = (x * 2).detach();
  EXPECT_FALSE(y.requires_grad());
  (x * y).sum().backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{2, 4}));
  EXPECT_EQ(x.detach().impl()->storage, x.impl()->storage);
}

TEST(Tape, ASecondBackwardNeedsTheTapeRetained) {
  const Tensor x = leaf({3});
  const Tensor y = (x * x).sum();
  y.backward({}, true);
  y.backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{12}));
  EXPECT_EQ(message([&] { y.backward(); }),
            "backward: tape expected to be there, got one that an earlier backward freed "
            "(operation sum; use "
            "retain_graph)");
}

TEST(Tape, AChangeInPlaceOfASavedValueIsAnError) {
  const Tensor x = leaf({1, 2});
  Tensor factor = tensor({3, 4});
  const Tensor y = (x * factor).sum();
  factor.add_(ones({2}));
  EXPECT_EQ(
      message([&] { y.backward(); }),
      "mul: saved tensor expected unchanged, got 1 changes in place since forward (shape [2])");
  const Tensor z = (x + factor).sum();  // add saves nothing
  factor.fill_(0);
  z.backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{1, 1}));
}

TEST(Tape, ChangingARecordedTensorInPlaceIsRefused) {
  Tensor x = leaf({1, 2});
  EXPECT_EQ(
      message([&] { x.fill_(0); }),
      "fill_: tensor expected not to require grad while recording, got one that does (use NoGrad)");
  EXPECT_THROW(x.mul_(2), StateError);
  EXPECT_THROW(zeros({2}).add_(x), StateError);
  const NoGrad no_grad;
  x.fill_(7);
  EXPECT_EQ(x.to_vector(), (Values{7, 7}));
}

TEST(Tape, GradLeavesTheLeavesAlone) {
  const Tensor x = leaf({2}), y = leaf({5}), unused = leaf({1});
  const Tensor middle = x * y;
  const Tensors gradients = grad((middle * middle).sum(), {x, middle, unused});
  EXPECT_EQ(gradients[0].to_vector(), (Values{100}));  // 2 x y^2
  EXPECT_EQ(gradients[1].to_vector(), (Values{20}));
  EXPECT_FALSE(gradients[2].defined());
  EXPECT_FALSE(x.grad().defined());
  EXPECT_FALSE(y.grad().defined());
  EXPECT_EQ(grad((x * 2 + x * 3).sum(), {x})[0].to_vector(), (Values{5}));
}

/// The sum of `inputs`, whose backward writes i + 1 as the gradient of input i, to where it
/// belongs.
Tensor counted(const Tensors& inputs) {
  return record("counted", zeros({}), inputs, {}, [n = inputs.size()](const Backward& back) {
    Tensors gradients;
    for (std::size_t i = 0; i < n; ++i) {
      gradients.push_back(back.buffer(i).fill_(static_cast<double>(i + 1)));
      EXPECT_TRUE(gradients.back().is_contiguous());
    }
    return gradients;
  });
}

TEST(Tape, BackwardWritesToTheBufferOnlyWhereThatIsTheGradient) {
  Tensor x = leaf({1, 2});
  const Tensor block = full({2}, 9);
  x.set_grad_buffer(block);
  counted({x}).backward();
  EXPECT_EQ(block.to_vector(), (Values{1, 1}));
  x.zero_grad();
  counted({x, x}).backward();  // two gradients, and one place
  EXPECT_EQ(block.to_vector(), (Values{3, 3}));
  x.zero_grad();
  EXPECT_EQ(grad(counted({x}), {x})[0].to_vector(), (Values{1, 1}));
  EXPECT_EQ(block.to_vector(), (Values{3, 3})) << "grad leaves leaves' gradients alone";

  Tensor matrix = zeros({2, 3}, {.requires_grad = true});
  matrix.set_grad_buffer(full({3, 2}, 9).t());
  counted({matrix}).backward();
  EXPECT_EQ(matrix.grad().to_vector(), Values(6, 1));
}

TEST(Tape, ANewBufferTakesOverTheGradient) {
  Tensor x = leaf({1, 2});
  (x * 3).sum().backward();
  const Tensor block = zeros({2});
  x.set_grad_buffer(block);
  EXPECT_EQ(x.grad().to_vector(), (Values{3, 3}));
  EXPECT_EQ(block.to_vector(), (Values{3, 3}));
}

TEST(Tape, GradientsOfLeavesAreContiguous) {
  const Tensor x = zeros({2, 3}, {.requires_grad = true});
  record("odd", zeros({}), {x}, {}, [](const Backward&) -> Tensors {
    return {arange(6).to(f32).view({3, 2}).t()};
  }).backward();
  EXPECT_TRUE(x.grad().is_contiguous());
  EXPECT_EQ(x.grad().to_vector(), (Values{0, 2, 4, 1, 3, 5}));
}

TEST(Tape, AWalkMayStartAnother) {
  const Tensor x = leaf({1}), y = leaf({1});
  record("outer", zeros({}), {x}, {}, [&](const Backward&) -> Tensors {
    {
      const GradMode recording(true);
      (y * 2).sum().backward();
    }
    EXPECT_TRUE(in_backward());
    return {ones({1})};
  }).backward();
  EXPECT_FALSE(in_backward());
  EXPECT_EQ(y.grad().to_vector(), (Values{2}));
}

TEST(Tape, GradientsGoIntoTheirBuffer) {
  Tensor x = leaf({1, 2});
  const Tensor block = full({5}, 9);
  x.set_grad_buffer(block.narrow(0, 2, 2));
  EXPECT_FALSE(x.grad().defined());
  (x * 3).sum().backward();
  (x * 4).sum().backward();
  EXPECT_EQ(block.to_vector(), (Values{9, 9, 7, 7, 9}));
  x.zero_grad();
  (x * 5).sum().backward();
  EXPECT_EQ(block.to_vector(), (Values{9, 9, 5, 5, 9}));
  x.set_grad(tensor({1, 2}));
  EXPECT_EQ(block.to_vector(), (Values{9, 9, 1, 2, 9}));
  EXPECT_THROW(x.set_grad_buffer(zeros({3})), ShapeError);
  EXPECT_THROW(x.set_grad(zeros({2}, {.dtype = f64})), DTypeError);
}

TEST(Tape, OnlyFloatingLeavesRequireGrad) {
  EXPECT_EQ(message([] { zeros({2}, {.dtype = i64, .requires_grad = true}); }),
            "set_requires_grad: dtype expected f32 or f64, got i64");
  Tensor y = leaf({1}) * 2;
  EXPECT_FALSE(y.is_leaf());
  EXPECT_THROW(y.set_requires_grad(false), StateError);
}

TEST(Tape, TheDumpShowsOperationsShapesAndWhatTheySaved) {
  const Tensor x = tensor({{1, 2}, {3, 4}}, {.requires_grad = true});
  const Tensor y = (exp(x) * tensor({5, 6})).sum();
  const std::vector<TapeEntry> entries = tape(y);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].operation, "exp");
  EXPECT_EQ(entries[0].inputs, (std::vector<std::string>{"leaf [2, 2]"}));
  EXPECT_EQ(entries[1].inputs, (std::vector<std::string>{"#1 [2, 2]", "constant [2]"}));
  EXPECT_EQ(entries[1].saved, (std::vector<std::string>{"f32 [2, 2]", "f32 [2]"}));
  EXPECT_EQ(tape_to_string(y),
            "#  operation  output  inputs                   saved\n"
            "1  exp        [2, 2]  leaf [2, 2]              f32 [2, 2]\n"
            "2  mul        [2, 2]  #1 [2, 2], constant [2]  f32 [2, 2], f32 [2]\n"
            "3  sum        []      #2 [2, 2]                -\n");
  EXPECT_TRUE(tape(x).empty());
}

TEST(Tape, AVeryLongTapeIsWalkedAndFreedWithoutRecursion) {
  const Tensor x = tensor({1}, {.device = cpu, .requires_grad = true});
  Tensor y = x;
  for (int i = 0; i < 200'000; ++i) y = y + 1;
  y.sum().backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{1}));
  y = x;
  for (int i = 0; i < 200'000; ++i) y = y + 1;
  y = Tensor();  // dropped without backward
}

TEST(Tape, ForgettingTheResultFreesTheMemory) {
  const Tensor x = ones({1000}, {.requires_grad = true});
  const auto before = memory_stats().bytes_in_use;
  { const Tensor y = exp(x) * x; }
  EXPECT_EQ(memory_stats().bytes_in_use, before);
}

TEST(GradCheck, FindsAWrongDerivative) {
  const auto wrong = [](const Tensors& in) {
    Tensor y = in[0].detach() * 2;
    return record("wrong", y, {in[0]}, {},
                  [](const Backward& b) -> Tensors { return {b.grad() * 3}; });
  };
  Tensor x = ones({2}, {.dtype = f64, .requires_grad = true});
  const GradCheck result = check_gradients(wrong, {x});
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.message.find("derivative of input 0 at element 0"), std::string::npos)
      << result.message;
  EXPECT_THROW(check_gradients(wrong, {ones({2}, {.requires_grad = true})}), DTypeError);
}

}  // namespace
}  // namespace fovea
