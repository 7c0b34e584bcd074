#include "fovea/explain/model/operations/terms.h"

#include <algorithm>
#include <cmath>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

constexpr std::size_t kLargestTerms = 8;

std::vector<GradientTerm> largest_first(std::vector<GradientTerm> terms) {
  std::ranges::stable_sort(terms, std::ranges::greater(), [](const GradientTerm& term) {
    return std::abs(term.activation * term.upstream);
  });
  return terms;
}

}  // namespace

double sum_of_terms(const std::vector<GradientTerm>& terms) {
  std::vector<double> products;
  products.reserve(terms.size());
  for (const GradientTerm& term : terms) products.push_back(term.activation * term.upstream);
  return sum_of(products);
}

double size_of_terms(const std::vector<GradientTerm>& terms) {
  double size = 0;
  for (const GradientTerm& term : terms) size += std::abs(term.activation * term.upstream);
  return size;
}

Table terms_table(const std::vector<GradientTerm>& given, const Text& met) {
  Table table{.title = {"The largest terms", "가장 큰 항"},
              .headings = {Text("sample, channel, place", "샘플, 채널, 위치"), met,
                           Text("upstream gradient", "뒤에서 온 기울기"), Text("product", "곱")}};
  const std::vector<GradientTerm> terms = largest_first(given);
  for (std::size_t i = 0; i < std::min(terms.size(), kLargestTerms); ++i) {
    table.rows.push_back({terms[i].at.to_string(), number_text(terms[i].activation),
                          number_text(terms[i].upstream),
                          number_text(terms[i].activation * terms[i].upstream)});
  }
  if (terms.size() > kLargestTerms) {
    const std::string more = std::to_string(terms.size() - kLargestTerms);
    table.rows.push_back({Text("the other " + more, "그 밖의 " + more + "개"), "", "",
                          number_text(sum_of_terms({terms.begin() + kLargestTerms, terms.end()}))});
  }
  return table;
}

Value largest_terms(const std::vector<GradientTerm>& given, const std::string& met) {
  const std::vector<GradientTerm> terms = largest_first(given);
  std::vector<Value> list;
  for (std::size_t i = 0; i < std::min(terms.size(), kLargestTerms); ++i) {
    list.emplace_back(Fields{{"at", list_of(terms[i].at)},
                             {met, terms[i].activation},
                             {"upstream", terms[i].upstream},
                             {"product", terms[i].activation * terms[i].upstream}});
  }
  return list;
}

}  // namespace fovea::explain
