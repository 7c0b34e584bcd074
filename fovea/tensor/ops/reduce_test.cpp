// Reductions against plain loops over the host's copy, in every layout, dtype and set of
// dimensions.

#include <cmath>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/layouts.h"
#include "tests/test_seed.h"

namespace fovea {
namespace {

using test::every_layout;

/// The values that fall together in each element of the reduced result, in logical order.
std::vector<std::vector<double>> groups(const Tensor& x, const Shape& dims) {
  Shape kept = x.sizes();
  for (int d = 0; d < kept.ndim(); ++d) {
    if (dims.empty() || std::count(dims.begin(), dims.end(), d)) kept[d] = 1;
  }
  std::vector<std::vector<double>> result(static_cast<std::size_t>(kept.numel()));
  const auto values = x.to_vector<double>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int64_t rest = static_cast<std::int64_t>(i), at = 0, step = 1;
    for (int d = x.dim() - 1; d >= 0; --d) {
      const std::int64_t index = rest % x.sizes()[d];
      rest /= x.sizes()[d];
      if (kept[d] != 1) at += index * step;
      step *= kept[d];
    }
    result[static_cast<std::size_t>(at)].push_back(values[i]);
  }
  return result;
}

std::vector<Shape> dims_of(const Tensor& x) {
  std::vector<Shape> all = {{}};
  for (int d = 0; d < x.dim(); ++d) all.push_back({d});
  if (x.dim() > 1) all.push_back({0, x.dim() - 1});
  if (x.dim() > 3) all.push_back({0, 2, 3});
  return all;
}

TEST(Reduce, SumsAndMeansAgreeWithLoops) {
  for (const DType dtype : {f32, f64, i64, u8, boolean}) {
    for (const auto& [name, x] : every_layout(dtype, test::seed())) {
      for (const Shape& dims : dims_of(x)) {
        SCOPED_TRACE(str(dtype, ", ", name, ", dims ", dims));
        const auto expected = groups(x, dims);
        const Tensor y = sum(x, dims);
        EXPECT_EQ(y.dtype(), is_floating(dtype) ? dtype : i64);
        EXPECT_EQ(sum(x, dims, true).dim(), x.dim());
        const auto sums = y.to_vector<double>();
        ASSERT_EQ(sums.size(), expected.size());
        for (std::size_t i = 0; i < sums.size(); ++i) {
          double total = 0;
          for (const double v : expected[i]) total += v;
          EXPECT_EQ(sums[i], total);
          if (!is_floating(dtype) || expected[i].empty()) continue;
          EXPECT_NEAR(mean(x, dims).to_vector<double>()[i],
                      total / static_cast<double>(expected[i].size()), 1e-6);
        }
      }
    }
  }
}

TEST(Reduce, VarianceAgreesWithLoops) {
  for (const DType dtype : {f32, f64}) {
    for (const auto& [name, x] : every_layout(dtype, test::seed())) {
      for (const Shape& dims : dims_of(x)) {
        for (const double correction : {0.0, 1.0}) {
          const auto expected = groups(x, dims);
          const auto result = var(x, dims, false, correction).to_vector<double>();
          const auto deviation = std(x, dims, false, correction).to_vector<double>();
          for (std::size_t i = 0; i < expected.size(); ++i) {
            const double count = static_cast<double>(expected[i].size());
            if (count - correction <= 0) continue;  // NaN or infinite, as in PyTorch
            double average = 0, squares = 0;
            for (const double v : expected[i]) average += v / count;
            for (const double v : expected[i]) squares += (v - average) * (v - average);
            EXPECT_NEAR(result[i], squares / (count - correction), 2e-5)
                << str(dtype, ", ", name, ", dims ", dims);
            EXPECT_NEAR(deviation[i], std::sqrt(squares / (count - correction)), 2e-5);
          }
        }
      }
    }
  }
}

TEST(Reduce, ExtremesAgreeWithLoopsAndTakeTheFirst) {
  for (const DType dtype : {f32, f64, i64, u8}) {
    for (const auto& [name, x] : every_layout(dtype, test::seed())) {
      for (int dim = 0; dim < std::max(x.dim(), 1); ++dim) {
        SCOPED_TRACE(str(dtype, ", ", name, ", dim ", dim));
        if (x.dim() > 0 && x.size(dim) == 0) {
          EXPECT_THROW(max(x, dim), ShapeError);
          continue;
        }
        const auto expected = groups(x, {dim});
        const auto [largest, where_largest] = max(x, dim);
        const auto [smallest, where_smallest] = min(x, dim);
        for (std::size_t i = 0; i < expected.size(); ++i) {
          // The first of equals.
          const auto high = std::max_element(expected[i].begin(), expected[i].end());
          const auto low = std::min_element(expected[i].begin(), expected[i].end());
          EXPECT_EQ(largest.to_vector<double>()[i], *high);
          EXPECT_EQ(where_largest.to_vector<std::int64_t>()[i], high - expected[i].begin());
          EXPECT_EQ(smallest.to_vector<double>()[i], *low);
          EXPECT_EQ(argmin(x, dim).to_vector<std::int64_t>()[i], low - expected[i].begin());
        }
        EXPECT_TRUE(equal(argmax(x, dim), where_largest));
        EXPECT_TRUE(equal(where_smallest, argmin(x, dim)));
      }
    }
  }
}

TEST(Reduce, ProductsAndExtremesOverSeveralDimensionsAgreeWithLoops) {
  for (const DType dtype : {f32, f64, i64, u8}) {
    for (const auto& [name, x] : every_layout(dtype, test::seed())) {
      for (const Shape& dims : dims_of(x)) {
        SCOPED_TRACE(str(dtype, ", ", name, ", dims ", dims));
        const auto expected = groups(x, dims);
        EXPECT_EQ(prod(x, dims).dtype(), is_floating(dtype) ? dtype : i64);
        EXPECT_EQ(prod(x, dims, true).dim(), x.dim());
        const auto products = prod(x, dims).to_vector<double>();
        ASSERT_EQ(products.size(), expected.size());
        for (std::size_t i = 0; i < products.size(); ++i) {
          double product = 1;  // of whole numbers, often with a 0 among them
          for (const double v : expected[i]) product *= v;
          if (std::abs(product) < 0x1p53) {  // exact in f64, which f32 is computed in
            EXPECT_EQ(products[i], dtype == f32 ? static_cast<float>(product) : product);
          }
        }
        if (x.numel() == 0) continue;
        const auto largest = amax(x, dims).to_vector<double>(),
                   smallest = amin(x, dims, true).to_vector<double>();
        for (std::size_t i = 0; i < expected.size(); ++i) {
          EXPECT_EQ(largest[i], *std::max_element(expected[i].begin(), expected[i].end()));
          EXPECT_EQ(smallest[i], *std::min_element(expected[i].begin(), expected[i].end()));
        }
      }
    }
  }
  EXPECT_EQ(prod(tensor({1, 1, 0}).to(boolean)).item<int>(), 0);
  EXPECT_EQ(prod(full({3}, 0x1p32, {.dtype = i64})).item<std::int64_t>(), 0);  // wraps
}

TEST(Reduce, ProductsHaveSlopesBesideZeros) {
  const Tensor x = tensor({{2, 3, 4}, {2, 0, 4}, {0, 3, 0}}, {.requires_grad = true});
  prod(x, {1}).sum().backward();
  EXPECT_TRUE(equal(x.grad(), tensor({{12, 8, 6}, {0, 8, 0}, {0, 0, 0}})));
}

TEST(Reduce, EqualExtremesShareTheGradient) {
  Tensor x = tensor({{1, 5, 5}, {2, 2, 1}}, {.requires_grad = true});
  amax(x, {1}).sum().backward();
  EXPECT_TRUE(equal(x.grad(), tensor({{0, 0.5, 0.5}, {0.5, 0.5, 0}})));
  x.zero_grad();
  amin(x).backward();
  EXPECT_TRUE(equal(x.grad(), tensor({{0.5, 0, 0}, {0, 0, 0.5}})));
}

TEST(Reduce, NanWinsExtremes) {
  const Tensor x = tensor({1, NAN, 3, NAN});
  EXPECT_TRUE(std::isnan(max(x).item()));
  EXPECT_TRUE(std::isnan(min(x).item()));
  EXPECT_TRUE(std::isnan(amax(x).item()));
  EXPECT_TRUE(std::isnan(amin(x).item()));
  EXPECT_EQ(argmax(x, 0).item<int>(), 1);
  EXPECT_EQ(argmin(x, 0).item<int>(), 1);
}

TEST(Reduce, AnyAndAll) {
  for (const auto& [name, x] : every_layout(boolean, test::seed())) {
    const auto values = x.to_vector<bool>();
    EXPECT_EQ(any(x).item<bool>(), std::count(values.begin(), values.end(), true) > 0) << name;
    EXPECT_EQ(all(x).item<bool>(), std::count(values.begin(), values.end(), false) == 0) << name;
  }
  EXPECT_THROW(any(zeros({2})), DTypeError);
}

TEST(Reduce, LongSumsDoNotDriftAndDoNotDependOnThreads) {
  // One float after another, this sum would be wrong in the third digit.
  const Tensor x = full({3'000'001}, 0.1);
  const double exact = 3'000'001 * static_cast<double>(0.1f);
  EXPECT_NEAR(x.sum().item(), exact, exact * 6e-8);
  Generator generator(test::seed());
  const Tensor y = randn({257, 1001}, {}, generator);
  const int before = num_threads();
  set_num_threads(1);
  const Tensor all_of_it = y.sum(), columns = y.sum({0}), rows = y.sum({1});
  set_num_threads(3);
  EXPECT_TRUE(equal(y.sum(), all_of_it));
  EXPECT_TRUE(equal(y.sum({0}), columns));
  EXPECT_TRUE(equal(y.sum({1}), rows));
  set_num_threads(before);
}

TEST(Reduce, GradientsAgreeWithDifferences) {
  Generator generator(test::seed());
  Tensor x = randn({2, 3, 4}, {.dtype = f64}, generator).set_requires_grad();
  const std::vector<std::function<Tensor(const Tensor&)>> operations = {
      [](const Tensor& v) { return sum(v); },
      [](const Tensor& v) { return sum(v, {1}); },
      [](const Tensor& v) {
        return mean(v, {0, 2}, true);
      },
      [](const Tensor& v) { return var(v, {1}, false, 0); },
      [](const Tensor& v) {
        return std(v, {0, 2});
      },
      [](const Tensor& v) { return max(v); },
      [](const Tensor& v) { return prod(v); },
      [](const Tensor& v) { return prod(v, {1}); },
      [](const Tensor& v) {
        return amax(v, {0, 2});
      },
      [](const Tensor& v) { return amin(v, {1}, true); },
      [](const Tensor& v) { return std::get<0>(max(v, 2)); },
      [](const Tensor& v) { return std::get<0>(min(v, 0, true)); },
      [](const Tensor& v) {
        return std::get<0>(max(v.permute({2, 0, 1}), 1));
      },
  };
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const GradCheck result =
        check_gradients([&](const Tensors& in) { return operations[i](in[0]); }, {x});
    EXPECT_TRUE(result.ok) << "operation " << i << ": " << result.message;
  }
}

TEST(Reduce, RefusesWhatItDoesNotTake) {
  for (const DType dtype : {f16, bf16, i8, i32})
    EXPECT_THROW(sum(zeros({2}, {.dtype = dtype})), DTypeError);
  EXPECT_THROW(mean(zeros({2}, {.dtype = i64})), DTypeError);
  EXPECT_THROW(sum(zeros({2, 3}), {2}), IndexError);
  EXPECT_THROW(sum(zeros({2, 3}), {0, -2}), ArgumentError);
  EXPECT_THROW(max(zeros({0})), ShapeError);
  EXPECT_THROW(amax(zeros({2, 0}), {1}), ShapeError);
  EXPECT_EQ(amin(zeros({0, 2}), {1}).numel(), 0);
  EXPECT_THROW(prod(zeros({2}, {.dtype = f16})), DTypeError);
}

}  // namespace
}  // namespace fovea
