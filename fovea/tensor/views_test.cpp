// Views share memory, show the right elements whatever the layout below them, and let gradients
// through.

#include <functional>

#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/layouts.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using Values = std::vector<std::int64_t>;

Values values(const Tensor& x) { return x.to_vector<std::int64_t>(); }

bool shares_memory(const Tensor& a, const Tensor& b) {
  return a.impl()->storage == b.impl()->storage;
}

std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Views, TheChaptersArray) {
  Tensor a = arange(0, 100, 3);
  EXPECT_EQ(a.numel(), 34);
  a.resize_({6, 4});
  EXPECT_EQ(values(a[3]), (Values{36, 39, 42, 45}));
  EXPECT_EQ(a[3][3].item<int>(), 45);
  EXPECT_EQ(a.at({3, 3}).item<int>(), 45);
}

TEST(Views, ViewKeepsLogicalOrderInEveryLayout) {
  for (const auto& [name, x] : test::every_layout(i64, test::seed())) {
    SCOPED_TRACE(name);
    const Values flat = values(x);
    EXPECT_EQ(values(x.view({-1})), flat);
    EXPECT_EQ(values(x.flatten()), flat);
    EXPECT_EQ(values(x.view({1, -1, 1})), flat);
    EXPECT_EQ(x.view({1, -1, 1}).sizes(), (Shape{1, x.numel(), 1}));
    if (x.numel() % 2 == 0) {
      EXPECT_EQ(values(x.reshape({2, x.numel() / 2})), flat);
    }
    EXPECT_EQ(values(x.contiguous()), flat);
    EXPECT_EQ(values(x.contiguous(MemoryFormat::kChannelsLast)), flat);
    EXPECT_EQ(values(x.unsqueeze(0).squeeze(0)), flat);
    EXPECT_EQ(values(x.unsqueeze(-1).squeeze()), flat);
    EXPECT_EQ(values(x.clone()), flat);
    EXPECT_FALSE(shares_memory(x.clone(), x));
  }
}

TEST(Views, ViewSharesMemoryWhereStridesAllow) {
  const Tensor x = arange(24).view({2, 3, 4});
  EXPECT_TRUE(shares_memory(x.view({6, 4}), x));
  EXPECT_TRUE(shares_memory(x.view({2, 12}), x));
  EXPECT_TRUE(shares_memory(x.slice(0, 1).view({12}), x));
  EXPECT_TRUE(shares_memory(x.slice(2, 0, 2).view({6, 2}), x));  // rows keep their distance
  EXPECT_FALSE(shares_memory(x.slice(2, 0, 2).view({12}), x));   // and so are no single row
  EXPECT_FALSE(shares_memory(x.permute({2, 1, 0}).view({24}), x));
  EXPECT_TRUE(shares_memory(x.permute({2, 0, 1}).view({4, 6}), x));
  EXPECT_EQ(values(x.permute({2, 0, 1}).view({4, 6})[1]), (Values{1, 5, 9, 13, 17, 21}));
  // The stride of a dimension of size 1 says nothing.
  const Tensor row = arange(6).view({1, 2, 3});
  EXPECT_TRUE(shares_memory(row.permute({1, 0, 2}).view({6}), row));
  const Tensor activation = arange(48).view({2, 3, 2, 4}).contiguous(MemoryFormat::kChannelsLast);
  EXPECT_FALSE(shares_memory(activation.flatten(1), activation));
  EXPECT_EQ(values(activation.flatten(1)), values(arange(48)));
}

TEST(Views, WritingThroughAViewChangesTheWhole) {
  Tensor x = zeros({3, 4}, {.dtype = i64});
  x[1].fill_(7);
  x.t()[2].add_(ones({3}, {.dtype = i64}));
  x.slice(1, 0, 4, 3).mul_(2);
  EXPECT_EQ(values(x), (Values{0, 0, 1, 0, 14, 7, 8, 14, 0, 0, 1, 0}));
}

