#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea {
namespace {

using test::is_close;
using test::message_of;
using testing::ElementsAre;

Tensor indices(std::initializer_list<double> values) { return tensor(values, {.dtype = i64}); }

TEST(IndexSelect, AgreesWithPyTorch) {
  int cases = 0;
  for (const test::GoldenCase& golden : test::load_golden("tensor")) {
    if (golden.op() != "index_select") continue;
    SCOPED_TRACE(golden.name());
    ++cases;
    Tensor x = golden.tensor("x").clone().set_requires_grad();
    const Tensor y =
        index_select(x, static_cast<int>(golden.integer("dim")), golden.tensor("index"));
    EXPECT_TRUE(is_close(y, golden.tensor("y")));
    y.backward(golden.tensor("grad_y"));
    EXPECT_TRUE(is_close(x.grad(), golden.tensor("grad_x"), 1e-14));
  }
  EXPECT_GT(cases, 0);
}

TEST(IndexSelect, TakesEveryDTypeAndLayout) {
  const Tensor base = arange(24).view({2, 3, 4});
  for (const DType dtype : kAllDTypes) {
    if (dtype == boolean) continue;  // every value would be the same
    SCOPED_TRACE(str(dtype));
    const Tensor x = base.to(dtype);
    EXPECT_THAT(index_select(x, 1, indices({2, 0})).to(i64).to_vector<int>(),
                ElementsAre(8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15));
    EXPECT_THAT(index_select(x.transpose(0, 2), 0, indices({3})).to(i64).to_vector<int>(),
                ElementsAre(3, 15, 7, 19, 11, 23));
    EXPECT_THAT(index_select(x.slice(2, 1, 4, 2), -1, indices({1, 1})).to(i64).to_vector<int>(),
                ElementsAre(3, 3, 7, 7, 11, 11, 15, 15, 19, 19, 23, 23));
  }
  EXPECT_EQ(index_select(base, 1, zeros({0}, {.dtype = i64})).sizes(), (Shape{2, 0, 4}));
}

TEST(IndexSelect, KeepsChannelsLast) {
  const Tensor x = arange(48).to(f32).view({2, 3, 4, 2}).contiguous(MemoryFormat::kChannelsLast);
  EXPECT_TRUE(index_select(x, 0, indices({1, 0})).is_contiguous(MemoryFormat::kChannelsLast));
}

TEST(Gather, PicksAlongADimension) {
  const Tensor x = tensor({{1, 2, 3}, {4, 5, 6}});
  const Tensor index = indices({2, 0, 1, 1}).view({2, 2});
  EXPECT_THAT(gather(x, 1, index).to_vector(), ElementsAre(3, 1, 5, 5));
  EXPECT_THAT(gather(x, 0, indices({1, 0, 1}).view({1, 3})).to_vector(), ElementsAre(4, 2, 6));
  EXPECT_THAT(gather(x.t(), 0, index).to_vector(), ElementsAre(3, 4, 2, 5));
}

TEST(Index, GradientsAreThoseOfDifferences) {
  Generator generator(1);
  const Tensor x = randn({3, 4}, {.dtype = f64}, generator).set_requires_grad();
  const auto select = [](const Tensors& in) { return index_select(in[0], 0, indices({2, 0, 2})); };
  const auto pick = [](const Tensors& in) {
    return gather(in[0], 1, indices({3, 0, 0, 1, 2, 2}).view({3, 2}));
  };
  GradCheck result = check_gradients(select, {x});
  EXPECT_TRUE(result.ok) << result.message;
  result = check_gradients(pick, {x});
  EXPECT_TRUE(result.ok) << result.message;
}

TEST(OneHot, IsRowsOfIdentity) {
  const Tensor y = one_hot(indices({2, 0, 1, 1}).view({2, 2}), 3);
  EXPECT_EQ(y.sizes(), (Shape{2, 2, 3}));
  EXPECT_EQ(y.dtype(), i64);
  EXPECT_THAT(y.to_vector<int>(), ElementsAre(0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0));
  EXPECT_EQ(one_hot(zeros({0}, {.dtype = i64}), 3).sizes(), (Shape{0, 3}));
}

TEST(Index, SayWhatIsWrong) {
  const Tensor x = zeros({3, 4});
  EXPECT_EQ(message_of<IndexError>([&] {
              index_select(x, 0, indices({0, 3}));
            }),
            "index_select: index expected in [0, 3), got 3 (position 1, dim 0, input [3, 4])");
  EXPECT_EQ(message_of<IndexError>([&] { index_select(x, 1, indices({-1})); }),
            "index_select: index expected in [0, 4), got -1 (position 0, dim 1, input [3, 4])");
  EXPECT_EQ(message_of<DTypeError>([&] {
              index_select(x, 0, tensor({0, 1}));
            }),
            "index_select: index expected dtype i64, got f32");
  EXPECT_EQ(message_of<ShapeError>([&] {
              index_select(x, 0, indices({0}).view({1, 1}));
            }),
            "index_select: index expected 1-D, got shape [1, 1]");
  EXPECT_EQ(message_of<ShapeError>([&] { index_select(zeros({}), 0, indices({0})); }),
            "index_select: input expected at least 1-D, got 0-D");
  EXPECT_EQ(message_of<IndexError>([&] {
              gather(x, 1, indices({0, 4, 1}).view({3, 1}));
            }),
            "gather: index expected in [0, 4), got 4 (position 1, dim 1, input [3, 4])");
  EXPECT_EQ(message_of<ShapeError>([&] { gather(x, 1, indices({0})); }),
            "gather: index expected as many dimensions as input, at least 1, got 1 and 2");
  EXPECT_EQ(message_of<ShapeError>([&] {
              gather(x, 1, zeros({4, 1}, {.dtype = i64}));
            }),
            "gather: index expected no larger than input except in dim 1, got [4, 1] and [3, 4]");
  EXPECT_EQ(message_of<IndexError>([] {
              one_hot(indices({1, 5}), 5);
            }),
            "one_hot: labels expected in [0, 5), got 5 (position 1)");
  EXPECT_EQ(message_of<ArgumentError>([] { one_hot(indices({0}), 0); }),
            "one_hot: classes expected at least 1, got 0");
  EXPECT_EQ(message_of<DTypeError>([] { one_hot(zeros({2}), 3); }),
            "one_hot: labels expected dtype i64, got f32");
}

}  // namespace
}  // namespace fovea
