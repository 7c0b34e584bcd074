// Reductions against the reference: over every set of dimensions, in every dtype they have.

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "fovea/kernels/reference/table.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(ReduceContract, &KernelTable::reduce, &KernelTable::arg_extreme);

using test::Array;

/// `sizes` with 1 where bit i of `set` says that dimension i is reduced.
Shape reduced(Shape sizes, int set) {
  for (int dim = 0; dim < sizes.ndim(); ++dim)
    if ((set >> dim & 1) != 0) sizes[dim] = 1;
  return sizes;
}

/// Calls `f(sizes, sizes of the result, layout)` for every set of dimensions.
template <class F>
void for_each_reduction(const F& f) {
  for (const Shape& sizes : {Shape{67}, Shape{5, 33}, Shape{3, 4, 5, 7}, Shape{200, 300}}) {
    for (const auto layout : {contiguous_strides, channels_last_strides}) {
      for (int set = 0; set < 1 << sizes.ndim(); ++set) {
        SCOPED_TRACE(str("sizes ", sizes, ", set ", set));
        f(sizes, reduced(sizes, set), layout);
      }
    }
  }
}

template <class... Parameters>
void define(void (*KernelTable::*entry)(Queue&, Parameters...),
            std::type_identity_t<Parameters>... arguments) {
  (reference::table().*entry)(queue_of(Device()), arguments...);
}

/// Whole numbers, whose sums are exact: to the bit.
template <class T, class Y>
void compare(Reduce op, const Shape& sizes, const Shape& out, Shape (*layout)(const Shape&),
             int low, int high) {
  Array<T> x(sizes, layout);
  x.fill_integers(low, high, 1);
  Array<Y> y(out), expected(out);
  run(&KernelTable::reduce, op, x.view(), y.view());
  define(&KernelTable::reduce, op, x.view(), expected.view());
  EXPECT_EQ(y.values, expected.values);
}

TEST_P(ReduceContract, SumsMeansAndExtremesAreTheReferences) {
  for_each_reduction([](const Shape& sizes, const Shape& out, auto layout) {
    for (const Reduce op : {Reduce::kSum, Reduce::kMean, Reduce::kMax, Reduce::kMin}) {
      SCOPED_TRACE(str("reduction ", static_cast<int>(op)));
      compare<float, float>(op, sizes, out, layout, -50, 50);
      compare<double, double>(op, sizes, out, layout, -50, 50);
      if (op == Reduce::kMean) continue;
      compare<std::int64_t, std::int64_t>(op, sizes, out, layout, -50, 50);
      if (op == Reduce::kSum)
        compare<std::uint8_t, std::int64_t>(op, sizes, out, layout, 0, 255);
      else
        compare<std::uint8_t, std::uint8_t>(op, sizes, out, layout, 0, 255);
    }
  });
}

// Powers of two and their inverses, few enough that no partial product leaves the range of f64 in
// any order: exact. Whole numbers wrap.
TEST_P(ReduceContract, ProductsAreTheReferences) {
  for_each_reduction([](const Shape& sizes, const Shape& out, auto layout) {
    Array<float> x(sizes, layout), y(out), expected(out);
    for (std::size_t i = 0; i < x.values.size(); ++i)
      x.values[i] = i % 100 == 0 ? 2.0f : i % 100 == 51 ? -0.5f : 1.0f;
    run(&KernelTable::reduce, Reduce::kProd, x.view(), y.view());
    define(&KernelTable::reduce, Reduce::kProd, x.view(), expected.view());
    EXPECT_EQ(y.values, expected.values);
    compare<std::int64_t, std::int64_t>(Reduce::kProd, sizes, out, layout, -7, 7);
  });
}

