#include "fovea/train/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "fovea/core/error.h"

namespace fovea::train {

namespace {

constexpr std::int64_t kFewest = 25;  // for the chi-square distribution

/// Twice the probability of at most `few` heads of `all` throws, but at most 1.
double binomial_p(std::int64_t few, std::int64_t all) {
  double sum = 0;
  const auto n = static_cast<double>(all);
  for (std::int64_t i = 0; i <= few; ++i) {
    const auto k = static_cast<double>(i);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) -
                    n * std::log(2.0));
  }
  return std::min(1.0, 2 * sum);
}

double chi_square_p(std::int64_t a, std::int64_t b) {
  const double difference = std::max(0.0, std::abs(static_cast<double>(a - b)) - 1);
  const double chi2 = difference * difference / static_cast<double>(a + b);
  return std::erfc(std::sqrt(chi2 / 2));
}

std::string p_text(double p) {
  char text[32];
  std::snprintf(text, sizeof text, p < 0.001 ? "%.1e" : "%.3f", p);
  return text;
}

}  // namespace

Comparison compare(const std::vector<SampleAnswer>& a, const std::vector<SampleAnswer>& b) {
  check<ArgumentError>(a.size() == b.size() && !a.empty(),
                       "comparison: answers expected to the same samples, got ", a.size(), " and ",
                       b.size());
  Comparison result;
  for (std::size_t i = 0; i < a.size(); ++i) {
    check<ArgumentError>(a[i].truth == b[i].truth,
                         "comparison: samples expected to be the same, got classes ", a[i].truth,
                         " and ", b[i].truth, " (sample ", i, ")");
    ++(a[i].right() ? (b[i].right() ? result.both_right : result.only_a)
                    : (b[i].right() ? result.only_b : result.both_wrong));
  }
  const std::int64_t differ = result.only_a + result.only_b;
  result.exact = differ < kFewest;
  result.p = result.exact ? binomial_p(std::min(result.only_a, result.only_b), differ)
                          : chi_square_p(result.only_a, result.only_b);
  return result;
}

Text Comparison::verdict(const std::string& a, const std::string& b) const {
  const std::string p_value = p_text(p);
  const std::string counts = std::to_string(only_a) + " : " + std::to_string(only_b);
  if (p >= kLevel) {
    return {"No difference can be told between " + a + " and " + b +
                " from these images: of those "
                "that one alone answers right the shares are " +
                counts +
                ", which chance alone "
                "gives with p = " +
                p_value + ".",
            "이 이미지들만으로는 " + a + "와(과) " + b +
                " 사이에 차이가 있다고 할 수 없습니다. 한쪽만 "
                "맞힌 이미지의 수가 " +
                counts + "인데, 우연만으로도 p = " + p_value + "의 확률로 나타납니다."};
  }
  const std::string& better = only_a > only_b ? a : b;
  const std::string& other = only_a > only_b ? b : a;
  return {better + " is better than " + other +
              " by more than chance: of the images that one "
              "alone answers right the shares are " +
              a + " : " + b + " = " + counts + ", which chance gives with p = " + p_value + ".",
          better + "이(가) " + other +
              "보다 우연이라고 보기 어려울 만큼 낫습니다. 한쪽만 맞힌 "
              "이미지의 수가 " +
              a + " : " + b + " = " + counts + "이며, 우연이라면 p = " + p_value +
              "의 확률로만 나타납니다."};
}

}  // namespace fovea::train
