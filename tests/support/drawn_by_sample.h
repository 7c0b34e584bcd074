// What every transform promises that draws for each sample by its key.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/data/transform.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/test_seed.h"

namespace fovea::test {

/// Expects that a sample is treated the same in any batch, another way in another epoch, and not
/// left as it is. Requires 18 samples or more.
inline void expect_drawn_by_sample(const data::Transform& transform, const Tensor& x) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(x.size(0)));
  std::iota(all.begin(), all.end(), 0);
  const std::vector<std::int64_t> some = {17, 3};
  const Tensor together = transform(x, {seed(), 4, all});
  const Tensor apart = transform(index_select(x, 0, from_data(some, {2})), {seed(), 4, some});
  EXPECT_TRUE(equal(apart, index_select(together, 0, from_data(some, {2}))));
  EXPECT_FALSE(equal(transform(x, {seed(), 5, all}), together));
  EXPECT_FALSE(equal(together, x));
}

}  // namespace fovea::test
