// Comparing tensors in tests, with a message that says where they differ.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::test {

/// Whether shapes and dtypes are the same and |actual - expected| <= atol + rtol |expected|
/// everywhere; NaN and infinities must be the same. `EXPECT_TRUE(is_close(y, golden.tensor("y"),
/// 1e-12));`
inline testing::AssertionResult is_close(const Tensor& actual, const Tensor& expected,
                                         double rtol = 0, double atol = 0) {
  if (!actual.defined() || !expected.defined()) {
    return testing::AssertionFailure() << "expected two tensors, got an undefined one";
  }
  if (actual.sizes() != expected.sizes() || actual.dtype() != expected.dtype()) {
    return testing::AssertionFailure() << "expected " << expected.dtype() << " " << expected.sizes()
                                       << ", got " << actual.dtype() << " " << actual.sizes();
  }
  const std::vector<double> a = actual.to_vector<double>(), e = expected.to_vector<double>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool same = a[i] == e[i] || (std::isnan(a[i]) && std::isnan(e[i]));
    if (!same && !(std::abs(a[i] - e[i]) <= atol + rtol * std::abs(e[i]))) {
      return testing::AssertionFailure()
             << "element " << i << " of " << a.size() << ": expected " << e[i] << ", got " << a[i]
             << " (difference " << a[i] - e[i] << ", rtol " << rtol << ", atol " << atol
             << ", shape " << expected.sizes() << ")";
    }
  }
  return testing::AssertionSuccess();
}

/// The message of the E that `f` throws; other errors pass through, and no error is a message of
/// its own.
template <class E, class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace fovea::test
