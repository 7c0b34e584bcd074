// Fully connected layers: Gemm, and MatMul of graphs.

#include <algorithm>
#include <cmath>

#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

constexpr std::size_t kShownTerms = 8;

/// A row of inputs and the weights that it meets.
struct Row {
  std::vector<double> inputs, weights;
};

Account account_of_row(const Row& row) {
  std::vector<double> products;
  products.reserve(row.inputs.size());
  for (std::size_t i = 0; i < row.inputs.size(); ++i)
    products.push_back(row.inputs[i] * row.weights[i]);
  const auto count = static_cast<std::int64_t>(products.size());
  Account account{.window = tensor_from(row.inputs, {count}),
                  .weights = tensor_from(row.weights, {count}),
                  .products = tensor_from(products, {count}),
                  .sum = sum_of(products)};
  account.blocks.emplace_back(Note{Text("Each input times its weight, all added up.",
                                        "입력마다 제 가중치를 곱해 모두 더합니다.")});
  const std::size_t shown = std::min(products.size(), kShownTerms);
  std::string line =
      products_text(std::span(row.inputs).first(shown), std::span(row.weights).first(shown),
                    static_cast<std::int64_t>(shown));
  if (shown < products.size()) line += " + ...";
  line += " = " + number_text(sum_of(products));
  account.blocks.emplace_back(Note{.text = line, .look = Note::Look::kFormula});
  if (shown == products.size()) return account;
  // The ones that decide: the largest products.
  std::vector<std::size_t> order(products.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t i) { return std::abs(products[i]); });
  Table table{.title = {"The largest of " + std::to_string(count) + " products",
                        "곱 " + std::to_string(count) + "개 가운데 가장 큰 것"},
              .headings = {Text("input", "입력"), Text("value", "값"), Text("weight", "가중치"),
                           Text("product", "곱")}};
  std::vector<double> rest;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t i = order[k];
    if (k >= kShownTerms) {
      rest.push_back(products[i]);
      continue;
    }
    table.rows.push_back({std::to_string(i), number_text(row.inputs[i]),
                          number_text(row.weights[i]), number_text(products[i])});
  }
  table.rows.push_back({Text("the other " + std::to_string(rest.size()),
                             "그 밖의 " + std::to_string(rest.size()) + "개"),
                        "", "", number_text(sum_of(rest))});
  account.blocks.emplace_back(std::move(table));
  return account;
}

/// Gemm's attributes.
struct Gemm {
  bool transposed_a, transposed_b;
  double alpha, beta;

  explicit Gemm(const LayerRun& layer) {
    const graph::Node node = layer.node();
    const graph::NodeReader reader(node, layer.opset);
    transposed_a = reader.integer("transA", 0) != 0;
    transposed_b = reader.integer("transB", 0) != 0;
    alpha = reader.real("alpha", 1);
    beta = reader.real("beta", 1);
  }
};

Account walk_gemm(const Visit& visit) {
  const Gemm gemm(visit.layer);
  const Tensors& in = visit.layer.inputs;
  const Tensor inputs = in.at(0).detach().select(gemm.transposed_a ? 1 : 0, visit.index[0]);
  const Tensor weights = in.at(1).detach().select(gemm.transposed_b ? 0 : 1, visit.index[1]);
  Row row{inputs.to_vector<double>(), weights.to_vector<double>()};
  if (gemm.alpha != 1) {
    for (double& weight : row.weights) weight *= gemm.alpha;
  }
  Account account = account_of_row(row);
  const double sum = std::get<double>(account.sum.kind());
  std::string line = number_text(sum);
  if (in.size() > 2 && in[2].defined()) {
    const double bias = gemm.beta * value_at(in[2], broadcast_index(visit.index, in[2].sizes()));
    account.bias = bias;
    line = sum_text(std::vector<double>{sum, bias});
  }
  account.blocks.emplace_back(
      Note{.text = line + " = " + number_text(visit.value), .look = Note::Look::kFormula});
  return account;
}

