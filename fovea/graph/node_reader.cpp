#include "fovea/graph/node_reader.h"

namespace fovea::graph {

std::string NodeReader::where() const {
  return str(describe(node_), " (opset ", opset_, file_.empty() ? "" : ", ", file_, ")");
}

bool NodeReader::has(std::string_view name) const {
  known_.emplace(name);
  return node_.attributes.contains(name);
}

void NodeReader::pass_over(std::initializer_list<std::string_view> names) const {
  known_.insert(names.begin(), names.end());
}

void NodeReader::require_no_others() const {
  for (const auto& [name, value] : node_.attributes) {
    require(known_.contains(name) || name.starts_with("__"), "attribute \"", name,
            "\" expected to be one that the operator has, got an unknown one");
  }
}

template <class T>
const T* NodeReader::find(std::string_view name, std::string_view kind) const {
  known_.emplace(name);
  const auto found = node_.attributes.find(name);
  if (found == node_.attributes.end()) return nullptr;
  const T* const value = std::get_if<T>(&found->second);
  require(value != nullptr, "attribute \"", name, "\" expected ", kind, ", got another kind");
  return value;
}

std::int64_t NodeReader::integer(std::string_view name) const {
  require(has(name), "attribute \"", name, "\" expected an int, got none");
  return integer(name, 0);
}

std::int64_t NodeReader::integer(std::string_view name, std::int64_t otherwise) const {
  const auto* value = find<std::int64_t>(name, "an int");
  return value ? *value : otherwise;
}

double NodeReader::real(std::string_view name, double otherwise) const {
  const auto* value = find<double>(name, "a float");
  return value ? *value : otherwise;
}

std::string NodeReader::text(std::string_view name, std::string_view otherwise) const {
  const auto* value = find<std::string>(name, "a string");
  return value ? *value : std::string(otherwise);
}

std::vector<std::int64_t> NodeReader::ints(std::string_view name) const {
  require(has(name), "attribute \"", name, "\" expected ints, got none");
  return ints(name, {});
}

std::vector<std::int64_t> NodeReader::ints(std::string_view name,
                                           std::vector<std::int64_t> otherwise) const {
  const auto* value = find<std::vector<std::int64_t>>(name, "ints");
  if (value != nullptr) return *value;
  return otherwise;
}

std::vector<double> NodeReader::reals(std::string_view name) const {
  const auto* value = find<std::vector<double>>(name, "floats");
  require(value != nullptr, "attribute \"", name, "\" expected floats, got none");
  return *value;
}

Tensor NodeReader::tensor(std::string_view name) const {
  const auto* value = find<Tensor>(name, "a tensor");
  require(value != nullptr, "attribute \"", name, "\" expected a tensor, got none");
  return *value;
}

const Tensor& Inputs::operator[](std::size_t i) const {
  check<ParseError>(has(i), where_, ": input ", i, " expected a tensor, got none");
  return values_[i];
}

std::vector<std::int64_t> Inputs::ints(std::size_t i) const {
  const Tensor& values = (*this)[i];
  check<DTypeError>(!is_floating(values.dtype()), where_, ": input ", i,
                    " expected whole numbers, got ", values.dtype());
  return values.to_vector<std::int64_t>();
}

AttributeOrInput::AttributeOrInput(const NodeReader& node, std::string_view attribute,
                                   std::size_t input)
    : input_(input) {
  if (node.has(attribute)) attribute_ = node.ints(attribute);
}

std::optional<std::vector<std::int64_t>> AttributeOrInput::get(const Inputs& in) const {
  if (in.has(input_)) return in.ints(input_);
  return attribute_;
}

}  // namespace fovea::graph
