#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/kernels/reference/cross_entropy.h"
#include "fovea/kernels/reference/softmax.h"
#include "tests/support/array.h"
#include "tests/support/contract.h"

namespace fovea::kernels::contract {
namespace {

FOVEA_CONTRACT(CrossEntropyContract, &KernelTable::cross_entropy_forward,
               &KernelTable::cross_entropy_backward);

using test::Array;

/// A drawn problem and what the kernels make of it, in T.
template <class T>
struct Case {
  Array<T> x, weight, log_probs, losses, sample_weights, dlosses, dx;
  Array<std::int64_t> target;
  bool weighted;

  Case(const Shape& sizes, bool has_weight, std::int64_t ignore_index)
      : x(sizes),
        weight({sizes[1]}),
        log_probs(sizes),
        losses({sizes[0], sizes[2]}),
        sample_weights({sizes[0], sizes[2]}),
        dlosses({sizes[0], sizes[2]}),
        dx(sizes),
        target({sizes[0], sizes[2]}),
        weighted(has_weight) {
    x.fill_integers(-9, 9, 1);
    weight.fill_integers(1, 4, 2);
    dlosses.fill_integers(-3, 3, 3);
    target.fill_integers(0, static_cast<int>(sizes[1]) - 1, 4);
    for (std::size_t i = 0; i < target.values.size(); i += 3) target.values[i] = ignore_index;
  }
  ConstView weight_view() { return weighted ? ConstView(weight.view()) : ConstView{}; }

  void run_cpu(const CrossEntropySpec& spec) {
    contract::run(&KernelTable::cross_entropy_forward, spec, x.view(), target.view(), weight_view(),
                  log_probs.view(), losses.view(), sample_weights.view());
    contract::run(&KernelTable::cross_entropy_backward, spec, dlosses.view(), log_probs.view(),
                  target.view(), weight_view(), dx.view());
  }
  void run_reference(const CrossEntropySpec& spec) {
    const std::int64_t samples = target.sizes.numel();
    reference::softmax<T>(true, x.view(), 1, log_probs.view(), 0, samples);
    reference::cross_entropy_losses<T>(spec, log_probs.view(), target.view(), weight_view(),
                                       losses.view(), sample_weights.view(), 0, samples);
    reference::cross_entropy_backward<T>(spec, dlosses.view(), log_probs.view(), target.view(),
                                         weight_view(), dx.view(), 0, samples);
  }
};

template <class T>
void expect_close(const Array<T>& actual, const Array<double>& expected, double bound) {
  for (std::size_t i = 0; i < actual.values.size(); ++i) {
    ASSERT_NEAR(actual.values[i], expected.values[i], bound * (1 + std::abs(expected.values[i])))
        << "element " << i;
  }
}

template <class T>
void compare(const Shape& sizes, bool weighted, double label_smoothing) {
  SCOPED_TRACE(str("x ", sizes, ", weighted ", weighted, ", label smoothing ", label_smoothing));
  const CrossEntropySpec spec{.label_smoothing = label_smoothing,
                              .ignore_index = sizes[1] > 2 ? 2 : -100};
  Case<T> fast(sizes, weighted, spec.ignore_index);
  Case<double> expected(sizes, weighted, spec.ignore_index);
  fast.run_cpu(spec);
  expected.run_reference(spec);
  // Scores to 18, sums of c terms weighted to 4, gradients to 3.
  const double bound = static_cast<double>(64 + 4 * sizes[1]) * std::numeric_limits<T>::epsilon();
  expect_close(fast.losses, expected.losses, bound);
  expect_close(fast.dx, expected.dx, bound);
  EXPECT_TRUE(std::equal(fast.sample_weights.values.begin(), fast.sample_weights.values.end(),
                         expected.sample_weights.values.begin()));
}

TEST_P(CrossEntropyContract, AgreesWithTheReference) {
  for_each_variant([]() {
    for (const Shape& sizes : {Shape{1, 1, 1}, Shape{7, 2, 1}, Shape{100, 10, 1}, Shape{9, 33, 1},
                               Shape{3, 5, 7}, Shape{900, 17, 1}, Shape{0, 3, 1}}) {
      for (const bool weighted : {false, true}) {
        for (const double smoothing : {0.0, 0.25, 1.0}) {
          compare<float>(sizes, weighted, smoothing);
          compare<double>(sizes, weighted, smoothing);
        }
      }
    }
  });
}

TEST_P(CrossEntropyContract, ScoresThatAreEqualCostTheLogarithmOfTheirNumber) {
  Array<double> x({1, 4, 1}), log_probs({1, 4, 1}), losses({1, 1}), weights({1, 1});
  Array<std::int64_t> target({1, 1});
  contract::run(&KernelTable::cross_entropy_forward, {}, x.view(), target.view(), {},
                log_probs.view(), losses.view(), weights.view());
  EXPECT_DOUBLE_EQ(losses.values[0], std::log(4.0));
  EXPECT_EQ(weights.values[0], 1);
}

}  // namespace
}  // namespace fovea::kernels::contract