Account walk_matmul(const Visit& visit) {
  Tensor a = visit.layer.inputs.at(0).detach(), b = visit.layer.inputs.at(1).detach();
  Shape index = visit.index;
  // A vector has one row, or one column, that the result does not have.
  if (a.dim() == 1) {
    a = a.unsqueeze(0);
    index.insert(index.ndim() - (b.dim() == 1 ? 0 : 1), 0);
  }
  if (b.dim() == 1) {
    b = b.unsqueeze(1);
    index.push_back(0);
  }
  const std::int64_t row = index[index.ndim() - 2], column = index.back();
  Shape outer = index;
  outer.erase(outer.ndim() - 1);
  outer.erase(outer.ndim() - 1);
  const auto matrix_of = [&](Tensor t) {
    Shape batch;
    for (int i = 0; i + 2 < t.dim(); ++i) batch.push_back(t.size(i));
    for (const std::int64_t i : broadcast_index(outer, batch)) t = t.select(0, i);
    return t;
  };
  Account account = account_of_row({matrix_of(a).select(0, row).to_vector<double>(),
                                    matrix_of(b).select(1, column).to_vector<double>()});
  account.blocks.emplace_back(Note{
      .text = number_text(std::get<double>(account.sum.kind())) + " = " + number_text(visit.value),
      .look = Note::Look::kFormula});
  return account;
}

/// A weight meets its input once a sample; a bias meets 1.
std::vector<GradientTerm> gemm_terms(const LayerRun& layer, std::size_t input, const Shape& index,
                                     const Tensor& upstream) {
  const Gemm gemm(layer);
  const std::int64_t column = input == 2 ? index.back() : index[gemm.transposed_b ? 0 : 1];
  const std::int64_t from = input == 2 ? 0 : index[gemm.transposed_b ? 1 : 0];
  const std::vector<double> dy = upstream.select(1, column).to_vector<double>();
  const std::vector<double> x =
      layer.inputs[0].detach().select(gemm.transposed_a ? 0 : 1, from).to_vector<double>();
  std::vector<GradientTerm> terms;
  terms.reserve(dy.size());
  for (std::size_t n = 0; n < dy.size(); ++n)
    terms.push_back({.at = {static_cast<std::int64_t>(n), column},
                     .activation = input == 2 ? gemm.beta : gemm.alpha * x[n],
                     .upstream = dy[n]});
  return terms;
}

/// An input meets a weight of each output of its sample.
std::vector<GradientTerm> gemm_input_terms(const LayerRun& layer, const Shape& index,
                                           const Tensor& upstream) {
  const Gemm gemm(layer);
  const std::int64_t sample = index[gemm.transposed_a ? 1 : 0];
  const std::int64_t input = index[gemm.transposed_a ? 0 : 1];
  const std::vector<double> dy = upstream.detach().select(0, sample).to_vector<double>();
  const std::vector<double> weights =
      layer.inputs[1].detach().select(gemm.transposed_b ? 1 : 0, input).to_vector<double>();
  std::vector<GradientTerm> terms;
  terms.reserve(dy.size());
  for (std::size_t k = 0; k < dy.size(); ++k)
    terms.push_back({.at = {sample, static_cast<std::int64_t>(k)},
                     .activation = gemm.alpha * weights[k],
                     .upstream = dy[k]});
  return terms;
}

constexpr OperationWalk kLinearWalks[] = {
    {.name = "Gemm",
     .walk = walk_gemm,
     .reach = Reach::kAll,
     .terms = gemm_terms,
     .input_terms = gemm_input_terms},
    {.name = "MatMul", .walk = walk_matmul, .reach = Reach::kAll},
};

}  // namespace

std::span<const OperationWalk> linear_walks() { return kLinearWalks; }

}  // namespace fovea::explain
