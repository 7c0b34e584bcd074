#include "fovea/io/json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "fovea/explain/render.h"

namespace fovea::explain {

namespace {

using io::Json;

/// A whole number without ".0"; what is no number as null, which is what Json writes for it.
Json json_of_number(double value) {
  constexpr double kExact = 9007199254740992;  // 2^53: up to it doubles hold all whole numbers
  if (value == std::trunc(value) && std::abs(value) <= kExact)
    return static_cast<std::int64_t>(value);
  return value;
}

/// The fewest digits that give the float back, as a double that is written with them.
double double_of(float value) {
  if (!std::isfinite(value)) return value;
  std::array<char, 32> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  double widened = 0;
  std::from_chars(digits.data(), end, widened);
  return widened;
}

/// Lists as deep as `sizes` has dimensions from `dim` on; `next` goes over the elements.
template <class Element>
Json nested(const Shape& sizes, int dim, const Element& element, std::size_t& next) {
  if (dim == sizes.ndim()) return element(next++);
  Json list = Json::array();
  for (std::int64_t i = 0; i < sizes[dim]; ++i)
    list.push_back(nested(sizes, dim + 1, element, next));
  return list;
}

Json json_of_tensor(const Tensor& tensor) {
  if (!tensor.defined()) return nullptr;
  std::size_t next = 0;
  if (tensor.dtype() == f64) {
    const auto values = tensor.to_vector<double>();
    const auto element = [&](std::size_t i) { return json_of_number(values[i]); };
    return nested(tensor.sizes(), 0, element, next);
  }
  if (is_floating(tensor.dtype())) {
    const auto values = tensor.to_vector<float>();
    const auto element = [&](std::size_t i) { return json_of_number(double_of(values[i])); };
    return nested(tensor.sizes(), 0, element, next);
  }
  const auto values = tensor.to_vector<std::int64_t>();
  const auto element = [&](std::size_t i) { return Json(values[i]); };
  return nested(tensor.sizes(), 0, element, next);
}

class DocumentWriter {
 public:
  explicit DocumentWriter(const Walk& walk) : walk_(walk) {}

  Json json_of(const Value& value) const {
    return std::visit([&](const auto& kind) { return made_of(kind); }, value.kind());
  }

 private:
  Json made_of(std::monostate) const { return nullptr; }
  Json made_of(bool value) const { return value; }
  Json made_of(std::int64_t value) const { return value; }
  Json made_of(double value) const { return json_of_number(value); }
  Json made_of(const std::string& value) const { return value; }
  Json made_of(const Tensor& value) const { return json_of_tensor(value); }
  Json made_of(const std::vector<Value>& values) const {
    Json list = Json::array();
    for (const Value& value : values) list.push_back(json_of(value));
    return list;
  }
  Json made_of(const Fields& fields) const {
    Json object = Json::object();
    for (const auto& [name, value] : fields) object[name] = json_of(value);
    return object;
  }
  Json made_of(StopsHere) const {
    Json list = Json::array();
    for (const Block& block : walk_.blocks) {
      const auto* const board = std::get_if<Board>(&block);
      if (board == nullptr) continue;
      for (std::size_t i = 0; i < board->stops.size(); ++i)
        if (!board->only || *board->only == i) list.push_back(made_of(board->stops[i].facts));
    }
    return list;
  }

  const Walk& walk_;
};

/// A list with an element a line, where they are objects; all else on one.
std::string lines_of(const Json& value, const std::string& indent) {
  if (!value.is_array() || value.empty() || !value[0].is_object()) return io::json_line(value);
  std::string text = "[";
  for (const Json& element : value)
    text += (text.size() == 1 ? "\n" : ",\n") + indent + "  " + io::json_line(element);
  return text + "\n" + indent + "]";
}

}  // namespace

std::string to_json(const Walk& walk) {
  const Json document = DocumentWriter(walk).json_of(walk.document);
  if (!document.is_object() || document.empty()) return lines_of(document, "") + "\n";
  std::string text = "{";
  for (const auto& [name, value] : document.items())
    text +=
        (text.size() == 1 ? "\n  " : ",\n  ") + io::json_line(name) + ": " + lines_of(value, "  ");
  return text + "\n}\n";
}

}  // namespace fovea::explain
