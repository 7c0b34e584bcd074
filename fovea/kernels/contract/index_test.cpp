#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/core/parallel.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"
#include "tests/support/strides.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(IndexContract, &KernelTable::index_select, &KernelTable::index_add,
               &KernelTable::gather, &KernelTable::scatter_add);

using test::Array;
using test::reversed_strides;

/// Calls `f(at)` for every index of an array of `sizes`.
template <class F>
void for_each_index(const Shape& sizes, const F& f) {
  Shape at = Shape::filled(sizes.ndim(), 0);
  for (std::int64_t left = sizes.numel(); left > 0; --left) {
    f(at);
    for (int dim = sizes.ndim() - 1; dim >= 0 && ++at[dim] == sizes[dim]; --dim) at[dim] = 0;
  }
}

template <class T>
T& at(Array<T>& array, const Shape& index) {
  std::int64_t offset = 0;
  for (int dim = 0; dim < index.ndim(); ++dim) offset += index[dim] * array.strides[dim];
  return array.values[static_cast<std::size_t>(offset)];
}

Shape with(Shape shape, int dim, std::int64_t value) {
  shape[dim] = value;
  return shape;
}

constexpr Shape (*kLayouts[])(const Shape&) = {contiguous_strides, channels_last_strides,
                                               reversed_strides};

template <class T>
void expect_select(const Shape& sizes, int dim) {
  for (const auto layout : kLayouts) {
    Array<T> x(sizes, layout);
    x.fill_integers(0, 100, 1);
    Array<std::int64_t> index({5});
    index.fill_integers(0, static_cast<int>(sizes[dim]) - 1, 2);
    for (const auto y_layout : kLayouts) {
      Array<T> y(with(sizes, dim, 5), y_layout);
      contract::run(&KernelTable::index_select, x.view(), dim, index.view(), y.view());
      for_each_index(y.sizes, [&](const Shape& i) {
        ASSERT_EQ(at(y, i), at(x, with(i, dim, index.values[static_cast<std::size_t>(i[dim])])));
      });
    }
  }
}

TEST_P(IndexContract, SelectTakesEveryLayoutAndSize) {
  for (const Shape& sizes : {Shape{7}, Shape{3, 4}, Shape{6, 3, 4, 5}, Shape{2, 3, 1, 2, 5}}) {
    for (int dim = 0; dim < sizes.ndim(); ++dim) {
      SCOPED_TRACE(str(sizes, " dim ", dim));
      expect_select<std::uint8_t>(sizes, dim);
      expect_select<std::int16_t>(sizes, dim);
      expect_select<float>(sizes, dim);
      expect_select<double>(sizes, dim);
    }
  }
}

TEST_P(IndexContract, SelectTakesABatchOfImages) {
  Array<std::uint8_t> x({1000, 1, 28, 28}), y({300, 1, 28, 28});
  x.fill_integers(0, 255, 3);
  Array<std::int64_t> index({300});
  index.fill_integers(0, 999, 4);
  contract::run(&KernelTable::index_select, x.view(), 0, index.view(), y.view());
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const auto image = static_cast<std::size_t>(index.values[i / 784]);
    ASSERT_EQ(y.values[i], x.values[image * 784 + i % 784]);
  }
}

TEST_P(IndexContract, AddIsTheAdjointOfSelect) {
  for (const Shape& sizes : {Shape{7}, Shape{3, 4}, Shape{6, 3, 4, 5}}) {
    for (int dim = 0; dim < sizes.ndim(); ++dim) {
      for (const auto layout : kLayouts) {
        SCOPED_TRACE(str(sizes, " dim ", dim));
        Array<std::int64_t> x(with(sizes, dim, 9), layout), y(sizes), expected(sizes), index({9});
        x.fill_integers(-9, 9, 5);
        index.fill_integers(0, static_cast<int>(sizes[dim]) - 1, 6);  // with repeats
        y.fill_integers(0, 5, 7);
        expected = y;
        contract::run(&KernelTable::index_add, dim, index.view(), x.view(), y.view());
        for_each_index(x.sizes, [&](const Shape& i) {
          at(expected, with(i, dim, index.values[static_cast<std::size_t>(i[dim])])) += at(x, i);
        });
        EXPECT_EQ(y.values, expected.values);
      }
    }
  }
}

TEST_P(IndexContract, GatherAndScatterTakeEveryLayout) {
  for (const Shape& sizes : {Shape{7}, Shape{3, 4}, Shape{6, 3, 4, 5}}) {
    for (int dim = 0; dim < sizes.ndim(); ++dim) {
      for (const auto layout : kLayouts) {
        SCOPED_TRACE(str(sizes, " dim ", dim));
        const Shape picked = with(sizes, dim, 5);
        Array<std::int64_t> index(picked, layout);
        index.fill_integers(0, static_cast<int>(sizes[dim]) - 1, 8);
        Array<double> x(sizes, layout), y(picked), sum(sizes), expected(sizes, contiguous_strides);
        x.fill_integers(-9, 9, 9);
        contract::run(&KernelTable::gather, x.view(), dim, index.view(), y.view());
        contract::run(&KernelTable::scatter_add, dim, index.view(), y.view(), sum.view());
        for_each_index(picked, [&](const Shape& i) {
          const Shape source = with(i, dim, at(index, i));
          ASSERT_EQ(at(y, i), at(x, source));
          at(expected, source) += at(y, i);
        });
        EXPECT_EQ(sum.values, expected.values);
      }
    }
  }
}

TEST_P(IndexContract, SumsAreTheSameForAnyNumberOfThreads) {
  Array<float> x({3000, 40}), y({10, 40});
  x.fill_normal(0, 1, 10);
  Array<std::int64_t> index({3000});
  index.fill_integers(0, 9, 11);
  const int before = num_threads();
  std::vector<float> results[2];
  for (int run = 0; run < 2; ++run) {
    set_num_threads(run == 0 ? 1 : 5);
    std::fill(y.values.begin(), y.values.end(), 0.0f);
    contract::run(&KernelTable::index_add, 0, index.view(), x.view(), y.view());
    results[run] = y.values;
  }
  set_num_threads(before);
  EXPECT_EQ(results[0], results[1]);
}

}  // namespace
}  // namespace fovea::kernels::contract
