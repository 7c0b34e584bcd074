#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/layouts.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

TEST(Join, CatPutsOneAfterTheOtherInEveryDTypeAndLayout) {
  for (const DType dtype : kAllDTypes) {
    const DType values = is_computable(dtype) ? dtype : u8;
    for (const auto& [name, base] : test::every_layout(values, test::seed())) {
      if (base.dim() == 0) continue;
      const Tensor x = base.to(dtype);
      for (int dim = 0; dim < x.dim(); ++dim) {
        SCOPED_TRACE(str(dtype, ", ", name, ", dim ", dim));
        const Tensor y = cat({x, x, x}, dim);
        EXPECT_EQ(y.size(dim), 3 * x.size(dim));
        for (int part = 0; part < 3; ++part) {
          EXPECT_TRUE(equal(y.narrow(dim, part * x.size(dim), x.size(dim)), x));
        }
        const Tensor stacked = stack({x, x}, dim);
        EXPECT_EQ(stacked.size(dim), 2);
        EXPECT_TRUE(equal(stacked.select(dim, 1), x));
      }
    }
  }
}

TEST(Join, ActivationsStayChannelsLast) {
  const Tensor x = randn({2, 3, 4, 5}), last = x.contiguous(MemoryFormat::kChannelsLast);
  const Tensor y = cat({last, last}, 1);
  EXPECT_TRUE(y.is_contiguous(MemoryFormat::kChannelsLast));
  EXPECT_TRUE(equal(y, cat({x, x}, 1)));
  EXPECT_TRUE(cat({x, last}, 1).is_contiguous());
  // What lies either way goes on in logical order.
  EXPECT_TRUE(cat({zeros({2, 1, 4, 5}), zeros({2, 1, 4, 5})}, 1).is_contiguous());
}

TEST(Join, StackMakesVectorsOfScalars) {
  EXPECT_EQ(stack({scalar(1), scalar(2)}).to_vector(), (std::vector<float>{1, 2}));
}

TEST(Join, GradientsGoBackToTheirParts) {
  Generator generator(test::seed());
  Tensor a = randn({2, 3}, {.dtype = f64}, generator).set_requires_grad();
  Tensor b = randn({2, 1}, {.dtype = f64}, generator).set_requires_grad();
  Tensor c = randn({2, 3}, {.dtype = f64}, generator).set_requires_grad();
  EXPECT_TRUE(check_gradients([](const Tensors& in) { return cat(in, 1); }, {a, b, c}).ok);
  EXPECT_TRUE(check_gradients([](const Tensors& in) { return stack(in, 1); }, {a, c}).ok);
}

TEST(Join, Errors) {
  const Tensor x = zeros({2, 3});
  EXPECT_THROW(cat({}), ArgumentError);
  EXPECT_THROW(stack({}), ArgumentError);
  EXPECT_THROW(cat({x, zeros({2, 4})}, 0), ShapeError);
  EXPECT_THROW(cat({x, zeros({2})}, 0), ShapeError);
  EXPECT_THROW(cat({scalar(1)}, 0), ShapeError);
  EXPECT_THROW(cat({x, x.to(f64)}, 0), DTypeError);
  EXPECT_THROW(cat({x, x}, 2), IndexError);
  EXPECT_THROW(stack({x, zeros({3, 2})}), ShapeError);
  try {
    cat({x, zeros({3, 4})}, 1);
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "cat: tensors expected to differ only in dim 1, got [2, 3] and [3, 4]");
  }
}

TEST(Compare, EqualAndAllclose) {
  const Tensor x = tensor({1, 2, 3});
  EXPECT_TRUE(equal(x, x.clone()));
  EXPECT_FALSE(equal(x, x + 1));
  EXPECT_FALSE(equal(x, x.to(f64)));
  EXPECT_FALSE(equal(x, x.view({3, 1})));
  EXPECT_TRUE(allclose(x, x * (1 + 1e-6)));
  EXPECT_FALSE(allclose(x, x + 1e-3));
  EXPECT_TRUE(equal(x.to(bf16), x.to(bf16)));
}

}  // namespace
}  // namespace fovea