TEST(Views, PermuteTransposeAndT) {
  const Tensor x = arange(6).view({2, 3});
  EXPECT_EQ(values(x.t()), (Values{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(values(x.transpose(0, -1)), values(x.t()));
  EXPECT_EQ(values(arange(24).view({2, 3, 4}).permute({1, 2, 0})[2]),
            (Values{8, 20, 9, 21, 10, 22, 11, 23}));
  EXPECT_EQ(message([&] { x.permute({0, 0}); }), "permute: dims expected each once, got [0, 0]");
  EXPECT_EQ(message([&] { x.permute({0}); }), "permute: dims expected 2 entries, got [0]");
  EXPECT_THROW(x.transpose(0, 2), IndexError);
  EXPECT_THROW(arange(3).t(), ShapeError);
}

TEST(Views, SliceSelectNarrow) {
  const Tensor x = arange(10);
  EXPECT_EQ(values(x.slice(0, 2, 9, 3)), (Values{2, 5, 8}));
  EXPECT_EQ(values(x.slice(0, -3)), (Values{7, 8, 9}));
  EXPECT_EQ(values(x.slice(0, 5, -20)), (Values{}));
  EXPECT_EQ(values(x.slice(0, 8, 100, 5)), (Values{8}));
  EXPECT_EQ(values(x.narrow(0, 4, 2)), (Values{4, 5}));
  EXPECT_EQ(x.narrow(0, 10, 0).numel(), 0);
  EXPECT_EQ(x[-1].item<int>(), 9);
  EXPECT_EQ(message([&] { x[10]; }),
            "select: index expected in [-10, 10), got 10 (dim 0 of shape [10])");
  EXPECT_EQ(message([&] { x.narrow(0, 8, 3); }),
            "narrow: range expected inside [0, 10), got start 8, length 3");
  EXPECT_THROW(x.narrow(0, 1, INT64_MAX), IndexError);
  EXPECT_THROW(x.slice(0, 0, 5, 0), ArgumentError);
  EXPECT_THROW(scalar(1)[0], IndexError);
  EXPECT_THROW(x.at({1, 2}), IndexError);
}

TEST(Views, SqueezeTakesOnlySizesOfOne) {
  const Tensor x = arange(6).view({2, 1, 3});
  EXPECT_EQ(x.squeeze(1).sizes(), (Shape{2, 3}));
  EXPECT_EQ(x.squeeze(0).sizes(), (Shape{2, 1, 3}));
  EXPECT_EQ(x.squeeze().sizes(), (Shape{2, 3}));
  EXPECT_EQ(x.squeeze(1).unsqueeze(1).strides(), (Shape{3, 3, 1}));
  EXPECT_EQ(x.squeeze(1).unsqueeze(-1).strides(), (Shape{3, 1, 1}));
}

TEST(Views, ExpandRepeatsWithoutCopying) {
  const Tensor x = arange(3).view({3, 1});
  EXPECT_TRUE(shares_memory(x.expand({2, 3, 2}), x));
  EXPECT_EQ(values(x.expand({2, -1, 2})), (Values{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(message([&] {
              x.expand({2, 2});
            }),
            "expand: sizes expected to extend [3, 1], got [2, 2]");
  EXPECT_EQ(message([&] {
              x.expand({-1, 3, 1});
            }),
            "expand: sizes expected to extend [3, 1], got [-1, 3, 1]");
  EXPECT_EQ(x.expand({3, 0}).numel(), 0);
}

TEST(Views, ViewRefusesShapesThatDoNotFit) {
  const Tensor x = arange(12);
  EXPECT_EQ(message([&] {
              x.view({5, -1});
            }),
            "view: shape expected 12 elements, got [5, -1] (from shape [12])");
  EXPECT_EQ(message([&] {
              x.view({-1, -1});
            }),
            "view: sizes expected at most one -1, got [-1, -1]");
  EXPECT_EQ(message([&] { x.view({-2, 6}); }), "view: sizes expected -1 or more, got [-2, 6]");
  EXPECT_THROW(x.view({std::int64_t{1} << 40, std::int64_t{1} << 40}), ShapeError);
  EXPECT_EQ(zeros({0, 3}).view({3, 0}).sizes(), (Shape{3, 0}));
  EXPECT_THROW(zeros({0, 3}).view({-1, 0}), ShapeError);
}

TEST(Views, GradientsFlowThroughEveryView) {
  Generator generator(test::seed());
  Tensor x = randn({2, 3, 4}, {.dtype = f64}, generator).set_requires_grad();
  const std::vector<std::function<Tensor(const Tensor&)>> views = {
      [](const Tensor& v) {
        return v.view({4, 6});
      },
      [](const Tensor& v) {
        return v.permute({2, 0, 1});
      },
      [](const Tensor& v) {
        return v.permute({2, 0, 1}).flatten();
      },
      [](const Tensor& v) { return v.transpose(0, 2); },
      [](const Tensor& v) { return v.slice(2, 1, 4, 2); },
      [](const Tensor& v) { return v.select(1, -1); },
      [](const Tensor& v) { return v[1][2]; },
      [](const Tensor& v) { return v.narrow(1, 1, 2); },
      [](const Tensor& v) {
        return v.unsqueeze(1).expand({2, 5, 3, 4});
      },
      [](const Tensor& v) { return v.select(0, 0).unsqueeze(-1).squeeze(-1); },
      [](const Tensor& v) { return v.contiguous(MemoryFormat::kChannelsLast); },
      [](const Tensor& v) { return v.clone(); },
      [](const Tensor& v) { return v.to(f32).to(f64); },
  };
  for (std::size_t i = 0; i < views.size(); ++i) {
    // Through f32: steps must be larger than its rounding.
    const bool rounds = i + 1 == views.size();
    const GradCheck result = check_gradients([&](const Tensors& in) { return views[i](in[0]); },
                                             {x}, rounds ? 1e-2 : 1e-6, rounds ? 1e-4 : 1e-6);
    EXPECT_TRUE(result.ok) << "view " << i << ": " << result.message;
  }
}

}  // namespace
}  // namespace fovea
