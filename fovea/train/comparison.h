// Two models on the same samples: whether one is better by more than chance.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/core/language.h"
#include "fovea/train/answers.h"

namespace fovea::train {

/// How two models answered the same samples.
struct Comparison {
  std::int64_t both_right = 0;  ///< samples that both answer right
  std::int64_t only_a = 0;      ///< that the first alone does
  std::int64_t only_b = 0;      ///< that the second alone does
  std::int64_t both_wrong = 0;  ///< that neither does
  bool exact = false;           ///< how p was found, see compare
  /// How likely so uneven an outcome, or a more uneven one, is when both are equally good.
  double p = 1;

  /// Below it, people take a difference for one.
  static constexpr double kLevel = 0.05;
  /// What that means, with the models' names.
  Text verdict(const std::string& a, const std::string& b) const;
};

/// McNemar's test: of the samples that one alone answers right, as many should be the first's as
/// the second's. Where they are fewer than 25, p is that of the binomial distribution; else of the
/// chi-square distribution with one degree of freedom, with Edwards' correction for continuity.
/// Throws   ArgumentError unless both have the same samples: as many, of the same classes.
/// Source   McNemar 1947; Edwards 1948. As mcnemar of statsmodels, but where both are equal p is 1.
Comparison compare(const std::vector<SampleAnswer>& a, const std::vector<SampleAnswer>& b);

}  // namespace fovea::train
