// Reductions: the sum, the mean, the largest, ... of all values along some dimensions.

#include <algorithm>
#include <cmath>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

constexpr std::size_t kShownOfReduction = 32;  // numbers in a line

/// What is reduced to a value: the dimensions that the operator names, at the place of the others.
Tensor reduced_part(const Visit& visit) {
  Tensor part = visit.layer.inputs.at(0).detach();
  const graph::Node node = visit.layer.node();
  const graph::NodeReader reader(node, visit.layer.opset);
  const auto axes = graph::AttributeOrInput(reader, "axes", 1)
                        .get(graph::Inputs(visit.layer.inputs, visit.layer.name));
  const bool listed = axes && !axes->empty();
  const bool keep = reader.integer("keepdims", 1) != 0;
  const bool none = !listed && reader.integer("noop_with_empty_axes", 0) != 0;
  std::vector<bool> reduced(static_cast<std::size_t>(part.dim()), !listed && !none);
  for (std::size_t i = 0; listed && i < axes->size(); ++i)
    reduced[static_cast<std::size_t>(
        wrap_dim(static_cast<int>((*axes)[i]), part.dim(), "explain"))] = true;
  // From the last dimension on, so that those before keep their places.
  int out = visit.index.ndim() - 1;
  for (int i = part.dim() - 1; i >= 0; --i) {
    const bool here = reduced[static_cast<std::size_t>(i)];
    if (!here) part = part.select(i, visit.index[out]);
    if (!here || keep) --out;
  }
  return part;
}

/// What was read, as numbers and to look at.
Account account_of_reduced(const Tensor& part, const Text& note) {
  Account account{.window = part.to(f64).contiguous()};
  account.blocks.emplace_back(Note{note});
  if (part.dim() < 1 || part.dim() > 3) return account;
  MapView view = map_view({"what is reduced", "줄이는 값"}, part, whole_window(part.sizes()));
  account.blocks.emplace_back(Board{.grids = {std::move(view.grid)}});
  return account;
}

/// "3 + (-1) + ...", of many numbers the first ones.
std::string some_of(const std::vector<double>& terms) {
  const std::size_t shown = std::min(terms.size(), kShownOfReduction);
  return sum_text(std::span(terms).first(shown)) + (shown < terms.size() ? " + ..." : "");
}

/// What is added of each value, and how it is written what is made of the sum; null: nothing.
struct SumKind {
  std::string_view op;
  double (*term)(double);
  std::string (*made)(double sum, std::int64_t count);
  Text what;
};

double as_it_is(double x) { return x; }
double square_of(double x) { return x * x; }
std::string log_text(double sum, std::int64_t) { return "log(" + number_text(sum) + ")"; }

const SumKind& kind_of(std::string_view op) {
  static const SumKind kKinds[] = {
      {"ReduceSum",
       as_it_is,
       nullptr,
       {"The sum of all values along the dimensions.", "이 차원들에 걸친 모든 값의 합입니다."}},
      {"ReduceMean",
       as_it_is,
       [](double sum, std::int64_t count) { return str(bracketed(sum), " / ", count); },
       {"The mean of all values along the dimensions: their sum divided by their number.",
        "이 차원들에 걸친 모든 값의 평균: 합을 개수로 나눕니다."}},
      {"ReduceL1",
       [](double x) { return std::abs(x); },
       nullptr,
       {"The sum of the sizes of all values along the dimensions.",
        "이 차원들에 걸친 모든 값의 절댓값을 더한 것입니다."}},
      {"ReduceSumSquare",
       square_of,
       nullptr,
       {"The sum of the squares of all values along the dimensions.",
        "이 차원들에 걸친 모든 값의 제곱을 더한 것입니다."}},
      {"ReduceL2",
       square_of,
       [](double sum, std::int64_t) { return "sqrt(" + number_text(sum) + ")"; },
       {"The root of the sum of the squares of all values along the dimensions.",
        "이 차원들에 걸친 모든 값의 제곱을 더한 것의 제곱근입니다."}},
      {"ReduceLogSum",
       as_it_is,
       log_text,
       {"The logarithm of the sum of all values along the dimensions.",
        "이 차원들에 걸친 모든 값의 합의 로그입니다."}},
      {"ReduceLogSumExp",
       [](double x) { return std::exp(x); },
       log_text,
       {"The logarithm of the sum of e to the power of all values along the dimensions.",
        "이 차원들에 걸친 모든 값에 대해 e의 거듭제곱을 더한 것의 로그입니다."}},
  };
  return *std::ranges::find(kKinds, op, &SumKind::op);
}

Account walk_reduced_sum(const Visit& visit) {
  const SumKind& kind = kind_of(visit.layer.op);
  const Tensor part = reduced_part(visit);
  Account account = account_of_reduced(part, kind.what);
  std::vector<double> terms = part.to_vector<double>();
  for (double& value : terms) value = kind.term(value);
  const auto count = static_cast<std::int64_t>(terms.size());
  const double sum = sum_of(terms);
  account.products = tensor_from(terms, part.sizes());
  account.sum = sum;
  account.more = {{"count", count}};
  const double shown = kind.made == nullptr ? visit.value : sum;
  account.blocks.emplace_back(
      Note{.text = some_of(terms) + " = " + number_text(shown), .look = Note::Look::kFormula});
  if (kind.made != nullptr)
    account.blocks.emplace_back(
        Note{.text = kind.made(sum, count) + " = " + number_text(visit.value),
             .look = Note::Look::kFormula});
  return account;
}

Account walk_reduced_extreme(const Visit& visit) {
  const bool largest = visit.layer.op == "ReduceMax";
  const Tensor part = reduced_part(visit);
  Account account =
      account_of_reduced(part, largest ? Text("The largest of all values along the dimensions.",
                                              "이 차원들에 걸친 값 가운데 가장 큰 것입니다.")
                                       : Text("The smallest of all values along the dimensions.",
                                              "이 차원들에 걸친 값 가운데 가장 작은 것입니다."));
  const std::vector<double> values = part.to_vector<double>();
  const std::size_t shown = std::min(values.size(), kShownOfReduction);
  std::string list;
  for (std::size_t i = 0; i < shown; ++i) list += (i == 0 ? "" : ", ") + number_text(values[i]);
  if (shown < values.size()) list += ", ...";
  account.blocks.emplace_back(
      Note{.text = (largest ? "max(" : "min(") + list + ") = " + number_text(visit.value),
           .look = Note::Look::kFormula});
  return account;
}

constexpr OperationWalk reduction(std::string_view name, Account (*walk)(const Visit&)) {
  return {.name = name, .walk = walk, .reach = Reach::kAll};
}

constexpr OperationWalk kReduceWalks[] = {
    reduction("ReduceSum", walk_reduced_sum),       reduction("ReduceMean", walk_reduced_sum),
    reduction("ReduceL1", walk_reduced_sum),        reduction("ReduceL2", walk_reduced_sum),
    reduction("ReduceSumSquare", walk_reduced_sum), reduction("ReduceLogSum", walk_reduced_sum),
    reduction("ReduceLogSumExp", walk_reduced_sum), reduction("ReduceMax", walk_reduced_extreme),
    reduction("ReduceMin", walk_reduced_extreme),
};

}  // namespace

std::span<const OperationWalk> reduce_walks() { return kReduceWalks; }

}  // namespace fovea::explain
