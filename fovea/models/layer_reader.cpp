#include "fovea/models/layer_reader.h"

#include <algorithm>
#include <sstream>
#include <type_traits>
#include <utility>

#include "fovea/core/suggest.h"

namespace fovea::models {

namespace {

constexpr const char* kWholeNumber = "a whole number";
constexpr const char* kPerDim = "a whole number or a list of them";

/// The value as one writes it in TOML.
std::string text_of(const LayerValue& value) {
  std::ostringstream out;
  out << std::boolalpha;
  std::visit(
      [&out](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::string>) {
          out << '"' << held << '"';
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          const char* comma = "[";
          for (const std::int64_t number : held) out << std::exchange(comma, ", ") << number;
          out << (held.empty() ? "[]" : "]");
        } else {
          out << held;
        }
      },
      value);
  return out.str();
}

}  // namespace

void LayerReader::fail(const char* name, const char* kind, const std::string& got) const {
  throw ParseError(
      str(table_.where, " ", name, " expected ", kind, ", got ", got, " (", table_.line, ")"));
}

template <class T>
std::optional<T> LayerReader::find(const char* name, const char* kind) {
  known_.emplace_back(name);
  const auto found = table_.arguments.find(name);
  if (found == table_.arguments.end()) return std::nullopt;
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  fail(name, kind, text_of(found->second));
}

template <class T>
T LayerReader::required(const char* name, const char* kind, std::optional<T> value) const {
  if (!value) fail(name, kind, "none");
  return *std::move(value);
}

std::int64_t LayerReader::integer(const char* name, std::optional<std::int64_t> fallback) {
  const auto given = find<std::int64_t>(name, kWholeNumber);
  return required(name, kWholeNumber, given ? given : fallback);
}

double LayerReader::number(const char* name, double fallback) {
  // `p = 0` is a number too.
  const auto found = table_.arguments.find(name);
  if (found != table_.arguments.end() && std::holds_alternative<std::int64_t>(found->second)) {
    return static_cast<double>(integer(name));
  }
  return find<double>(name, "a number").value_or(fallback);
}

bool LayerReader::flag(const char* name, bool fallback) {
  return find<bool>(name, "true or false").value_or(fallback);
}

PerDim LayerReader::per_dim(const char* name, std::optional<PerDim> fallback) {
  const auto found = table_.arguments.find(name);
  if (found != table_.arguments.end() && std::holds_alternative<std::int64_t>(found->second)) {
    return integer(name);
  }
  if (const auto list = find<std::vector<std::int64_t>>(name, kPerDim)) {
    if (list->empty() || list->size() > kMaxDims) fail(name, kPerDim, text_of(found->second));
    Shape numbers;
    for (const std::int64_t number : *list) numbers.push_back(number);
    return numbers;
  }
  return required(name, kPerDim, fallback);
}

Padding LayerReader::padding() {
  const auto found = table_.arguments.find("padding");
  if (found != table_.arguments.end() && std::holds_alternative<std::string>(found->second)) {
    return *find<std::string>("padding", kPerDim);
  }
  return per_dim("padding", 0);
}

std::int64_t LayerReader::outputs(const char* name) {
  const auto found = table_.arguments.find(name);
  const bool word =
      found != table_.arguments.end() && std::holds_alternative<std::string>(found->second);
  if (!word) return integer(name);
  if (*find<std::string>(name, "") == "num_classes") return num_classes_;
  fail(name, "a whole number or \"num_classes\"", text_of(found->second));
}

std::int64_t LayerReader::inferred(const char* name, std::int64_t value) {
  const std::int64_t given = integer(name, value);
  check<ShapeError>(given == value, table_.where, " ", name, " expected ", value, ", got ", given,
                    " (input ", input_, ", ", table_.line, ")");
  return value;
}

void LayerReader::expect_dims(int dims, const std::string& advice) {
  check<ShapeError>(input_.ndim() == dims, table_.where, " input expected ", dims,
                    dims == 1 ? " dimension" : " dimensions", ", got ", input_, " (", advice, ", ",
                    table_.line, ")");
}

void LayerReader::finish() const {
  for (const auto& [name, value] : table_.arguments) {
    const bool known = std::find(known_.begin(), known_.end(), name) != known_.end();
    check<ParseError>(known, table_.where, " expected arguments ", join_words(known_), ", got \"",
                      name, "\" (", table_.line, ")", did_you_mean(name, known_));
  }
}

}  // namespace fovea::models
