#include "fovea/train/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "fovea/core/error.h"

namespace fovea::train {

namespace {

constexpr std::int64_t kFewest = 25;  // for the chi-square distribution

/// Twice the probability of at most `few` heads of `all` throws, but at most 1. Exact: the ways to
/// throw so, at most 2^24, are counted as whole numbers.
double binomial_p(std::int64_t few, std::int64_t all) {
  std::int64_t ways = 1, sum = 1;  // with no head
  for (std::int64_t heads = 1; heads <= few; ++heads) {
    ways = ways * (all - heads + 1) / heads;
    sum += ways;
  }
  return std::min(1.0, std::ldexp(static_cast<double>(2 * sum), -static_cast<int>(all)));
}

double chi_square_p(std::int64_t a, std::int64_t b) {
  const double difference = std::max(0.0, std::abs(static_cast<double>(a - b)) - 1);
  const double chi2 = difference * difference / static_cast<double>(a + b);
  return std::erfc(std::sqrt(chi2 / 2));
}

std::string p_text(double p) {
  if (p < 1e-99) return "p < 1e-99";
  char text[32];
  std::snprintf(text, sizeof text, p < 0.001 ? "p = %.1e" : "p = %.4f", p);
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
  const std::string counts = str(a, " : ", b, " = ", only_a, " : ", only_b);
  const std::string chance = p_text(p);
  if (p >= kLevel) {
    return {str("No difference can be told between ", a, " and ", b,
                " from these images: those that "
                "one alone answers right are ",
                counts,
                ", and as uneven a count comes by chance "
                "alone with ",
                chance, "."),
            str("이 이미지들만으로는 ", a, "와(과) ", b,
                " 사이에 차이가 있다고 할 수 없습니다. "
                "한쪽만 맞힌 이미지의 수가 ",
                counts, "인데, 이만한 차이는 우연만으로도 ", chance, "의 확률로 나타납니다.")};
  }
  const std::string& better = only_a > only_b ? a : b;
  const std::string& other = only_a > only_b ? b : a;
  return {str(better, " is better than ", other,
              " by more than chance: the images that one alone "
              "answers right are ",
              counts, ", and as uneven a count comes by chance alone with ", chance, "."),
          str(better, "이(가) ", other,
              "보다 우연이라고 보기 어려울 만큼 낫습니다. 한쪽만 맞힌 "
              "이미지의 수가 ",
              counts, "이며, 이만한 차이는 우연이라면 ", chance, "의 확률로만 나타납니다.")};
}

}  // namespace fovea::train