TEST_P(ReduceContract, TruthsAreTheReferences) {
  for_each_reduction([](const Shape& sizes, const Shape& out, auto layout) {
    std::vector<std::uint8_t> x(static_cast<std::size_t>(sizes.numel()));
    for (const std::size_t period : {std::size_t{1}, std::size_t{2}, std::size_t{1000000}}) {
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % period == 0;
      std::vector<std::uint8_t> y(static_cast<std::size_t>(out.numel())), expected = y;
      const Shape strides = contiguous_strides(out);
      for (const Reduce op : {Reduce::kAny, Reduce::kAll}) {
        const ConstView from{x.data(), boolean, sizes, layout(sizes)};
        run(&KernelTable::reduce, op, from, View{y.data(), boolean, out, strides});
        define(&KernelTable::reduce, op, from, View{expected.data(), boolean, out, strides});
        EXPECT_EQ(y, expected);
      }
    }
  });
}

// A sum in f32 of a million parts of 0.1 would be off by 1 %.
TEST_P(ReduceContract, LongSumsAreExactToTheirRounding) {
  Array<float> x({1'000'003}), y({1});
  x.values.assign(x.values.size(), 0.1f);
  run(&KernelTable::reduce, Reduce::kSum, x.view(), y.view());
  EXPECT_FLOAT_EQ(y.values[0], static_cast<float>(1'000'003 * static_cast<double>(0.1f)));
}

TEST_P(ReduceContract, NanWins) {
  Array<float> x({3, 67}), y({3, 1});
  x.fill_integers(-9, 9, 1);
  x.values[67 + 40] = std::numeric_limits<float>::quiet_NaN();
  for (const Reduce op : {Reduce::kMax, Reduce::kMin}) {
    run(&KernelTable::reduce, op, x.view(), y.view());
    EXPECT_FALSE(std::isnan(y.values[0]));
    EXPECT_TRUE(std::isnan(y.values[1]));
  }
}

TEST_P(ReduceContract, ArgExtremesAreTheReferences) {
  const auto compare_in = [](auto tag) {
    using T = decltype(tag);
    for (const Shape& sizes : {Shape{67}, Shape{5, 33}, Shape{3, 4, 5, 7}, Shape{200, 300}}) {
      for (int dim = 0; dim < sizes.ndim(); ++dim) {
        SCOPED_TRACE(str("sizes ", sizes, " dim ", dim));
        Array<T> x(sizes, channels_last_strides);
        x.fill_integers(0, 9, 1);  // with ties
        if constexpr (std::is_floating_point_v<T>) {
          x.values[x.values.size() / 2] = std::numeric_limits<T>::quiet_NaN();
        }
        const Shape out = reduced(sizes, 1 << dim);
        Array<std::int64_t> indices(out), alone(out), expected_indices(out);
        Array<T> values(out), expected(out);
        for (const Extreme which : {Extreme::kMax, Extreme::kMin}) {
          run(&KernelTable::arg_extreme, which, x.view(), dim, values.view(), indices.view());
          run(&KernelTable::arg_extreme, which, x.view(), dim, {}, alone.view());
          define(&KernelTable::arg_extreme, which, x.view(), dim, expected.view(),
                 expected_indices.view());
          EXPECT_EQ(indices.values, expected_indices.values);
          EXPECT_EQ(alone.values, expected_indices.values);
          for (std::size_t i = 0; i < values.values.size(); ++i) {
            const T a = values.values[i], e = expected.values[i];
            EXPECT_TRUE(a == e || (a != a && e != e)) << "element " << i;
          }
        }
      }
    }
  };
  compare_in(float()), compare_in(double()), compare_in(std::int64_t()), compare_in(std::uint8_t());
}

TEST_P(ReduceContract, AnyNumberOfThreadsGivesTheSameBits) {
  Array<float> x({300, 400});
  x.fill_normal(0, 1, 1);
  const int before = num_threads();
  for (const Shape& out : {Shape{1, 1}, Shape{1, 400}, Shape{300, 1}}) {
    std::vector<float> results[2];
    for (int round = 0; round < 2; ++round) {
      set_num_threads(round == 0 ? 1 : 5);
      Array<float> y(out);
      run(&KernelTable::reduce, Reduce::kSum, x.view(), y.view());
      results[round] = y.values;
    }
    EXPECT_EQ(results[0], results[1]) << out;
  }
  set_num_threads(before);
}

}  // namespace
}  // namespace fovea::kernels::contract
