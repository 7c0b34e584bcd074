// Copies between layouts, element by element.

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/reference/walk.h"
#include "tests/support/contract.h"
#include "tests/support/draw.h"
#include "tests/test_seed.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(CopyContract, &KernelTable::copy);

using test::draw;
using test::Random;

/// Strides that put the dimensions into an order drawn at random, with gaps of up to `gap` elements
/// behind each.
Shape draw_strides(const Shape& sizes, std::int64_t gap, Random& random) {
  std::vector<int> order(static_cast<std::size_t>(sizes.ndim()));
  for (int dim = 0; dim < sizes.ndim(); ++dim) order[static_cast<std::size_t>(dim)] = dim;
  std::shuffle(order.begin(), order.end(), random);
  Shape strides = sizes;
  std::int64_t stride = 1;
  for (const int dim : order) {
    strides[dim] = stride;
    stride = stride * sizes[dim] + draw(random, 0, gap);
  }
  return strides;
}

std::size_t memory_of(const Shape& sizes, const Shape& strides) {
  std::int64_t last = 0;
  for (int dim = 0; dim < sizes.ndim(); ++dim) last += (sizes[dim] - 1) * strides[dim];
  return static_cast<std::size_t>(last + 1);
}

/// Copies, and compares all memory of the result, gaps included.
template <class T>
void compare(const Shape& sizes, const Shape& from, const Shape& to) {
  SCOPED_TRACE(str("sizes ", sizes, ", strides ", from, " to ", to));
  std::vector<T> x(memory_of(sizes, from));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(static_cast<float>(i % 251 + 1));
  std::vector<T> y(memory_of(sizes, to)), expected = y;
  reference::Walker source(sizes, from), target(sizes, to);
  for (std::int64_t i = 0; i < sizes.numel(); ++i, source.next(), target.next())
    expected[static_cast<std::size_t>(target.offset())] =
        x[static_cast<std::size_t>(source.offset())];
  contract::run(&KernelTable::copy, {x.data(), dtype_of<T>, sizes, from},
                {y.data(), dtype_of<T>, sizes, to});
  EXPECT_EQ(std::memcmp(y.data(), expected.data(), y.size() * sizeof(T)), 0);
}

template <class T>
void compare_drawn(int cases, std::int64_t most) {
  Random random(test::seed());
  for (int i = 0; i < cases; ++i) {
    Shape sizes;
    std::int64_t left = most;
    for (std::int64_t dims = draw(random, 1, 5); dims > 0 && left > 1; --dims) {
      const std::int64_t size = draw(random, 1, std::min<std::int64_t>(left, 70));
      sizes.push_back(size);
      left /= size;
    }
    const std::int64_t gap = draw(random, 0, 1) * 5;
    compare<T>(sizes, draw_strides(sizes, gap, random), draw_strides(sizes, gap, random));
  }
}

TEST_P(CopyContract, MovesEveryElement) {
  compare_drawn<float>(300, 20000);
  compare_drawn<double>(100, 5000);
  compare_drawn<bf16_t>(100, 5000);
  compare_drawn<std::uint8_t>(100, 5000);
}

// Enough for a second thread, with channels first and last, and a matrix of more rows than are
// written side by side.
TEST_P(CopyContract, BetweenLayoutsOfImages) {
  for (const std::int64_t channels : {1, 3, 16, 37, 64}) {
    const Shape sizes{20, channels, 30, 31};
    const Shape last{channels * 930, 1, channels * 31, channels};
    compare<float>(sizes, contiguous_strides(sizes), last);
    compare<float>(sizes, last, contiguous_strides(sizes));
  }
  compare<float>({301, 205}, {1, 301}, {205, 1});
}

TEST_P(CopyContract, RepeatedElements) {
  compare<float>({20, 30, 40}, {1, 0, 20}, {1200, 40, 1});
  compare<float>({20, 30, 40}, {0, 1, 30}, {1200, 40, 1});
}

TEST_P(CopyContract, EveryInstructionSetAgrees) {
  for_each_variant([] {
    for (const Shape& sizes : {Shape{3, 4}, Shape{16, 4}, Shape{17, 3}, Shape{17, 5}, Shape{9, 66}})
      compare<float>(sizes, {1, sizes[0] + 2}, {sizes[1] + 1, 1});
  });
}

}  // namespace
}  // namespace fovea::kernels::contract
