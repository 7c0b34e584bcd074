#include "fovea/models/load_weights.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/models/fit_weights.h"

namespace fovea::models {

namespace {

using Conversions = std::map<std::pair<DType, DType>, std::int64_t>;

/// The file's tensors; `converted` counts as they are copied.
std::vector<nn::StateSource> sources_of(const io::TensorFile& weights, Conversions& converted) {
  std::vector<nn::StateSource> sources;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const DType from = weights.array(i).dtype;
    sources.push_back({.name = weights.name_of(i),
                       .dtype = from,
                       .sizes = weights.array(i).sizes,
                       .copy_into = [&weights, &converted, i, from](const Tensor& target) {
                         weights.read_into(i, target);
                         if (from != target.dtype()) ++converted[{from, target.dtype()}];
                       }});
  }
  return sources;
}

/// The initializers of a graph that the model has.
void keep_own(const StateDict& state, std::vector<nn::StateSource>& sources) {
  std::set<std::string> own;
  for (const auto& [name, tensor] : state) own.insert(name);
  std::erase_if(sources, [&](const nn::StateSource& source) { return !own.contains(source.name); });
}

void load(nn::Module& model, const FittedWeights& fitted, std::string_view name,
          const std::filesystem::path& path) {
  try {
    nn::load_state(model, fitted.sources);
  } catch (const ArgumentError& error) {
    throw ParseError(str("weights: file expected to hold those of \"", name,
                         "\", got others: ", error.what(), " (", path.string(), ")"));
  }
}

WeightsReport report_of(const io::TensorFile& weights, const Conversions& converted,
                        const FittedWeights& fitted) {
  WeightsReport report;
  for (const auto& [dtypes, tensors] : converted)
    report.conversions.push_back({dtypes.first, dtypes.second, tensors});
  if (!weights.part().empty())
    report.remarks.push_back(str("those in \"", weights.part(), "\" of the checkpoint"));
  report.remarks.insert(report.remarks.end(), fitted.remarks.begin(), fitted.remarks.end());
  return report;
}

}  // namespace

std::string describe(const WeightsReport& report, const std::filesystem::path& path) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const Conversion& c : report.conversions)
    add(str(c.tensors, c.tensors == 1 ? " tensor" : " tensors", " of ", c.from, " became ", c.to));
  for (const std::string& remark : report.remarks) add(remark);
  return text.empty() ? text : str("weights: ", text, " (", path.string(), ")");
}

WeightsReport load_weights(nn::Module& model, const io::TensorFile& weights, std::string_view name,
                           const std::filesystem::path& path) {
  Conversions converted;
  const StateDict state = model.state_dict();
  std::vector<nn::StateSource> sources = sources_of(weights, converted);
  if (weights.from_graph()) keep_own(state, sources);
  const FittedWeights fitted = fit_weights(state, std::move(sources), name);
  load(model, fitted, name, path);
  return report_of(weights, converted, fitted);
}

BodyReport load_body(nn::Module& model, const io::TensorFile& weights, const std::string& name,
                     const ModelOptions& options, const std::filesystem::path& path) {
  Conversions converted;
  const StateDict state = model.state_dict();
  std::vector<nn::StateSource> sources = sources_of(weights, converted);
  if (weights.from_graph()) keep_own(state, sources);
  FittedWeights fitted = fit_weights(state, sources, name);
  if (!fits(state, fitted.sources))
    fitted = fit_weights(state, std::move(sources), name, loose_parts(name, options, state));
  load(model, fitted, name, path);
  BodyReport report{.weights = report_of(weights, converted, fitted),
                    .taken = static_cast<std::int64_t>(model.named_parameters().size()),
                    .fresh = std::move(fitted.fresh),
                    .classes = fitted.classes,
                    .channels = std::move(fitted.channels)};
  report.taken -= static_cast<std::int64_t>(report.fresh.size());
  return report;
}

}  // namespace fovea::models
